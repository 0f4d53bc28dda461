"""Shares: what a payee earned with one sale, how much it is now, and when it may be released.

All shares of a payee change one after another: each verb locks the payee first.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from core.audit import record
from core.errors import DomainError
from payouts.domain.reversals import plan_reversals
from payouts.models import Payee, Share
from payouts.rules import AccountKey, AccountKind, Legs
from payouts.states import ShareState

if TYPE_CHECKING:
    from accounts.models import User


class ShareReleasedError(DomainError):
    """The share's money has left, or is leaving right now."""

    code = "share_released"
    message = "This share has been released. What was sent can only be taken back by a refund or a dispute."


def locked(source: str) -> Share:
    """A share under the lock of its payee, until the running transaction ends."""
    payee_id = Share.objects.values_list("payee_id", flat=True).get(source=source)
    Payee.objects.select_for_update(no_key=True).get(pk=payee_id)
    return Share.objects.select_related("payee").get(source=source)


@transaction.atomic
def open_share(
    payee_id: int,
    source: str,
    amount: int,
    *,
    currency: str,
    transfer_group: str,
    source_transaction: str = "",
    sourced_limit: int = 0,
    now: datetime,
) -> Share:
    """Hold ``amount`` minor units for a payee, once per source. The caller posts payee_held −amount.

    At most ``sourced_limit`` of it can be transferred out of the charge ``source_transaction``.
    """
    share, is_new = Share.objects.get_or_create(
        source=source,
        defaults={
            "payee_id": payee_id,
            "amount": amount,
            "currency": currency,
            "transfer_group": transfer_group,
            "source_transaction": source_transaction,
            "sourced_limit": sourced_limit,
            "opened_at": now,
        },
    )
    if is_new:
        share.void_if_nothing_is_kept()
        share.save(update_fields=["state"])
    return share


@transaction.atomic
def resize_share(source: str, amount: int, *, now: datetime) -> Legs:
    """Make a share worth ``amount``; answers the legs that the caller's own entry has to carry for it.

    Before the release less is held. What has been sent or netted is a debt instead, and a reversal of the
    transfer is planned to bring it back. The same amount again answers legs of zero.

    Raises:
        ShareReleasedError: the share would grow after its release by more than it owes; open another one.
    """
    share = locked(source)
    less = share.amount - amount
    held = 0 if share.is_out else min(less, share.unreleased)
    _owe(share, less - held, now=now)
    share.amount = amount
    share.void_if_nothing_is_kept()
    share.save(update_fields=["amount", "debt", "state"])
    return {
        AccountKey.of_payee(AccountKind.PAYEE_HELD, share.payee_id): held,
        AccountKey.of_payee(AccountKind.PAYEE_DEBT, share.payee_id): less - held,
    }


def _owe(share: Share, amount: int, *, now: datetime) -> None:
    if amount < 0 and share.owed - share.asked_back() < -amount:
        raise ShareReleasedError
    share.debt += amount
    if amount > 0:
        plan_reversals(share, amount, now=now)


@transaction.atomic
def schedule_release(source: str, release_at: datetime, *, now: datetime) -> Share:
    """Say when a share may be released at the earliest. One that has been released stays as it is."""
    share = locked(source)
    if share.is_out or share.release_at == release_at:
        return share
    share.release_at = release_at
    share.save(update_fields=["release_at"])
    record("share.scheduled", share, by=None, now=now, reason=f"due {release_at.isoformat()}")
    return share


@transaction.atomic
def freeze(source: str, *, cause: str, by: User | None, reason: str, now: datetime) -> Share:
    """Hold a share back until ``cause`` is decided. Twice is once; a cause that was decided is over.

    Raises:
        ShareReleasedError: too late, and nothing else is bringing it back.
    """
    share = locked(source)
    if share.is_out and not share.is_held_back:
        raise ShareReleasedError
    _hold_back(share, cause, by=by, reason=reason, now=now)
    return share


@transaction.atomic
def take_back_for_dispute(source: str, *, cause: str, now: datetime) -> Share:
    """Freeze a share while a bank disputes its charge; what has been sent of it is asked back. Twice is once.

    What Stripe refuses to bring back stays with the payee; a transfer on its way is taken back when it is
    made.
    """
    share = locked(source)
    is_new = _hold_back(share, cause, by=None, reason="disputed at the bank", now=now)
    if is_new and not share.is_leaving:
        plan_reversals(share, share.to_take_back, now=now)
    return share


def _hold_back(share: Share, cause: str, *, by: User | None, reason: str, now: datetime) -> bool:
    _, is_new = share.holds.get_or_create(cause=cause, defaults={"began_at": now})
    if is_new and share.state == ShareState.HELD and not share.is_leaving:
        _turn(share, ShareState.FROZEN)
    if is_new:
        record("share.frozen", share, by=by, now=now, reason=reason)
    return is_new


@transaction.atomic
def unfreeze(source: str, *, cause: str, by: User | None, reason: str, now: datetime) -> Share:
    """``cause`` is decided: a share that nothing else holds back goes its way again. Twice is once."""
    share = locked(source)
    if not share.holds.open().filter(cause=cause).update(ended_at=now):
        return share
    if share.state == ShareState.FROZEN and not share.is_held_back:
        _turn(share, ShareState.HELD)
    record("share.unfrozen", share, by=by, now=now, reason=reason)
    return share


def _turn(share: Share, state: ShareState) -> None:
    share.move_to(state)
    share.save(update_fields=["state"])
