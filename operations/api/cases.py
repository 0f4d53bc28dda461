"""What waits for operations, and how they decide it. For staff with a second factor."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from core import clock
from core.api.idempotency import idempotent
from core.errors import NotFoundError
from marketplace.domain import attendance
from marketplace.domain.amends import decide_compensation
from marketplace.models import Compensation
from operations.api.cases_json import CaseJson, CompensationJson, QueuesJson
from operations.domain.motions import Wish, carry_out
from operations.forms.decisions import UPHELD, DecisionWish, ReasonWish, RefundWish
from operations.queries.cases import case_of, queues
from operations.queries.operator import operator_of
from operations.states import MotionKind


def valid(form: Serializer[Any]) -> dict[str, Any]:
    """What was sent, or the refusal that names each field."""
    form.is_valid(raise_exception=True)
    values: dict[str, Any] = form.validated_data
    return values


class OperationsView(APIView):
    """Everybody else learns no more than that there is nothing here."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        operator_of(request)


class QueuesView(OperationsView):
    @extend_schema(responses=QueuesJson)
    def get(self, _request: Request) -> Response:
        """Reports that are not settled and compensations that wait."""
        return Response(QueuesJson(queues()).data)


class Decide(OperationsView):
    @extend_schema(request=DecisionWish, responses=CaseJson)
    @idempotent
    def post(self, request: Request, pk: UUID) -> Response:
        """Uphold or reject what was reported about a session; the money follows at once."""
        case_of(pk)
        said = valid(DecisionWish(data=request.data))
        upheld = said["report"] == UPHELD
        attendance.decide(pk, upheld=upheld, reason=said["reason"], by=operator_of(request), now=clock.now())
        return Response(CaseJson(case_of(pk)).data)


class GiveBack(OperationsView):
    @extend_schema(request=RefundWish, responses=CaseJson)
    @idempotent
    def post(self, request: Request, pk: UUID) -> Response:
        """Give some of what was paid back, on top of what went back before.

        Above what one person may give it is stored and answers 409 ``second_person_needed`` with its
        ``motion``, which another one seconds.
        """
        context = {"currency": case_of(pk).session.order.currency}
        said = valid(RefundWish(data=request.data, context=context))
        wish = Wish(MotionKind.REFUND, str(pk), said["amount"])
        carry_out(wish, reason=said["reason"], by=operator_of(request), now=clock.now())
        return Response(CaseJson(case_of(pk)).data)


class GrantCompensation(OperationsView):
    @extend_schema(request=ReasonWish, responses=CompensationJson)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """The candidate gets the balance; above what one person may give, when another one seconds it."""
        reason = valid(ReasonWish(data=request.data))["reason"]
        owed = _compensation(pk)
        wish = Wish(MotionKind.COMPENSATION, str(pk), owed.cost)
        carry_out(wish, reason=reason, by=operator_of(request), now=clock.now())
        return Response(CompensationJson(_compensation(pk)).data)


class RefuseCompensation(OperationsView):
    @extend_schema(request=ReasonWish, responses=CompensationJson)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Nothing on top of what went back."""
        reason = valid(ReasonWish(data=request.data))["reason"]
        owed = decide_compensation(pk, granted=False, reason=reason, by=operator_of(request), now=clock.now())
        return Response(CompensationJson(owed).data)


def _compensation(pk: int) -> Compensation:
    owed = Compensation.objects.select_related("candidate", "coach__coach").filter(pk=pk).first()
    if owed is None:
        raise NotFoundError
    return owed
