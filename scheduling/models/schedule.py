from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q


class Schedule(models.Model):
    """When a coach works. Recurring windows and their exceptions live in ``calendar`` (django-scheduler).

    ``timezone`` is the coach's home zone. ``shortest_minutes`` is the shortest session the coach sells,
    told by the seller; without one nothing is free. ``paused_until`` stops all new bookings while
    ``now`` is before it. Windows are built as rows up to and including ``built_through`` (a local date) and
    are built again from ``rebuild_at``, the coach's next midnight.
    """

    coach = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="schedule")
    calendar = models.OneToOneField("schedule.Calendar", on_delete=models.PROTECT, related_name="+")
    timezone = models.CharField(max_length=64)
    slot_interval_minutes = models.PositiveIntegerField(
        default=30, validators=[MinValueValidator(5), MaxValueValidator(120)]
    )
    buffer_before_minutes = models.PositiveIntegerField(default=0, validators=[MaxValueValidator(240)])
    buffer_after_minutes = models.PositiveIntegerField(default=0, validators=[MaxValueValidator(240)])
    minimum_notice_minutes = models.PositiveIntegerField(default=720, validators=[MaxValueValidator(43_200)])
    booking_window_days = models.PositiveIntegerField(
        default=60, validators=[MinValueValidator(1), MaxValueValidator(730)]
    )
    max_per_day = models.PositiveIntegerField(null=True, blank=True, validators=[MinValueValidator(1)])
    max_per_week = models.PositiveIntegerField(null=True, blank=True, validators=[MinValueValidator(1)])
    paused_until = models.DateTimeField(null=True, blank=True)
    shortest_minutes = models.PositiveIntegerField(null=True)
    built_through = models.DateField(null=True)
    rebuild_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="schedule_numbers_in_bounds",
                condition=Q(
                    slot_interval_minutes__range=(5, 120),
                    buffer_before_minutes__range=(0, 240),
                    buffer_after_minutes__range=(0, 240),
                    minimum_notice_minutes__range=(0, 43_200),
                    booking_window_days__range=(1, 730),
                ),
            ),
        ]
        indexes = [models.Index(fields=["rebuild_at"], name="schedule_rebuild")]

    def __str__(self) -> str:
        return f"schedule of {self.coach}"


class DateOverride(models.Model):
    """Replaces all windows of one local date by one-off events of the calendar; none closes the day."""

    schedule = models.ForeignKey(Schedule, on_delete=models.CASCADE, related_name="overrides")
    on = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["schedule", "on"], name="override_one_per_date")]

    def __str__(self) -> str:
        return f"{self.on}"


class TimeOff(models.Model):
    """A range of instants, half-open, in which the coach is away."""

    schedule = models.ForeignKey(Schedule, on_delete=models.CASCADE, related_name="time_off")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="time_off_is_a_span", condition=Q(starts_at__lt=F("ends_at"))),
        ]

    def __str__(self) -> str:
        return f"{self.starts_at} to {self.ends_at}"


class Trip(models.Model):
    """Between two local dates (``to_on`` inclusive, or open) the schedule is read in another zone."""

    schedule = models.ForeignKey(Schedule, on_delete=models.CASCADE, related_name="trips")
    from_on = models.DateField()
    to_on = models.DateField(null=True, blank=True)
    timezone = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="trip_is_a_span", condition=Q(to_on__isnull=True) | Q(from_on__lte=F("to_on"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.timezone} from {self.from_on}"
