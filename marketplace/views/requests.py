"""A coach's answers to requests."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts.queries import person_of
from core import clock
from core.errors import DomainError
from marketplace.domain import requests
from marketplace.forms.reviews import DeclineForm
from marketplace.views.sessions import session_of


@login_required
@require_POST
def accept(request: HttpRequest, pk: UUID) -> HttpResponse:
    person = person_of(request)
    row = session_of(person, pk)
    try:
        requests.accept(row.pk, by=person, now=clock.now())
        messages.success(request, "Confirmed. Both of you get the invite by mail.")
    except DomainError as refusal:
        messages.error(request, refusal.message)
    return redirect("session", row.pk)


@login_required
@require_POST
def decline(request: HttpRequest, pk: UUID) -> HttpResponse:
    person = person_of(request)
    row = session_of(person, pk)
    form = DeclineForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Say in a sentence why not: the candidate reads it.")
        return redirect("session", row.pk)
    try:
        requests.decline(row.pk, by=person, reason=form.cleaned_data["reason"], now=clock.now())
        messages.success(request, "Declined. Whatever was paid goes back.")
    except DomainError as refusal:
        messages.error(request, refusal.message)
    return redirect("session", row.pk)
