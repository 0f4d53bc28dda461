"""Delivering the outbox: at least once, with back-off, until a message is delivered or dead."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from core.events import SUBSCRIBERS, Subscriber, decode
from core.locales import SITE, written_for
from core.log import get_logger
from core.models import OutboxMessage
from core.waits import is_over

log = get_logger(__name__)

LEASE = timedelta(seconds=60)
FIRST_DELAY = timedelta(seconds=5)
LONGEST_DELAY = timedelta(days=1)
MOST_ATTEMPTS = 16


def deliver(message_id: int, *, now: datetime, wait: bool = False) -> bool:
    """Run one message's subscriber. True when this call delivered it.

    A message that is delivered, dead or leased is left alone. One that is in somebody else's hands is, too;
    with ``wait`` only once those hands have finished.
    """
    message = OutboxMessage.objects.filter(pk=message_id).first()
    if message is None:
        return False
    subscriber = SUBSCRIBERS.get(message.subscriber)
    if subscriber is None:
        _fail(message_id, f"no subscriber {message.subscriber}", now=now)
        return False
    try:
        if subscriber.network:
            return _deliver_leased(message_id, subscriber, now=now)
        return _deliver_atomically(message_id, subscriber, now=now, wait=wait)
    except Exception as error:  # a subscriber may fail in any way; the row keeps the reason
        log.exception("outbox.failed", message=message_id, subscriber=message.subscriber)
        _fail(message_id, f"{type(error).__name__}: {error}", now=now)
        return False


def due(now: datetime, *, about: str | None = None, limit: int = 500) -> list[int]:
    """Ids of messages that wait for delivery, oldest first."""
    messages = _waiting(now)
    if about is not None:
        messages = messages.filter(about=about)
    return list(messages.order_by("due_at", "id").values_list("pk", flat=True)[:limit])


def drain(about: str, *, now: datetime) -> int:
    """Deliver what concerns ``about`` at once: a success page does not wait for the worker to begin.

    Where the worker has begun it waits for its end, so that afterwards the effects can be read.
    """
    return sum(deliver(pk, now=now, wait=True) for pk in due(now, about=about))


def replay(message: OutboxMessage, *, now: datetime) -> None:
    """Give a dead message another life."""
    OutboxMessage.objects.filter(pk=message.pk, dead_at__isnull=False).update(
        dead_at=None, attempts=0, due_at=now, claimed_until=None
    )


def _waiting(now: datetime) -> QuerySet[OutboxMessage]:
    return OutboxMessage.objects.filter(
        Q(claimed_until__isnull=True) | is_over("claimed_until", LEASE, now),
        Q(attempts=0) | is_over("due_at", LONGEST_DELAY, now),
        delivered_at__isnull=True,
        dead_at__isnull=True,
    )


def _deliver_atomically(message_id: int, subscriber: Subscriber, *, now: datetime, wait: bool) -> bool:
    with transaction.atomic():
        message = _waiting(now).select_for_update(skip_locked=not wait).filter(pk=message_id).first()
        if message is None:
            return False
        _react(subscriber, message.payload)
        OutboxMessage.objects.filter(pk=message_id).update(delivered_at=now)
    return True


def _deliver_leased(message_id: int, subscriber: Subscriber, *, now: datetime) -> bool:
    claimed = _waiting(now).filter(pk=message_id).update(claimed_until=now + LEASE)
    if not claimed:
        return False
    payload = OutboxMessage.objects.values_list("payload", flat=True).get(pk=message_id)
    _react(subscriber, payload)
    OutboxMessage.objects.filter(pk=message_id).update(delivered_at=now, claimed_until=None)
    return True


def _react(subscriber: Subscriber, payload: dict[str, Any]) -> None:
    # Whoever's request this happens to run in, what is told is not for him.
    with written_for(SITE):
        subscriber.react(decode(subscriber.event, payload))


@transaction.atomic
def _fail(message_id: int, error: str, *, now: datetime) -> None:
    # Whoever took over when the lease ran out may have delivered it: then this failure is of no consequence.
    unsent = OutboxMessage.objects.select_for_update().filter(delivered_at__isnull=True)
    message = unsent.filter(pk=message_id).first()
    if message is None:
        return
    message.attempts += 1
    message.error = error
    message.claimed_until = None
    message.due_at = now + min(FIRST_DELAY * 2 ** (message.attempts - 1), LONGEST_DELAY)
    if message.attempts >= MOST_ATTEMPTS:
        message.dead_at = now
    message.save(update_fields=["attempts", "error", "claimed_until", "due_at", "dead_at"])
