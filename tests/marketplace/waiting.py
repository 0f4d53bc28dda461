"""Who waits for a time, who gives one up, and what is then held for whom."""

from __future__ import annotations

from datetime import timedelta

from core import clock, outbox
from core.models import OutboxMessage
from marketplace.domain.booking import Wish, book
from marketplace.domain.cancelling import cancel
from marketplace.domain.waitlist import Range, join_waitlist
from scheduling.domain.completing import expire_due
from scheduling.models import Booking
from scheduling.queries.slots import open_starts
from scheduling.states import BookingState as S
from tests.marketplace.cast import HOUR, NOW, TOMORROW

HALF_HOUR = timedelta(minutes=30)


def wait(what, *people, first=NOW, **bounds):
    for number, one in enumerate(people):
        at = first + timedelta(seconds=number)
        join_waitlist(what, Range(**bounds), by=one, timezone="Europe/Berlin", now=at)


def booked(what, candidate, starts_at=TOMORROW, now=NOW):
    return book(Wish(what.pk, starts_at, "UTC", {}), candidate=candidate, now=now).session


def deliver(at=NOW):
    """Everything that was announced is heard at that instant."""
    with clock.frozen_at(at):
        while due := outbox.due(at):
            for pk in due:
                assert outbox.deliver(pk, now=at), OutboxMessage.objects.get(pk=pk).error


def give_up(session, at=NOW):
    cancel(session.pk, by=session.booking.candidate, now=at)
    deliver(at)


def let_run_out(at):
    """Whoever was offered a time does not answer."""
    expire_due(at)
    deliver(at)


def held():
    """``(who, start, until)`` of every hold there is."""
    holds = Booking.objects.filter(state=S.HELD).order_by("starts_at", "pk").select_related("candidate")
    return [(each.candidate.name.split()[0], each.starts_at, each.hold_expires_at) for each in holds]


def is_free(ada, start=TOMORROW, now=NOW, minutes=60):
    return start in open_starts(
        ada.user_id, duration_minutes=minutes, from_at=start, to_at=start + HOUR, now=now
    )
