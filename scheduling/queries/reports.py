"""Questions about what came of sessions: who was there, what was reported, what may still be said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from scheduling.models import Booking, Report
from scheduling.models.report import ReportQuerySet
from scheduling.rules.attendance import to_be_here, to_dispute, to_report_no_show
from scheduling.states import REPORTABLE, BookingState, ReportKind, ReportState, Side


@dataclass(frozen=True)
class Say:
    """What one side may say about a session at an instant; the verbs refuse the rest."""

    here: bool
    no_show: bool
    dispute: bool
    objection: bool


def reports_of(booking: Booking) -> list[Report]:
    """All reports about a booking, oldest first. One query."""
    return list(booking.reports.order_by("made_at", "pk"))


def say_of(booking: Booking, side: Side, reports: list[Report], *, now: datetime) -> Say:
    """What ``side`` may say now, given all reports about the booking. No query."""
    hours = booking.starts_at, booking.ends_at
    pending = next((report for report in reports if report.is_undecided), None)
    mine = {report.kind for report in reports if report.side == side}
    free = pending is None and booking.state in REPORTABLE
    came = booking.here_at(side) is not None
    return Say(
        here=not came and booking.state == BookingState.CONFIRMED and to_be_here(*hours).is_open(now),
        no_show=free and came and ReportKind.NO_SHOW not in mine and to_report_no_show(*hours).is_open(now),
        dispute=free
        and side == Side.CANDIDATE
        and ReportKind.DISPUTE not in mine
        and to_dispute(*hours).is_open(now),
        objection=pending is not None and pending.side != side and _is_open(pending, now),
    )


def undecided_reports() -> ReportQuerySet:
    """What is not settled, with its people: first what waits for operations, the longest waiting on top."""
    return (
        Report.objects.undecided()
        .select_related("booking__coach", "booking__candidate")
        .order_by("contested_at", "stands_at", "pk")
    )


def standing_reports(now: datetime) -> list[UUID]:
    """The bookings whose report nobody contested in time, the one that stood first on top."""
    return list(Report.objects.due(now).order_by("stands_at").values_list("booking", flat=True))


def _is_open(report: Report, now: datetime) -> bool:
    return report.state == ReportState.OPEN and report.stands_at is not None and now < report.stands_at
