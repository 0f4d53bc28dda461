"""The money page: the proof, what differs, what is unknown or given up, and who does something about it."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from accounts.queries import person_of, viewer_zone
from core import clock
from core.money import Money
from core.tasks import run_periodic
from operations.domain import dead_letters
from operations.forms.money import WhyForm
from operations.queries.proof import balances_by_owner, proof
from operations.views.answering import say
from operations.views.doors import for_operations
from payments.queries.disputes import fraud_warnings, open_disputes
from payouts.domain.reconciling import close_difference, reconcile
from payouts.models import Comparison
from payouts.rules import AccountKind

OWNERS_A_PAGE = 50


@for_operations
@require_GET
def money(request: HttpRequest) -> HttpResponse:
    """Everything as it was last asked; the very first reader asks about our own books."""
    if not Comparison.objects.exists():
        reconcile(clock.now(), names=["books"])
    return _page(request)


@for_operations
@require_GET
def owners(request: HttpRequest, kind: str) -> HttpResponse:
    """The accounts of one kind, by whom they are of."""
    if kind not in AccountKind.values:
        raise Http404
    page = Paginator(balances_by_owner(kind), OWNERS_A_PAGE).get_page(request.GET.get("page"))
    rows = [(owner, Money(total, currency)) for owner, currency, total in page.object_list]
    context = {"kind": AccountKind(kind), "rows": rows, "page": page}
    return render(request, "operations/owners.html", context)


@for_operations
@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """Have everything compared now; it takes a while, so it is done behind the page."""
    run_periodic.delay(reconcile.__name__)
    messages.success(request, "Everything is compared now. Load the page again in a minute.")
    return redirect("operations_money")


@for_operations
@require_POST
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Close a difference with a note."""
    form = WhyForm(request.POST, name=f"difference-{pk}")
    if not form.is_valid():
        return _page(request, **{f"difference-{pk}": form})
    note = form.cleaned_data["why"]
    act = partial(close_difference, pk, by=person_of(request), note=note, now=clock.now())
    say(request, act, "Closed. It comes back only if it becomes another.")
    return redirect("operations_money")


@for_operations
@require_POST
def replay(request: HttpRequest, letter: str) -> HttpResponse:
    """Give a dead letter another life."""
    form = WhyForm(request.POST, name=f"letter-{letter}")
    if not form.is_valid():
        return _page(request, **{f"letter-{letter}": form})
    said = {"by": person_of(request), "reason": form.cleaned_data["why"], "now": clock.now()}
    say(request, partial(dead_letters.replay, letter, **said), "It is followed again within minutes.")
    return redirect("operations_money")


def _page(request: HttpRequest, **filled: Form) -> HttpResponse:
    """The page; a form that was filled in wrongly stands open where it was, and says so."""
    now = clock.now()
    found = proof(now)

    def form(name: str) -> Form:
        return filled.get(name) or WhyForm(name=name)

    context: dict[str, Any] = {
        "proof": found,
        "differences": [(row, form(f"difference-{row.pk}")) for row in found.differences.rows],
        "letters": [(row, form(f"letter-{row.id}")) for row in found.letters.rows],
        "disputes": open_disputes(),
        "warnings": fraud_warnings(),
        "zone": viewer_zone(request),
        "now": now,
    }
    return render(request, "operations/money.html", context, status=400 if filled else 200)
