"""The sessions of the person who is signed in: the list, the page of one, giving it up, reviewing it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from accounts.queries import person_of, viewer_zone
from core import clock
from core.errors import DomainError
from marketplace.domain import cancelling
from marketplace.domain.meeting import join_url
from marketplace.domain.reviews import review_session
from marketplace.forms.attendance import blank_forms
from marketplace.forms.reviews import DeclineForm, ReviewForm
from marketplace.models import Session
from marketplace.queries.attendance import attendance_of
from marketplace.queries.series import series_of
from marketplace.queries.session_page import Phase, phase_of, policy_steps, sessions_ahead, sessions_behind
from payments.queries import amounts_of
from payments.queries.going_back import going_back_of
from scheduling.domain.moving import may_move
from scheduling.queries.bookings import timeline
from scheduling.queries.moves import answerable_proposal
from scheduling.states import Side

PAGE_SIZE = 20


@login_required
@require_GET
def my_sessions(request: HttpRequest) -> HttpResponse:
    person, now = person_of(request), clock.now()
    past = bool(request.GET.get("past"))
    rows = sessions_behind(person) if past else sessions_ahead(person, now)
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"page": page, "past": past, "not_past": not past, "now": now}
    return render(request, "marketplace/my_sessions.html", context)


@login_required
@require_GET
def session(request: HttpRequest, pk: UUID) -> HttpResponse:
    person, now = person_of(request), clock.now()
    row = session_of(person, pk)
    phase = phase_of(row.booking, now)
    if phase == Phase.PAY and row.side_of(person) == Side.CANDIDATE:
        return redirect("booking_prepare", row.pk)
    return session_page(request, row)


@login_required
@require_http_methods(["GET", "POST"])
def cancel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What giving up would come to, to the cent; then, once confirmed, it is done."""
    person, now = person_of(request), clock.now()
    row = session_of(person, pk)
    if not row.booking.is_live and request.method == "GET":
        return redirect("session", row.pk)
    try:
        if request.method == "POST":
            cancelling.cancel(row.pk, by=person, now=now)
            messages.success(request, "Cancelled. Both of you get a mail with an update for the calendar.")
            return redirect("session", row.pk)
        outcome = cancelling.preview(row, by=person, now=now)
    except DomainError as refusal:
        messages.error(request, refusal.message)
        return redirect("session", row.pk)
    return render(
        request, "marketplace/session_cancel.html", {**sides_of(row, person), "outcome": outcome, "now": now}
    )


@login_required
@require_POST
def review(request: HttpRequest, pk: UUID) -> HttpResponse:
    person, now = person_of(request), clock.now()
    row = session_of(person, pk)
    form = ReviewForm(request.POST)
    if not form.is_valid():
        return session_page(request, row, review_form=form)
    try:
        review_session(row.pk, **form.cleaned_data, by=person, now=now)
        messages.success(
            request, "Thank you. It is published when both of you have written, or after a week."
        )
    except DomainError as refusal:
        messages.error(request, refusal.message)
    return redirect("session", row.pk)


def session_page(request: HttpRequest, row: Session, **forms: Form) -> HttpResponse:
    """The page of a session; with a form that was filled in wrongly it says so."""
    context = _session_page(request, row, phase_of(row.booking, clock.now()))
    status = 400 if forms else 200
    return render(request, "marketplace/session.html", {**context, **forms}, status=status)


def session_of(person: User, pk: UUID) -> Session:
    """The session, for its two sides; everybody else finds nothing."""
    row = Session.objects.of(person).with_people().select_related("scorecard").filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


def sides_of(row: Session, person: User) -> dict[str, Any]:
    """What every page of a session says of its two sides, as ``person`` sees them."""
    side = row.side_of(person)
    other = row.other_than(person)
    return {
        "session": row,
        "booking": row.booking,
        "is_coach": side == Side.COACH,
        "other_name": row.name_of(other),
        "other_zone": row.zone_of(other).key,
    }


def _session_page(request: HttpRequest, row: Session, phase: Phase) -> dict[str, Any]:
    person, now = person_of(request), clock.now()
    side = row.side_of(person)
    amounts = amounts_of(row.subject)
    paid = amounts.paid if amounts and amounts.paid else None
    return {
        **sides_of(row, person),
        "now": now,
        "phase": phase.value,
        "amounts": amounts,
        "refunds": [] if side == Side.COACH else going_back_of(row.subject, now=now),
        "series": series_of(row),
        "join_url": join_url(row, now=now),
        "opens_at": row.booking.starts_at - settings.JOIN_OPENS_BEFORE,
        "answers_open": row.answers_open(now),
        "policy_steps": policy_steps(row.booking, paid),
        "events": timeline(row.booking),
        "scorecard": getattr(row, "scorecard", None),
        "proposal": answerable_proposal(row.booking, now=now),
        "may": may_move(row.booking, by=person, now=now),
        "can_cancel": row.booking.is_live and now < row.booking.starts_at,
        "attendance": attendance_of(row, side, now=now),
        **blank_forms(),
        "may_score": side == Side.COACH
        and now >= row.booking.starts_at
        and phase in {Phase.JOIN, Phase.REFLECT},
        "own_review": row.reviews.filter(side=side).first(),
        "review_form": ReviewForm(),
        "decline_form": DeclineForm(),
        "zone": viewer_zone(request),
        "trail": _trail(row, side),
    }


def _trail(row: Session, side: Side | None) -> list[tuple[str, str]]:
    here = (row.offer.name, row.get_absolute_url())
    if side == Side.COACH:
        return [("Desk", reverse("desk")), here]
    return [("My sessions", reverse("my_sessions")), here]
