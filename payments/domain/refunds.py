"""Refunds: decided and booked at once, sent after the commit, followed until the card has the money.

A decision is one transaction with the seller's own: the order, the shares, the ledger entry and the intent.
A refund is of one line of an order; the card's money of the whole order goes back first, then its balance.
A refund that cannot reach the card becomes the buyer's balance and a row that operations sees; but while his
bank disputes the payment it waits, as the bank may give him the same money.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Sum

from core.audit import record
from core.errors import InvalidError
from core.events import announce
from core.periodic import each
from integrations.stripe import operations
from integrations.stripe.answers import Refund as RefundAnswer
from integrations.stripe.errors import ALREADY_REFUNDED, CHARGE_DISPUTED
from integrations.stripe.gateway import get_gateway
from integrations.stripe.inbox import UnknownObjectError, syncs
from integrations.stripe.kinds import REFUND
from integrations.stripe.models import StripeOperation
from payments.domain import arithmetic
from payments.domain.in_place import let_the_bank_give
from payments.domain.pricing import (
    PLATFORM,
    Change,
    customer_balance,
    cut_of,
    locked_line,
    reprice,
    standing_of,
)
from payments.events import OrderRefunded, RefundSettled
from payments.models import CheckoutSession, Order, OrderLine, Refund
from payments.states import CheckoutState, DisputeState, RefundState
from payouts.domain import ledger

if TYPE_CHECKING:
    from accounts.models import User

_STATES = {
    "pending": RefundState.PENDING,
    "requires_action": RefundState.PENDING,
    "succeeded": RefundState.SUCCEEDED,
    "failed": RefundState.FAILED,
    "canceled": RefundState.FAILED,
}
# Stripe says that a payment is disputed before it tells us of the dispute.
_ASK_AGAIN = timedelta(hours=1)
_AGAIN = ":again-"
_BATCH = 200


@dataclass(frozen=True)
class RefundPreview:
    """What a refund would do: how much more goes back, and how everything stands afterwards. Minor units."""

    refund: int
    kept: int
    goodwill: int
    coach_share: int
    platform_fee: int


def preview_refund(line: OrderLine, percent: int) -> RefundPreview:
    """What ``refund_percent`` would do now, to the cent, without doing it."""
    before = standing_of(line)
    after = _after(before, percent)
    is_paid = line.order.is_paid
    cut = cut_of(line, after) if is_paid else arithmetic.Cut(0, 0)
    return RefundPreview(
        refund=after.refunded - before.refunded,
        kept=after.kept,
        goodwill=after.goodwill if is_paid else 0,
        coach_share=cut.share,
        platform_fee=cut.fee,
    )


def _after(standing: arithmetic.Standing, percent: int) -> arithmetic.Standing:
    return replace(
        standing,
        refunded=arithmetic.refund_target(standing, percent),
        refunded_percent=max(standing.refunded_percent, percent),
    )


@transaction.atomic
def refund_percent(
    line_id: int, percent: int, *, reason: str, by: User | None, now: datetime
) -> Refund | None:
    """Give back ``percent`` of what was paid for a line, altogether. None when nothing more is to be given.

    Counts what was given back before, so twice is once. Belongs to the transaction of the seller's verb; the
    call to Stripe follows the commit. ``by`` None is the system.
    """
    if not 0 <= percent <= arithmetic.WHOLE:
        raise InvalidError("A refund is between 0 and 100 percent.")
    line = locked_line(line_id)
    return _refund(line, _after(standing_of(line), percent), reason=reason, by=by, now=now)


@transaction.atomic
def refund_up_to(line_id: int, total: int, *, reason: str, by: User, now: datetime) -> Refund | None:
    """Give back until ``total`` minor units of a line have gone back altogether. None when they have.

    Raises:
        InvalidError: more than was paid and not lost, or less than a whole step of the currency.
    """
    line = locked_line(line_id)
    before = standing_of(line)
    if not 0 <= total <= line.paid - line.lost:
        raise InvalidError("A refund cannot be more than what was paid.")
    if total % before.step:
        raise InvalidError(f"A refund is a multiple of {before.step} minor units.")
    after = replace(before, refunded=max(before.refunded, total))
    return _refund(line, after, reason=reason, by=by, now=now)


def _refund(
    line: OrderLine, after: arithmetic.Standing, *, reason: str, by: User | None, now: datetime
) -> Refund | None:
    order = line.order
    if not order.is_paid:
        return None
    amount = after.refunded - line.refunded
    line.refunded, line.refunded_percent = after.refunded, after.refunded_percent
    order.refunded += amount
    order.save(update_fields=["refunded"])
    legs = reprice(line, now=now)
    if not amount and not any(legs.values()):
        return None
    refund = _decide(line, amount, legs, reason=reason, by=by, now=now)
    record("order.refunded", order, by=by, now=now, reason=reason)
    announce(OrderRefunded(at=now, order_id=order.pk, subject=order.subject, refund_id=refund.pk))
    return refund


def _decide(
    line: OrderLine, amount: int, legs: Change, *, reason: str, by: User | None, now: datetime
) -> Refund:
    order = line.order
    card, balance = arithmetic.refund_parts(amount, _card_left(order))
    payment = order.checkouts.filter(state=CheckoutState.PAID, surplus=False).first()
    refund = Refund.objects.create(
        order=order,
        line=line,
        payment=payment if card else None,
        amount=amount,
        card=card,
        balance=balance,
        reason=reason,
        by=by,
        created_at=now,
    )
    legs[PLATFORM] -= card
    legs[customer_balance(order.buyer_id)] -= balance
    ledger.post("refund", f"refund:{refund.pk}", legs, currency=order.currency, now=now)
    send(refund, now=now)
    return refund


def _card_left(order: Order) -> int:
    """What of the card's money has neither gone back nor been lost."""
    given_back = order.refunds.exclude(payment__surplus=True).aggregate(total=Sum("card"))["total"]
    # A bank may have taken what was paid with balance.
    return max(0, order.card - order.lost - (given_back or 0))


