"""How operations' work is written in the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.serializers import InstantField, MoneyField
from operations.queries.cases import Case, Queues


class CaseReportJson(serializers.Serializer[Any]):
    """What one ``side`` reported, and what came of it."""

    kind = serializers.CharField()
    side = serializers.CharField()
    state = serializers.CharField()
    reason = serializers.CharField()
    comment = serializers.CharField()
    made_at = InstantField()
    stands_at = InstantField(allow_null=True)
    objection = serializers.CharField()
    contested_at = InstantField(allow_null=True)
    decision = serializers.CharField()
    decided_at = InstantField(allow_null=True)


class SideJson(serializers.Serializer[Any]):
    name = serializers.CharField()
    here_at = InstantField(allow_null=True)


class CaseJson(serializers.Serializer[Any]):
    """A session of which something was said."""

    id = serializers.CharField(source="session.pk")
    state = serializers.CharField(source="session.booking.state")
    starts_at = InstantField(source="session.booking.starts_at")
    ends_at = InstantField(source="session.booking.ends_at")
    offer_name = serializers.CharField(source="session.offer.name")
    candidate = serializers.SerializerMethodField()
    coach = serializers.SerializerMethodField()
    reports = CaseReportJson(many=True)
    order = serializers.SerializerMethodField()

    @extend_schema_field(SideJson)
    def get_candidate(self, case: Case) -> dict[str, Any]:
        booking = case.session.booking
        return dict(SideJson(_side(booking.candidate.display_name, booking.candidate_here_at)).data)

    @extend_schema_field(SideJson)
    def get_coach(self, case: Case) -> dict[str, Any]:
        booking = case.session.booking
        return dict(SideJson(_side(booking.coach.coach.name, booking.coach_here_at)).data)

    def get_order(self, case: Case) -> dict[str, Any]:
        return {name: amount.as_json() for name, amount in case.amounts._asdict().items()}


class CompensationJson(serializers.Serializer[Any]):
    """A compensation that waits, as this pair had one by itself lately."""

    id = serializers.CharField(source="pk")
    booking = serializers.CharField(source="session_id")
    candidate = serializers.CharField(source="candidate.display_name")
    coach = serializers.CharField(source="coach.coach.name")
    amount = MoneyField(source="cost")
    asked_at = InstantField()
    granted_at = InstantField(allow_null=True)
    refused_at = InstantField(allow_null=True)


class CaseList(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    results = CaseJson(many=True)


class CompensationList(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    results = CompensationJson(many=True)


class QueuesJson(serializers.Serializer[Any]):
    """What waits for operations, the longest waiting first."""

    reports = serializers.SerializerMethodField()
    compensations = serializers.SerializerMethodField()

    @extend_schema_field(CaseList)
    def get_reports(self, queues: Queues) -> dict[str, Any]:
        return dict(CaseList({"count": queues.case_count, "results": queues.cases}).data)

    @extend_schema_field(CompensationList)
    def get_compensations(self, queues: Queues) -> dict[str, Any]:
        page = {"count": queues.compensation_count, "results": queues.compensations}
        return dict(CompensationList(page).data)


def _side(name: str, here_at: Any) -> dict[str, Any]:
    return {"name": name, "here_at": here_at}
