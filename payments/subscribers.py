"""What payments does when something of its own became true. Everything here may run twice."""

from __future__ import annotations

from core.events import subscribe
from payments.domain.papers import issue_credit_note
from payments.events import OrderRefunded


@subscribe(OrderRefunded)
def credit_refund(event: OrderRefunded) -> None:
    """An order that has an invoice gets a credit note for each refund."""
    issue_credit_note(event.refund_id, now=event.at)
