"""Statements and invoices as PDF: pure, from what is known to the bytes of a document."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from django.conf import settings

from core.locales import SITE, written_for
from core.money import Money
from core.pdf import Column, Document, Party
from core.templatetags.formats import MONTHS, day, money
from payouts.models import PayoutInvoice, TaxProfile
from payouts.queries.statements import Line, Statement, YearStatement
from payouts.queries.told import PLACE_NAMES, month_of, told, told_places, told_sums
from payouts.states import InvoiceKind


def _amount(name: str) -> Column:
    return Column(name, width=11, is_number=True)


_PLACES = [_amount(name) for name in PLACE_NAMES]


@written_for(SITE)
def printed_month(statement: Statement, profile: TaxProfile | None, *, now: datetime) -> bytes:
    """A month's statement. Once the month is over it is the same whenever it is asked for."""
    paper = _begun(f"Statement for {month_of(statement.start)}", statement, profile, now=now)
    paper.heading("In short")
    _sums(paper, statement)
    _earnings(paper, statement)
    _moved(paper, "Payouts", statement, statement.payouts)
    paper.heading("Where your money lay")
    _places(paper, statement)
    _moved(paper, "What only moved", statement, statement.transfers)
    return paper.pdf()


@written_for(SITE)
def printed_year(year: YearStatement, profile: TaxProfile | None, *, now: datetime) -> bytes:
    """A year's summary, month by month."""
    whole = year.whole
    paper = _begun(f"Summary of {whole.start.year}", whole, profile, now=now)
    paper.heading("In short")
    _sums(paper, whole)
    paper.heading("Month by month")
    names = ("Earned", "Fees", "Given back", "Paid out", "At the end")
    rows = [
        [MONTHS[month.start.month - 1], *(money(month.money(amount)) for amount in _by_month(month))]
        for month in year.months
        if month.has_begun(now)
    ]
    paper.table([Column("Month", width=11), *(_amount(name) for name in names)], rows)
    paper.heading("Where your money lay")
    _places(paper, whole)
    return paper.pdf()


@written_for(SITE)
def printed_invoice(invoice: PayoutInvoice) -> bytes:
    """An invoice or a cancellation as it was issued, the same bytes whenever it is asked for."""
    said = invoice.snapshot
    is_invoice = invoice.kind == InvoiceKind.INVOICE
    name = "Self-billing invoice" if is_invoice else "Cancellation of a self-billing invoice"
    paper = Document(
        f"{name} {invoice.label}",
        subtitle=f"Issued on {_written(date.fromisoformat(said['issued_on']))}",
        issuer=settings.SITE_NAME,
        now=invoice.issued_at,
    )
    supplier, customer = said["supplier"], said["customer"]
    paper.parties(
        Party("Supplier", supplier["name"], address_lines(supplier)),
        Party("Customer", customer["name"], [*customer["address"], *_tax_id(customer["tax_id"])]),
    )
    paper.facts(_invoice_facts(said))
    rows = [[line["what"], money(Money(line["amount"], invoice.currency))] for line in said["lines"]]
    paper.table([Column("What", width=4), Column("Amount", is_number=True)], rows)
    paper.totals([("Total", money(invoice.amount))])
    paper.note(
        f"Written by {customer['name']} in the name and on behalf of the supplier, as agreed (self-billing)."
    )
    paper.note(
        "Amounts are the supplier's shares after the platform's fee, as paid out. "
        "Whatever tax is due on them is for the supplier to declare."
    )
    return paper.pdf()


def _invoice_facts(said: dict[str, Any]) -> list[tuple[str, str]]:
    facts = [("For payout", said["payout"]), ("Paid on", _written(date.fromisoformat(said["paid_on"])))]
    if "cancels" in said:
        facts += [("Cancels", said["cancels"]), ("Because", said["reason"] or "the payout came back")]
    return facts


def address_lines(profile: dict[str, str]) -> list[str]:
    """How a letter to a payee would be addressed below his name, and his tax id."""
    place = " ".join(filter(None, (profile["postcode"], profile["city"])))
    lines = [profile["street"], profile["extra"], place, profile["region"], country_name(profile["country"])]
    return [*filter(None, lines), *_tax_id(profile["tax_id"])]


def country_name(code: str) -> str:
    return str(Locale.parse(SITE).territories.get(code, code))


def _tax_id(tax_id: str) -> list[str]:
    return [f"Tax id {tax_id}"] if tax_id else []


def _begun(title: str, statement: Statement, profile: TaxProfile | None, *, now: datetime) -> Document:
    end = datetime.combine(statement.end, time(), statement.zone)
    is_final = statement.is_final(now)
    paper = Document(
        title,
        subtitle=f"Days are those of {statement.zone.key}" + ("" if is_final else "; not over yet"),
        issuer=settings.SITE_NAME,
        now=end if is_final else now,
    )
    person = statement.payee.user
    mine = Party("For", person.display_name, [person.email])
    if profile:
        mine = Party("For", profile.name, address_lines(profile.values))
    paper.parties(mine, Party("From", settings.COMPANY_NAME, settings.COMPANY_ADDRESS))
    return paper


def _sums(paper: Document, statement: Statement) -> None:
    paper.totals([(name, money(amount)) for name, amount in told_sums(statement)])


def _earnings(paper: Document, statement: Statement) -> None:
    paper.heading("What you earned, and what went back")
    if not statement.earnings:
        paper.note("Nothing in this month.")
        return
    columns = [Column("Day", width=12), Column("What", width=34)]
    columns += [_amount(name) for name in ("Before fee", "Fee", "Yours")]
    rows = [
        [
            *_told(line, statement.zone),
            *(money(statement.money(n)) for n in (line.gross, -line.fee, line.net)),
        ]
        for line in statement.earnings
    ]
    paper.table(columns, rows)


def _moved(paper: Document, heading: str, statement: Statement, lines: Sequence[Line]) -> None:
    if not lines:
        return
    paper.heading(heading)
    columns = [Column("Day", width=12), Column("What", width=45), _amount("Amount")]
    rows = [[*_told(line, statement.zone), money(statement.money(line.size))] for line in lines]
    paper.table(columns, rows)


def _places(paper: Document, statement: Statement) -> None:
    rows = [[name, *amounts] for name, amounts in told_places(statement)]
    paper.table([Column("", width=20), *_PLACES], rows)


def _told(line: Line, zone: ZoneInfo) -> tuple[str, str]:
    what = told(line)
    return day(line.at, zone), f"{what}: {line.what}" if line.what else what


def _by_month(month: Statement) -> Iterable[int]:
    sums = month.sums
    return sums.earned, -sums.fees, sums.refunded + sums.lost + sums.other, sums.paid_out, sums.closing


def _written(on: date) -> str:
    return f"{on.day} {MONTHS[on.month - 1]} {on.year}"
