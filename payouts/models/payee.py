from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from payouts.states import TransfersStatus


class PayeeQuerySet(models.QuerySet["Payee"]):
    """The words for sets of payees."""

    def connected(self) -> PayeeQuerySet:
        """Those who have an account at Stripe."""
        return self.exclude(account="")


class Payee(models.Model):
    """Somebody we owe money: a person with a connected account at Stripe, or one who has still to make it.

    ``transfers`` mirrors the capability without which no money may be sent; ``requirements`` are Stripe's
    words for what it still needs, by ``requirements_due_at`` at the latest.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="payee")
    account = models.CharField(max_length=100, blank=True)
    currency = models.CharField(max_length=3)
    transfers = models.CharField(max_length=20, choices=TransfersStatus.choices, default=TransfersStatus.NONE)
    requirements = models.JSONField(default=list)
    requirements_due_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    synced_at = models.DateTimeField(null=True)

    objects: ClassVar[PayeeQuerySet] = PayeeQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account"], name="payee_account_once", condition=~Q(account="")),
            models.CheckConstraint(
                name="payee_transfers", condition=Q(transfers__in=sorted(TransfersStatus.values))
            ),
        ]

    def __str__(self) -> str:
        return f"payee {self.user}"

    @property
    def can_receive(self) -> bool:
        """Whether Stripe lets us send money to this account."""
        return self.transfers == TransfersStatus.ACTIVE
