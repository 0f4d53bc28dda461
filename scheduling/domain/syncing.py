"""Reading connected calendars: after the network, what differs becomes rows in one short transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import DateTimeField, ExpressionWrapper, F, Q, Value

from core.events import announce
from core.periodic import each
from integrations.calendars.adapters import opened
from integrations.calendars.errors import CalendarError, RefusedError
from integrations.calendars.gateway import Account, Busy, CalendarGateway, Question
from integrations.sealing import SealBrokenError, is_newest, seal, unseal
from integrations.web import MOST_SECONDS
from scheduling.events import CalendarFailed, SlotsChanged
from scheduling.models import Booking, BusyTime, ConnectedCalendar, Schedule

if TYPE_CHECKING:
    from accounts.models import User

BEHIND = timedelta(days=7)
"""Read before now: a coach's week shows what was."""
AHEAD = timedelta(days=92)
"""Read at least so far ahead; a coach's booking window may be longer."""
RESERVE = timedelta(days=3)
"""Read past the booking window, which grows at midnight."""
PAUSES = [timedelta(minutes=minutes) for minutes in (5, 5, 10, 20, 30)]
"""Between two syncs, by how many failed in a row; the last one for all that follow."""
SOON = timedelta(minutes=1)
BATCH = 20
LONGEST_UID = 255
BEFORE_PAYMENT_SECONDS = 6.0
LONGEST_SYNC = timedelta(minutes=1)
REACH = timedelta(days=2)
"""No session with its buffers is longer."""


class Reading(NamedTuple):
    """What a calendar said: everything before ``until``, and the token that lets us in from now on."""

    busy: list[Busy]
    until: datetime
    secret: str


class Span(NamedTuple):
    """A busy time as it is stored."""

    uid: str
    starts_at: datetime
    ends_at: datetime


def reading_of(calendar: CalendarGateway, owner: User, *, now: datetime) -> Reading:
    """Ask the calendar, within the errand in which it was opened.

    Raises:
        CalendarError: it does not answer as a calendar does.
    """
    asked = _question(owner, now)
    return Reading(calendar.read_busy(asked), asked.to_at, calendar.secret)


def sync(calendar_id: int, *, now: datetime, seconds: float = MOST_SECONDS) -> ConnectedCalendar | None:
    """Read one calendar and keep what it says; a failure is kept, too. None: it was disconnected.

    Talks to the network, so never inside a transaction.
    """
    calendar = ConnectedCalendar.objects.select_related("owner").filter(pk=calendar_id).first()
    if calendar is None:
        return None
    try:
        with opened(account_of(calendar), seconds=seconds) as there:
            reading = reading_of(there, calendar.owner, now=now)
    except CalendarError as error:
        return keep_failure(calendar_id, error.message, now=now)
    return keep_reading(calendar_id, reading, now=now)


def account_of(calendar: ConnectedCalendar) -> Account:
    """How to get into it.

    Raises:
        RefusedError: we lost the key that its secrets were sealed under.
    """
    try:
        secret = unseal(calendar.secret) if calendar.secret else ""
        return Account(calendar.kind, unseal(calendar.address), calendar.username, secret)
    except SealBrokenError as error:
        raise RefusedError("Please connect this calendar again.") from error


@transaction.atomic
def keep_reading(calendar_id: int, reading: Reading, *, now: datetime) -> ConnectedCalendar | None:
    """Make the rows say what the calendar said, changing only what differs."""
    calendar = _locked(calendar_id)
    if calendar is None or _is_older(calendar, now):
        return calendar
    was_stale = calendar.is_stale(now)
    changed = _replace(calendar, reading.busy)
    calendar.note_sync(read_until=reading.until, now=now)
    _seal_anew(calendar, reading.secret)
    calendar.save()
    if was_stale:
        announce_all(calendar, now=now)
    elif changed:
        _announce_slots(calendar, [span[1:] for span in changed], now=now)
    return calendar


@transaction.atomic
def keep_failure(calendar_id: int, message: str, *, now: datetime) -> ConnectedCalendar | None:
    """Note why it could not be read; once it is stale its owner is told, once."""
    calendar = _locked(calendar_id)
    if calendar is None or _is_older(calendar, now):
        return calendar
    calendar.tried_at = now
    calendar.failure, calendar.failures = message[:200], calendar.failures + 1
    if calendar.is_stale(now) and calendar.told_at is None:
        calendar.told_at = now
        announce(CalendarFailed(at=now, calendar_id=calendar.pk))
        announce_all(calendar, now=now)
    calendar.save(update_fields=["tried_at", "failure", "failures", "told_at"])
    return calendar


def sync_due(now: datetime) -> int:
    """Read the calendars whose time has come. Answers how many."""
    return each(_claim_due(now), lambda pk: sync(pk, now=now) is not None)


def sync_before_payment(coach_id: int, *, now: datetime) -> None:
    """Read all of a coach's calendars again, however fresh they are (rule 14).

    Talks to the network, so never inside a transaction.
    """
    for pk in ConnectedCalendar.objects.filter(owner_id=coach_id).values_list("pk", flat=True):
        sync(pk, now=now, seconds=BEFORE_PAYMENT_SECONDS)


