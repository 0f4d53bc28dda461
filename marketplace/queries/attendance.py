"""What the page of a session shows of who came, to one of its sides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.money import Money
from marketplace.models import Compensation, Session
from scheduling.models import Report
from scheduling.queries.reports import Say, reports_of, say_of
from scheduling.rules.attendance import to_be_here, to_dispute, to_report_no_show
from scheduling.states import BookingState, Side

_OTHER = {Side.CANDIDATE: Side.COACH, Side.COACH: Side.CANDIDATE}


@dataclass(frozen=True)
class Attendance:
    """Who came, what was reported last, what ``say`` lets this side do now.

    ``report_from_at`` is when a no-show can be reported at the earliest, ``dispute_until_at`` until when the
    candidate disputes; ``balance`` is what he got on top of his money.
    """

    own_at: datetime | None
    other_at: datetime | None
    say: Say
    report: Report | None
    is_own_report: bool
    report_from_at: datetime
    dispute_until_at: datetime
    is_on: bool
    balance: Money | None

    @property
    def waits(self) -> bool:
        """Here alone, and not long enough yet to say that the other is missing."""
        alone = self.own_at is not None and self.other_at is None
        return self.is_on and alone and self.report is None and not self.say.no_show

    @property
    def is_pending(self) -> bool:
        """Whether it is open what is to be thought of this session."""
        return self.report is not None and self.report.is_undecided

    @property
    def is_shown(self) -> bool:
        """Whether there is anything to say, or anything was said."""
        return self.is_on or self.report is not None or self.say.no_show or self.say.dispute


def attendance_of(session: Session, side: Side, *, now: datetime) -> Attendance:
    """As ``side`` sees it. Two queries at most."""
    booking = session.booking
    hours = booking.starts_at, booking.ends_at
    reports = reports_of(booking)
    last = reports[-1] if reports else None
    return Attendance(
        own_at=booking.here_at(side),
        other_at=booking.here_at(_OTHER[side]),
        say=say_of(booking, side, reports, now=now),
        report=last,
        is_own_report=last is not None and last.side == side,
        report_from_at=to_report_no_show(*hours).from_at,
        dispute_until_at=to_dispute(*hours).until_at,
        is_on=booking.state == BookingState.CONFIRMED and to_be_here(*hours).is_open(now),
        balance=_balance(session) if booking.state == BookingState.NO_SHOW_COACH else None,
    )


def _balance(session: Session) -> Money | None:
    owed = Compensation.objects.filter(session=session, granted_at__isnull=False).first()
    return owed.cost if owed else None
