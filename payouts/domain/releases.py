"""Releases: a held share whose time has come is sent to its payee by one or two transfers.

The intent is a row before the call, the outcome is booked in the transaction that records it, and each verb
can be cut in half anywhere: what is planned is sent by the sweep, what was refused is tried again later.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from core.events import announce
from core.periodic import each
from integrations.stripe import operations
from integrations.stripe.kinds import TRANSFER
from integrations.stripe.models import StripeOperation
from payouts.domain.carrying import link_lines
from payouts.domain.ledger import post
from payouts.domain.netting import net_debts
from payouts.domain.reversals import ask_back_what_waited, drop_what_waited, plan_reversals
from payouts.domain.shares import locked
from payouts.events import ShareReleased
from payouts.models import Payee, Release, Share, Transfer
from payouts.rules import AccountKey, AccountKind
from payouts.states import ReleaseState, ShareState

FIRST_RETRY = timedelta(hours=1)
LONGEST_RETRY = timedelta(days=1)


def release_due(now: datetime, *, limit: int = 500) -> int:
    """Begin, or go on with, the release of every share that is due. How many moved."""
    sources = Share.objects.due(now).values_list("source", flat=True)[:limit]
    return each(list(sources), lambda source: release_share(source, now=now))


@transaction.atomic
def release_share(source: str, *, now: datetime) -> bool:
    """Intend to send a share, if it is due still. False when there is nothing to do, or somebody did it.

    Asked again under the lock: since the job looked, it may have been frozen, refunded, or released.
    """
    share = locked(source)
    if not Share.objects.due(now).filter(pk=share.pk).exists():
        return False
    release = share.releases.filter(state=ReleaseState.PLANNED).first()
    if release is not None:
        return _send_next(release, share, now=now)
    net_debts(share, now=now)
    if share.unreleased == 0:
        _finish(share, ShareState.PAID, now=now)
        return True
    return _send_next(_plan(share, now=now), share, now=now)


def _plan(share: Share, *, now: datetime) -> Release:
    release = Release.objects.create(share=share, number=share.releases.count() + 1, planned_at=now)
    sourced = min(share.unreleased, share.sourced_limit - _sourced_out(share))
    parts = {share.source_transaction: sourced, "": share.unreleased - sourced}
    Transfer.objects.bulk_create(
        Transfer(release=release, source_transaction=source, amount=amount)
        for source, amount in parts.items()
        if amount
    )
    return release


def _sourced_out(share: Share) -> int:
    """What an earlier release sent out of the charge and could not be taken back."""
    sent = Transfer.objects.standing().filter(release__share=share).exclude(source_transaction="")
    return sum(transfer.amount - transfer.asked_back() for transfer in sent)


def _send_next(release: Release, share: Share, *, now: datetime) -> bool:
    """Plan the next part's operation, unless it is under way."""
    transfer = release.next_transfer()
    if transfer is None or transfer.operation is not None:
        return False
    transfer.operation = operations.plan(
        TRANSFER,
        transfer.key,
        {
            "destination": share.payee.account,
            "amount": transfer.amount,
            "currency": share.currency,
            "transfer_group": share.transfer_group,
            "source_transaction": transfer.source_transaction,
            "metadata": {"share": share.source},
        },
        now=now,
    )
    transfer.save(update_fields=["operation"])
    return True


@operations.settles(TRANSFER)
def settle_transfer(operation: StripeOperation, *, now: datetime) -> None:
    """Book a transfer that was made; let one that was refused be tried again later."""
    payee = Payee.objects.filter(shares__releases__transfers__operation=operation)
    Payee.objects.select_for_update(no_key=True).get(pk__in=payee)
    transfer = Transfer.objects.select_related("release__share__payee").get(operation=operation)
    settle = _made if operation.succeeded else _refused
    settle(transfer, transfer.release, transfer.release.share, now=now)


def _made(transfer: Transfer, release: Release, share: Share, *, now: datetime) -> None:
    _book(transfer, share, now=now)
    ask_back_what_waited(transfer, now=now)
    if release.next_transfer() is not None:
        _send_next(release, share, now=now)
    else:
        _complete(release, share, now=now)
    link_lines(transfer)


def _complete(release: Release, share: Share, *, now: datetime) -> None:
    release.move_to(ReleaseState.DONE)
    release.settled_at = now
    release.save(update_fields=["state", "settled_at"])
    _finish(share, ShareState.TRANSFERRED, now=now)
    if share.is_held_back:
        # Disputed while it was on its way.
        plan_reversals(share, share.to_take_back, now=now)


def _book(transfer: Transfer, share: Share, *, now: datetime) -> None:
    operation = transfer.operation
    assert operation is not None  # noqa: S101  (it is what we are settling)
    transfer.stripe_id = operation.stripe_id
    transfer.destination_payment = (operation.answer or {}).get("destination_payment", "")
    transfer.transferred_at = now
    transfer.save(update_fields=["stripe_id", "destination_payment", "transferred_at"])
    share.released += transfer.amount
    share.save(update_fields=["released"])
    legs = {
        AccountKey.of_payee(AccountKind.PAYEE_HELD, share.payee_id): transfer.amount,
        AccountKey.of_payee(AccountKind.PAYEE_AVAILABLE, share.payee_id): -transfer.amount,
        AccountKey.of_payee(AccountKind.STRIPE_CONNECTED, share.payee_id): transfer.amount,
        AccountKey(AccountKind.STRIPE_PLATFORM): -transfer.amount,
    }
    post("release", transfer.stripe_id, legs, currency=share.currency, now=now)


def _finish(share: Share, state: ShareState, *, now: datetime) -> None:
    share.move_to(state)
    share.retry_at = None
    share.void_if_nothing_is_kept()
    share.save(update_fields=["state", "retry_at"])
    announce(ShareReleased(at=now, payee_id=share.payee_id, share_id=share.pk))


def _refused(transfer: Transfer, release: Release, share: Share, *, now: datetime) -> None:
    """Definitively: a new attempt may ask with a new key. Nothing sent at all: the release never was."""
    transfer.attempt += 1
    transfer.operation = None
    transfer.save(update_fields=["attempt", "operation"])
    share.retry_at = now + _pause_after(transfer.attempt + release.number - 2)
    if not release.transfers.exclude(stripe_id="").exists():
        _give_up(release, share, now=now)
    share.save(update_fields=["retry_at", "debt", "state"])


def _pause_after(refusals: int) -> timedelta:
    return min(FIRST_RETRY * (1 << min(refusals - 1, 10)), LONGEST_RETRY)


def _give_up(release: Release, share: Share, *, now: datetime) -> None:
    """What was refunded meanwhile is booked as a debt of money on its way; it never left: less is held."""
    release.move_to(ReleaseState.REFUSED)
    release.settled_at = now
    release.save(update_fields=["state", "settled_at"])
    undone = sum(drop_what_waited(transfer, now=now) for transfer in release.transfers.all())
    share.debt -= undone
    share.void_if_nothing_is_kept()
    if share.state == ShareState.HELD and share.is_held_back:
        share.move_to(ShareState.FROZEN)
    legs = {
        AccountKey.of_payee(AccountKind.PAYEE_HELD, share.payee_id): undone,
        AccountKey.of_payee(AccountKind.PAYEE_DEBT, share.payee_id): -undone,
    }
    post("release_refused", f"release:{release.pk}", legs, currency=share.currency, now=now)
