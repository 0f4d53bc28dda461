"""What Stripe tells us: stored first, understood later. An event only says which object to read again."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any, Protocol, TypeVar

from celery import current_app
from django.db import connection, transaction
from django.db.models import F
from kombu.exceptions import OperationalError

from core.log import get_logger
from integrations.stripe.answers import MissedEvent
from integrations.stripe.errors import RetryableError
from integrations.stripe.models import StripeEvent
from integrations.stripe.models.event import UNKNOWN
from integrations.stripe.patience import LEASE, MOST_ATTEMPTS, delay_after

log = get_logger(__name__)

HANDLE = "integrations.stripe.tasks.handle_event"
# An object that none of our rows knew after this long was not made by us.
STRANGER_AFTER = timedelta(days=1)
# So many in a row, and Stripe is away.
MOST_SILENCES = 3
INSERT = """
    INSERT INTO stripe_integration_stripeevent
        (id, type, object_type, object_id, account, created, payload, received_at, due_at, attempts, error)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, 0, '')
    ON CONFLICT (id) DO NOTHING
    -- Whether an event just before it, about the same object, has a message on its way still.
    RETURNING EXISTS (
        SELECT FROM stripe_integration_stripeevent kin
        WHERE kin.object_id = %s AND kin.object_type = %s AND kin.account = %s
          AND kin.handled_at IS NULL AND kin.dead_at IS NULL AND kin.claimed_until IS NULL
          AND kin.attempts = 0 AND kin.received_at > %s
    )
