"""Writes to Stripe: intent first, then the call, then what came of it.

``plan`` belongs to the caller's transaction. ``perform`` runs outside any: it claims the row, calls, and
records the outcome together with what the outcome means to its owner (``@settles``). Two at once send once;
a worker that dies leaves a lease that runs out. A time-out is *unknown*: asked again with the same key, from
a day on only after a search that found nothing. What sends money out is searched for first, always.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from celery import current_app
from django.db import connection, transaction
from kombu.exceptions import OperationalError

from core.log import get_logger
from core.periodic import each
from integrations.stripe.answers import Answer
from integrations.stripe.errors import DeclinedError, GatewayError
from integrations.stripe.gateway import get_gateway
from integrations.stripe.kinds import KINDS
from integrations.stripe.models import StripeOperation
from integrations.stripe.patience import LEASE, delay_after
from integrations.stripe.states import SETTLED, OperationState

log = get_logger(__name__)

PERFORM = "integrations.stripe.tasks.perform_operation"
# Stripe forgets keys after at least a day (API reference, "Idempotent requests").
KEY_LIFE = timedelta(hours=24)
# Whoever plans and sends in one breath keeps the sweep away for this long.
HEAD_START = timedelta(seconds=30)


class Settle(Protocol):
    """Applies an outcome to the row that wanted it; in the transaction that records the outcome."""

    def __call__(self, operation: StripeOperation, *, now: datetime) -> None: ...


SettleT = TypeVar("SettleT", bound=Settle)
SETTLERS: dict[str, Settle] = {}


def settles(kind: str) -> Callable[[SettleT], SettleT]:
    """Bind the function that owns the outcome of a kind. It sees succeeded and failed, never unknown."""

    def bind(settle: SettleT) -> SettleT:
        SETTLERS[kind] = settle
        return settle

    return bind


class PlannedOutsideTransactionError(RuntimeError):
    """An intent was planned where a crash could separate it from its reason."""


def plan(
    kind: str, key: str, parameters: Mapping[str, Any], *, now: datetime, soon: bool = True
) -> StripeOperation:
    """Write the intent, in the caller's transaction. The same key again is the operation first planned.

    With ``soon`` a worker performs it right after the commit; without, the caller does so himself and the
    sweep steps in only if he does not.
    """
    if not connection.in_atomic_block:
        raise PlannedOutsideTransactionError(key)
    operation, is_new = StripeOperation.objects.get_or_create(
        key=key,
        defaults={
            "kind": kind,
            "parameters": dict(parameters),
            "planned_at": now,
            "due_at": now if soon else now + HEAD_START,
        },
    )
    if is_new and soon:
        transaction.on_commit(lambda: _hand_over(operation.pk))
    return operation


def _hand_over(operation_id: int) -> None:
    try:
        current_app.send_task(PERFORM, args=[operation_id], retry=False)
    except OperationalError:
        # The broker is away. The row is committed; the sweep finds it.
        log.warning("stripe.broker_away", operation=operation_id)


def perform(operation_id: int, *, now: datetime) -> StripeOperation:
    """Send a planned or unknown operation and record what came of it. A settled one is answered as it is.

    Never raises for what Stripe says: read ``state`` and ``error``. While somebody else is sending it the
    answer is ``sent``.

    Raises:
        RuntimeError: called inside a transaction.
    """
    operation, is_mine = _claim(operation_id, now=now)
    if not is_mine:
        return operation
    try:
        answer = _ask(operation, now=now)
    except DeclinedError as error:
        return _finish(operation.pk, OperationState.FAILED, now=now, error=error)
    except GatewayError as error:
        return _finish(operation.pk, OperationState.UNKNOWN, now=now, error=error)
    return _finish(operation.pk, OperationState.SUCCEEDED, now=now, answer=answer)


def _claim(operation_id: int, *, now: datetime) -> tuple[StripeOperation, bool]:
    with transaction.atomic(durable=True):
        operation = StripeOperation.objects.select_for_update().get(pk=operation_id)
        is_lost = operation.state == OperationState.SENT and operation.due_at <= now
        if is_lost:
            # Its worker died between call and record.
            operation.move_to(OperationState.UNKNOWN)
        if operation.state not in (OperationState.PLANNED, OperationState.UNKNOWN):
            return operation, False
        operation.move_to(OperationState.SENT)
        operation.attempts += 1
        operation.first_sent_at = operation.first_sent_at or now
        operation.sent_at, operation.due_at = now, now + LEASE
        operation.save(update_fields=["state", "attempts", "first_sent_at", "sent_at", "due_at"])
        return operation, True


def _ask(operation: StripeOperation, *, now: datetime) -> Answer:
    kind, gateway = KINDS[operation.kind], get_gateway()
    if kind.looks_first or now - operation.planned_at >= KEY_LIFE:
        # The key may be forgotten: what it made, if it did, has to be found by its name. Counted from the
        # plan: a restored database does not know what it has sent.
        found = kind.look(gateway, operation)
        if found is not None:
            return found
    return kind.call(gateway, operation)


@transaction.atomic
def _finish(
    operation_id: int,
    state: OperationState,
    *,
    now: datetime,
    answer: Answer | None = None,
    error: GatewayError | None = None,
) -> StripeOperation:
    operation = StripeOperation.objects.select_for_update().get(pk=operation_id)
    if operation.is_settled or operation.state == state:
        # A slower twin of the same question: one key, one answer.
        return operation
    operation.move_to(state)
    operation.error, operation.error_code = (str(error), error.code) if error else ("", "")
    if answer is not None:
        operation.stripe_id, operation.answer = answer.id, answer.as_json()
    if state == OperationState.UNKNOWN:
        operation.due_at = now + delay_after(operation.attempts)
        log.warning("stripe.unknown", operation=operation.key, error=operation.error)
    else:
        operation.finished_at = now
    operation.save()
    if state in SETTLED and operation.kind in SETTLERS:
        SETTLERS[operation.kind](operation, now=now)
    return operation


def settle_by_answer(answer: Answer, *, now: datetime) -> StripeOperation | None:
    """A webhook or a search brought an object that names our key: that is the answer we were waiting for.

    None when the object is not ours, or only of an operation's name. Never turns a refusal round.

    Raises:
        MisconfiguredError: it is ours, but of another amount than was asked for.
    """
    operation = StripeOperation.objects.filter(key=answer.operation).first()
    if operation is None or not _made(operation, answer):
        return None
    if operation.is_settled or operation.state == OperationState.PLANNED:
        return operation
    return _finish(operation.pk, OperationState.SUCCEEDED, now=now, answer=answer)


def _made(operation: StripeOperation, answer: Answer) -> bool:
    if operation.stripe_id:
        return operation.stripe_id == answer.id
    return KINDS[operation.kind].is_of(operation, answer)


@transaction.atomic
def withdraw(operation_id: int, *, now: datetime) -> bool:
    """Give up an intent that was never sent. False when it was."""
    operation = StripeOperation.objects.select_for_update().get(pk=operation_id)
    if operation.state != OperationState.PLANNED:
        return False
    _finish(operation_id, OperationState.FAILED, now=now, error=DeclinedError("Withdrawn.", code="withdrawn"))
    return True


def repeat_unknown(now: datetime, *, limit: int = 200) -> int:
    """Send what is due: planned, unknown, or left behind by a worker that died. How many were settled."""
    due = StripeOperation.objects.due(now).order_by("due_at", "pk").values_list("pk", flat=True)[:limit]
    return each(list(due), lambda pk: perform(pk, now=now).is_settled)
