from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from core.states import MovesByTable, Transitions
from scheduling.states import REPORT_MOVES, UNDECIDED, BookingState, ReportKind, ReportState, Side

SIDES = (Side.CANDIDATE.value, Side.COACH.value)


class ReportQuerySet(models.QuerySet["Report"]):
    """The words for sets of reports."""

    def undecided(self) -> ReportQuerySet:
        return self.filter(state__in=UNDECIDED)

    def due(self, now: datetime) -> ReportQuerySet:
        """Those that nobody contested in time: they stand."""
        return self.filter(state=ReportState.OPEN, stands_at__lte=now)


class Report(MovesByTable, models.Model):
    """One side says that a session went wrong: the other was not there, or the candidate disputes it.

    ``reason`` is the reporter's word for it, a code where he chose one. ``stands_at`` is when a no-show
    report that nobody contests is upheld by itself; ``decided_by`` is empty for one that was. ``objection``
    is what the other side said against it, ``decision`` what operations wrote to both.
    """

    TRANSITIONS: ClassVar[Transitions] = REPORT_MOVES

    booking = models.ForeignKey("scheduling.Booking", on_delete=models.PROTECT, related_name="reports")
    kind = models.CharField(max_length=10, choices=ReportKind.choices)
    side = models.CharField(max_length=10)
    state = models.CharField(max_length=10, choices=ReportState.choices, default=ReportState.OPEN)
    reason = models.CharField(max_length=200, blank=True)
    comment = models.TextField(blank=True)
    made_at = models.DateTimeField()
    stands_at = models.DateTimeField(null=True)
    objection = models.TextField(blank=True)
    contested_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    decision = models.TextField(blank=True)

    objects: ClassVar[ReportQuerySet] = ReportQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["booking", "kind", "side"], name="report_once_a_side"),
            models.UniqueConstraint(
                fields=["booking"],
                name="report_one_undecided",
                condition=Q(state__in=sorted(UNDECIDED)),
            ),
            models.CheckConstraint(name="report_state", condition=Q(state__in=sorted(ReportState.values))),
            models.CheckConstraint(name="report_kind", condition=Q(kind__in=sorted(ReportKind.values))),
            models.CheckConstraint(name="report_side", condition=Q(side__in=SIDES)),
            models.CheckConstraint(
                name="report_only_candidates_dispute",
                condition=~Q(kind=ReportKind.DISPUTE) | Q(side=Side.CANDIDATE.value),
            ),
            models.CheckConstraint(
                name="report_decided_pair",
                condition=Q(state__in=[ReportState.OPEN, ReportState.CONTESTED], decided_at__isnull=True)
                | Q(state__in=[ReportState.REJECTED, ReportState.UPHELD], decided_at__isnull=False),
            ),
            models.CheckConstraint(
                name="report_stands_after_it_is_made",
                condition=Q(stands_at__isnull=True) | Q(stands_at__gte=F("made_at")),
            ),
        ]
        indexes = [
            models.Index(fields=["stands_at"], name="report_waiting", condition=Q(state=ReportState.OPEN)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} by the {self.side}, {self.state}"

    @property
    def is_undecided(self) -> bool:
        return self.state in UNDECIDED

    @property
    def missing_side(self) -> Side:
        """Who, as the report has it, let the session down; a dispute is always about the coach."""
        return Side.CANDIDATE if self.side == Side.COACH else Side.COACH

    @property
    def outcome(self) -> BookingState:
        """What becomes of the booking when this is upheld."""
        if self.missing_side == Side.COACH:
            return BookingState.NO_SHOW_COACH
        return BookingState.NO_SHOW_CANDIDATE
