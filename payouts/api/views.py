from __future__ import annotations

from typing import TYPE_CHECKING, cast

from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core import clock
from core.api.idempotency import idempotent
from payouts.api.serializers import OnboardingSerializer, PayeeSerializer, PayoutSerializer
from payouts.domain.links import onboarding_links
from payouts.domain.payees import payee_of, start_onboarding
from payouts.models import Payee, Payout
from payouts.queries.earnings import payouts_of

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from accounts.models import User


class PayeeView(APIView):
    """Whether the signed-in person can be paid."""

    @extend_schema(responses=PayeeSerializer)
    def get(self, request: Request) -> Response:
        payee = Payee.objects.filter(user=cast("User", request.user)).first() or Payee()
        return Response(PayeeSerializer(payee).data)


class OnboardingView(APIView):
    """A fresh link to Stripe's form, good for one visit; the account is made at the first asking."""

    @extend_schema(request=None, responses=OnboardingSerializer)
    @idempotent
    def post(self, request: Request) -> Response:
        now = clock.now()
        payee = payee_of(cast("User", request.user), now=now)
        return Response({"url": start_onboarding(payee, **onboarding_links(), now=now)})


class PayoutsView(generics.ListAPIView[Payout]):
    """The signed-in person's payouts, newest first, each with what is in it."""

    serializer_class = PayoutSerializer

    def get_queryset(self) -> QuerySet[Payout]:
        if getattr(self, "swagger_fake_view", False):
            return Payout.objects.none()
        return payouts_of(cast("User", self.request.user)).with_lines()
