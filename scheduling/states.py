"""The life of a booking, of a report about it and of a proposed move: every legal move, and who makes it."""

from __future__ import annotations

from enum import StrEnum

from django.db import models


class BookingState(models.TextChoices):
    HELD = "held"
    REQUESTED = "requested"
    CONFIRMED = "confirmed"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    DECLINED = "declined"
    EXPIRED = "expired"
    NO_SHOW_CANDIDATE = "no_show_candidate"
    NO_SHOW_COACH = "no_show_coach"


S = BookingState

TRANSITIONS: dict[BookingState, frozenset[BookingState]] = {
    S.HELD: frozenset({S.CONFIRMED, S.REQUESTED, S.EXPIRED, S.CANCELLED}),
    S.REQUESTED: frozenset({S.CONFIRMED, S.DECLINED, S.EXPIRED, S.CANCELLED}),
    S.CONFIRMED: frozenset({S.COMPLETED, S.CANCELLED, S.NO_SHOW_CANDIDATE, S.NO_SHOW_COACH}),
    # One verb: a payment that was seen after the hold expired.
    S.EXPIRED: frozenset({S.CONFIRMED}),
    # One verb: a report or dispute made in time and decided after the end.
    S.COMPLETED: frozenset({S.NO_SHOW_CANDIDATE, S.NO_SHOW_COACH}),
}

LIVE = frozenset({S.HELD, S.REQUESTED, S.CONFIRMED})
"""Takes time exclusively: the database refuses two of these that overlap."""

OCCUPYING = LIVE | {S.COMPLETED, S.NO_SHOW_CANDIDATE, S.NO_SHOW_COACH}
"""Regarded by every slot check (rule 6), and counted by the limits per day and week (rule 7)."""

REPORTABLE = frozenset({S.CONFIRMED, S.COMPLETED})
"""Of these it can still be said that one side did not come."""


class Side(StrEnum):
    """Who somebody is in a booking."""

    CANDIDATE = "candidate"
    COACH = "coach"
    SYSTEM = "system"
    OPERATIONS = "operations"


class ReportKind(models.TextChoices):
    NO_SHOW = "no_show"
    DISPUTE = "dispute"


class ReportState(models.TextChoices):
    """What became of a report. ``contested`` ones wait for operations, ``open`` ones for their time."""

    OPEN = "open"
    CONTESTED = "contested"
    UPHELD = "upheld"
    REJECTED = "rejected"


REPORT_MOVES: dict[ReportState, frozenset[ReportState]] = {
    ReportState.OPEN: frozenset({ReportState.CONTESTED, ReportState.UPHELD, ReportState.REJECTED}),
    ReportState.CONTESTED: frozenset({ReportState.UPHELD, ReportState.REJECTED}),
}

UNDECIDED = frozenset({ReportState.OPEN, ReportState.CONTESTED})
"""While a report is in these, its booking is not completed and its share is frozen."""


class ProposalState(models.TextChoices):
    """What became of a coach's proposal to move; withdrawn when he proposes another or the booking ends."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"


PROPOSAL_MOVES: dict[ProposalState, frozenset[ProposalState]] = {
    ProposalState.OPEN: frozenset(
        {ProposalState.ACCEPTED, ProposalState.REFUSED, ProposalState.LAPSED, ProposalState.WITHDRAWN}
    ),
}


class CalendarKind(models.TextChoices):
    """How a calendar elsewhere is read."""

    ICS = "ics"
    CALDAV = "caldav"
    GOOGLE = "google"
    MICROSOFT = "microsoft"
