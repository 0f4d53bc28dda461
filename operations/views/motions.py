"""What waits for a second person: he seconds it or rejects it, and says why."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from accounts.queries import person_of, viewer_zone
from core import clock
from operations.domain import motions
from operations.forms.money import WhyForm
from operations.models import Motion
from operations.views.answering import say
from operations.views.doors import for_operations


@for_operations
@require_GET
def motion(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, pk)


@for_operations
@require_POST
def second(request: HttpRequest, pk: int) -> HttpResponse:
    return _decided(request, pk, motions.second, "Agreed, and done.")


@for_operations
@require_POST
def reject(request: HttpRequest, pk: int) -> HttpResponse:
    return _decided(request, pk, motions.reject, "Rejected. Nothing has moved.")


def _decided(request: HttpRequest, pk: int, verb: Callable[..., Motion], done: str) -> HttpResponse:
    form = WhyForm(request.POST)
    if not form.is_valid():
        return _page(request, pk, form)
    said = {"by": person_of(request), "reason": form.cleaned_data["why"], "now": clock.now()}
    say(request, partial(verb, pk, **said), done)
    return redirect("operations_motion", pk)


def _page(request: HttpRequest, pk: int, form: WhyForm | None = None) -> HttpResponse:
    found = Motion.objects.with_people().filter(pk=pk).first()
    if found is None:
        raise Http404
    now = clock.now()
    context = {
        "motion": found,
        "is_own": found.moved_by_id == person_of(request).pk,
        "may_be_decided": found.is_open and found.expires_at > now,
        "form": form or WhyForm(),
        "zone": viewer_zone(request),
    }
    return render(request, "operations/motion.html", context, status=400 if form else 200)
