from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from core.money import Money
from core.states import MovesByTable, Transitions
from payments.states import (
    ANSWERABLE,
    CHARGED_BACK,
    DISPUTE_MOVES,
    FRAUD_WARNING_MOVES,
    UNDECIDED,
    DisputeState,
    FraudWarningState,
)


class DisputeQuerySet(models.QuerySet["Dispute"]):
    """The words for sets of disputes."""

    def undecided(self) -> DisputeQuerySet:
        return self.filter(state__in=sorted(UNDECIDED))

    def charged_back(self) -> DisputeQuerySet:
        """The bank has the money and has not decided."""
        return self.filter(state__in=sorted(CHARGED_BACK))


class Dispute(MovesByTable, models.Model):
    """A buyer went to his bank about a payment: the mirror of a dispute at Stripe. Amounts are minor units.

    ``suspended`` is what the bank has taken and not decided on. Of what it kept in the end ``lost`` came out
    of the order, ``in_place`` was going back to the card anyway, and ``excess`` is the platform's loss.
    ``fee`` is Stripe's. ``answer`` is what we told the bank, ``failure`` why Stripe did not take that.
    """

    TRANSITIONS: ClassVar[Transitions] = DISPUTE_MOVES

    order = models.ForeignKey("payments.Order", on_delete=models.PROTECT, related_name="disputes")
    payment = models.ForeignKey("payments.CheckoutSession", on_delete=models.PROTECT, related_name="disputes")
    stripe_id = models.CharField(max_length=255, unique=True)
    state = models.CharField(max_length=30, choices=DisputeState.choices, editable=False)
    reason = models.CharField(max_length=60)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    fee = models.BigIntegerField(default=0)
    suspended = models.BigIntegerField(default=0)
    lost = models.BigIntegerField(default=0)
    in_place = models.BigIntegerField(default=0)
    excess = models.BigIntegerField(default=0)
    opened_at = models.DateTimeField()
    due_by = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    answer = models.JSONField(default=dict)
    answered_at = models.DateTimeField(null=True)
    operation = models.OneToOneField(
        "stripe_integration.StripeOperation", null=True, on_delete=models.PROTECT, related_name="+"
    )
    failure = models.CharField(max_length=300, blank=True)

    objects: ClassVar[DisputeQuerySet] = DisputeQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.CheckConstraint(name="dispute_state", condition=Q(state__in=sorted(DisputeState.values))),
            models.CheckConstraint(
                name="dispute_amounts_not_negative",
                condition=Q(amount__gt=0, suspended__gte=0, lost__gte=0, in_place__gte=0, excess__gte=0),
            ),
            models.CheckConstraint(
                name="dispute_takes_once",
                condition=Q(suspended=0) | Q(lost=0, in_place=0, excess=0),
            ),
            models.CheckConstraint(
                name="dispute_only_a_lost_one_costs",
                condition=Q(state=DisputeState.LOST, suspended=0) | Q(lost=0, in_place=0, excess=0),
            ),
            models.CheckConstraint(
                name="dispute_closed_pair",
                condition=Q(state__in=sorted(UNDECIDED), closed_at__isnull=True)
                | (~Q(state__in=sorted(UNDECIDED)) & Q(closed_at__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(
                name="dispute_undecided", fields=["due_by"], condition=Q(state__in=sorted(UNDECIDED))
            ),
        ]

    def __str__(self) -> str:
        return self.stripe_id

    @property
    def total(self) -> Money:
        return Money(self.amount, self.currency)

    @property
    def is_undecided(self) -> bool:
        return self.state in UNDECIDED

    @property
    def is_charged_back(self) -> bool:
        """Whether the bank has the money and has not decided."""
        return self.state in CHARGED_BACK

    @property
    def is_inquiry(self) -> bool:
        """Whether the bank only asks: no money moves."""
        return self.state.startswith("warning_")

    @property
    def is_answerable(self) -> bool:
        """Whether the bank waits for our side, and nothing is on its way there."""
        is_on_its_way = self.operation is not None and not self.operation.is_settled
        return self.state in ANSWERABLE and not is_on_its_way

    @property
    def cause(self) -> str:
        """Why the shares of its order wait."""
        return f"dispute:{self.stripe_id}"


class FraudWarningQuerySet(models.QuerySet["FraudWarning"]):
    """The words for sets of warnings."""

    def actionable(self) -> FraudWarningQuerySet:
        return self.filter(state=FraudWarningState.ACTIONABLE)


class FraudWarning(MovesByTable, models.Model):
    """A card network suspects that a payment was fraud; a refund in time may forestall a dispute."""

    TRANSITIONS: ClassVar[Transitions] = FRAUD_WARNING_MOVES

    order = models.ForeignKey("payments.Order", on_delete=models.PROTECT, related_name="fraud_warnings")
    payment = models.ForeignKey(
        "payments.CheckoutSession", on_delete=models.PROTECT, related_name="fraud_warnings"
    )
    stripe_id = models.CharField(max_length=255, unique=True)
    state = models.CharField(
        max_length=10,
        choices=FraudWarningState.choices,
        default=FraudWarningState.ACTIONABLE,
        editable=False,
    )
    fraud_type = models.CharField(max_length=60)
    warned_at = models.DateTimeField()

    objects: ClassVar[FraudWarningQuerySet] = FraudWarningQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="fraud_warning_state", condition=Q(state__in=sorted(FraudWarningState.values))
            ),
        ]
        indexes = [
            models.Index(
                name="fraud_warning_actionable",
                fields=["warned_at"],
                condition=Q(state=FraudWarningState.ACTIONABLE),
            ),
        ]

    def __str__(self) -> str:
        return self.stripe_id
