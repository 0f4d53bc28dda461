"""What payments has beside what Stripe has: Checkout Sessions, what they brought, refunds, disputes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db.models import F, Min, Sum

from integrations.stripe import answers, listings
from integrations.stripe.listings import Payment
from payments.models import CheckoutSession, Dispute, Refund
from payments.states import CheckoutState, RefundState
from payouts.domain.comparing import Doubt, doubtful
from payouts.domain.mirrors import Mirror, sent_since, sum_of, two_sided
from payouts.domain.reconciling import Finding, reconciles

C, R = CheckoutState, RefundState

# sessions


@reconciles("sessions")
def compare_sessions(since: datetime, _now: datetime) -> Iterator[Finding]:
    """Every session since then. One that was never paid and is over moves no money, whoever made it."""
    return two_sided(listings.checkouts, since, _SESSIONS)


def _sessions(ids: list[str]) -> dict[str, CheckoutSession]:
    rows = CheckoutSession.objects.filter(stripe_id__in=ids).select_related("order")
    return {row.stripe_id: row for row in rows}


def _sides_of_session(row: CheckoutSession, seen: answers.Checkout) -> list[tuple[str, str, str]]:
    currency = row.order.currency
    return [
        ("amount", sum_of(row.order.card, currency), sum_of(seen.amount, seen.currency)),
        ("state", row.state, _state_of(seen)),
    ]


def _state_of(seen: answers.Checkout) -> str:
    """In our words."""
    if seen.is_paid:
        return C.PAID
    return C.OPEN if seen.is_open else C.EXPIRED


_SESSIONS = Mirror(
    noun="Checkout Session",
    rows=_sessions,
    expected=lambda since: sent_since(CheckoutSession.objects.all(), since),
    sides=_sides_of_session,
    about=lambda seen: f"{sum_of(seen.amount, seen.currency)}, {_state_of(seen)}",
    matters=lambda seen: seen.is_paid or seen.is_open,
)

# payments


@reconciles("payments")
def compare_payments(since: datetime, _now: datetime) -> Iterator[Finding]:
    """Every payment that arrived since then, of a session or not."""
    return two_sided(listings.payments, since, _PAYMENTS)


def _paid(ids: list[str]) -> dict[str, CheckoutSession]:
    rows = CheckoutSession.objects.filter(payment_intent__in=ids, state=C.PAID).select_related("order")
    return {row.payment_intent: row for row in rows}


def _paid_since(since: datetime) -> Iterator[str]:
    paid = CheckoutSession.objects.filter(state=C.PAID, operation__first_sent_at__gte=since)
    yield from paid.exclude(payment_intent="").values_list("payment_intent", flat=True)


_PAYMENTS = Mirror[Payment, CheckoutSession](
    noun="payment",
    rows=_paid,
    expected=_paid_since,
    sides=lambda row, seen: [
        ("amount", sum_of(row.order.card, row.order.currency), sum_of(seen.received, seen.currency))
    ],
    about=lambda seen: sum_of(seen.received, seen.currency),
    matters=lambda seen: seen.received > 0,
)

# refunds


@reconciles("refunds")
def compare_refunds(since: datetime, _now: datetime) -> Iterator[Finding]:
    """Every refund since then, and since the oldest that is still on its way."""
    oldest: datetime | None = Refund.objects.pending().aggregate(oldest=Min("created_at"))["oldest"]
    return two_sided(listings.refunds, min(since, oldest or since), _REFUNDS)


def _refunds(ids: list[str]) -> dict[str, Refund]:
    rows = Refund.objects.filter(stripe_id__in=ids).select_related("order", "operation")
    return {row.stripe_id: row for row in rows}


_STATES = {
    "succeeded": R.SUCCEEDED,
    "failed": R.FAILED,
    "canceled": R.FAILED,
}


def _sides_of_refund(row: Refund, seen: answers.Refund) -> list[tuple[str, str, str]]:
    asked = row.operation.parameters["amount"] if row.operation else row.card
    return [
        ("amount", sum_of(asked, row.order.currency), sum_of(seen.amount, seen.currency)),
        ("state", row.state, _STATES.get(seen.status, R.PENDING)),
    ]


_REFUNDS = Mirror(
    noun="refund",
    rows=_refunds,
    expected=lambda since: sent_since(Refund.objects.all(), since),
    sides=_sides_of_refund,
    about=lambda seen: f"{sum_of(seen.amount, seen.currency)} of {seen.payment_intent}",
)


# disputes


@reconciles("disputes")
def compare_disputes(since: datetime, _now: datetime) -> Iterator[Finding]:
    """Every dispute since then, and since the oldest that no bank has decided."""
    oldest: datetime | None = Dispute.objects.undecided().aggregate(oldest=Min("opened_at"))["oldest"]
    return two_sided(listings.disputes, min(since, oldest or since), _DISPUTES)


def _disputes(ids: list[str]) -> dict[str, Dispute]:
    return {row.stripe_id: row for row in Dispute.objects.filter(stripe_id__in=ids)}


def _opened_since(since: datetime) -> Iterable[str]:
    return Dispute.objects.filter(opened_at__gte=since).values_list("stripe_id", flat=True)


_DISPUTES = Mirror[answers.Dispute, Dispute](
    noun="dispute",
    rows=_disputes,
    expected=_opened_since,
    sides=lambda row, seen: [
        ("amount", sum_of(row.amount, row.currency), sum_of(seen.amount, seen.currency)),
        ("state", row.state, seen.status),
    ],
    about=lambda seen: f"{sum_of(seen.amount, seen.currency)}, {seen.status}",
)

# what is between the ledger and Stripe's balance


@doubtful
def refunds_on_their_way() -> Doubt:
    """Stripe takes some from the balance at once, and those that wait for money when it is there."""
    waiting = Refund.objects.pending().exclude(stripe_id="")
    return 0, waiting.aggregate(total=Sum("card"))["total"] or 0


@doubtful
def refunds_that_wait_for_a_bank() -> Doubt:
    """Booked, and lying at Stripe until a bank has decided about the payment."""
    waiting = Refund.objects.awaiting_verdict()
    return 0, waiting.aggregate(total=Sum(F("card") - F("by_bank")))["total"] or 0
