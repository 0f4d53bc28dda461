"""One order with every cent explained, and what operations do about it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from accounts.queries import person_of, viewer_zone
from core import clock
from core.errors import NotFoundError
from marketplace.queries.evidence import Evidence, evidence_of
from operations.domain.motions import Wish, carry_out
from operations.forms.money import AdjustmentForm, EvidenceForm, LineRefundForm, WhyForm
from operations.queries.orders import LONGEST, LineFile, OrderFile, find_orders, order_file
from operations.states import MotionKind
from operations.views.answering import say
from operations.views.doors import for_operations
from payments.domain.replies import accept_loss, submit_evidence
from payouts.domain import by_hand

SHARE_VERBS: dict[str, tuple[Callable[..., object], str]] = {
    "keep-back": (by_hand.keep_back, "The share is frozen until you let it go."),
    "let-go": (by_hand.let_go, "Nothing is kept back by hand any more."),
    "retry": (by_hand.retry_release, "The release is tried again within a minute."),
}


@for_operations
@require_GET
def orders(request: HttpRequest) -> HttpResponse:
    """Orders by any name they have here or at Stripe; without one, the newest."""
    asked = request.GET.get("q", "")
    page = Paginator(find_orders(asked), LONGEST).get_page(request.GET.get("page"))
    context = {"asked": asked, "page": page, "zone": viewer_zone(request)}
    return render(request, "operations/orders.html", context)


@for_operations
@require_GET
def order(request: HttpRequest, pk: UUID) -> HttpResponse:
    return _page(request, _file(pk))


@for_operations
@require_POST
def refund(request: HttpRequest, pk: UUID, line: int) -> HttpResponse:
    """Give some of what was paid for a line back."""
    found = _file(pk)
    session = _line_of(found, line).session
    if session is None:
        raise Http404
    form = LineRefundForm(request.POST, order=found.order, line=line)
    if not form.is_valid():
        return _page(request, found, **{f"refund-{line}": form})
    wish = Wish(MotionKind.REFUND, str(session.pk), form.sum())
    act = _carrying_out(request, wish, form)
    return _answer(request, found, act, "Given back. It is on its way.", **{f"refund-{line}": form})


@for_operations
@require_POST
def adjust(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Put something on the buyer's balance."""
    found = _file(pk)
    form = AdjustmentForm(request.POST, order=found.order)
    if not form.is_valid():
        return _page(request, found, adjust=form)
    wish = Wish(MotionKind.ADJUSTMENT, str(pk), form.sum())
    return _answer(request, found, _carrying_out(request, wish, form), "It is on the balance.", adjust=form)


def _carrying_out(request: HttpRequest, wish: Wish, form: Form) -> Callable[[], object]:
    said = {"by": person_of(request), "reason": form.cleaned_data["reason"], "now": clock.now()}
    return partial(carry_out, wish, **said)


def _answer(
    request: HttpRequest, found: OrderFile, act: Callable[[], object], done: str, **filled: Form
) -> HttpResponse:
    """Do it; when it is refused, what was typed stands where it was."""
    if say(request, act, done):
        return redirect("operations_order", found.order.pk)
    return _page(request, found, **filled)


@for_operations
@require_POST
def share(request: HttpRequest, pk: UUID, line: int, verb: str) -> HttpResponse:
    """Keep a share back, let it go, or try its release again."""
    found = _file(pk)
    source = _line_of(found, line).line.share_source
    if verb not in SHARE_VERBS:
        raise Http404
    form = WhyForm(request.POST, name=f"share-{line}")
    if not form.is_valid():
        return _page(request, found, **{f"share-{line}": form})
    act, done = SHARE_VERBS[verb]
    said = {"by": person_of(request), "reason": form.cleaned_data["why"], "now": clock.now()}
    return _answer(request, found, partial(act, source, **said), done, **{f"share-{line}": form})


@for_operations
@require_POST
def evidence(request: HttpRequest, pk: UUID, dispute: int) -> HttpResponse:
    """Tell the bank our side of a dispute."""
    found = _file(pk)
    _refuse_strange_dispute(found, dispute)
    form = EvidenceForm(request.POST, name=f"evidence-{dispute}", draft=evidence_of(found.order))
    if not form.is_valid():
        return _page(request, found, **{f"evidence-{dispute}": form})
    said = form.cleaned_data
    act = partial(
        submit_evidence,
        dispute,
        text=said["text"],
        facts=form.facts(),
        by=person_of(request),
        reason=said["why"],
        now=clock.now(),
    )
    return _answer(request, found, act, "It is on its way to the bank.", **{f"evidence-{dispute}": form})


@for_operations
@require_POST
def accept(request: HttpRequest, pk: UUID, dispute: int) -> HttpResponse:
    """Do not contest a dispute."""
    found = _file(pk)
    _refuse_strange_dispute(found, dispute)
    form = WhyForm(request.POST, name=f"accept-{dispute}")
    if not form.is_valid():
        return _page(request, found, **{f"accept-{dispute}": form})
    said = {"by": person_of(request), "reason": form.cleaned_data["why"], "now": clock.now()}
    act = partial(accept_loss, dispute, **said)
    return _answer(request, found, act, "The loss is accepted.", **{f"accept-{dispute}": form})


def _file(pk: UUID) -> OrderFile:
    try:
        return order_file(pk)
    except NotFoundError as error:
        raise Http404 from error


def _line_of(found: OrderFile, line: int) -> LineFile:
    for file in found.lines:
        if file.line.pk == line:
            return file
    raise Http404


def _refuse_strange_dispute(found: OrderFile, dispute: int) -> None:
    if all(row.pk != dispute for row in found.disputes):
        raise Http404


def _page(request: HttpRequest, found: OrderFile, **filled: Form) -> HttpResponse:
    """The page; a form that was filled in wrongly stands open where it was, and says so."""

    def form(name: str, make: Callable[[], Form]) -> Form:
        return filled.get(name) or make()

    order = found.order
    lines = [
        {
            "file": file,
            "refund": form(f"refund-{file.line.pk}", partial(LineRefundForm, order=order, line=file.line.pk)),
            "share": form(f"share-{file.line.pk}", partial(WhyForm, name=f"share-{file.line.pk}")),
        }
        for file in found.lines
    ]
    draft = evidence_of(order) if found.disputes else Evidence("", {})
    disputes = [
        {
            "dispute": row,
            "evidence": form(
                f"evidence-{row.pk}", partial(EvidenceForm, name=f"evidence-{row.pk}", draft=draft)
            ),
            "accept": form(f"accept-{row.pk}", partial(WhyForm, name=f"accept-{row.pk}")),
        }
        for row in found.disputes
    ]
    context: dict[str, Any] = {
        "found": found,
        "order": order,
        "lines": lines,
        "disputes": disputes,
        "adjust": form("adjust", partial(AdjustmentForm, order=order)),
        "zone": viewer_zone(request),
        "now": clock.now(),
    }
    return render(request, "operations/order.html", context, status=400 if filled else 200)
