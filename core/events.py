"""Events and the outbox: call down, announce up.

``announce`` writes one outbox row per subscriber in the running transaction. Celery delivers the rows at
least once: at commit by a message, after a crash by the sweep. Subscribers are idempotent and do not
rely on order. What must be atomic is a downward call, not an event.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from celery import current_app
from django.db import connection, transaction
from kombu.exceptions import OperationalError

from core import clock
from core.log import get_logger
from core.models import OutboxMessage

log = get_logger(__name__)
DELIVER = "core.tasks.deliver_outbox"


@dataclass(frozen=True)
class Event:
    """Something that became true at ``at``. Fields are ids, instants, days, strings and numbers."""

    at: datetime

    @property
    def about(self) -> str:
        """What it concerns, as ``noun:id``; empty where no page waits for it."""
        return ""


EventT = TypeVar("EventT", bound=Event)


@dataclass(frozen=True)
class Subscriber:
    """A function that reacts. With ``network`` it runs outside any transaction, under a lease."""

    name: str
    event: type[Event]
    react: Callable[[Any], None]
    network: bool


SUBSCRIBERS: dict[str, Subscriber] = {}
_LISTENING: dict[type[Event], list[Subscriber]] = {}


def subscribe(
    event: type[EventT], *, network: bool = False
) -> Callable[[Callable[[EventT], None]], Callable[[EventT], None]]:
    """Bind a function to an event type. Its effects and the mark *delivered* are one transaction.

    ``network=True`` is for subscribers that call the outside world: they run outside a transaction and
    may run twice after a crash.
    """

    def bind(react: Callable[[EventT], None]) -> Callable[[EventT], None]:
        name = f"{react.__module__}.{react.__qualname__}"
        subscriber = Subscriber(name, event, react, network)
        SUBSCRIBERS[name] = subscriber
        _LISTENING.setdefault(event, []).append(subscriber)
        return react

    return bind


class OutsideTransactionError(RuntimeError):
    """An event was announced where a crash could lose it."""


def announce(event: Event) -> None:
    """Tell everyone above. Refused outside a transaction."""
    if not connection.in_atomic_block:
        raise OutsideTransactionError(type(event).__name__)
    listeners = _LISTENING.get(type(event), [])
    if not listeners:
        return
    payload = encode(event)
    written = clock.now()
    messages = OutboxMessage.objects.bulk_create(
        OutboxMessage(
            event=type(event).__name__,
            subscriber=subscriber.name,
            payload=payload,
            about=event.about,
            created_at=written,
            due_at=written,
        )
        for subscriber in listeners
    )
    ids = [message.pk for message in messages]
    transaction.on_commit(lambda: _send(ids))


def _send(ids: list[int]) -> None:
    try:
        for pk in ids:
            current_app.send_task(DELIVER, args=[pk], retry=False)
    except OperationalError:
        # The broker is away. The rows are committed; the sweep finds them.
        log.warning("outbox.broker_away", messages=ids)


def encode(event: Event) -> dict[str, Any]:
    """The event as JSON values."""
    return {name: _plain(value) for name, value in asdict(event).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, date):  # a datetime is a date
        return value.isoformat()
    return value


_READERS: dict[type, Callable[[Any], Any]] = {
    UUID: UUID,
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
}


def decode(event_type: type[EventT], payload: dict[str, Any]) -> EventT:
    """The event that ``encode`` wrote; fields added since keep their defaults."""
    hints = get_type_hints(event_type)
    values = {
        field.name: _read(hints[field.name], payload[field.name])
        for field in fields(event_type)
        if field.name in payload
    }
    return event_type(**values)


def _read(hint: Any, value: Any) -> Any:
    if value is None:
        return None
    if get_origin(hint) in (Union, types.UnionType):
        hint = next(arg for arg in get_args(hint) if arg is not types.NoneType)
    reader = _READERS.get(hint)
    return reader(value) if reader else value
