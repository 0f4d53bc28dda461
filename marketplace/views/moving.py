"""Another time for a session: choosing it, and answering a coach's proposal."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from accounts.queries import person_of, viewer_zone
from core import clock
from core.errors import DomainError
from core.instants import parse_instant
from core.templatetags.formats import short_slot
from marketplace.domain.moving import accept_move, reschedule
from marketplace.models import Offer, Session
from marketplace.queries.consequence import for_other
from marketplace.views.booking import REASONS
from marketplace.views.picker import Stand, picker_context, wants_picker
from marketplace.views.sessions import session_of, sides_of
from scheduling.domain.conflicts import CandidateBusyError, SlotTakenError
from scheduling.domain.moving import MoveRefusedError, may_move, refuse_move, withdraw_move
from scheduling.rules.moving import MayMove


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
def move(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The picker for another time. A candidate's choice moves the session, a coach's is a proposal."""
    person, now = person_of(request), clock.now()
    row = session_of(person, pk)
    may = may_move(row.booking, by=person, now=now)
    if request.method == "POST":
        return _moved(request, row, may)
    if may.refusal:
        messages.error(request, MoveRefusedError(may.refusal).message)
        return redirect(row)
    context = _page(request, row, may, _from_its_day(request, row))
    page = "marketplace/_picker.html" if wants_picker(request) else "marketplace/session_move.html"
    return render(request, page, context)


@login_required
@require_POST
def accept(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Yes to the coach's proposal."""
    words = "Moved. Both of you get a mail with an update for the calendar."
    return _answered(request, pk, accept_move, words, otherwise="Your session stays at its time.")


@login_required
@require_POST
def refuse(request: HttpRequest, pk: UUID) -> HttpResponse:
    """No to it: the session stays where it is."""
    return _answered(request, pk, refuse_move, "Your session stays at its time.")


@login_required
@require_POST
def withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The coach takes his proposal back."""
    return _answered(request, pk, withdraw_move, "Withdrawn. The session stays at its time.")


def _answered(
    request: HttpRequest, pk: UUID, answer: Callable[..., object], words: str, *, otherwise: str = ""
) -> HttpResponse:
    person = person_of(request)
    row = session_of(person, pk)
    try:
        answer(row.pk, by=person, now=clock.now())
        messages.success(request, words)
    except DomainError as refusal:
        messages.error(request, f"{refusal.message} {otherwise}".strip())
    return redirect(row)


def _from_its_day(request: HttpRequest, row: Session) -> QueryDict:
    """The address, on the day that the session has unless another one is asked for."""
    asked = request.GET.copy()
    if not asked.get("start"):
        asked.setdefault("day", row.booking.starts_at.astimezone(viewer_zone(request)).date().isoformat())
    return asked


def _moved(request: HttpRequest, row: Session, may: MayMove) -> HttpResponse:
    starts_at = _instant(request.POST)
    if starts_at is None:
        messages.error(request, "Choose a time first.")
        return redirect("session_move", row.pk)
    try:
        reschedule(row.pk, starts_at, by=person_of(request), now=clock.now())
    except MoveRefusedError as refusal:
        messages.error(request, refusal.message)
        return redirect(row)
    except DomainError as refusal:
        return _refused(request, row, may, refusal)
    if may.needs_consent:
        messages.success(request, "Asked. The session stays at its time until you have an answer.")
    else:
        messages.success(request, "Moved. Both of you get a mail with an update for the calendar.")
    return redirect(row)


def _refused(request: HttpRequest, row: Session, may: MayMove, refusal: DomainError) -> HttpResponse:
    """The picker once more: what stood in the way, and the nearest times where there are any."""
    asked = QueryDict(mutable=True)
    asked["start"] = request.POST["starts_at"]
    context = {
        **_page(request, row, may, asked),
        "refusal": refusal,
        "reason_words": REASONS.get(getattr(refusal, "reason", ""), ""),
        "alternatives": refusal.alternatives if isinstance(refusal, SlotTakenError) else [],
        "busy": refusal.booking if isinstance(refusal, CandidateBusyError) else None,
    }
    return render(request, "marketplace/session_move.html", context, status=refusal.status)


def _page(request: HttpRequest, row: Session, may: MayMove, asked: QueryDict) -> dict[str, Any]:
    here = reverse("session_move", args=[row.pk])
    stand = Stand(
        page=here,
        action=here,
        does="Ask for {slot}" if may.needs_consent else "Move to {slot}",
        before="Ask for this time" if may.needs_consent else "Move to this time",
        without=row.pk,
    )
    context = picker_context(
        request, row.booking.coach.coach, asked=asked, offers=[_as_booked(row)], stand=stand
    )
    words = _means(row, may, context["zone"])
    sides = sides_of(row, person_of(request))
    name, there = sides["other_name"], ZoneInfo(sides["other_zone"])
    return {
        **context,
        **sides,
        "may": may,
        "policy_words": words,
        "means": {
            at: f"{for_other(at, name, there, zone=context['zone'])} {words}"
            for at in context["picker"].starts
        },
    }


def _means(row: Session, may: MayMove, zone: ZoneInfo) -> str:
    """What follows from choosing a time, beside the button that does it."""
    if may.needs_consent:
        name = row.booking.candidate.display_name.split()[0]
        return f"{name} has until {short_slot(may.until, zone)} to answer. Until then the session stays put."
    if may.late:
        percent = row.booking.policy.percent_after_late_move
        return (
            f"This close to the start you move once, and cancelling after it gives {percent} % back at most."
        )
    return "What you paid moves with it, and so do the days until which you may cancel."


def _as_booked(row: Session) -> Offer:
    """The offer as it was when it was booked: its length, its price, and a yes that was given already."""
    offer = copy(row.offer)
    offer.duration_minutes = row.booking.length // timedelta(minutes=1)
    offer.price = row.line.amount
    offer.needs_approval = False
    return offer


def _instant(posted: QueryDict) -> datetime | None:
    try:
        return parse_instant(posted.get("starts_at", ""))
    except ValueError:
        return None
