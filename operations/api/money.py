"""The proof of the books, dead letters, and what needs a second person. For staff with a second factor."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core import clock
from core.api.idempotency import idempotent
from core.errors import NotFoundError
from operations.api.cases import OperationsView, valid
from operations.api.money_json import (
    AdjustmentJson,
    DifferenceJson,
    LedgerJson,
    MotionJson,
    MotionList,
    ReplayedJson,
)
from operations.domain import dead_letters, motions
from operations.domain.motions import Wish, carry_out
from operations.forms.decisions import ReasonWish
from operations.forms.money import AdjustmentWish
from operations.models import Motion
from operations.queries.motions import waiting_motions
from operations.queries.operator import operator_of
from operations.queries.proof import proof
from operations.states import MotionKind
from payments.models import Order
from payouts.domain.reconciling import close_difference, reconcile
from payouts.models import Comparison


class LedgerView(OperationsView):
    @extend_schema(responses=LedgerJson)
    def get(self, _request: Request) -> Response:
        """The books as they were last proved; the very first reader has our own asked."""
        if not Comparison.objects.exists():
            reconcile(clock.now(), names=["books"])
        return Response(LedgerJson(proof(clock.now())).data)


class CloseDifference(OperationsView):
    @extend_schema(request=ReasonWish, responses=DifferenceJson)
    def post(self, request: Request, pk: int) -> Response:
        """Say why a difference is none. It comes back only if it becomes another."""
        reason = valid(ReasonWish(data=request.data))["reason"]
        closed = close_difference(pk, by=operator_of(request), note=reason, now=clock.now())
        return Response(DifferenceJson(closed).data)


class Replay(OperationsView):
    @extend_schema(request=ReasonWish, responses=ReplayedJson)
    @idempotent
    def post(self, request: Request, letter: str) -> Response:
        """Follow a dead letter again."""
        reason, now = valid(ReasonWish(data=request.data))["reason"], clock.now()
        dead_letters.replay(letter, by=operator_of(request), reason=reason, now=now)
        return Response(ReplayedJson({"id": letter, "replayed_at": now}).data)


class Motions(OperationsView):
    @extend_schema(responses=MotionList)
    def get(self, _request: Request) -> Response:
        """What waits for a second person, the longest waiting first."""
        waiting = waiting_motions()
        return Response(MotionList({"count": len(waiting), "results": waiting}).data)


class _DecideMotion(OperationsView):
    verb: Callable[..., Motion]

    @extend_schema(request=ReasonWish, responses=MotionJson)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        reason = valid(ReasonWish(data=request.data))["reason"]
        type(self).verb(pk, by=operator_of(request), reason=reason, now=clock.now())
        return Response(MotionJson(Motion.objects.with_people().get(pk=pk)).data)


class SecondMotion(_DecideMotion):
    """Agree to what another person wants, and it happens."""

    verb = staticmethod(motions.second)


class RejectMotion(_DecideMotion):
    """Refuse it; whoever moved it withdraws it so."""

    verb = staticmethod(motions.reject)


class Adjust(OperationsView):
    @extend_schema(request=AdjustmentWish, responses=AdjustmentJson)
    @idempotent
    def post(self, request: Request, pk: UUID) -> Response:
        """Put something on the balance of an order's buyer, paid by the platform."""
        order = Order.objects.paid().filter(pk=pk).first()
        if order is None:
            raise NotFoundError
        said = valid(AdjustmentWish(data=request.data, context={"currency": order.currency}))
        wish = Wish(MotionKind.ADJUSTMENT, str(pk), said["amount"])
        carry_out(wish, by=operator_of(request), reason=said["reason"], now=clock.now())
        return Response(AdjustmentJson({"order": str(pk), "amount": said["amount"]}).data, status=201)
