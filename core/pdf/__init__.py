"""Documents to keep and to print: receipts, invoices, statements.

``Document`` is written from top to bottom and answers the bytes of a PDF, always the same for the same words
and the same ``now``::

    paper = Document("Invoice 17", subtitle="Issued on 24 November 2026", issuer="Northstar", now=now)
    paper.parties(Party("From", "Northstar Ltd", ["1 High Street", "London"]), Party("To", "Ben Ito"))
    paper.facts([("Paid with", "Visa ending 4242")])
    columns = [Column("What", width=3), Column("Amount", is_number=True)]
    paper.table(columns, [["Session with Ada", "$120.00"]])
    paper.totals([("Total", "$120.00")])
    paper.note("Thank you.")
    return paper.pdf()

It takes finished words: money and instants are written by whoever knows their currency and zone.
"""

from core.pdf.document import Column, Document, Party

__all__ = ["Column", "Document", "Party"]
