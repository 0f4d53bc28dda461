"""Disputes: a buyer went to his bank. What the bank takes waits in suspense until it has decided.

Stripe's object is read again at every piece of news, and its own balance transactions are booked, each once:
so the ledger follows Stripe's balance to the cent, whatever came late, twice or never. An inquiry moves no
money and holds no share back.
Locks: the order's row first, then the dispute's, the refunds', the payees'.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from django.db import transaction

from core.audit import record
from core.events import announce
from core.money import smallest_step, split
from core.periodic import each
from integrations.stripe import answers
from integrations.stripe.errors import GatewayError
from integrations.stripe.gateway import get_gateway
from integrations.stripe.inbox import UnknownObjectError, syncs
from payments.domain.pricing import LOSSES, PLATFORM, STRIPE_FEES, SUSPENSE, Change, reprice
from payments.domain.refunds import go_on_with_refunds
from payments.events import DisputeChanged
from payments.models import CheckoutSession, Dispute, Order
from payments.states import DisputeState
from payouts.domain import ledger
from payouts.domain.shares import take_back_for_dispute, unfreeze


@syncs("dispute")
def sync_dispute(object_id: str, account: str = "", *, now: datetime) -> Dispute | None:
    """Read a dispute at Stripe and follow it. None for a connected account's own.

    Raises:
        UnknownObjectError: of no payment of ours, or of none that is committed yet.
        GatewayError: Stripe cannot be asked.
    """
    return None if account else _apply(get_gateway().read_dispute(object_id), now=now)


def follow_undecided(now: datetime) -> int:
    """Ask Stripe about every dispute that is open as far as we know. How many changed."""
    undecided = Dispute.objects.undecided().order_by("pk").values_list("stripe_id", "state")
    return each(list(undecided), lambda known: _has_changed(*known, now=now))


def _has_changed(stripe_id: str, state: str, *, now: datetime) -> bool:
    try:
        seen = sync_dispute(stripe_id, now=now)
    except GatewayError:
        return False
    return seen is not None and seen.state != state


def payment_of(intent: str) -> CheckoutSession:
    """The payment that Stripe calls ``intent``.

    Raises:
        UnknownObjectError: it is none of ours, or not committed yet.
    """
    payment = CheckoutSession.objects.exclude(payment_intent="").filter(payment_intent=intent).first()
    if payment is None:
        raise UnknownObjectError(intent)
    return payment


@transaction.atomic
def _apply(seen: answers.Dispute, *, now: datetime) -> Dispute:
    payment = payment_of(seen.payment_intent)
    order = Order.objects.select_for_update().get(pk=payment.order_id)
    dispute = Dispute.objects.select_for_update().filter(stripe_id=seen.id).first()
    before = dispute.state if dispute else ""
    dispute = dispute or Dispute(order=order, payment=payment, stripe_id=seen.id, state=seen.status)
    if before and seen.status != before:
        if not dispute.can_move_to(seen.status):
            # Read before what is on record already.
            return dispute
        dispute.move_to(DisputeState(seen.status))
    _mirror(dispute, seen, now=now)
    _book(dispute, seen, now=now)
    if dispute.state == DisputeState.LOST and dispute.suspended:
        _lose(dispute, order, payment, now=now)
    dispute.save()
    if dispute.state != before:
        _follow(dispute, order, payment, now=now)
    return dispute


def _mirror(dispute: Dispute, seen: answers.Dispute, *, now: datetime) -> None:
    dispute.amount, dispute.currency, dispute.reason = seen.amount, seen.currency, seen.reason
    dispute.opened_at, dispute.due_by = seen.opened_at, seen.due_at
    if not dispute.is_undecided:
        dispute.closed_at = dispute.closed_at or now


def _book(dispute: Dispute, seen: answers.Dispute, *, now: datetime) -> None:
    """What Stripe took for the bank or brought back, and its own fee, whatever it is; each movement once."""
    for moved in seen.movements:
        source = f"{dispute.stripe_id}:{moved.id}"
        kind = "dispute_opened" if moved.amount < 0 else "dispute_won"
        legs = {SUSPENSE: -moved.amount, PLATFORM: moved.amount}
        if ledger.post(kind, source, legs, currency=seen.currency, now=now):
            dispute.suspended -= moved.amount
        fee = {STRIPE_FEES: moved.fee, PLATFORM: -moved.fee}
        if ledger.post("dispute_fee", source, fee, currency=seen.currency, now=now):
            dispute.fee += moved.fee


def _lose(dispute: Dispute, order: Order, payment: CheckoutSession, *, now: datetime) -> None:
    """What the bank keeps is lost as far as it was kept; a surplus payment is no part of the order's."""
    kept = 0 if payment.surplus else order.kept
    dispute.lost = min(dispute.suspended, kept)
    dispute.excess = dispute.suspended - dispute.lost
    legs = _take_from_lines(order, dispute.lost, now=now)
    legs[SUSPENSE] -= dispute.suspended
    legs[LOSSES] += dispute.excess
    dispute.suspended = 0
    ledger.post("dispute_lost", dispute.stripe_id, legs, currency=dispute.currency, now=now)


def _take_from_lines(order: Order, lost: int, *, now: datetime) -> Change:
    """Each line loses in proportion to what is kept of it; answers the legs of its share, fee, goodwill."""
    order.lost += lost
    order.save(update_fields=["lost"])
    change: Change = Counter()
    lines = list(order.lines.order_by("pk"))
    parts = split(lost, [line.kept for line in lines], smallest_step(order.currency))
    for line, part in zip(lines, parts, strict=True):
        line.lost += part
        change.update(reprice(line, now=now))
    return change


def _follow(dispute: Dispute, order: Order, payment: CheckoutSession, *, now: datetime) -> None:
    """What the news means for shares and for refunds that waited. A surplus payment has no shares."""
    record(f"dispute.{dispute.state}", dispute, by=None, now=now, reason=dispute.reason)
    lines = order.lines.exclude(payee=None).order_by("payee", "pk")
    for line in lines.none() if payment.surplus else lines:
        if dispute.is_charged_back:
            take_back_for_dispute(line.share_source, cause=dispute.cause, now=now)
        elif not dispute.is_undecided:
            reason = f"dispute {dispute.state}"
            unfreeze(line.share_source, cause=dispute.cause, by=None, reason=reason, now=now)
    if not dispute.is_undecided:
        go_on_with_refunds(payment, now=now)
    announce(DisputeChanged(at=now, order_id=order.pk, subject=order.subject, dispute_id=dispute.pk))
