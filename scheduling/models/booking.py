from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar
from uuid import uuid4

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import connection, models
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange, NumericRange
from django.db.models import F, Q

from core.ranges import OneId
from core.states import MovesByTable, Transitions
from scheduling.states import LIVE, OCCUPYING, TRANSITIONS, UNDECIDED, BookingState, Side

if TYPE_CHECKING:
    from accounts.models import User


class BookingQuerySet(models.QuerySet["Booking"]):
    """The words for sets of bookings."""

    def live(self) -> BookingQuerySet:
        return self.filter(state__in=LIVE)

    def lapsed(self, now: datetime) -> BookingQuerySet:
        """Holds whose time ran out and that nobody has closed yet."""
        return self.filter(state=BookingState.HELD, hold_expires_at__lte=now)

    def unanswered(self, now: datetime) -> BookingQuerySet:
        """Requests whose time to answer is over; see ``Booking.request_expires_at``."""
        overdue = Q(requested_at__lte=now - settings.REQUEST_LENGTH)
        imminent = Q(starts_at__lte=now + settings.REQUEST_LATEST_BEFORE_START)
        return self.filter(overdue | imminent, state=BookingState.REQUESTED)

    def ended(self, now: datetime) -> BookingQuerySet:
        """Confirmed ones whose end has passed and of which no report is open (rule 10)."""
        over = self.filter(state=BookingState.CONFIRMED, ends_at__lte=now)
        return over.exclude(reports__state__in=UNDECIDED)

    def promised(self) -> BookingQuerySet:
        """What became more than a hold: requested or confirmed once, whatever came of it."""
        return self.exclude(requested_at=None, confirmed_at=None)

    def of(self, person: User) -> BookingQuerySet:
        """Whose? Either side; everybody else finds nothing."""
        return self.filter(Q(candidate=person) | Q(coach=person))

    def in_the_way(self, wanted: Booking) -> BookingQuerySet:
        """Live ones that cannot stand beside ``wanted``: its coach's, and its candidate's elsewhere."""
        coach, candidate = OneId(F("coach_id"), F("coach_id")), OneId(F("candidate_id"), F("candidate_id"))
        return (
            self.live()
            .alias(of_coach=coach, of_candidate=candidate)
            .filter(
                Q(of_coach__overlap=_one(wanted.coach_id), blocked__overlap=wanted.blocked)
                | Q(of_candidate__overlap=_one(wanted.candidate_id), period__overlap=wanted.period)
            )
            .exclude(pk=wanted.pk)
        )

    def insert(self, booking: Booking) -> bool:
        """Insert unless an exclusion constraint objects; says whether the row is there now.

        Raw, because a plain insert deadlocks under contention, and because the ORM's
        ``ignore_conflicts`` does not tell whether it inserted.
        """
        fields = self.model._meta.concrete_fields
        columns = ", ".join(f'"{field.column}"' for field in fields)
        marks = ", ".join(["%s"] * len(fields))
        values = [field.get_db_prep_save(getattr(booking, field.attname), connection) for field in fields]
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {self.model._meta.db_table} ({columns}) VALUES ({marks})"  # noqa: S608  (names of our columns)
                " ON CONFLICT DO NOTHING RETURNING id",
                values,
            )
            return cursor.fetchone() is not None

    def with_people(self) -> BookingQuerySet:
        return self.select_related("coach", "candidate")


def _one(key: int) -> NumericRange:
    return NumericRange(key, key, "[]")