"""
# A message that nobody took for so long is lost: the next event sends another.
MESSAGE_LIVES = timedelta(minutes=1)


class Sync(Protocol):
    """Reads an object at Stripe (no transaction open), then applies it in a transaction of its own.

    Doing it twice is doing it once, and the order of two does not matter. ``account`` is the connected
    account the object lives on, empty for the platform.
    """

    def __call__(self, object_id: str, account: str, /, *, now: datetime) -> object: ...


SyncT = TypeVar("SyncT", bound=Sync)


SYNCS: dict[str, Sync] = {}


def syncs(object_type: str) -> Callable[[SyncT], SyncT]:
    """Bind the function that follows objects of a type (``checkout.session``, ``refund``, ``payout``, …)."""

    def bind(sync: SyncT) -> SyncT:
        SYNCS[object_type] = sync
        return sync

    return bind


class UnknownObjectError(LookupError):
    """None of our rows knows the object: not committed yet, or not ours. Worth another look later."""


def receive(notification: Mapping[str, Any], *, now: datetime) -> bool:
    """Store a verified thin event, given as its parsed payload; False when it was here before.

    Raises:
        TypeError: a name in it is no text.
    """
    related, account = notification["related_object"], notification.get("context") or ""
    if not all(
        isinstance(name, str) for name in (notification["id"], related["type"], related["id"], account)
    ):
        raise TypeError("A name in this event is no text.")
    return _insert(
        StripeEvent(
            id=notification["id"],
            type=notification["type"],
            object_type=related["type"],
            object_id=related["id"],
            account=account,
            created=datetime.fromisoformat(notification["created"]),
            payload=dict(notification),
            received_at=now,
            due_at=now,
        )
    )


def receive_missed(event: MissedEvent, *, now: datetime) -> bool:
    """Store an event that never reached us; False when it was here before."""
    return _insert(
        StripeEvent(
            id=event.id,
            type=event.type,
            object_type=event.object_type,
            object_id=event.object_id,
            account=event.account,
            created=event.created_at,
            payload={},
            received_at=now,
            due_at=now,
        )
    )


def _insert(event: StripeEvent) -> bool:
    # Stripe delivers at least once, and two may arrive together: the key decides, not a look before.
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            INSERT,
            [
                event.pk,
                event.type,
                event.object_type,
                event.object_id,
                event.account,
                event.created,
                json.dumps(event.payload),
                event.received_at,
                event.due_at,
                event.object_id,
                event.object_type,
                event.account,
                event.received_at - MESSAGE_LIVES,
            ],
        )
        inserted = cursor.fetchone()
        # Whoever follows one follows its kin, and reads the object after this event came.
        if inserted == (False,):
            transaction.on_commit(lambda: _hand_over(event.pk))
    return inserted is not None


def _hand_over(event_id: str) -> None:
    try:
        current_app.send_task(HANDLE, args=[event_id], retry=False)
    except OperationalError:
        # The broker is away. The row is committed; the sweep finds it.
        log.warning("stripe.broker_away", stripe_event=event_id)


class Outcome(Enum):
    """What came of following an object; ``SILENCE``: Stripe did not answer."""

    SETTLED = auto()
    PUT_OFF = auto()
    SILENCE = auto()


def handle(event_id: str, *, now: datetime) -> bool:
    """Follow one event, and with it all that wait about the same object. True when that settled it.

    Handled, dead, not yet due or in somebody else's hands: left alone.
    """
    events = _claim(event_id, now=now)
    return bool(events) and _follow(events, now=now) is Outcome.SETTLED


def handle_due(now: datetime, *, limit: int = 50_000) -> int:
    """Follow everything that waits, oldest first. How many were settled.

    Ends early when Stripe does not answer several times in a row: the rest waits for the next turn.
    """
    settled = silences = 0
    waiting = StripeEvent.objects.waiting(now).order_by("due_at", "pk").values_list("pk", flat=True)[:limit]
    for event_id in list(waiting):
        events = _claim(event_id, now=now)
        outcome = _follow(events, now=now) if events else Outcome.PUT_OFF
        settled += len(events) if outcome is Outcome.SETTLED else 0
        silences = silences + 1 if outcome is Outcome.SILENCE else 0
        if silences == MOST_SILENCES:
            break
    return settled


def _claim(event_id: str, *, now: datetime) -> list[StripeEvent]:
    """The event and its kin: their object is read once, after all of them came."""
    with transaction.atomic(durable=True):
        free = StripeEvent.objects.waiting(now).select_for_update(skip_locked=True)
        event = free.filter(pk=event_id).first()
        if event is None:
            return []
        kin = free.filter(object_type=event.object_type, object_id=event.object_id, account=event.account)
        events = [event, *kin.exclude(pk=event.pk)]
        claimed = StripeEvent.objects.filter(pk__in=[each.pk for each in events])
        claimed.update(attempts=F("attempts") + 1, claimed_until=now + LEASE)
    for each in events:
        each.attempts += 1
    return events


def _follow(events: list[StripeEvent], *, now: datetime) -> Outcome:
    first = events[0]
    sync = SYNCS.get(first.object_type)
    try:
        if sync is not None:
            sync(first.object_id, first.account, now=now)
    except UnknownObjectError as error:
        return _strangers(events, error, now=now)
    except Exception as error:
        log.warning("stripe.event_failed", stripe_event=first.pk, type=first.type, exc_info=True)
        _put_off(events, f"{type(error).__name__}: {error}", now=now)
        return Outcome.SILENCE if isinstance(error, RetryableError) else Outcome.PUT_OFF
    _handled(events, "", now=now)
    return Outcome.SETTLED


def _handled(events: list[StripeEvent], note: str, *, now: datetime) -> None:
    followed = StripeEvent.objects.filter(pk__in=[event.pk for event in events])
    followed.update(handled_at=now, dead_at=None, claimed_until=None, error=note)


def _strangers(events: list[StripeEvent], error: UnknownObjectError, *, now: datetime) -> Outcome:
    old = [event for event in events if now - event.received_at >= STRANGER_AFTER]
    young = [event for event in events if event not in old]
    _handled(old, f"not ours: {error}", now=now)
    _put_off(young, f"{UNKNOWN}{error}", now=now)
    return Outcome.PUT_OFF if young else Outcome.SETTLED


def _put_off(events: list[StripeEvent], error: str, *, now: datetime) -> None:
    for event in events:
        is_dead = event.attempts >= MOST_ATTEMPTS
        # Not what another worker handled after our lease ran out.
        StripeEvent.objects.unhandled().filter(pk=event.pk).update(
            error=error,
            claimed_until=None,
            due_at=now + delay_after(event.attempts),
            dead_at=now if is_dead else None,
        )


def look_again(now: datetime) -> int:
    """Let what nobody knew be followed once more at once: what it is about may be on record by now. How many.

    For a clock that stands still. Some tries are left to the passing of time.
    """
    strangers = StripeEvent.objects.strangers().filter(attempts__lt=MOST_ATTEMPTS // 2)
    return strangers.update(due_at=now)


def replay(event: StripeEvent, *, now: datetime) -> None:
    """Follow an event again from the start, whether it was handled or dead."""
    StripeEvent.objects.filter(pk=event.pk).update(
        attempts=0, due_at=now, claimed_until=None, handled_at=None, dead_at=None, error=""
    )
