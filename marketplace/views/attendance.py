"""What the two sides of a session say about who came."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts.models import User
from accounts.queries import person_of
from core import clock
from core.errors import DomainError
from marketplace.domain import attendance
from marketplace.forms.attendance import DisputeForm, NoShowForm, ObjectionForm
from marketplace.models import Session
from marketplace.views.sessions import session_of, session_page
from scheduling.domain.attendance import say_here
from scheduling.domain.reports import contest

Verb = Callable[..., Any]


@login_required
@require_POST
def here(request: HttpRequest, pk: UUID) -> HttpResponse:
    person = person_of(request)
    row = session_of(person, pk)
    return _say(request, row, say_here, "Noted: you are here.", by=person, now=clock.now())


@login_required
@require_POST
def no_show(request: HttpRequest, pk: UUID) -> HttpResponse:
    done = "Reported. You see below what happens next."
    return _said(request, pk, NoShowForm(request.POST), attendance.report_no_show, done)


@login_required
@require_POST
def object_to(request: HttpRequest, pk: UUID) -> HttpResponse:
    done = "Noted. One of us reads what both of you say, and decides."
    return _said(request, pk, ObjectionForm(request.POST), contest, done)


@login_required
@require_POST
def dispute(request: HttpRequest, pk: UUID) -> HttpResponse:
    done = "Thank you for telling us. One of us reads it and decides; until then the money waits."
    return _said(request, pk, DisputeForm(request.POST), attendance.dispute, done)


def _said(request: HttpRequest, pk: UUID, form: Form, verb: Verb, done: str) -> HttpResponse:
    """Say what was written, or show the page again with what is missing."""
    person, now = person_of(request), clock.now()
    row = session_of(person, pk)
    if not form.is_valid():
        return session_page(request, row, **{_NAMES[type(form)]: form})
    return _say(request, row, verb, done, **form.cleaned_data, by=person, now=now)


def _say(
    request: HttpRequest, row: Session, verb: Verb, done: str, *, by: User, now: datetime, **said: Any
) -> HttpResponse:
    try:
        verb(row.pk, **said, by=by, now=now)
        messages.success(request, done)
    except DomainError as refusal:
        messages.error(request, refusal.message)
    return redirect("session", row.pk)


_NAMES: dict[type[Form], str] = {
    NoShowForm: "no_show_form",
    ObjectionForm: "objection_form",
    DisputeForm: "dispute_form",
}