def send(refund: Refund, *, now: datetime) -> None:
    """Plan the call for the card part; without one the refund is done."""
    if refund.payment is None:
        _settle(refund, RefundState.SUCCEEDED, now=now)
        return
    refund.operation = operations.plan(
        REFUND,
        _key(refund, refund.payment),
        {
            "payment_intent": refund.payment.payment_intent,
            "amount": refund.to_send,
            "metadata": {"order": str(refund.order_id)},
        },
        now=now,
    )
    refund.save(update_fields=["operation"])


def _key(refund: Refund, payment: CheckoutSession) -> str:
    """The same decision asks the same, also when a restored database makes it again under another number."""
    if refund.operation is not None:
        return f"{refund.operation.key.partition(_AGAIN)[0]}{_AGAIN}{refund.attempt}"
    if refund.line is None:
        return f"refund:{refund.order_id}:surplus:{payment.attempt}"
    return f"refund:{refund.order_id}:{refund.line_id}:{refund.line.refunded}"


@operations.settles(REFUND)
def settle_sending(operation: StripeOperation, *, now: datetime) -> None:
    """Stripe accepted a refund, or refused it for good; of a disputed payment until the bank has decided."""
    refund = _locked(operation)
    if operation.answer is not None:
        refund.stripe_id = operation.answer["id"]
        refund.save(update_fields=["stripe_id"])
        _settle(refund, _STATES[operation.answer["status"]], now=now)
        return
    refund.failure = operation.error[:300]
    if operation.error_code == CHARGE_DISPUTED:
        _wait(refund, now=now)
        return
    # Somebody gave the money back by hand, on Stripe's own pages: the card has it.
    is_there = operation.error_code == ALREADY_REFUNDED
    _settle(refund, RefundState.SUCCEEDED if is_there else RefundState.FAILED, now=now)


@syncs("refund")
def sync_refund(object_id: str, _account: str = "", *, now: datetime) -> Refund:
    """Read a refund at Stripe and follow it.

    Raises:
        UnknownObjectError: not one of ours, or not committed yet.
        GatewayError: Stripe cannot be asked.
    """
    answer = get_gateway().read_refund(object_id)
    if operations.settle_by_answer(answer, now=now) is None:
        raise UnknownObjectError(object_id)
    return _apply(answer, now=now)


