"""A person's purchases: the list, one of them as a receipt, its invoice and credit notes, and the balance."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.queries import person_of, viewer_zone
from core import clock
from core.errors import DomainError, NotFoundError
from core.money import Money
from core.pdf.http import as_pdf
from payments.domain import papers, printing
from payments.domain.balances import balance_of, taken
from payments.domain.billing import billing_details_of, save_billing_details
from payments.forms.billing import BillingDetailsForm, details_as_initial
from payments.models import Paper
from payments.queries.balance import movements, postings_of
from payments.queries.purchases import Purchase, orders_of, paper_of, purchase_of, purchases

PAGE_SIZE = 20


@login_required
@require_GET
def my_purchases(request: HttpRequest) -> HttpResponse:
    person, now = person_of(request), clock.now()
    page = Paginator(orders_of(person), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "purchases": purchases(page.object_list, now=now),
        "balance": balance_of(person, settings.CURRENCY),
        "zone": viewer_zone(request),
    }
    return render(request, "payments/my_purchases.html", context)


@login_required
@require_GET
def purchase(request: HttpRequest, pk: UUID) -> HttpResponse:
    row = _own_purchase(request, pk)
    details = billing_details_of(person_of(request))
    context = {
        "purchase": row,
        "order": row.order,
        "details": details,
        "differs": row.invoice is not None and row.invoice.content["buyer"] != papers.made_out_to(details),
        "zone": viewer_zone(request),
        "trail": [("My purchases", reverse("my_purchases")), (row.title, request.path)],
    }
    return render(request, "payments/purchase.html", context)


@login_required
@require_GET
def receipt(request: HttpRequest, pk: UUID) -> HttpResponse:
    row = _own_purchase(request, pk)
    if not row.order.is_paid:
        raise Http404
    details = billing_details_of(person_of(request))
    return as_pdf(printing.receipt(row, details, now=clock.now()), f"receipt-{row.order.pk}")


@login_required
@require_POST
def invoice(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Issue the invoice, or a corrected one where the billing details have changed since."""
    row, now = _own_purchase(request, pk), clock.now()
    write = papers.correct_invoice if row.invoice else papers.issue_invoice
    try:
        written = write(row.order.pk, by=person_of(request), now=now)
    except DomainError as refusal:
        messages.error(request, refusal.message)
        return redirect("purchase", pk)
    return redirect("paper", written.pk)


@login_required
@require_GET
def paper(request: HttpRequest, pk: int) -> HttpResponse:
    row = _own_paper(request, pk)
    trail = [
        ("My purchases", reverse("my_purchases")),
        ("Purchase", reverse("purchase", args=[row.order_id])),
        (row.name, request.path),
    ]
    return render(request, "payments/paper.html", {"paper": row, "trail": trail})


@login_required
@require_GET
def paper_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    row = _own_paper(request, pk)
    return as_pdf(printing.printed(row), row.name)


@login_required
@require_http_methods(["GET", "POST"])
def billing_details(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    initial = details_as_initial(billing_details_of(person))
    form = BillingDetailsForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        save_billing_details(person, **form.cleaned_data, now=clock.now())
        messages.success(request, "Saved. The invoices you ask for from now on are made out so.")
        return redirect("billing_details")
    return render(
        request, "payments/billing_details.html", {"form": form}, status=400 if form.errors else 200
    )


@login_required
@require_GET
def balance(request: HttpRequest) -> HttpResponse:
    """What a person's balance is, and what it came from and went to."""
    person, currency = person_of(request), settings.CURRENCY
    page = Paginator(postings_of(person, currency), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "movements": movements(page.object_list, currency),
        "balance": balance_of(person, currency),
        "taken": Money(taken(person.pk, currency), currency),
        "zone": viewer_zone(request),
    }
    return render(request, "payments/balance.html", context)


def _own_purchase(request: HttpRequest, pk: UUID) -> Purchase:
    try:
        return purchase_of(person_of(request), pk, now=clock.now())
    except NotFoundError as absent:
        raise Http404 from absent


def _own_paper(request: HttpRequest, pk: int) -> Paper:
    try:
        return paper_of(person_of(request), pk)
    except NotFoundError as absent:
        raise Http404 from absent
