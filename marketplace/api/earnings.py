"""What the signed-in coach earned: money by place, and a line per share."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.queries import person_of
from core import clock
from core.api.serializers import InstantField
from marketplace.api.desk import own_coach
from marketplace.queries.earnings import earning_rows, sold_by
from payouts.domain.payees import payee_of
from payouts.queries.earnings import earnings


class EarningLineJson(serializers.Serializer[Any]):
    """Minor units of the one currency; ``gross − refunded − lost = fee + net``."""

    booking = serializers.CharField(source="session.pk")
    share = serializers.CharField(source="share.share_id")
    gross = serializers.IntegerField(source="line.gross")
    refunded = serializers.IntegerField(source="line.refunded")
    lost = serializers.IntegerField(source="line.lost")
    goodwill = serializers.IntegerField(source="line.goodwill")
    fee = serializers.IntegerField(source="line.fee")
    net = serializers.IntegerField(source="line.net")
    state = serializers.CharField(source="share.state")
    release_at = InstantField(source="share.release_at", allow_null=True)
    transfers = serializers.ListField(child=serializers.CharField(), source="share.transfers")
    payout = serializers.CharField(source="share.payout", allow_null=True)


class EarningsJson(serializers.Serializer[Any]):
    """Minor units of ``currency`` by place."""

    currency = serializers.CharField()
    held = serializers.IntegerField()
    frozen = serializers.IntegerField()
    available = serializers.IntegerField()
    in_transit = serializers.IntegerField()
    paid = serializers.IntegerField()
    debt = serializers.IntegerField()
    lines = serializers.ListField(child=EarningLineJson(), required=False)


class EarningsView(APIView):
    @extend_schema(responses=EarningsJson)
    def get(self, request: Request) -> Response:
        """Held, frozen, available, on its way and paid; and the line behind every cent."""
        coach = own_coach(person_of(request))
        payee = payee_of(coach.user, now=clock.now())
        rows = EarningLineJson(earning_rows(payee, sold_by(payee)), many=True).data
        return Response({**EarningsJson(earnings(payee)).data, "lines": rows})
