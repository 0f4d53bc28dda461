"""What payouts has beside what Stripe has: transfers, what came back of them, payouts and balances."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from django.conf import settings
from django.db.models import BigIntegerField, Q, Sum
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from integrations.stripe import answers, listings
from integrations.stripe.errors import DeclinedError
from integrations.stripe.gateway import get_gateway
from integrations.stripe.kinds import REFUND, REVERSAL, TRANSFER
from integrations.stripe.models import StripeOperation
from integrations.stripe.states import OperationState
from payouts.domain.mirrors import Mirror, sent_since, sum_of, two_sided
from payouts.domain.reconciling import Finding, reconciles
from payouts.models import Payee, Payout, Reversal, Transfer
from payouts.queries.invariants import Breach, check
from payouts.queries.ledger import balance
from payouts.rules import AccountKey, AccountKind
from payouts.states import ShareState

# transfers and reversals


@reconciles("transfers")
def compare_transfers(since: datetime, _now: datetime) -> Iterator[Finding]:
    """Each transfer since then: made once, of that amount, to that account."""
    return two_sided(listings.transfers, since, _TRANSFERS)


def _transfers(ids: list[str]) -> dict[str, Transfer]:
    rows = Transfer.objects.filter(stripe_id__in=ids).select_related("release__share__payee")
    return {row.stripe_id: row for row in rows}


def _sides_of_transfer(row: Transfer, seen: answers.Transfer) -> list[tuple[str, str, str]]:
    share = row.release.share
    return [
        ("amount", sum_of(row.amount, share.currency), sum_of(seen.amount, seen.currency)),
        ("account", share.payee.account, seen.destination),
    ]


def _about_transfer(seen: answers.Transfer) -> str:
    group = f" in {seen.transfer_group}" if seen.transfer_group else ""
    return f"{sum_of(seen.amount, seen.currency)} to {seen.destination}{group}"


_TRANSFERS = Mirror(
    noun="transfer",
    rows=_transfers,
    expected=lambda since: sent_since(Transfer.objects.all(), since),
    sides=_sides_of_transfer,
    about=_about_transfer,
)


@reconciles("reversals")
def compare_reversals(since: datetime, _now: datetime) -> Iterator[Finding]:
    """Everything that came back of transfers since then, however old those are."""
    return two_sided(listings.reversals, since, _REVERSALS)


def _reversals(ids: list[str]) -> dict[str, Reversal]:
    rows = Reversal.objects.filter(stripe_id__in=ids).select_related("transfer__release__share")
    return {row.stripe_id: row for row in rows}


def _sides_of_reversal(row: Reversal, seen: answers.Reversal) -> list[tuple[str, str, str]]:
    currency = row.transfer.release.share.currency
    return [
        ("amount", sum_of(row.amount, currency), sum_of(seen.amount, seen.currency)),
        ("transfer", row.transfer.stripe_id, seen.transfer),
    ]


_REVERSALS = Mirror(
    noun="reversal",
    rows=_reversals,
    expected=lambda since: sent_since(Reversal.objects.all(), since),
    sides=_sides_of_reversal,
    about=lambda seen: f"{sum_of(seen.amount, seen.currency)} of {seen.transfer}",
)

# payouts


@reconciles("payouts")
def compare_payouts(since: datetime, _now: datetime) -> Iterator[Finding]:
    """The payouts of every account in which something has moved since then."""
    for payee in _moving(since):
        try:
            yield from two_sided(listings.payouts_of(payee.account), since, _payouts_of(payee))
        except DeclinedError as error:
            yield _closed_to_us(payee, error)


def _moving(since: datetime) -> list[Payee]:
    on_the_way = Q(shares__state__in=[ShareState.TRANSFERRED, ShareState.IN_TRANSIT])
    sent = Q(shares__releases__transfers__transferred_at__gte=since)
    came_back = Q(shares__releases__transfers__reversals__settled_at__gte=since)
    paid_out = Q(payouts__made_at__gte=since)
    moving = Payee.objects.connected().filter(on_the_way | sent | came_back | paid_out)
    return list(moving.order_by("pk").distinct())


def _closed_to_us(payee: Payee, error: DeclinedError) -> Finding:
    message = f"Stripe does not let us look into the account {payee.account}: {error.message}"
    return Finding("account", payee.account, message, ours=payee.account)


def _payouts(ids: list[str]) -> dict[str, Payout]:
    return {row.stripe_id: row for row in Payout.objects.filter(stripe_id__in=ids)}


def _payouts_of(payee: Payee) -> Mirror[answers.Payout, Payout]:
    def since_then(since: datetime) -> Iterable[str]:
        return payee.payouts.filter(made_at__gte=since).values_list("stripe_id", flat=True)

    return Mirror(
        noun="payout",
        rows=_payouts,
        expected=since_then,
        sides=lambda row, seen: [
            ("amount", sum_of(row.amount, row.currency), sum_of(seen.amount, seen.currency)),
            ("state", row.state, seen.status),
        ],
        about=lambda seen: f"{sum_of(seen.amount, seen.currency)} from {seen.account}, {seen.status}",
    )


# balances

Doubt = tuple[int, int]
"""How much less, and how much more, Stripe may have than the ledger says, as something is on its way."""
DOUBTS: list[Callable[[], Doubt]] = []


def doubtful(doubt: Callable[[], Doubt]) -> Callable[[], Doubt]:
    """Register what an app above knows to be on its way between the ledger and Stripe's balance."""
    DOUBTS.append(doubt)
    return doubt


