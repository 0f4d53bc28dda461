from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.serializers import InstantField, MoneyField
from core.money import Money
from payouts.models import Payee, Payout, PayoutLine
from payouts.states import PayoutState, TransfersStatus


class OnboardingSerializer(serializers.Serializer[Any]):
    url = serializers.URLField()


class PayeeSerializer(serializers.Serializer[Payee]):
    """Whether one can be paid, and what Stripe still needs by when."""

    transfers = serializers.ChoiceField(choices=TransfersStatus.choices)
    requirements = serializers.ListField(child=serializers.CharField())
    deadline = InstantField(source="requirements_due_at", allow_null=True)
    account = serializers.SerializerMethodField()

    def get_account(self, payee: Payee) -> str | None:
        return payee.account or None


class PayoutLineSerializer(serializers.Serializer[PayoutLine]):
    """``share`` is the one of ``GET /me/earnings/``; null where there is none (a failed payout came back)."""

    kind = serializers.CharField()
    amount = serializers.SerializerMethodField()
    transfer = serializers.SerializerMethodField()
    share = serializers.SerializerMethodField()

    @extend_schema_field(MoneyField)
    def get_amount(self, line: PayoutLine) -> dict[str, Any]:
        return Money(line.amount, line.payout.currency).as_json()

    def get_transfer(self, line: PayoutLine) -> str | None:
        return line.transfer.stripe_id if line.transfer else None

    def get_share(self, line: PayoutLine) -> str | None:
        return str(line.transfer.release.share_id) if line.transfer else None


class PayoutSerializer(serializers.Serializer[Payout]):
    id = serializers.CharField(source="stripe_id")
    amount = serializers.SerializerMethodField()
    state = serializers.ChoiceField(choices=PayoutState.choices)
    made_at = InstantField()
    arrives_on = serializers.DateField()
    paid_at = InstantField(allow_null=True)
    failure = serializers.SerializerMethodField()
    lines = PayoutLineSerializer(many=True)

    @extend_schema_field(MoneyField)
    def get_amount(self, payout: Payout) -> dict[str, Any]:
        return Money(payout.amount, payout.currency).as_json()

    def get_failure(self, payout: Payout) -> str | None:
        return payout.failure or None
