"""How the proof of the books, and what waits for a second person, are written in the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.serializers import InstantField, MoneyField
from operations.queries.proof import Listed, Proof


class InvariantJson(serializers.Serializer[Any]):
    """``holds`` is null while nobody knows."""

    number = serializers.IntegerField()
    says = serializers.CharField()
    holds = serializers.BooleanField(allow_null=True)
    breaches = serializers.IntegerField()
    asked_at = InstantField(allow_null=True)


class ComparisonJson(serializers.Serializer[Any]):
    """A part of the nightly proof; with ``trouble`` it is unknown how it stands."""

    name = serializers.CharField()
    asked_at = InstantField()
    answered_at = InstantField(allow_null=True)
    found = serializers.IntegerField()
    trouble = serializers.CharField()


class DifferenceJson(serializers.Serializer[Any]):
    """Two sides do not say the same; ``ours`` or ``stripes`` is empty where one has nothing."""

    id = serializers.CharField(source="pk")
    part = serializers.CharField(source="comparison.name")
    kind = serializers.CharField()
    subject = serializers.CharField()
    ours = serializers.CharField()
    stripes = serializers.CharField()
    message = serializers.CharField()
    found_at = InstantField()
    last_seen_at = InstantField()
    gone_at = InstantField(allow_null=True)
    closed_at = InstantField(allow_null=True)
    note = serializers.CharField()


class WaitingOperationJson(serializers.Serializer[Any]):
    """A write to Stripe without an outcome."""

    key = serializers.CharField()
    kind = serializers.CharField()
    state = serializers.CharField()
    attempts = serializers.IntegerField()
    planned_at = InstantField()
    sent_at = InstantField(allow_null=True)
    error = serializers.CharField()


class DeadLetterJson(serializers.Serializer[Any]):
    """Something that was given up on; ``stripe`` says whose it is."""

    id = serializers.CharField()
    what = serializers.CharField()
    about = serializers.CharField()
    stripe = serializers.BooleanField()
    dead_at = InstantField()
    attempts = serializers.IntegerField()
    error = serializers.CharField()


class DifferenceList(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    results = DifferenceJson(many=True, source="rows")


class WaitingOperationList(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    results = WaitingOperationJson(many=True, source="rows")


class DeadLetterList(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    results = DeadLetterJson(many=True, source="rows")


class LedgerJson(serializers.Serializer[Any]):
    """Balances by kind of account, debit positive; the proof; what is unknown, and what was given up on."""

    balances = serializers.DictField(child=MoneyField())
    invariants = InvariantJson(many=True)
    comparisons = ComparisonJson(many=True)
    differences = DifferenceList()
    unknown_operations = serializers.SerializerMethodField()
    dead_letters = serializers.SerializerMethodField()

    @extend_schema_field(WaitingOperationList)
    def get_unknown_operations(self, proof: Proof) -> dict[str, Any]:
        return _list(WaitingOperationList, proof.operations)

    @extend_schema_field(DeadLetterList)
    def get_dead_letters(self, proof: Proof) -> dict[str, Any]:
        return _list(DeadLetterList, proof.letters)


def _list(form: type[serializers.Serializer[Any]], listed: Listed[Any]) -> dict[str, Any]:
    return dict(form(listed).data)


class MotionJson(serializers.Serializer[Any]):
    """What one person may not do alone; ``target`` is a session, an order or a compensation, by its id."""

    id = serializers.CharField(source="pk")
    kind = serializers.CharField()
    target = serializers.CharField()
    order = serializers.CharField(source="order_id")
    amount = MoneyField(source="money")
    reason = serializers.CharField()
    state = serializers.CharField()
    moved_by = serializers.CharField(source="moved_by.display_name")
    moved_at = InstantField()
    expires_at = InstantField()
    decided_by = serializers.CharField(source="decided_by.display_name", allow_null=True, default=None)
    decided_at = InstantField(allow_null=True)
    decision = serializers.CharField()


class MotionList(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    results = MotionJson(many=True)


class AdjustmentJson(serializers.Serializer[Any]):
    order = serializers.CharField()
    amount = MoneyField()


class ReplayedJson(serializers.Serializer[Any]):
    id = serializers.CharField()
    replayed_at = InstantField()
