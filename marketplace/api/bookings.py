"""Bookings: making one, looking at it, and everything its two sides may do with it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from accounts.queries import person_of
from core import clock
from core.api.idempotency import idempotent
from core.api.pagination import Pagination
from core.api.serializers import NoFields
from core.errors import InvalidError
from core.log import get_logger
from marketplace.api.booking_json import BookingDetailJson, BookingJson, OutcomeJson, instant
from marketplace.domain.answers import save_answers
from marketplace.domain.booking import Wish, book, payment_page
from marketplace.domain.cancelling import cancel, preview
from marketplace.domain.requests import accept, decline
from marketplace.domain.reviews import review_session
from marketplace.domain.scorecards import MarkGiven, Verdict, deliver_scorecard, release_at
from marketplace.forms.booking import (
    Answers,
    BookingWish,
    CancelWish,
    DeclineWish,
    ReviewWish,
    ScorecardWish,
)
from marketplace.models import Session
from marketplace.queries.sessions import session_of, sessions_of
from payments.domain.checkout import CheckoutUnavailableError
from scheduling.domain.holds import extend_hold
from scheduling.states import BookingState, Side

log = get_logger(__name__)


def valid(form: Serializer[Any]) -> dict[str, Any]:
    """What was sent, or the refusal that names each field."""
    form.is_valid(raise_exception=True)
    values: dict[str, Any] = form.validated_data
    return values


def detail(request: Request, booking_id: UUID) -> dict[str, Any]:
    session = session_of(person_of(request), booking_id)
    context = {"request": request, "viewer": request.user, "now": clock.now()}
    return dict(BookingDetailJson(session, context=context).data)


class Bookings(APIView):
    pagination_class = Pagination

    @extend_schema(
        parameters=[
            OpenApiParameter("role", str, enum=["candidate", "coach"]),
            OpenApiParameter("state", str, many=True, enum=BookingState.values),
        ],
        responses=BookingJson(many=True),
    )
    def get(self, request: Request) -> Response:
        """My bookings on either side, the latest start first."""
        role, states = request.query_params.get("role", ""), request.query_params.getlist("state")
        side = {"": None, "candidate": Side.CANDIDATE, "coach": Side.COACH}
        complaints = {
            **({} if role in side else {"role": ["One of candidate, coach."]}),
            **(
                {}
                if set(states) <= set(BookingState.values)
                else {"state": [f"One of {', '.join(BookingState.values)}."]}
            ),
        }
        if complaints:
            raise InvalidError(fields=complaints)
        pages = self.pagination_class()
        found = sessions_of(person_of(request), side=side[role], states=states)
        rows = pages.paginate_queryset(found, request, view=self)
        context = {"viewer": request.user}
        return pages.get_paginated_response(BookingJson(rows, many=True, context=context).data)

    @extend_schema(request=BookingWish, responses={201: BookingJson, 200: BookingJson})
    @idempotent
    def post(self, request: Request) -> Response:
        """Hold a slot, or confirm at once where nothing is to be paid. One's own live hold again is 200."""
        values = valid(BookingWish(data=request.data))
        now = clock.now()
        wish = Wish(
            offer_id=values["offer"],
            starts_at=values["starts_at"],
            timezone=values["timezone"],
            answers=values.get("answers", {}),
        )
        booked = book(wish, candidate=person_of(request), now=now)
        open_page(booked.session, now=now)
        session = session_of(person_of(request), booked.session.pk)
        answer = BookingJson(session, context={"viewer": request.user}).data
        return Response(answer, status=201 if booked.is_new else 200)


def open_page(session: Session, *, now: datetime) -> None:
    """Open the payment page of a hold. It stands without one, too; asking again opens it."""
    try:
        payment_page(session, now=now)
    except CheckoutUnavailableError:
        log.warning("checkout.unavailable", booking=str(session.pk))


class BookingDetail(APIView):
    @extend_schema(responses=BookingDetailJson)
    def get(self, request: Request, pk: UUID) -> Response:
        """One booking, for either of its sides."""
        return Response(detail(request, pk))


class ExtendHold(APIView):
    @extend_schema(request=None, responses=BookingDetailJson)
    @idempotent
    def post(self, request: Request, pk: UUID) -> Response:
        """Five more minutes, once."""
        valid(NoFields(data=request.data))
        session_of(person_of(request), pk)
        extend_hold(pk, by=person_of(request), now=clock.now())
        return Response(detail(request, pk))


class Cancel(APIView):
    @extend_schema(request=CancelWish, responses=OutcomeJson)
    @idempotent
    def post(self, request: Request, pk: UUID) -> Response:
        """Give it up; with `preview` only what that would come to."""
        asked = valid(CancelWish(data=request.data))
        now = clock.now()
        session = session_of(person_of(request), pk)
        if asked["preview"]:
            return Response(OutcomeJson(preview(session, by=person_of(request), now=now)).data)
        outcome = OutcomeJson(cancel(pk, by=person_of(request), now=now)).data
        return Response({**detail(request, pk), **outcome})


class Accept(APIView):
    @extend_schema(request=None, responses=BookingDetailJson)
    @idempotent
    def post(self, request: Request, pk: UUID) -> Response:
        """The coach says yes to a request."""
        valid(NoFields(data=request.data))
        accept(pk, by=person_of(request), now=clock.now())
        return Response(detail(request, pk))


class Decline(APIView):
    @extend_schema(request=DeclineWish, responses=BookingDetailJson)
    @idempotent
    def post(self, request: Request, pk: UUID) -> Response:
        """The coach says no; everything goes back."""
        reason = valid(DeclineWish(data=request.data))["reason"]
        decline(pk, by=person_of(request), reason=reason, now=clock.now())
        return Response(detail(request, pk))


class PrepAnswers(APIView):
    @extend_schema(request=Answers, responses=BookingDetailJson)
    def patch(self, request: Request, pk: UUID) -> Response:
        """Change some answers, until two hours before the start."""
        answers = valid(Answers(data=request.data, partial=True))
        save_answers(pk, answers, by=person_of(request), now=clock.now())
        return Response(detail(request, pk))


class SessionScorecard(APIView):
    @extend_schema(request=ScorecardWish, responses=OpenApiTypes.OBJECT)
    def put(self, request: Request, pk: UUID) -> Response:
        """Deliver the scorecard, or edit it."""
        values = valid(ScorecardWish(data=request.data))
        verdict = Verdict(**{**values, "marks": [MarkGiven(**mark) for mark in values["marks"]]})
        scorecard = deliver_scorecard(pk, verdict, by=person_of(request), now=clock.now())
        due = release_at(session_of(person_of(request), pk), scorecard)
        return Response(
            {
                **values,
                "delivered_at": instant(scorecard.delivered_at),
                "edited_at": instant(scorecard.edited_at),
                "release_at": instant(due),
            }
        )


class SessionReview(APIView):
    @extend_schema(request=ReviewWish, responses={201: ReviewWish})
    @idempotent
    def post(self, request: Request, pk: UUID) -> Response:
        """Review the other side of a session that took place."""
        values = valid(ReviewWish(data=request.data))
        review = review_session(pk, **values, by=person_of(request), now=clock.now())
        return Response({**values, "written_at": instant(review.written_at)}, status=201)
