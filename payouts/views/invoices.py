"""A payee's tax details and the invoices written in his name."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from accounts.queries import person_of
from core import clock
from core.pdf.http import as_pdf
from payouts.domain.printing import printed_invoice
from payouts.domain.tax_profiles import save_tax_profile
from payouts.forms import profile_form
from payouts.models import PayoutInvoice
from payouts.queries.invoices import invoices_of, waiting_for_tax_profile
from payouts.queries.statements import books_zone
from payouts.views.readers import is_operator, payee_for

PAGE_SIZE = 25


@login_required
@require_http_methods(["GET", "POST"])
def tax_profile(request: HttpRequest) -> HttpResponse:
    """Who one is to the tax office; only its owner changes it."""
    payee, now = payee_for(request), clock.now()
    if payee.user != person_of(request):
        raise Http404
    form = profile_form(payee, request.POST or None)
    if request.method == "POST" and form.is_valid():
        save_tax_profile(payee, form.values, by=payee.user, now=now)
        messages.success(request, "Saved. Invoices from now on say so; earlier ones stay as they are.")
        return redirect("invoices")
    context = {"form": form, "payee": payee, "waiting": waiting_for_tax_profile(payee)}
    return render(request, "payouts/tax_profile.html", context, status=400 if form.errors else 200)


@login_required
@require_GET
def invoices(request: HttpRequest) -> HttpResponse:
    payee = payee_for(request)
    page = Paginator(invoices_of(payee), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "payee": payee,
        "profile": getattr(payee, "tax_profile", None),
        "page": page,
        "zone": books_zone(payee),
        "waiting": waiting_for_tax_profile(payee),
    }
    return render(request, "payouts/invoices.html", context)


@login_required
@require_GET
def invoice_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """For its payee and for operations; to everybody else there is none."""
    invoice = get_object_or_404(PayoutInvoice.objects.select_related("payee"), pk=pk)
    if invoice.payee.user_id != person_of(request).pk and not is_operator(request):
        raise Http404
    return as_pdf(printed_invoice(invoice), f"{invoice.kind}-{invoice.label}")
