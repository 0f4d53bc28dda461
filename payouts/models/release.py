from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q, Sum

from core.states import MovesByTable, Transitions
from payouts.states import RELEASE_MOVES, REVERSAL_MOVES, UNREVERSED, ReleaseState, ReversalState


class Release(MovesByTable, models.Model):
    """One sending of a share to its payee: the intent first, then its one or two transfers, then *done*."""

    TRANSITIONS: ClassVar[Transitions] = RELEASE_MOVES

    share = models.ForeignKey("payouts.Share", on_delete=models.PROTECT, related_name="releases")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=20, choices=ReleaseState.choices, default=ReleaseState.PLANNED)
    planned_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["share", "number"], name="release_number_once"),
            models.UniqueConstraint(
                fields=["share"], name="release_one_unreversed", condition=Q(state__in=sorted(UNREVERSED))
            ),
            models.CheckConstraint(name="release_state", condition=Q(state__in=sorted(ReleaseState.values))),
            models.CheckConstraint(
                name="release_settled_pair",
                condition=Q(state=ReleaseState.PLANNED, settled_at__isnull=True)
                | (~Q(state=ReleaseState.PLANNED) & Q(settled_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"release {self.number} of {self.share}"

    def next_transfer(self) -> Transfer | None:
        """The part to send next: the sourced one first. None when all are made."""
        return self.transfers.filter(stripe_id="").order_by("-source_transaction").first()


class TransferQuerySet(models.QuerySet["Transfer"]):
    """The words for sets of transfers."""

    def standing(self) -> TransferQuerySet:
        """Made, or still to be made, and not wholly reversed."""
        back = Sum("reversals__amount", filter=Q(reversals__state=ReversalState.DONE), default=0)
        return self.exclude(release__state=ReleaseState.REFUSED).alias(back=back).filter(back__lt=F("amount"))


class Transfer(models.Model):
    """A transfer at Stripe: the part of a release that one charge covers, or the part that no charge does.

    The sourced part goes first. ``attempt`` grows when Stripe definitively refused the one before; between
    two attempts there is no ``operation``. ``destination_payment`` is what the payee's account calls it;
    ``payout`` what carries it to his bank.
    """

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="transfers")
    source_transaction = models.CharField(max_length=100, blank=True)
    amount = models.BigIntegerField()
    attempt = models.PositiveIntegerField(default=1)
    operation = models.OneToOneField(
        "stripe_integration.StripeOperation", null=True, on_delete=models.PROTECT, related_name="+"
    )
    stripe_id = models.CharField(max_length=100, blank=True)
    destination_payment = models.CharField(max_length=100, blank=True)
    transferred_at = models.DateTimeField(null=True)
    payout = models.ForeignKey(
        "payouts.Payout", null=True, on_delete=models.PROTECT, related_name="transfers"
    )

    objects: ClassVar[TransferQuerySet] = TransferQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["stripe_id"], name="transfer_stripe_id_once", condition=~Q(stripe_id="")
            ),
            models.UniqueConstraint(
                fields=["release"], name="transfer_one_sourced", condition=~Q(source_transaction="")
            ),
            models.UniqueConstraint(
                fields=["release"], name="transfer_one_unsourced", condition=Q(source_transaction="")
            ),
            models.CheckConstraint(name="transfer_of_something", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="transfer_made_pair",
                condition=Q(stripe_id="", transferred_at__isnull=True)
                | (~Q(stripe_id="") & Q(transferred_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return self.stripe_id or f"transfer {self.pk}"

    def asked_back(self) -> int:
        """What of it came back or may still come."""
        wanted = self.reversals.exclude(state=ReversalState.REFUSED)
        total: int | None = wanted.aggregate(total=Sum("amount"))["total"]
        return total or 0

    @property
    def is_made(self) -> bool:
        return bool(self.stripe_id)

    @property
    def key(self) -> str:
        """The operation's key: the same attempt at the same part of the same release is the same question.

        With the share's group, as a restored database may give the share's number to another sale.
        """
        share = self.release.share
        part = ":sourced" if self.source_transaction else ""
        attempt = f":{self.attempt}" if self.attempt > 1 else ""
        return f"release:{share.transfer_group}:{share.source}:{self.release.number}{part}{attempt}"


class Reversal(MovesByTable, models.Model):
    """A part of a transfer asked back: no longer earned, or disputed. Refused, what it was for remains."""

    TRANSITIONS: ClassVar[Transitions] = REVERSAL_MOVES

    transfer = models.ForeignKey(Transfer, on_delete=models.PROTECT, related_name="reversals")
    amount = models.BigIntegerField()
    state = models.CharField(max_length=20, choices=ReversalState.choices, default=ReversalState.PLANNED)
    operation = models.OneToOneField(
        "stripe_integration.StripeOperation", null=True, on_delete=models.PROTECT, related_name="+"
    )
    stripe_id = models.CharField(max_length=100, blank=True)
    planned_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["stripe_id"], name="reversal_stripe_id_once", condition=~Q(stripe_id="")
            ),
            models.CheckConstraint(name="reversal_of_something", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="reversal_state", condition=Q(state__in=sorted(ReversalState.values))
            ),
            models.CheckConstraint(
                name="reversal_settled_pair",
                condition=Q(state=ReversalState.PLANNED, settled_at__isnull=True)
                | (~Q(state=ReversalState.PLANNED) & Q(settled_at__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(fields=["id"], name="reversal_open", condition=Q(state=ReversalState.PLANNED))
        ]

    def __str__(self) -> str:
        return f"{self.amount} of {self.transfer}, {self.state}"


class Netting(models.Model):
    """A part of one share kept for the debt of another."""

    share = models.ForeignKey("payouts.Share", on_delete=models.PROTECT, related_name="nettings")
    debtor = models.ForeignKey("payouts.Share", on_delete=models.PROTECT, related_name="recoveries")
    amount = models.BigIntegerField()
    netted_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(name="netting_of_something", condition=Q(amount__gt=0))]

    def __str__(self) -> str:
        return f"{self.amount} of {self.share} for {self.debtor}"