class Booking(MovesByTable, models.Model):
    """A coach's hour taken by a candidate, from hold to completion.

    ``period`` is the session, ``blocked`` the session with the buffers it was made with; both half-open.
    ``offer`` and ``terms`` are the seller's words (what was chosen; what makes two tries the same one):
    scheduling compares them and knows no more. ``series`` joins the holds of one order.
    ``guarded`` says that a payment for this hold may still arrive (rule 12); ``wanted_at`` when somebody
    last asked for its time. ``sequence`` is the SEQUENCE of the invite. ``missed_at`` says when it was
    settled that one side had not come; ``late_moves`` how often its candidate moved it when the policy had
    ceased to let him move freely, ``agreed_start`` the start that was confirmed where a move has changed it
    since; ``from_waitlist`` that it was offered to somebody who waited (rule 18).
    """

    TRANSITIONS: ClassVar[Transitions] = TRANSITIONS

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    coach = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="bookings_as_coach"
    )
    candidate = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="bookings")
    state = models.CharField(max_length=20, choices=BookingState.choices)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    period = DateTimeRangeField()
    blocked = DateTimeRangeField()

    offer = models.CharField(max_length=60)
    terms = models.CharField(max_length=200)
    needs_approval = models.BooleanField(default=False)
    series = models.UUIDField(null=True)
    timezone = models.CharField(max_length=64)
    policy = models.ForeignKey("scheduling.CancellationPolicy", on_delete=models.PROTECT, related_name="+")

    created_at = models.DateTimeField()
    hold_expires_at = models.DateTimeField(null=True)
    hold_extended_at = models.DateTimeField(null=True)
    guarded = models.BooleanField(default=False)
    wanted_at = models.DateTimeField(null=True)
    requested_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    declined_at = models.DateTimeField(null=True)
    decline_reason = models.TextField(blank=True)
    expired_at = models.DateTimeField(null=True)
    expired_from = models.CharField(max_length=20, blank=True)
    cancelled_at = models.DateTimeField(null=True)
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    completed_at = models.DateTimeField(null=True)
    missed_at = models.DateTimeField(null=True)
    candidate_here_at = models.DateTimeField(null=True)
    coach_here_at = models.DateTimeField(null=True)
    late_moves = models.PositiveSmallIntegerField(default=0, db_default=0)
    agreed_start = models.DateTimeField(null=True)
    from_waitlist = models.BooleanField(default=False, db_default=False)
    sequence = models.PositiveIntegerField(default=0)

    objects: ClassVar[BookingQuerySet] = BookingQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="booking_no_overlap_per_coach",
                expressions=[
                    (OneId(F("coach_id"), F("coach_id")), RangeOperators.OVERLAPS),
                    ("blocked", RangeOperators.OVERLAPS),
                ],
                condition=Q(state__in=sorted(LIVE)),
            ),
            ExclusionConstraint(
                name="booking_no_overlap_per_candidate",
                expressions=[
                    (OneId(F("candidate_id"), F("candidate_id")), RangeOperators.OVERLAPS),
                    ("period", RangeOperators.OVERLAPS),
                ],
                condition=Q(state__in=sorted(LIVE)),
            ),
            models.CheckConstraint(name="booking_state", condition=Q(state__in=sorted(BookingState.values))),
            # An empty or endless range would slip through the exclusion constraints.
            models.CheckConstraint(
                name="booking_period_is_the_session",
                condition=Q(
                    starts_at__lt=F("ends_at"),
                    period__isempty=False,
                    period__startswith=F("starts_at"),
                    period__endswith=F("ends_at"),
                ),
            ),
            models.CheckConstraint(
                name="booking_blocked_contains_period",
                condition=Q(
                    blocked__contains=F("period"),
                    blocked__startswith__isnull=False,
                    blocked__endswith__isnull=False,
                ),
            ),
            models.CheckConstraint(name="booking_not_with_oneself", condition=~Q(coach=F("candidate"))),
            models.CheckConstraint(
                name="booking_hold_expires",
                condition=~Q(state=BookingState.HELD) | Q(hold_expires_at__isnull=False),
            ),
            models.CheckConstraint(
                name="booking_cancelled_pair",
                condition=Q(cancelled_at__isnull=False, state=BookingState.CANCELLED)
                | (
                    Q(cancelled_at__isnull=True, cancelled_by__isnull=True) & ~Q(state=BookingState.CANCELLED)
                ),
            ),
            models.CheckConstraint(
                name="booking_expired_pair",
                condition=Q(expired_at__isnull=True, expired_from="")
                | Q(expired_at__isnull=False, expired_from__in=["held", "requested"]),
            ),
        ]
        indexes = [
            models.Index(fields=["candidate", "starts_at"], name="booking_candidate_start"),
            models.Index(fields=["coach", "starts_at"], name="booking_coach_start"),
            models.Index(
                fields=["hold_expires_at"], name="booking_held", condition=Q(state=BookingState.HELD)
            ),
            models.Index(
                fields=["starts_at"], name="booking_requested", condition=Q(state=BookingState.REQUESTED)
            ),
            models.Index(
                fields=["ends_at"], name="booking_confirmed", condition=Q(state=BookingState.CONFIRMED)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M} UTC, {self.state}"

    def set_time(
        self, starts_at: datetime, ends_at: datetime, *, before: timedelta, after: timedelta
    ) -> None:
        """Place the session, with the buffers ``before`` and ``after`` it."""
        self.starts_at, self.ends_at = starts_at, ends_at
        self.period = DateTimeTZRange(starts_at, ends_at, "[)")
        self.blocked = DateTimeTZRange(starts_at - before, ends_at + after, "[)")

    @property
    def length(self) -> timedelta:
        """How long the session lasts, whatever its offer has become since."""
        return self.ends_at - self.starts_at

    @property
    def is_live(self) -> bool:
        """Whether it takes time exclusively."""
        return self.state in LIVE

    @property
    def takes_time(self) -> bool:
        """Whether a slot check regards it."""
        return self.state in OCCUPYING

    @property
    def request_expires_at(self) -> datetime | None:
        """When an unanswered request ends: 48 hours on, or 2 hours before its start."""
        if self.requested_at is None:
            return None
        return min(
            self.requested_at + settings.REQUEST_LENGTH, self.starts_at - settings.REQUEST_LATEST_BEFORE_START
        )

    def is_unexpired_hold(self, now: datetime) -> bool:
        return (
            self.hold_expires_at is not None
            and self.state == BookingState.HELD
            and now < self.hold_expires_at
        )

    def is_lapsed_hold(self, now: datetime) -> bool:
        return self.state == BookingState.HELD and not self.is_unexpired_hold(now)

    def here_at(self, side: Side) -> datetime | None:
        """When a side said that it had come."""
        return self.coach_here_at if side == Side.COACH else self.candidate_here_at

    def side_of(self, person: User | None) -> Side:
        """Who ``person`` is in this booking; None is the system, anybody else works for operations."""
        if person is None:
            return Side.SYSTEM
        return {self.candidate_id: Side.CANDIDATE, self.coach_id: Side.COACH}.get(person.pk, Side.OPERATIONS)