@reconciles("balances")
def compare_balances(_since: datetime, _now: datetime) -> list[Finding]:
    """Invariant 6, of the platform and of every account that was sent something."""
    return [
        Finding("balance", breach.subject, f"Of the {breach.subject} {breach.message}.")
        for breach in compare_with_stripe()
    ]


def compare_with_stripe() -> list[Breach]:
    """Where a balance at Stripe is not what the ledger says.

    Refunds are booked when they are intended: those still under way lie at Stripe yet. Payouts leave a
    connected account when they are made, and the ledger's ``stripe_connected`` when they are paid.

    Raises:
        GatewayError: Stripe did not answer.
    """
    at_stripe = get_gateway().balance().total(settings.CURRENCY)
    found = [_compare("platform", _platform(), at_stripe, *_doubt())]
    for payee in Payee.objects.connected().order_by("pk"):
        at_stripe = get_gateway().balance(payee.account).total(payee.currency)
        found.append(_compare(f"account {payee.account}", _connected(payee), at_stripe))
    return [breach for breach in found if breach is not None]


def _compare(subject: str, ledger: int, stripe: int, less: int = 0, more: int = 0) -> Breach | None:
    if ledger - less <= stripe <= ledger + more:
        return None
    return Breach(6, subject, f"the ledger says {ledger}, Stripe {stripe}")


def _platform() -> int:
    """With what was booked as given back and has not been asked for."""
    return balance(AccountKind.STRIPE_PLATFORM, currency=settings.CURRENCY) + _asked(REFUND)


def _doubt() -> Doubt:
    """Calls without an answer may have moved their money, and what apps above know of."""
    maybe = [OperationState.SENT, OperationState.UNKNOWN]
    less = _asked(REFUND, states=maybe) + _asked(TRANSFER, states=maybe)
    more = _asked(REVERSAL, states=maybe)
    told = [doubt() for doubt in DOUBTS]
    return less + sum(low for low, _ in told), more + sum(high for _, high in told)


def _asked(kind: str, *, states: list[OperationState] | None = None) -> int:
    asked = StripeOperation.objects.unsettled().filter(kind=kind)
    if states is not None:
        asked = asked.filter(state__in=states)
    amount = Cast(KeyTextTransform("amount", "parameters"), BigIntegerField())
    total: int | None = asked.aggregate(total=Sum(amount))["total"]
    return total or 0


def _connected(payee: Payee) -> int:
    """What we have not booked as sent to the bank, less what is on its way there."""
    kinds = (AccountKind.STRIPE_CONNECTED, AccountKind.PAYEE_IN_TRANSIT)
    accounts = (AccountKey.of_payee(kind, payee.pk) for kind in kinds)
    return sum(balance(kind, owner, currency=payee.currency) for kind, owner in accounts)


# our own books


@reconciles("books")
def compare_books(_since: datetime, _now: datetime) -> list[Finding]:
    """The invariants: our books beside each other. Asks nothing of Stripe."""
    return [
        Finding(f"invariant {breach.invariant}", breach.subject[:200], breach.message) for breach in check()
    ]
