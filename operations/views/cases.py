"""The desk of operations: what waits, and one case with everything that was said."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from accounts.queries import person_of, viewer_zone
from core import clock
from core.errors import DomainError, NotFoundError
from marketplace.domain import attendance
from marketplace.domain.amends import decide_compensation
from operations.domain.motions import Wish, carry_out
from operations.forms.decisions import UPHELD, DecisionForm, RefundForm
from operations.forms.money import WhyForm
from operations.queries.cases import Case, case_of, queues
from operations.queries.motions import waiting_motions
from operations.states import MotionKind
from operations.views.answering import say
from operations.views.doors import for_operations
from payments.domain.second_person import SecondPersonNeededError
from scheduling.queries.bookings import timeline


@for_operations
@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    context = {
        "queues": queues(),
        "motions": waiting_motions(),
        "zone": viewer_zone(request),
        "now": clock.now(),
    }
    return render(request, "operations/queue.html", context)


@for_operations
@require_GET
def case(request: HttpRequest, pk: UUID) -> HttpResponse:
    return _page(request, _case(pk))


@for_operations
@require_POST
def decide(request: HttpRequest, pk: UUID) -> HttpResponse:
    found = _case(pk)
    if found.pending is None:
        messages.error(request, "Nothing waits to be decided here any more.")
        return redirect("operations_case", pk)
    form = DecisionForm(request.POST, report=found.pending, amounts=found.amounts)
    if not form.is_valid():
        return _page(request, found, decision_form=form)
    said = form.cleaned_data
    try:
        attendance.decide(
            pk,
            upheld=said["report"] == UPHELD,
            reason=said["reason"],
            by=person_of(request),
            now=clock.now(),
        )
        messages.success(request, "Decided. Both sides hear of it, and the money follows.")
    except DomainError as refusal:
        messages.error(request, refusal.message)
    return redirect("operations_case", pk)


@for_operations
@require_POST
def refund(request: HttpRequest, pk: UUID) -> HttpResponse:
    found = _case(pk)
    form = RefundForm(request.POST, currency=found.session.order.currency)
    if not form.is_valid():
        return _page(request, found, refund_form=form)
    wish = Wish(MotionKind.REFUND, str(pk), form.sum())
    try:
        carry_out(wish, by=person_of(request), reason=form.cleaned_data["reason"], now=clock.now())
    except SecondPersonNeededError as needed:
        messages.warning(request, needed.message)
        return redirect("operations_case", pk)
    except DomainError as refusal:
        form.add_error("amount", refusal.extra.get("fields", {}).get("amount", [refusal.message]))
        return _page(request, found, refund_form=form)
    messages.success(request, "Given back. It is on its way to the card.")
    return redirect("operations_case", pk)


@for_operations
@require_POST
def compensation(request: HttpRequest, pk: UUID) -> HttpResponse:
    found = _case(pk)
    form = WhyForm(request.POST)
    owed = found.compensation
    if owed is None:
        raise Http404
    if not form.is_valid():
        return _page(request, found, compensation_form=form)
    granted = request.POST.get("granted") == "yes"
    said = {"by": person_of(request), "reason": form.cleaned_data["why"], "now": clock.now()}
    if granted:
        wish = Wish(MotionKind.COMPENSATION, str(owed.pk), owed.cost)
        say(request, partial(carry_out, wish, **said), "Granted. It is on the balance.")
    else:
        say(request, partial(decide_compensation, owed.pk, granted=False, **said), "Refused.")
    return redirect("operations_case", pk)


def _case(pk: UUID) -> Case:
    try:
        return case_of(pk)
    except NotFoundError as error:
        raise Http404 from error


def _decision_form(found: Case) -> DecisionForm | None:
    return DecisionForm(report=found.pending, amounts=found.amounts) if found.pending else None


def _page(request: HttpRequest, found: Case, **forms: Form) -> HttpResponse:
    """The page of a case; with a form that was filled in wrongly it says so."""
    currency = found.session.order.currency
    owed = found.compensation
    context: dict[str, Any] = {
        "case": found,
        "session": found.session,
        "booking": found.session.booking,
        "decision_form": _decision_form(found),
        "refund_form": RefundForm(currency=currency) if found.amounts.kept else None,
        "compensation_form": WhyForm(),
        "compensation_waits": owed is not None and not (owed.granted_at or owed.refused_at),
        "events": timeline(found.session.booking),
        "zone": viewer_zone(request),
        "now": clock.now(),
    }
    return render(request, "operations/case.html", {**context, **forms}, status=400 if forms else 200)
