"""The signed-in person's orders: what was paid, what goes back, receipts, invoices, billing details."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.queries import person_of
from core import clock
from core.api.idempotency import idempotent
from core.api.pagination import Pagination
from core.api.serializers import InstantField, MoneyField, NoFields
from core.errors import NotFoundError
from core.pdf.http import as_pdf
from payments.domain import papers, printing
from payments.domain.billing import billing_details_of, save_billing_details
from payments.forms.billing import BillingDetailsJson
from payments.models import Paper
from payments.queries.going_back import GoingBack, Stage
from payments.queries.purchases import (
    Purchase,
    PurchaseState,
    orders_of,
    paper_of,
    purchase_of,
    purchases,
)
from payments.states import PaperKind

PDF = {(200, "application/pdf"): OpenApiTypes.BINARY}


class GoingBackJson(serializers.Serializer[GoingBack]):
    """A refund. ``to`` names the card; the days are expected, in the person's own zone."""

    card = MoneyField()
    by_bank = MoneyField()
    balance = MoneyField()
    to = serializers.CharField()
    stage = serializers.ChoiceField(choices=[stage.value for stage in Stage])
    on = serializers.DateField(allow_null=True)
    earliest = serializers.DateField(allow_null=True)
    latest = serializers.DateField(allow_null=True)
    told = serializers.SerializerMethodField()

    def get_told(self, back: GoingBack) -> str:
        """All of it in one sentence, as the pages say it."""
        return printing.told(back)


class PaperJson(serializers.Serializer[Paper]):
    """An invoice, or a credit note; ``url`` is its PDF."""

    id = serializers.CharField(source="pk")
    kind = serializers.ChoiceField(choices=PaperKind.values)
    number = serializers.CharField(source="name")
    corrects = serializers.CharField(source="corrects.name", default=None, allow_null=True)
    total = MoneyField()
    issued_at = InstantField()
    url = serializers.SerializerMethodField()

    def get_url(self, paper: Paper) -> str:
        return reverse("api_paper", args=[paper.pk])


class OrderJson(serializers.Serializer[Any]):
    """An order as its buyer sees it. ``paid_with`` names each means of payment and what it paid."""

    id = serializers.CharField(source="order.pk")
    state = serializers.ChoiceField(choices=[state.value for state in PurchaseState])
    title = serializers.CharField()
    price = MoneyField()
    paid = MoneyField(source="amounts.paid")
    tax = MoneyField()
    refunded = MoneyField(source="amounts.refunded")
    kept = MoneyField(source="amounts.kept")
    opened_at = InstantField(source="order.opened_at")
    paid_at = InstantField(source="order.paid_at", allow_null=True)
    paid_with = serializers.SerializerMethodField()
    refunds = GoingBackJson(many=True)
    papers = PaperJson(many=True)
    receipt_url = serializers.SerializerMethodField()

    @extend_schema_field(
        {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"name": {"type": "string"}, "amount": {"type": "integer"}},
            },
        }
    )
    def get_paid_with(self, purchase: Purchase) -> list[dict[str, Any]]:
        return [{"name": name, **amount.as_json()} for name, amount in purchase.means]

    def get_receipt_url(self, purchase: Purchase) -> str | None:
        """None as long as nothing was paid."""
        return reverse("api_receipt", args=[purchase.order.pk]) if purchase.order.is_paid else None


class OwnOrders(APIView):
    pagination_class = Pagination

    @extend_schema(responses=OrderJson(many=True))
    def get(self, request: Request) -> Response:
        """My orders, the newest first, with what goes back and their papers."""
        pages = self.pagination_class()
        rows = pages.paginate_queryset(orders_of(person_of(request)), request, view=self) or []
        return pages.get_paginated_response(OrderJson(purchases(rows, now=clock.now()), many=True).data)


class OrderReceipt(APIView):
    @extend_schema(responses=PDF)
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        """What was paid for an order, and what went back, as PDF."""
        person, now = person_of(request), clock.now()
        purchase = purchase_of(person, pk, now=now)
        if not purchase.order.is_paid:
            raise NotFoundError
        return as_pdf(printing.receipt(purchase, billing_details_of(person), now=now), f"receipt-{pk}")


class OrderInvoice(APIView):
    @extend_schema(request=None, responses={201: PaperJson, 200: PaperJson})
    @idempotent
    def post(self, request: Request, pk: UUID) -> Response:
        """Issue its invoice, or a corrected one where the billing details have changed since."""
        NoFields(data=request.data).is_valid(raise_exception=True)
        person, now = person_of(request), clock.now()
        known = purchase_of(person, pk, now=now).invoice
        write = papers.correct_invoice if known else papers.issue_invoice
        paper = write(pk, by=person, now=now)
        return Response(PaperJson(paper).data, status=200 if paper == known else 201)


class PaperPdf(APIView):
    @extend_schema(responses=PDF)
    def get(self, request: Request, pk: int) -> HttpResponse:
        """An invoice or a credit note, as it was issued."""
        paper = paper_of(person_of(request), pk)
        return as_pdf(printing.printed(paper), paper.name)


class OwnBillingDetails(APIView):
    @extend_schema(responses=BillingDetailsJson)
    def get(self, request: Request) -> Response:
        """Whom my invoices are made out to."""
        return Response(BillingDetailsJson(billing_details_of(person_of(request))).data)

    @extend_schema(request=BillingDetailsJson, responses=BillingDetailsJson)
    def put(self, request: Request) -> Response:
        """Replace it all; what is left out is emptied. Papers that are issued keep what they say."""
        form = BillingDetailsJson(data=request.data)
        form.is_valid(raise_exception=True)
        details = save_billing_details(person_of(request), **form.validated_data, now=clock.now())
        return Response(BillingDetailsJson(details).data)
