"""The signed-in coach's own offers, and why a time is not offered."""

from __future__ import annotations

from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from accounts.queries import person_of
from core import clock
from core.api.idempotency import idempotent
from core.api.pagination import Pagination
from core.errors import ForbiddenError
from marketplace.api.serializers import OfferWish, OwnOffer, WhyAnswer
from marketplace.domain.offers import change_offer, create_offer, remove_offer
from marketplace.forms.slots import read_why_question
from marketplace.models import Coach, Offer
from marketplace.queries.whys import seller_reason
from scheduling.queries.why import why_not


def own_coach(user: User) -> Coach:
    """The profile of the signed-in coach or mentor."""
    coach = Coach.objects.select_related("user__schedule").filter(user=user).first()
    if coach is None:
        raise ForbiddenError("This is for coaches and mentors. Apply to become one first.")
    return coach


class OwnOffers(APIView):
    pagination_class = Pagination

    @extend_schema(responses=OwnOffer(many=True))
    def get(self, request: Request) -> Response:
        """What I sell, inactive offers too."""
        pages = self.pagination_class()
        rows = pages.paginate_queryset(own_coach(person_of(request)).offers.all(), request, view=self)
        return pages.get_paginated_response(OwnOffer(rows, many=True).data)

    @extend_schema(request=OfferWish, responses={201: OwnOffer})
    @idempotent
    def post(self, request: Request) -> Response:
        """Put something on sale."""
        coach = own_coach(person_of(request))
        wish = OfferWish(data=request.data)
        wish.is_valid(raise_exception=True)
        offer = create_offer(coach, wish.validated_data, by=person_of(request), now=clock.now())
        return Response(OwnOffer(offer).data, status=201)


class OwnOfferDetail(APIView):
    @extend_schema(request=OfferWish(partial=True), responses=OwnOffer)
    def patch(self, request: Request, pk: str) -> Response:
        """Change what is sold from now on."""
        offer = self._offer(request, pk)
        wish = OfferWish(data=request.data, partial=True)
        wish.is_valid(raise_exception=True)
        changed = change_offer(offer.pk, wish.validated_data, by=person_of(request), now=clock.now())
        return Response(OwnOffer(changed).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: str) -> Response:
        """Remove it; an offer with bookings is only deactivated."""
        remove_offer(self._offer(request, pk).pk, by=person_of(request), now=clock.now())
        return Response(status=204)

    def _offer(self, request: Request, pk: str) -> Offer:
        return get_object_or_404(own_coach(person_of(request)).offers.all(), pk=pk)


class Why(APIView):
    @extend_schema(
        parameters=[
            OpenApiParameter("offer", str, required=True, description="The offer's slug."),
            OpenApiParameter("at", OpenApiTypes.DATETIME, required=True),
        ],
        responses=WhyAnswer,
    )
    def get(self, request: Request) -> Response:
        """Why is this time not offered? The first rule that hides it."""
        coach = own_coach(person_of(request))
        slug, at = read_why_question(request.query_params)
        offer = get_object_or_404(coach.offers.all(), slug=slug)
        why = why_not(
            coach.user_id,
            duration_minutes=offer.duration_minutes,
            at=at,
            now=clock.now(),
            seller_reason=seller_reason(coach, offer),
        )
        return Response(WhyAnswer(why).data)
