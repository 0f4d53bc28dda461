"""The signed-in payee's papers: tax details, invoices in his name, statements."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.queries import person_of
from core import clock
from core.api.serializers import InstantField, MoneyField, StrictSerializer
from core.errors import InvalidError
from payouts.domain.payees import payee_of
from payouts.domain.tax_profiles import save_tax_profile
from payouts.forms import profile_form
from payouts.models import Payee, PayoutInvoice, TaxProfile
from payouts.queries.invoices import invoices_of
from payouts.queries.statements import Line, Statement, month_statement, refuse_the_future
from payouts.states import InvoiceKind

if TYPE_CHECKING:
    from django.db.models import QuerySet


class TaxProfileJson(StrictSerializer):
    """Who one is on invoices; ``agrees`` to have the platform write them, asked for the first time."""

    country = serializers.CharField()
    name = serializers.CharField()
    street = serializers.CharField()
    extra = serializers.CharField(required=False, allow_blank=True)
    postcode = serializers.CharField(required=False, allow_blank=True)
    city = serializers.CharField()
    region = serializers.CharField(required=False, allow_blank=True)
    tax_id = serializers.CharField(required=False, allow_blank=True)
    agrees = serializers.BooleanField(required=False, write_only=True)


class InvoiceJson(serializers.Serializer[PayoutInvoice]):
    """A document in one's name. ``payout`` is Stripe's id, ``pdf`` where it lies."""

    number = serializers.CharField(source="label")
    kind = serializers.ChoiceField(choices=InvoiceKind.choices)
    cancels = serializers.CharField(source="cancels.label", default=None, allow_null=True)
    payout = serializers.CharField(source="payout.stripe_id")
    total = MoneyField(source="amount")
    issued_at = InstantField()
    pdf = serializers.SerializerMethodField()

    def get_pdf(self, invoice: PayoutInvoice) -> str:
        return reverse("payout_invoice_pdf", args=[invoice.pk])


class PlacesJson(serializers.Serializer[Any]):
    """Minor units; what is owed is below zero."""

    held = serializers.IntegerField()
    available = serializers.IntegerField()
    in_transit = serializers.IntegerField()
    debt = serializers.IntegerField()
    total = serializers.IntegerField()


class StatementLineJson(serializers.Serializer[Line]):
    """An entry of the ledger; ``gross = fee + net``, minor units."""

    at = InstantField()
    kind = serializers.CharField()
    about = serializers.CharField(source="what")
    gross = serializers.IntegerField()
    fee = serializers.IntegerField()
    net = serializers.IntegerField()
    moved = PlacesJson()


class StatementJson(serializers.Serializer[Statement]):
    """A month: ``opening.total + Σ net = closing.total``; ``end`` is the day after its last."""

    currency = serializers.CharField(source="payee.currency")
    timezone = serializers.CharField(source="zone.key")
    start = serializers.DateField()
    end = serializers.DateField()
    final = serializers.SerializerMethodField()
    opening = PlacesJson()
    closing = PlacesJson()
    lines = StatementLineJson(many=True)

    @extend_schema_field(bool)
    def get_final(self, statement: Statement) -> bool:
        now: datetime = self.context["now"]
        return statement.is_final(now)


class TaxProfileView(APIView):
    @extend_schema(responses=TaxProfileJson)
    def get(self, request: Request) -> Response:
        """What one said; 404 before."""
        profile = get_object_or_404(TaxProfile, payee__user=person_of(request))
        return Response(profile.values)

    @extend_schema(request=TaxProfileJson, responses=TaxProfileJson)
    def put(self, request: Request) -> Response:
        """Say it again, all of it. Invoices that were issued keep what they say."""
        wish = TaxProfileJson(data=request.data)
        wish.is_valid(raise_exception=True)
        now = clock.now()
        payee = payee_of(person_of(request), now=now)
        form = profile_form(payee, {"agrees": hasattr(payee, "tax_profile"), **wish.validated_data})
        if not form.is_valid():
            raise InvalidError(fields=form.errors)
        return Response(save_tax_profile(payee, form.values, by=payee.user, now=now).values)


class InvoicesView(generics.ListAPIView[PayoutInvoice]):
    """The invoices in the signed-in person's name and their cancellations, newest first."""

    serializer_class = InvoiceJson

    def get_queryset(self) -> QuerySet[PayoutInvoice]:
        if getattr(self, "swagger_fake_view", False):
            return PayoutInvoice.objects.none()
        payee = Payee.objects.filter(user=person_of(self.request)).first()
        return invoices_of(payee) if payee else PayoutInvoice.objects.none()


class StatementView(APIView):
    @extend_schema(responses=StatementJson)
    def get(self, request: Request, year: int, month: int) -> Response:
        """One month of one's money, from the ledger: the same whenever it is asked for, once it is final."""
        now = clock.now()
        payee = get_object_or_404(Payee.objects.select_related("user"), user=person_of(request))
        refuse_the_future(payee, year, month, now=now)
        return Response(StatementJson(month_statement(payee, year, month), context={"now": now}).data)
