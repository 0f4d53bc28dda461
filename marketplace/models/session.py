from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from core.instants import parse_zone
from core.money import Money
from scheduling.states import Side

if TYPE_CHECKING:
    from accounts.models import User


def subject_of(booking_id: UUID) -> str:
    """What a session's line of its order and its events are about."""
    return f"booking:{booking_id}"


class SessionQuerySet(models.QuerySet["Session"]):
    """Whose, and with what a page shows."""

    def of(self, person: User) -> SessionQuerySet:
        return self.filter(Q(booking__candidate=person) | Q(booking__coach=person))

    def as_candidate(self, person: User) -> SessionQuerySet:
        return self.filter(booking__candidate=person)

    def as_coach(self, person: User) -> SessionQuerySet:
        return self.filter(booking__coach=person)

    def with_people(self) -> SessionQuerySet:
        return self.select_related(
            "booking__policy", "booking__candidate", "booking__coach__coach", "booking__coach__schedule",
            "offer",
            "order", "line__order",
        )  # fmt: skip


class Session(models.Model):
    """What a booking is about: the offer, the order that paid for it, what the candidate prepared.

    The sessions of a series are one order; ``line`` is this one's part of it. ``private_link`` says that it
    was started from the coach's own link.
    """

    booking = models.OneToOneField(
        "scheduling.Booking", on_delete=models.PROTECT, primary_key=True, related_name="session"
    )
    offer = models.ForeignKey("marketplace.Offer", on_delete=models.PROTECT, related_name="sessions")
    order = models.ForeignKey("payments.Order", on_delete=models.PROTECT, related_name="sessions")
    line = models.OneToOneField("payments.OrderLine", on_delete=models.PROTECT, related_name="session")
    private_link = models.BooleanField(default=False)

    target_company = models.CharField(max_length=80, blank=True)
    target_level = models.CharField(max_length=80, blank=True)
    interview_on = models.DateField(null=True, blank=True)
    focus = models.TextField(blank=True, max_length=2_000)
    background = models.TextField(blank=True, max_length=4_000)
    went_wrong = models.TextField(blank=True, max_length=2_000)
    answered_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[SessionQuerySet] = SessionQuerySet.as_manager()  # type: ignore[assignment]

    ANSWERS: ClassVar[tuple[str, ...]] = (
        "target_company", "target_level", "interview_on", "focus", "background", "went_wrong",
    )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.offer} {self.booking}"

    def get_absolute_url(self) -> str:
        return reverse("session", args=[self.pk])

    @property
    def subject(self) -> str:
        """What its line of the order and its events are about."""
        return subject_of(self.booking_id)

    @property
    def price(self) -> Money:
        """What this session costs, a part of what its order does."""
        return Money(self.line.amount, self.line.order.currency)

    @property
    def answers(self) -> dict[str, object]:
        return {name: getattr(self, name) for name in self.ANSWERS}

    def side_of(self, person: User) -> Side:
        """Who ``person`` is in this session."""
        return self.booking.side_of(person)

    def other_than(self, person: User) -> User:
        """The person on the other side."""
        return self.booking.coach if person.pk == self.booking.candidate_id else self.booking.candidate

    def name_of(self, person: User) -> str:
        """What the other side calls ``person``: a coach as on his page."""
        return self.booking.coach.coach.name if person.pk == self.booking.coach_id else person.display_name

    def zone_of(self, person: User) -> ZoneInfo:
        """In which ``person`` is told the time: his own; if none is known, the schedule's or booking's."""
        if person.timezone:
            return person.zone
        is_coach = person.pk == self.booking.coach_id
        return parse_zone(self.booking.coach.coach.timezone if is_coach else self.booking.timezone)

    def answers_open(self, now: datetime) -> bool:
        """Until two hours before the start of a live booking."""
        return self.booking.is_live and now < self.booking.starts_at - settings.PREP_ANSWERS_UNTIL
