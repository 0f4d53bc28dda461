"""Connected calendars: how each is doing, connecting one more, letting one go."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.queries import person_of
from core import clock
from core.errors import DomainError, NotFoundError
from integrations.calendars.gateway import Account
from integrations.calendars.oauth import providers_on
from scheduling.domain.calendars import connect, disconnect, write_sessions
from scheduling.domain.syncing import sync
from scheduling.forms.calendars import ConnectForm
from scheduling.models import ConnectedCalendar, Schedule
from scheduling.queries.calendars import calendar_of, calendars_with_state

BAD_REQUEST = 400
WHILE_SOMEBODY_WAITS = 10.0
"""Seconds for a sync that was asked for on the page."""


@login_required
@require_http_methods(["GET", "POST"])
def calendars(request: HttpRequest) -> HttpResponse:
    """The list, and beneath it the form for one more."""
    form = ConnectForm(request.POST or None)
    if form.is_bound and form.is_valid() and form.account:
        refused = _connect(request, form, form.account)
        if refused is None:
            return redirect(home_of(request))
        form = refused
    context = {
        "here": "desk_calendars",
        "is_coach": is_coach(request),
        "calendars": calendars_with_state(person_of(request), clock.now()),
        "form": form,
        "providers": providers_on(),
        "now": clock.now(),
    }
    response = render(
        request, "scheduling/calendars.html", context, status=BAD_REQUEST if form.is_bound else 200
    )
    # While one of several calendars is chosen, the password waits in the form.
    response["Cache-Control"] = "no-store"
    return response


@login_required
@require_POST
def read_now(request: HttpRequest, pk: int) -> HttpResponse:
    calendar = _own(request, pk)
    kept = sync(calendar.pk, now=clock.now(), seconds=WHILE_SOMEBODY_WAITS)
    if kept is not None and kept.failure:
        messages.error(request, f"{kept.name} could not be read. {kept.failure}")
    else:
        messages.success(request, f"{calendar.name} was read.")
    return redirect(home_of(request))


@login_required
@require_POST
def let_go(request: HttpRequest, pk: int) -> HttpResponse:
    calendar = _own(request, pk)
    disconnect(pk, by=person_of(request), now=clock.now())
    messages.success(request, f"{calendar.name} is disconnected. Nothing of it is kept.")
    return redirect(home_of(request))


@login_required
@require_POST
def write_here(request: HttpRequest, pk: int) -> HttpResponse:
    writes = request.POST.get("writes") == "on"
    calendar = write_sessions(_own(request, pk).pk, writes=writes, by=person_of(request), now=clock.now())
    messages.success(
        request,
        f"Your sessions are written to {calendar.name}."
        if writes
        else f"No more sessions are written to {calendar.name}; what is there stays.",
    )
    return redirect(home_of(request))


def is_coach(request: HttpRequest) -> bool:
    """Whether the person has hours that a calendar can close."""
    return Schedule.objects.filter(coach=person_of(request)).exists()


def home_of(request: HttpRequest) -> str:
    """Where this person looks after connected calendars: at the desk, or beside the sessions."""
    return "desk_calendars" if is_coach(request) else "calendars"


def _own(request: HttpRequest, pk: int) -> ConnectedCalendar:
    try:
        return calendar_of(person_of(request), pk)
    except NotFoundError as missing:
        raise Http404 from missing


def _connect(request: HttpRequest, form: ConnectForm, account: Account) -> ConnectForm | None:
    """The form to show again, or None when the calendar is connected."""
    try:
        connected = connect(person_of(request), account, now=clock.now())
    except DomainError as refusal:
        found = refusal.extra.get("choices")
        if found:
            form = ConnectForm(request.POST.dict(), found=found)
        form.complain(refusal.extra.get("fields", {"": [refusal.message]}))
        return form
    messages.success(request, f"{connected.calendar.name} is connected and was read.")
    return None
