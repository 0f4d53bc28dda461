"""What the signed-in coach earned: money by place, and a line per share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.queries import person_of
from core import clock
from core.api.serializers import InstantField
from core.instants import instant_json
from marketplace.api.desk import own_coach
from marketplace.queries.earnings import sold_by
from payments.queries import earning_lines
from payouts.domain.payees import payee_of
from payouts.models import Payee
from payouts.queries.earnings import earnings, share_lines


class EarningLineJson(serializers.Serializer[Any]):
    """Minor units of the one currency; ``gross − refunded − lost = fee + net``."""

    booking = serializers.CharField()
    share = serializers.CharField()
    gross = serializers.IntegerField()
    refunded = serializers.IntegerField()
    lost = serializers.IntegerField()
    goodwill = serializers.IntegerField()
    fee = serializers.IntegerField()
    net = serializers.IntegerField()
    state = serializers.CharField()
    release_at = InstantField(allow_null=True)
    transfers = serializers.ListField(child=serializers.CharField())
    payout = serializers.CharField(allow_null=True)


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
        return Response({**EarningsJson(earnings(payee)).data, "lines": list(_lines(payee))})


def _lines(payee: Payee) -> Iterator[dict[str, Any]]:
    """All of ``EarningLineJson``, written out: a serializer takes its time over thousands."""
    shares = {share.source: share for share in share_lines(payee)}
    for line in earning_lines(sold_by(payee)):
        share = shares[line.share]
        yield {
            "booking": line.source.partition(":")[2],
            "share": str(share.share_id),
            "gross": line.gross,
            "refunded": line.refunded,
            "lost": line.lost,
            "goodwill": line.goodwill,
            "fee": line.fee,
            "net": line.net,
            "state": share.state,
            "release_at": instant_json(share.release_at) if share.release_at else None,
            "transfers": share.transfers,
            "payout": share.payout,
        }
