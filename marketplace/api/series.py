"""A series: several sessions with one coach as one order."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.queries import person_of
from core import clock
from core.api.idempotency import idempotent
from core.api.serializers import InstantField, MoneyField
from core.money import Money
from marketplace.api.booking_json import BookingJson
from marketplace.api.bookings import open_page, valid
from marketplace.domain.series import BookedSeries, SeriesWish, book_series
from marketplace.forms.booking import SeriesRequest
from marketplace.queries.series import sessions_of_order
from marketplace.queries.sessions import session_of
from scheduling.domain.series import failures


class FailedStartJson(serializers.Serializer[Any]):
    """A start that could not be had, with the code of the rule that refused it."""

    starts_at = InstantField()
    code = serializers.CharField()
    message = serializers.CharField()
    reason = serializers.CharField(required=False)
    booking = serializers.CharField(required=False)


class SeriesJson(serializers.Serializer[Any]):
    """The order of a series: ``bookings`` in time order, each with its own part of the amounts."""

    id = serializers.CharField()
    bookings = BookingJson(many=True)
    failed = FailedStartJson(many=True)
    price = MoneyField()
    to_pay = MoneyField()
    hold_expires_at = InstantField(allow_null=True)
    checkout_url = serializers.CharField(allow_null=True)
    checkout_session = serializers.CharField(allow_null=True)


class SeriesOfSessions(APIView):
    @extend_schema(request=SeriesRequest, responses={201: SeriesJson, 200: SeriesJson})
    @idempotent
    def post(self, request: Request) -> Response:
        """Hold all of these times, or none; with `partial` those that can be had. The same again is 200."""
        values = valid(SeriesRequest(data=request.data))
        now = clock.now()
        wish = SeriesWish(
            offer_id=values["offer"],
            starts=values["starts"],
            timezone=values["timezone"],
            partial=values["partial"],
            answers=values.get("answers", {}),
        )
        booked = book_series(wish, candidate=person_of(request), now=now)
        open_page(booked.sessions[0], now=now)
        return Response(_answer(request, booked), status=201 if booked.is_new else 200)


def _answer(request: Request, booked: BookedSeries) -> dict[str, Any]:
    first = session_of(person_of(request), booked.sessions[0].pk)
    rows = sessions_of_order(first).prefetch_related("order__checkouts", "order__lines")
    bookings = BookingJson(rows, many=True, context={"viewer": request.user}).data
    shown = bookings[0]
    order = first.order
    due = sum(each["to_pay"]["amount"] for each in bookings)
    return {
        "id": str(order.pk),
        "bookings": bookings,
        "failed": failures(booked.refused),
        "price": Money(order.price, order.currency).as_json(),
        "to_pay": Money(due, order.currency).as_json(),
        **{name: shown[name] for name in ("hold_expires_at", "checkout_url", "checkout_session")},
    }
