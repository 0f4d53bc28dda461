"""What a payee earned and where it is now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db.models import F, Min, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from core.money import Money
from payouts.models import Payee, Payout, Share, Transfer
from payouts.models.payout import PayoutQuerySet
from payouts.queries.ledger import balance
from payouts.rules import AccountKey, AccountKind
from payouts.states import UNREVERSED, PayoutState, ShareState

if TYPE_CHECKING:
    from accounts.models import User

S = ShareState


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


@dataclass(frozen=True)
class ShareLine:
    """One share for the earnings page. ``net`` is what it is worth now; ``source`` is the seller's own word.

    ``transfers`` are Stripe's ids and ``payout`` that of the payout which carries them, once there are any;
    ``arrives_on`` is the day it is at the bank.
    """

    share_id: int
    source: str
    currency: str
    net: int
    state: ShareState
    release_at: datetime | None
    transfers: list[str]
    payout: str | None
    arrives_on: date | None


def earnings(payee: Payee) -> Earnings:
    """The sums by place, in one query.

    What was sent counts where it lies now. What a later share paid back for an earlier one is the earlier
    one's money kept, so it appears once: in the share that stays paid.
    """
    sent = F("released") - F("reversed")
    unreleased = F("amount") - F("netted") - sent + F("debt")

    def total(amount: object, *states: ShareState) -> Coalesce:
        return Coalesce(Sum(amount, filter=Q(state__in=states)), 0)

    sums = Share.objects.filter(payee=payee).aggregate(
        held=total(unreleased, S.HELD),
        frozen=total(unreleased, S.FROZEN),
        # Of a release that is half done the first part has arrived.
        available=total(sent, S.TRANSFERRED, S.HELD, S.FROZEN),
        in_transit=total(sent, S.IN_TRANSIT),
        paid=total(sent, S.PAID, S.VOID) + Coalesce(Sum(F("netted") - F("recovered")), 0),
        debt=Coalesce(Sum(F("debt") - F("recovered")), 0),
        next_release_at=Min("release_at", filter=Q(state=S.HELD, amount__gt=0)),
    )
    return Earnings(currency=payee.currency, **sums)


def share_lines(payee: Payee, sources: Collection[str] | None = None) -> list[ShareLine]:
    """A line per share, of all or of those named, newest first; two queries however many there are."""
    shares = Share.objects.filter(payee=payee).order_by("-id")
    if sources is not None:
        shares = shares.filter(source__in=sources)
    transfers = _standing_transfers(shares)
    return [_line(share, transfers[share.pk]) for share in shares]


def _standing_transfers(shares: QuerySet[Share]) -> dict[int, list[Transfer]]:
    """What was sent and not wholly reversed, by share, the sourced part first."""
    sent = Transfer.objects.exclude(stripe_id="").filter(
        release__share__in=shares, release__state__in=sorted(UNREVERSED)
    )
    found: dict[int, list[Transfer]] = defaultdict(list)
    for transfer in sent.select_related("release", "payout").order_by("-source_transaction"):
        found[transfer.release.share_id].append(transfer)
    return found


def _line(share: Share, transfers: list[Transfer]) -> ShareLine:
    carriers = [transfer.payout for transfer in transfers if transfer.payout]
    return ShareLine(
        share_id=share.pk,
        source=share.source,
        currency=share.currency,
        net=share.amount,
        state=ShareState(share.state),
        release_at=share.release_at,
        transfers=[transfer.stripe_id for transfer in transfers],
        payout=carriers[-1].stripe_id if carriers else None,
        arrives_on=carriers[-1].arrives_on if carriers else None,
    )


@dataclass(frozen=True)
class Refused:
    """A bank did not take the newest payout; the money waits for the next one."""

    payout: Payout
    is_bank_changed: bool


def refused_payout(payee: Payee) -> Refused | None:
    """What a payee has to put right at Stripe, or has already; None while his newest payout stands."""
    newest = Payout.objects.filter(payee=payee).newest_first().first()
    if newest is None or newest.state != PayoutState.FAILED:
        return None
    return Refused(newest, is_bank_changed=bool(payee.bank) and payee.bank != newest.bank)


def below_zero(payee: Payee) -> Money | None:
    """By how much his account at Stripe is overdrawn: more was taken back than lay there."""
    owner = AccountKey.of_payee(AccountKind.PAYEE_AVAILABLE, payee.pk).owner
    missing = balance(AccountKind.PAYEE_AVAILABLE, owner, currency=payee.currency)
    return Money(missing, payee.currency) if missing > 0 else None


def payouts_of(user: User) -> PayoutQuerySet:
    """A person's payouts, newest first."""
    return Payout.objects.filter(payee__user=user).newest_first()
