"""Asking back what was sent: no longer earned, or disputed. What Stripe refuses stays where it is."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Sum

from integrations.stripe import operations
from integrations.stripe.kinds import REVERSAL
from integrations.stripe.models import StripeOperation
from payouts.domain.ledger import post
from payouts.models import Payee, Release, Reversal, Share, Transfer
from payouts.rules import AccountKey, AccountKind
from payouts.states import UNRELEASED, ReleaseState, ReversalState, ShareState


def plan_reversals(share: Share, amount: int, *, now: datetime) -> None:
    """Intend to bring back ``amount`` of what was sent, the unsourced part first. Under the payee's lock.

    What was netted was never sent and cannot come back. A transfer whose own outcome is open is reversed
    as soon as it is made.
    """
    sent = Transfer.objects.standing().filter(release__share=share)
    for transfer in sent.order_by("source_transaction", "pk"):
        part = min(amount, transfer.amount - transfer.asked_back())
        if part:
            reversal = Reversal.objects.create(transfer=transfer, amount=part, planned_at=now)
            amount -= part
            if transfer.is_made:
                _ask(reversal, now=now)


def ask_back_what_waited(transfer: Transfer, *, now: datetime) -> None:
    """The transfer is made: send the reversals that were intended while its outcome was open."""
    for reversal in transfer.reversals.filter(state=ReversalState.PLANNED, operation=None):
        _ask(reversal, now=now)


def _ask(reversal: Reversal, *, now: datetime) -> None:
    transfer = reversal.transfer
    # The same question under the same key, also when a restored database asks it under another number.
    number = transfer.reversals.filter(pk__lte=reversal.pk).count()
    reversal.operation = operations.plan(
        REVERSAL,
        f"reversal:{transfer.stripe_id}:{number}",
        {
            "transfer": transfer.stripe_id,
            "amount": reversal.amount,
            "metadata": {"share": transfer.release.share.source},
        },
        now=now,
    )
    reversal.save(update_fields=["operation"])


def drop_what_waited(transfer: Transfer, *, now: datetime) -> int:
    """The transfer was refused: nothing is to come back. Answers how much was to."""
    waiting = transfer.reversals.filter(state=ReversalState.PLANNED)
    for reversal in waiting:
        _settle(reversal, ReversalState.REFUSED, now=now)
    return sum(reversal.amount for reversal in waiting)


@operations.settles(REVERSAL)
def settle_reversal(operation: StripeOperation, *, now: datetime) -> None:
    """Book what came back, or let what was sent stand."""
    payee = Payee.objects.filter(shares__releases__transfers__reversals__operation=operation)
    Payee.objects.select_for_update(no_key=True).get(pk__in=payee)
    reversal = Reversal.objects.select_related("transfer__release__share").get(operation=operation)
    share = reversal.transfer.release.share
    if operation.succeeded:
        _book(reversal, share, operation.stripe_id, now=now)
    _settle(reversal, ReversalState.DONE if operation.succeeded else ReversalState.REFUSED, now=now)
    _close_release(reversal.transfer.release, share)
    _keep_what_came_back(share)
    share.void_if_nothing_is_kept()
    share.save(update_fields=["reversed", "debt", "state"])


def _settle(reversal: Reversal, state: ReversalState, *, now: datetime) -> None:
    reversal.move_to(state)
    reversal.settled_at = now
    reversal.save(update_fields=["state", "settled_at", "stripe_id"])


def _book(reversal: Reversal, share: Share, stripe_id: str, *, now: datetime) -> None:
    """His debt first, whatever it was asked for: what he still earned is held for him again."""
    owed = min(reversal.amount, share.owed)
    reversal.stripe_id = stripe_id
    share.reversed += reversal.amount
    share.debt -= owed
    legs = {
        AccountKey(AccountKind.STRIPE_PLATFORM): reversal.amount,
        AccountKey.of_payee(AccountKind.PAYEE_DEBT, share.payee_id): -owed,
        AccountKey.of_payee(AccountKind.PAYEE_HELD, share.payee_id): owed - reversal.amount,
        AccountKey.of_payee(AccountKind.STRIPE_CONNECTED, share.payee_id): -reversal.amount,
        AccountKey.of_payee(AccountKind.PAYEE_AVAILABLE, share.payee_id): reversal.amount,
    }
    post("reversal", stripe_id, legs, currency=share.currency, now=now)


def _close_release(release: Release, share: Share) -> None:
    """A release of which all came back, or as much as Stripe let, no longer stands in the way of another."""
    if release.state != ReleaseState.DONE:
        return
    sent = release.transfers.aggregate(total=Sum("amount"))["total"]
    reversals = Reversal.objects.filter(transfer__release=release)
    back = reversals.filter(state=ReversalState.DONE).aggregate(total=Sum("amount"))["total"]
    is_waiting = reversals.filter(state=ReversalState.PLANNED).exists()
    if back == sent or (share.unreleased and not is_waiting):
        release.move_to(ReleaseState.REVERSED)
        release.save(update_fields=["state"])


def _keep_what_came_back(share: Share) -> None:
    """Money that he earned is ours to send again: frozen while a dispute is open, else held."""
    if share.unreleased and share.state not in UNRELEASED:
        share.move_to(ShareState.FROZEN)
    if share.state == ShareState.FROZEN and not share.is_held_back:
        share.move_to(ShareState.HELD)
