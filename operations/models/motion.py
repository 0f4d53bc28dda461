from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.money import Money
from core.states import MovesByTable, Transitions
from operations.states import MOTION_MOVES, MotionKind, MotionState


class MotionQuerySet(models.QuerySet["Motion"]):
    """The words for sets of motions."""

    def open(self) -> MotionQuerySet:
        return self.filter(state=MotionState.OPEN)

    def overdue(self, now: datetime) -> MotionQuerySet:
        """Those that nobody seconded in time."""
        return self.open().filter(expires_at__lte=now)

    def with_people(self) -> MotionQuerySet:
        return self.select_related("moved_by", "decided_by", "order__buyer")


class Motion(MovesByTable, models.Model):
    """Money that one person of operations wants to move and may not move alone.

    What is wanted is frozen: ``amount`` for ``target`` (a session, an order, a compensation, by its key),
    while the money it is taken from stood at ``before``. Another person seconds it, and it happens; or it is
    rejected, or lapses.
    """

    TRANSITIONS: ClassVar[Transitions] = MOTION_MOVES

    kind = models.CharField(max_length=20, choices=MotionKind.choices)
    order = models.ForeignKey("payments.Order", on_delete=models.PROTECT, related_name="motions")
    target = models.CharField(max_length=60)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    before = models.BigIntegerField()
    reason = models.TextField()
    state = models.CharField(
        max_length=10, choices=MotionState.choices, default=MotionState.OPEN, editable=False
    )
    moved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    moved_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    decision = models.TextField(blank=True)

    objects: ClassVar[MotionQuerySet] = MotionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.CheckConstraint(name="motion_state", condition=Q(state__in=sorted(MotionState.values))),
            models.CheckConstraint(name="motion_moves_something", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="motion_seconded_by_another",
                condition=~Q(state=MotionState.SECONDED) | ~Q(decided_by=models.F("moved_by")),
            ),
            models.CheckConstraint(
                name="motion_decided_pair",
                condition=Q(state=MotionState.OPEN, decided_at__isnull=True)
                | (~Q(state=MotionState.OPEN) & Q(decided_at__isnull=False)),
            ),
            # The same wish of the same person again is the one that waits.
            models.UniqueConstraint(
                name="motion_once",
                fields=["kind", "target", "amount", "moved_by"],
                condition=Q(state=MotionState.OPEN),
            ),
        ]
        indexes = [
            models.Index(name="motion_waiting", fields=["moved_at"], condition=Q(state=MotionState.OPEN))
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.amount} {self.currency}"

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)

    @property
    def is_open(self) -> bool:
        return bool(self.state == MotionState.OPEN)
