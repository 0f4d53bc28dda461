"""What a payee earned and where it is now."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import Aggregate, Count, Exists, F, Min, OuterRef, Q, Sum
from django.db.models.expressions import Combinable, CombinedExpression
from django.db.models.functions import Coalesce

from core.money import Money
from payouts.models import Payee, Payout, Share, Transfer
from payouts.models.payout import PayoutQuerySet
from payouts.states import PayoutState, ShareState

if TYPE_CHECKING:
    from accounts.models import User

S = ShareState
PLACES = ("held", "frozen", "available", "in_transit", "paid", "debt")


@dataclass(frozen=True)
class Earnings:
    """Minor units. ``held + frozen + available + in_transit + paid − debt`` is the sum of all shares.

    ``next_release_at`` is when the next of what is held is due.
    """

    currency: str
    held: int
    frozen: int
    available: int
    in_transit: int
    paid: int
    debt: int
    next_release_at: datetime | None = None


class ShareLine(NamedTuple):
    """One share for the earnings page. ``net`` is what it is worth now; ``source`` is the seller's own word.

    ``transfers`` are Stripe's ids and ``payout`` that of the payout which carries them, once there are any;
    ``arrives_on`` is the day it is at the bank.
    """

    share_id: int
    source: str
    currency: str
    net: int
    state: str
    release_at: datetime | None
    transfers: list[str]
    payout: str | None
    arrives_on: date | None


def _places() -> dict[str, Aggregate | Coalesce | CombinedExpression]:
    """The sums of ``Earnings`` over shares.

    What was sent counts where it lies now. What a later share paid back for an earlier one is the earlier
    one's money kept, so it appears once: in the share that stays paid.
    """
    sent = F("released") - F("reversed")
    unreleased = F("amount") - F("netted") - sent + F("debt")

    def total(amount: object, *states: ShareState) -> Coalesce:
        return Coalesce(Sum(amount, filter=Q(state__in=states)), 0)

    return {
        "held": total(unreleased, S.HELD),
        "frozen": total(unreleased, S.FROZEN),
        # Of a release that is half done the first part has arrived.
        "available": total(sent, S.TRANSFERRED, S.HELD, S.FROZEN),
        "in_transit": total(sent, S.IN_TRANSIT),
        "paid": total(sent, S.PAID, S.VOID) + Coalesce(Sum(F("netted") - F("recovered")), 0),
        "debt": Coalesce(Sum(F("debt") - F("recovered")), 0),
        "next_release_at": Min("release_at", filter=Q(state=S.HELD, amount__gt=0)),
    }


def earnings(payee: Payee) -> Earnings:
    """The sums by place, in one query."""
    return Earnings(currency=payee.currency, **Share.objects.filter(payee=payee).aggregate(**_places()))


class Group(NamedTuple):
    """Shares that ``key`` and their state have in common: their number, worth how much, and where that is."""

    key: Any
    state: str
    number: int
    net: int
    held: int
    frozen: int
    available: int
    in_transit: int
    paid: int
    debt: int
    next_release_at: datetime | None


def grouped_earnings(payee: Payee, key: Combinable) -> list[Group]:
    """Earnings by the value of ``key``, an expression over shares, and by state; in one query."""
    shares = Share.objects.filter(payee=payee).annotate(key=key).values("key", "state")
    sums = shares.annotate(number=Count("pk"), net=Sum("amount"), **_places())
    return [Group(*found) for found in sums.values_list(*Group._fields)]


def together(currency: str, groups: Iterable[Group]) -> Earnings:
    """Several sums as one."""
    found = list(groups)
    due = [group.next_release_at for group in found if group.next_release_at]
    totals = {name: sum(getattr(group, name) for group in found) for name in PLACES}
    return Earnings(currency, **totals, next_release_at=min(due, default=None))


def share_lines(payee: Payee, sources: Collection[str] | None = None) -> list[ShareLine]:
    """A line per share, of all or of those named, newest first; one query however many there are."""
    shares = Share.objects.filter(payee=payee)
    if sources is not None:
        shares = shares.filter(source__in=sources)
    # Of a release that is taken back a part may stay. The newest one says when it is at the bank.
    standing = Transfer.objects.standing().filter(pk=OuterRef("releases__transfers"))
    rows = shares.annotate(is_standing=Exists(standing)).order_by(
        "-id", "releases__number", "-releases__transfers__source_transaction"
    )
    found: dict[int, ShareLine] = {}
    for *share, is_standing, transfer, payout, arrives_on in rows.values_list(*_SHARE, *_SENT):
        line = found.get(share[0]) or ShareLine._make([*share, [], None, None])
        # Of those that were not made there is nothing to say.
        if is_standing and transfer:
            line = line._replace(transfers=[*line.transfers, transfer])
        if is_standing and payout:
            line = line._replace(payout=payout, arrives_on=arrives_on)
        found[share[0]] = line
    return list(found.values())


_SHARE = ("pk", "source", "currency", "amount", "state", "release_at")
_SENT = (
    "is_standing",
    *(f"releases__transfers__{name}" for name in ("stripe_id", "payout__stripe_id", "payout__arrives_on")),
)


@dataclass(frozen=True)
class Refused:
    """A bank did not take the newest payout; the money waits for the next one."""

    payout: Payout
    is_bank_changed: bool


def refused_payout(payee: Payee, newest: Payout | None) -> Refused | None:
    """What a payee has to put right at Stripe, or has already; None while his newest payout stands."""
    if newest is None or newest.state != PayoutState.FAILED:
        return None
    return Refused(newest, is_bank_changed=bool(payee.bank) and payee.bank != newest.bank)


def below_zero(payee: Payee) -> Money | None:
    """By how much an account ``with_overdraft`` is overdrawn: more was taken back than lay there."""
    missing: int = payee.overdraft  # type: ignore[attr-defined]
    return Money(missing, payee.currency) if missing > 0 else None


def payouts_of(user: User) -> PayoutQuerySet:
    """A person's payouts, newest first."""
    return Payout.objects.filter(payee__user=user).newest_first()
