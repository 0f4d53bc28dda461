from __future__ import annotations

from django.conf import settings
from django.db import models


class BitsField(models.Field[str | None, str | None]):
    """``bit varying``: a string of 0 and 1 without a length."""

    def db_type(self, connection: object) -> str:  # noqa: ARG002 - Django's signature
        return "varbit"


class MinutesField(models.Field[str | None, str | None]):
    """``int4multirange``: minutes after 1970, written as ``{[1,2),[5,6)}``."""

    def db_type(self, connection: object) -> str:  # noqa: ARG002 - Django's signature
        return "int4multirange"


class FreeTimes(models.Model):
    """When one coach's shortest session can start, made for searching all coaches at once.

    Bit ``n`` of ``on_quarter`` stands for the instant ``(first_quarter + n) * 15`` minutes after 1970: set
    where a session may start there. Starts between quarters set the bit of their quarter in ``off_quarter``
    and are kept as minutes after 1970 in ``off_starts``; most coaches have none.
    Bookings and limits are in the bits. What moves with the clock is not: notice, pause, and the end of the
    booking window, which is ``closes_minute`` before the coach's midnight ``turns_minute`` and
    ``then_closes_minute`` after it.
    """

    coach = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    first_quarter = models.IntegerField()
    on_quarter = BitsField()
    off_quarter = BitsField(null=True)
    off_starts = MinutesField(null=True)
    notice_minutes = models.IntegerField()
    paused_until = models.DateTimeField(null=True)
    turns_minute = models.IntegerField()
    closes_minute = models.IntegerField()
    then_closes_minute = models.IntegerField()

    def __str__(self) -> str:
        return f"free times of {self.coach_id}"
