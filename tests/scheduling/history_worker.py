"""Histories: more verbs for the racers of ``race_worker``. An outcome names the booking, too."""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.scheduling import race_worker  # first: it sets Django up
from tests.scheduling.race_worker import TERMS

from accounts.models import User  # isort: skip
from core.errors import DomainError
from integrations.calendars.gateway import Busy
from scheduling.domain import cancelling, confirming, holds, moving, schedules, series, syncing, windows
from scheduling.models import Booking, ConnectedCalendar
from scheduling.rules.availability_input import parse_availability
from scheduling.states import BookingState as S
from tests.scheduling.stage import all_day

HOUR = timedelta(hours=1)


def _hold(turn, now):
    candidate, starts_at = User.objects.get(pk=turn["candidate"]), _start(turn)
    made = holds.hold_slot(
        coach_id=turn["coach"], candidate=candidate, starts_at=starts_at, terms=TERMS, timezone="UTC", now=now
    )
    return _told(made.booking)


def _series(turn, now):
    first = _start(turn)
    asked = series.AskedSeries(
        coach_id=turn["coach"],
        candidate=User.objects.get(pk=turn["candidate"]),
        starts=[first, first + 2 * HOUR, first + 4 * HOUR],
        terms=TERMS,
        timezone="UTC",
        partial=first.hour % 2 == 0,
    )
    made = series.hold_series(asked, check=_no_objection, now=now)
    return " ".join(_told(booking) for booking in made.bookings)


def _no_objection(_booking, _earlier):
    """The seller's."""


def _guard(turn, now):
    return _told(holds.guard(_newest(turn, S.HELD).pk, now=now))


def _close(turn, now):
    """What a seller does about a lapsed hold once its payment page is closed."""
    booking = _newest(turn, S.HELD)
    if booking.is_unexpired_hold(now):
        raise DomainError
    holds.unguard(booking.pk, now=now)
    return _told(holds.expire_hold(booking.pk, now=now))


def _extend(turn, now):
    booking = _newest(turn, S.HELD)
    return _told(holds.extend_hold(booking.pk, by=booking.candidate, now=now))


def _confirm(turn, now):
    return _told(confirming.confirm_booking(_newest(turn, S.HELD).pk, now=now))


def _confirm_late(turn, now):
    return _told(confirming.confirm_late(_newest(turn, S.EXPIRED).pk, now=now))


def _cancel(turn, now):
    booking = _newest(turn, S.HELD, S.CONFIRMED)
    return _told(cancelling.cancel_booking(booking.pk, by=booking.candidate, now=now).booking)


def _move(turn, now):
    booking = _newest(turn, S.CONFIRMED)
    return _told(moving.move_booking(booking.pk, _start(turn), by=booking.candidate, now=now))


def _propose(turn, now):
    booking = _newest(turn, S.CONFIRMED)
    moving.propose_move(booking.pk, _start(turn), by=booking.coach, now=now)
    return "proposed"


def _accept(turn, now):
    booking = _newest(turn, S.CONFIRMED)
    return _told(moving.accept_move(booking.pk, by=booking.candidate, now=now))


def _sync(turn, now):
    """A calendar elsewhere says that its owner is busy for an hour and a half, somewhere."""
    calendar = ConnectedCalendar.objects.get(owner=turn["coach"])
    busy = [Busy(_start(turn), _start(turn) + 1.5 * HOUR, uid="elsewhere")]
    syncing.keep_reading(calendar.pk, syncing.Reading(busy, now + 100 * 24 * HOUR, ""), now=now)
    return "read"


def _restate(turn, now):
    """The coach changes his buffers, and the night comes."""
    coach = User.objects.get(pk=turn["coach"])
    body = all_day(buffer_after_minutes=_start(turn).minute)
    schedules.replace_availability(coach, parse_availability(body, default_timezone="UTC"), by=coach, now=now)
    windows.rebuild_windows(coach.pk, now=now)
    return "restated"


def _start(turn):
    return datetime.fromisoformat(turn["starts_at"])


def _told(booking):
    return f"{booking.state} {booking.pk}"


def _newest(turn, *states):
    own = Booking.objects.filter(candidate_id=turn["candidate"], state__in=states).order_by(
        "-created_at", "pk"
    )
    booking = own.first()
    if booking is None:
        raise DomainError
    return booking


race_worker.VERBS |= {
    "hold": _hold,
    "series": _series,
    "guard": _guard,
    "close": _close,
    "extend": _extend,
    "confirm": _confirm,
    "confirm_late": _confirm_late,
    "cancel": _cancel,
    "move": _move,
    "propose": _propose,
    "accept": _accept,
    "sync": _sync,
    "restate": _restate,
}

if __name__ == "__main__":
    race_worker.main()