def announce_all(calendar: ConnectedCalendar, *, now: datetime) -> None:
    """All that a coach offers may have changed."""
    _announce_slots(calendar, [(now, now + horizon(calendar.owner_id))], now=now)


def horizon(owner_id: int) -> timedelta:
    """How far ahead somebody's calendars are read."""
    days = Schedule.objects.filter(coach_id=owner_id).values_list("booking_window_days", flat=True).first()
    return max(AHEAD, timedelta(days=days or 0) + RESERVE)


@transaction.atomic
def _claim_due(now: datetime) -> list[int]:
    """Calendars that this run reads; another run at the same time takes others."""
    # One tried later than now was tried before the development clock went back.
    due = Q(tried_at__isnull=True) | Q(tried_at__gt=now)
    for failures, pause in enumerate(PAUSES):
        due |= Q(failures=failures, tried_at__lte=now - pause)
    due |= Q(failures__gte=len(PAUSES), tried_at__lte=now - PAUSES[-1])
    # A booking window that was made longer is closed where nothing was read yet.
    days_ahead = F("owner__schedule__booking_window_days") * timedelta(days=1)
    window_end = ExpressionWrapper(Value(now) + days_ahead, DateTimeField())
    due |= Q(read_until__lt=window_end, tried_at__lte=now - SOON)
    found = ConnectedCalendar.objects.select_for_update(skip_locked=True, of=("self",)).filter(due)
    claimed = list(found.order_by("tried_at", "pk").values_list("pk", flat=True)[:BATCH])
    ConnectedCalendar.objects.filter(pk__in=claimed).update(tried_at=now)
    return claimed


def _question(owner: User, now: datetime) -> Question:
    zone = Schedule.objects.filter(coach=owner).values_list("timezone", flat=True).first()
    return Question(
        from_at=now - BEHIND,
        to_at=now + horizon(owner.pk),
        zone=ZoneInfo(zone) if zone else owner.zone,
        addresses=frozenset({owner.email.lower()}),
    )


def _locked(calendar_id: int) -> ConnectedCalendar | None:
    return ConnectedCalendar.objects.select_for_update().filter(pk=calendar_id).first()


def _is_older(calendar: ConnectedCalendar, now: datetime) -> bool:
    """Whether a sync that began a moment later was kept already: this one knows less."""
    # One much later was kept before the development clock went back.
    return calendar.synced_at is not None and now < calendar.synced_at <= now + LONGEST_SYNC


def _replace(calendar: ConnectedCalendar, busy: Iterable[Busy]) -> list[Span]:
    """Write what differs and answer it."""
    wanted = set(_spans(calendar.owner_id, busy))
    rows: Iterable[Any] = calendar.busy_times.all()
    stored = {Span(row.uid, row.period.lower, row.period.upper): row.pk for row in rows}
    gone, new = stored.keys() - wanted, sorted(wanted - stored.keys())
    BusyTime.objects.filter(pk__in=[stored[span] for span in gone]).delete()
    BusyTime.objects.bulk_create(
        BusyTime(
            calendar=calendar,
            owner_id=calendar.owner_id,
            uid=span.uid,
            period=DateTimeTZRange(span.starts_at, span.ends_at, "[)"),
        )
        for span in new
    )
    return [*gone, *new]


def _spans(owner_id: int, busy: Iterable[Busy]) -> Iterator[Span]:
    """Our own sessions are not busy twice: they take their time as bookings, and only while they are live."""
    busy = list(busy)
    named = {booking_id for time in busy if (booking_id := _booking_id(time.uid))}
    own = Booking.objects.filter(Q(coach=owner_id) | Q(candidate=owner_id), pk__in=named)
    ours = set(own.values_list("pk", flat=True))
    for time in busy:
        if _booking_id(time.uid) not in ours:
            yield Span(time.uid[:LONGEST_UID], time.starts_at, time.ends_at)


def _booking_id(uid: str) -> UUID | None:
    try:
        return UUID(uid)
    except ValueError:
        return None


def _seal_anew(calendar: ConnectedCalendar, secret: str) -> None:
    """Keep a token that was renewed, and seal under the newest secret what an older one sealed."""
    if not is_newest(calendar.address):
        calendar.address = seal(unseal(calendar.address))
    if secret and not (is_newest(calendar.secret) and unseal(calendar.secret) == secret):
        calendar.secret = seal(secret)


def _announce_slots(
    calendar: ConnectedCalendar, spans: Sequence[tuple[datetime, datetime]], *, now: datetime
) -> None:
    """Candidates see the difference, where the owner is a coach and it lies ahead."""
    ahead = [span for span in spans if span[1] > now]
    if not ahead or not Schedule.objects.filter(coach=calendar.owner_id).exists():
        return
    # A busy time closes starts before it that would run into it.
    from_at = min(start for start, _ in ahead) - REACH
    to_at = max(end for _, end in ahead)
    announce(SlotsChanged(at=now, coach_id=calendar.owner_id, from_at=from_at, to_at=to_at))
