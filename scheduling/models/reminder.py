from __future__ import annotations

from django.db import models


class Reminder(models.Model):
    """That both sides were reminded of a session at this start, so long before it: once each."""

    booking = models.ForeignKey("scheduling.Booking", on_delete=models.CASCADE, related_name="reminders")
    minutes_before = models.PositiveIntegerField()
    starts_at = models.DateTimeField()
    sent_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["booking", "minutes_before", "starts_at"], name="reminder_once_a_start"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.minutes_before} minutes before {self.starts_at}"