@transaction.atomic
def _apply(answer: RefundAnswer, *, now: datetime) -> Refund:
    refund = _locked(StripeOperation.objects.get(key=answer.operation))
    refund.failure = answer.failure
    _settle(refund, _STATES[answer.status], now=now)
    return refund


def _locked(operation: StripeOperation) -> Refund:
    """A refund after its order: a bank's verdict locks them so, too."""
    Order.objects.select_for_update(of=("self",)).get(refunds__operation=operation)
    return Refund.objects.select_for_update(of=("self",)).select_related("payment").get(operation=operation)


def _settle(refund: Refund, state: RefundState, *, now: datetime) -> None:
    """Move forward, once; a reading that is older than what we know changes nothing."""
    if not refund.can_move_to(state):
        return
    refund.move_to(state)
    refund.settled_at = now
    refund.awaits_verdict = state == RefundState.FAILED
    refund.save(update_fields=["state", "settled_at", "failure", "awaits_verdict"])
    if refund.awaits_verdict:
        _go_on(refund, now=now)
    else:
        _tell(refund, now=now)


def _tell(refund: Refund, *, now: datetime) -> None:
    announce(
        RefundSettled(
            at=now,
            order_id=refund.order_id,
            subject=refund.order.subject,
            refund_id=refund.pk,
            succeeded=refund.state == RefundState.SUCCEEDED or not refund.to_send,
        )
    )


def _turn_into_balance(refund: Refund, *, now: datetime) -> None:
    """The card's money came back to us. It is still the buyer's."""
    order = refund.order
    legs = {PLATFORM: refund.to_send, customer_balance(order.buyer_id): -refund.to_send}
    ledger.post("refund_failed", f"refund:{refund.pk}", legs, currency=order.currency, now=now)


# while a bank disputes the payment


def go_on_with_refunds(payment: CheckoutSession, *, now: datetime) -> None:
    """A bank has decided about a payment: what waited for that goes its way. Under the order's lock."""
    waiting = payment.refunds.awaiting_verdict().select_for_update(of=("self",)).order_by("pk")
    for refund in waiting:
        _go_on(refund, now=now)


def ask_again(now: datetime) -> int:
    """Send what Stripe refused for a dispute that we know nothing of, or that is over. How many."""
    waiting = Refund.objects.to_ask_again(now).order_by("retry_at", "pk").values_list("pk", flat=True)
    return each(list(waiting[:_BATCH]), lambda pk: _ask_again(pk, now=now))


@transaction.atomic
def _ask_again(pk: int, *, now: datetime) -> bool:
    Order.objects.select_for_update(of=("self",)).get(refunds=pk)
    refund = Refund.objects.to_ask_again(now).select_related("payment").filter(pk=pk).first()
    if refund is None:
        return False
    _go_on(refund, now=now)
    return True


def _wait(refund: Refund, *, now: datetime) -> None:
    """Until the bank decides. Where it has kept the money, nothing can be sent there any more."""
    refund.awaits_verdict, refund.retry_at = True, now + _ASK_AGAIN
    refund.save(update_fields=["awaits_verdict", "retry_at", "failure"])
    assert refund.payment is not None  # noqa: S101  (it was sent there)
    disputes = refund.payment.disputes
    if disputes.filter(state=DisputeState.LOST).exists() and not disputes.charged_back().exists():
        let_the_bank_give(refund, now=now)
        _settle(refund, RefundState.FAILED if refund.to_send else RefundState.SUCCEEDED, now=now)


def _go_on(refund: Refund, *, now: datetime) -> None:
    """First what the bank gave in its place, then the rest: sent again, or the buyer's balance."""
    assert refund.payment is not None  # noqa: S101  (only a card's money waits)
    let_the_bank_give(refund, now=now)
    refund.awaits_verdict = refund.payment.disputes.charged_back().exists()
    refund.save(update_fields=["awaits_verdict"])
    if refund.awaits_verdict:
        return
    if refund.state == RefundState.FAILED:
        _turn_into_balance(refund, now=now)
        _tell(refund, now=now)
    elif refund.to_send:
        refund.attempt += 1
        refund.save(update_fields=["attempt"])
        send(refund, now=now)
    else:
        _settle(refund, RefundState.SUCCEEDED, now=now)
