from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import F, Q, Sum

from core.states import MovesByTable, Transitions
from payouts.models.release import Reversal
from payouts.states import (
    SHARE_MOVES,
    UNRELEASED,
    ReleaseState,
    ReversalState,
    ShareState,
    TransfersStatus,
)


class ShareQuerySet(models.QuerySet["Share"]):
    """The words for sets of shares."""

    def due(self, now: datetime) -> ShareQuerySet:
        """Held ones whose time has come, of payees who may be paid, oldest first.

        A release that was begun is finished even when the capability has gone since; one that is being taken
        back comes back first.
        """
        return (
            self.filter(Q(retry_at__isnull=True) | Q(retry_at__lte=now), release_at__lte=now)
            .filter(Q(payee__transfers=TransfersStatus.ACTIVE) | Q(releases__state=ReleaseState.PLANNED))
            .filter(state=ShareState.HELD)
            .exclude(releases__state=ReleaseState.DONE)
            .order_by("release_at", "id")
            .distinct()
        )

    def owing(self) -> ShareQuerySet:
        """Those with a debt that is not paid back, oldest first."""
        return self.filter(debt__gt=F("recovered")).order_by("id")


class Share(MovesByTable, models.Model):
    """What a payee earned with one thing that was sold, and what became of it. Amounts are minor units.

    ``amount`` is the share as it stands now. ``released`` was sent to the payee, ``reversed`` of it came
    back. ``debt`` is what was sent but is no longer earned and has not come back; later shares ``recovered``
    a part of it. ``netted`` was kept from this share for debts of others. ``sourced_limit`` may be
    transferred with ``source_transaction`` (a charge), the rest only without. After a refusal nothing is
    tried before ``retry_at``.
    """

    TRANSITIONS: ClassVar[Transitions] = SHARE_MOVES

    payee = models.ForeignKey("payouts.Payee", on_delete=models.PROTECT, related_name="shares")
    source = models.CharField(max_length=100, unique=True)
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=20, choices=ShareState.choices, default=ShareState.HELD)
    amount = models.BigIntegerField()
    released = models.BigIntegerField(default=0)
    reversed = models.BigIntegerField(default=0)
    debt = models.BigIntegerField(default=0)
    recovered = models.BigIntegerField(default=0)
    netted = models.BigIntegerField(default=0)

    transfer_group = models.CharField(max_length=100, blank=True)
    source_transaction = models.CharField(max_length=100, blank=True)
    sourced_limit = models.BigIntegerField(default=0)
    opened_at = models.DateTimeField()
    release_at = models.DateTimeField(null=True)
    retry_at = models.DateTimeField(null=True)

    objects: ClassVar[ShareQuerySet] = ShareQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.CheckConstraint(name="share_state", condition=Q(state__in=sorted(ShareState.values))),
            models.CheckConstraint(
                name="share_amounts_not_negative",
                condition=Q(amount__gte=0, released__gte=0, reversed__gte=0, recovered__gte=0, netted__gte=0),
            ),
            models.CheckConstraint(
                name="share_not_overpaid",
                condition=Q(released__lte=F("amount") + F("reversed") + F("debt") - F("netted")),
            ),
            models.CheckConstraint(
                name="share_reversed_was_released", condition=Q(reversed__lte=F("released"))
            ),
            models.CheckConstraint(name="share_recovered_was_owed", condition=Q(recovered__lte=F("debt"))),
            models.CheckConstraint(
                name="share_sourced_by_a_charge",
                condition=Q(sourced_limit=0) | (Q(sourced_limit__gt=0) & ~Q(source_transaction="")),
            ),
            models.CheckConstraint(
                name="share_out_wholly",
                condition=Q(state__in=sorted(UNRELEASED))
                | Q(released=F("amount") + F("reversed") + F("debt") - F("netted")),
            ),
            models.CheckConstraint(
                name="share_void_kept_nothing", condition=~Q(state=ShareState.VOID) | Q(amount=0)
            ),
        ]
        indexes = [
            models.Index(fields=["release_at"], name="share_held", condition=Q(state=ShareState.HELD)),
            models.Index(fields=["payee", "state"], name="share_payee_state"),
            models.Index(fields=["payee"], name="share_owing", condition=Q(debt__gt=F("recovered"))),
        ]

    def __str__(self) -> str:
        return f"{self.source}, {self.state}"

    @property
    def unreleased(self) -> int:
        """What of the share is neither with the payee nor netted: what a release would send."""
        return self.amount - (self.released + self.netted - self.reversed - self.debt)

    @property
    def owed(self) -> int:
        """What of its debt is not paid back."""
        return self.debt - self.recovered

    @property
    def is_out(self) -> bool:
        """Whether its money has left, or is leaving right now."""
        return self.state not in UNRELEASED or self.is_leaving

    @property
    def is_leaving(self) -> bool:
        """Whether a release of it is under way."""
        return self.releases.filter(state=ReleaseState.PLANNED).exists()

    @property
    def is_held_back(self) -> bool:
        """Whether anything has still to be decided before it may be released."""
        return self.holds.open().exists()

    @property
    def to_take_back(self) -> int:
        """What was sent, is still earned, and has not been asked back."""
        asked_back_earned = max(0, self.asked_back() - self.owed)
        return self.released - self.reversed - self.debt - asked_back_earned

    def void_if_nothing_is_kept(self) -> None:
        """The last arrow: what was sent has come back, or is a debt that Stripe will not bring back."""
        is_empty = self.amount == 0 and self.unreleased == 0
        if is_empty and self.state != ShareState.VOID and not self.asked_back():
            self.move_to(ShareState.VOID)

    def asked_back(self) -> int:
        """What reversals may still bring back: of its debt first, then of what he earned."""
        reversals = Reversal.objects.filter(transfer__release__share=self, state=ReversalState.PLANNED)
        total: int | None = reversals.aggregate(total=Sum("amount"))["total"]
        return total or 0


class ShareHoldQuerySet(models.QuerySet["ShareHold"]):
    """The words for sets of holds."""

    def open(self) -> ShareHoldQuerySet:
        return self.filter(ended_at=None)


class ShareHold(models.Model):
    """A reason to keep a share back: while one is open, what we have of the share is frozen.

    ``cause`` is the caller's word for what has to be decided (``report:17``, ``dispute:du_1``); once that is
    decided it does not come up again.
    """

    share = models.ForeignKey(Share, on_delete=models.PROTECT, related_name="holds")
    cause = models.CharField(max_length=100)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects: ClassVar[ShareHoldQuerySet] = ShareHoldQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [models.UniqueConstraint(fields=["share", "cause"], name="share_hold_once")]
        indexes = [models.Index(fields=["share"], name="share_hold_open", condition=Q(ended_at__isnull=True))]

    def __str__(self) -> str:
        return f"{self.cause} holds {self.share}"
