"""What waits for operations: reports that nobody settled, compensations that wait."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from core.errors import NotFoundError
from marketplace.models import Compensation, Session
from payments.queries import Amounts, line_amounts
from scheduling.models import Report
from scheduling.queries.reports import undecided_reports
from scheduling.states import ReportState

# A page of the queue; the oldest come first, so nothing is overlooked for long.
LONGEST = 100


@dataclass(frozen=True)
class Case:
    """A session of which something was said: all of its reports, oldest first, and its money."""

    session: Session
    reports: list[Report]
    amounts: Amounts
    compensation: Compensation | None

    @property
    def pending(self) -> Report | None:
        """The report that waits to be decided, or to stand by itself."""
        return next((report for report in self.reports if report.is_undecided), None)

    @property
    def is_contested(self) -> bool:
        """Whether the two sides do not agree, so that people decide."""
        return self.pending is not None and self.pending.state == ReportState.CONTESTED


@dataclass(frozen=True)
class Queues:
    """What waits, at most ``LONGEST`` of each, and how many there are in all."""

    cases: list[Case]
    case_count: int
    compensations: list[Compensation]
    compensation_count: int

    @property
    def contested_count(self) -> int:
        """How many of the cases shown are for people to decide."""
        return sum(case.is_contested for case in self.cases)


def queues() -> Queues:
    """What waits for operations, the longest waiting first. Six queries, however much it is."""
    waiting = undecided_reports()
    owed = Compensation.objects.waiting().order_by("asked_at", "pk")
    bookings = [report.booking_id for report in waiting[:LONGEST]]
    return Queues(
        cases=_cases(bookings),
        case_count=waiting.count(),
        compensations=list(
            owed.select_related("coach__coach", "candidate", "session__booking", "session__offer")[:LONGEST]
        ),
        compensation_count=owed.count(),
    )


def case_of(booking_id: UUID) -> Case:
    """One session as operations see it.

    Raises:
        NotFoundError: there is none.
    """
    found = _cases([booking_id])
    if not found:
        raise NotFoundError
    return found[0]


def _cases(booking_ids: Iterable[UUID]) -> list[Case]:
    """In the order of ``booking_ids``. Two queries."""
    wanted = list(booking_ids)
    sessions = Session.objects.with_people().select_related("compensation").in_bulk(wanted)
    reports: dict[UUID, list[Report]] = defaultdict(list)
    for report in Report.objects.filter(booking__in=wanted).select_related("decided_by").order_by("made_at"):
        reports[report.booking_id].append(report)
    return [
        Case(
            session=sessions[pk],
            reports=reports[pk],
            amounts=line_amounts(sessions[pk].line),
            compensation=getattr(sessions[pk], "compensation", None),
        )
        for pk in wanted
        if pk in sessions
    ]
