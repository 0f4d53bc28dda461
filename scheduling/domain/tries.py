"""One try for a slot: its transaction, and what it may be told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

from django.db import OperationalError, connection, transaction
from django.db.models import Q
from psycopg2.errors import LockNotAvailable

from core.errors import DomainError
from core.events import announce
from core.locks import lock_within
from scheduling.domain.conflicts import InTheWayError, SlotTakenError
from scheduling.events import HoldWanted
from scheduling.models import Booking
from scheduling.queries.why import why_not

# Below a second, for nobody waits longer in the database; and below PostgreSQL's deadlock_timeout (1 s), so
# that a try which got into a circle of waiting after all leaves it before anybody is shot.
LONGEST_WAIT = timedelta(milliseconds=800)
WANTED_AGAIN = timedelta(seconds=50)


class SlotUnavailableError(DomainError):
    """The rules refuse this start; ``reason`` is the code of the first that does (rule 9)."""

    code = "slot_unavailable"
    message = "This time cannot be booked. Please choose another one."

    def __init__(self, reason: str) -> None:
        super().__init__(reason=reason)
        self.reason = reason


class OwnCoachError(DomainError):
    """A coach tried to book himself."""

    code = "own_coach"
    message = "These are your own sessions: nobody can book himself."


class TooManyHoldsError(DomainError):
    """The candidate has as many unpaid holds as one person may."""

    code = "too_many_holds"
    message = "You are holding several unpaid times. Pay for one or release it first."


@contextmanager
def trying(*, now: datetime) -> Iterator[None]:
    """The transaction of one try; a seller writes what belongs to the hold (its order) inside it too.

    A refusal rolls everything back, the release of an old hold included, and then commits only the word
    that lapsed holds in the way are wanted. Nobody waits for a lock longer than a try may: who does is
    answered as if the slot were taken.
    """
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('lock_timeout', %s, true)", [_milliseconds(LONGEST_WAIT)])
            yield
    except InTheWayError as refusal:
        if refusal.wanted:
            want_closed(refusal.wanted, now=now)
        raise
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable):
            raise
        raise SlotTakenError from error


def refuse_unless_offered(
    coach_id: int, *, duration_minutes: int, at: datetime, now: datetime, without: UUID | None = None
) -> None:
    """Refuse a start that is no slot; ``without`` is a booking that is to be moved there.

    Raises:
        SlotTakenError: the coach's time is taken.
        SlotUnavailableError: any other rule, by its code.
    """
    why = why_not(coach_id, duration_minutes=duration_minutes, at=at, now=now, without=without)
    if why.reason == "booked":
        raise SlotTakenError
    if why.reason is not None:
        raise SlotUnavailableError(why.reason)


def lock_in_time(coach_id: int, candidate_id: int) -> None:
    """``arrows.lock_people`` for a try: all its waits together are no longer than ``LONGEST_WAIT``."""
    lock_within(LONGEST_WAIT, "coach", coach_id)
    lock_within(LONGEST_WAIT, "candidate", candidate_id)


@transaction.atomic
def want_closed(booking_ids: Iterable[UUID], *, now: datetime) -> int:
    """Announce that lapsed holds which may still be paid are wanted; each about once a minute.

    A row that somebody else has locked is left out: it is being dealt with.
    """
    wanted = (
        Booking.objects.select_for_update(skip_locked=True)
        .lapsed(now)
        .filter(
            Q(wanted_at__isnull=True) | Q(wanted_at__lte=now - WANTED_AGAIN),
            pk__in=list(booking_ids),
            guarded=True,
        )
        .order_by("pk")
    )
    announced = 0
    for booking in wanted:
        booking.wanted_at = now
        booking.save(update_fields=["wanted_at"])
        announce(HoldWanted(at=now, booking_id=booking.pk))
        announced += 1
    return announced


def _milliseconds(length: timedelta) -> str:
    return str(length // timedelta(milliseconds=1))
