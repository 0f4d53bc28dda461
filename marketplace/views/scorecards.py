"""The scorecard: written by the coach, read and printed by both sides."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from accounts.models import User
from accounts.queries import person_of
from core import clock
from core.charts import Series, line_chart, radar_chart
from core.errors import DomainError
from core.templatetags.formats import day
from marketplace.domain.scorecards import MarkGiven, NotBegunError, Verdict, deliver_scorecard, may_be_scored
from marketplace.forms.scorecards import ScorecardForm
from marketplace.models import Scorecard, Session
from marketplace.queries.trend import trend_of
from marketplace.rules.rubrics import LEVELS, RUBRICS
from marketplace.rules.vocabulary import InterviewType
from marketplace.views.sessions import session_of
from scheduling.states import Side


@login_required
@require_GET
def scorecard(request: HttpRequest, pk: UUID) -> HttpResponse:
    person = person_of(request)
    row = session_of(person, pk)
    card = _scorecard_of(row)
    if card is None:
        raise Http404
    return render(request, "marketplace/scorecard.html", _page(row, card, person))


@login_required
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    person, now = person_of(request), clock.now()
    row = session_of(person, pk)
    if row.side_of(person) != Side.COACH:
        raise Http404
    if not may_be_scored(row, now):
        messages.error(request, NotBegunError.message)
        return redirect("session", row.pk)
    card = _scorecard_of(row)
    form = _form(request, row, card)
    if request.method == "POST" and form.is_valid():
        try:
            deliver_scorecard(row.pk, _verdict(form), by=person, now=now)
        except DomainError as refusal:
            messages.error(request, refusal.message)
            return redirect("session", row.pk)
        messages.success(request, "Delivered." if card is None else "Saved.")
        return redirect("scorecard", row.pk)
    return render(
        request,
        "marketplace/scorecard_edit.html",
        {
            "session": row,
            "booking": row.booking,
            "candidate_name": row.booking.candidate.display_name,
            "scorecard": card,
            "form": form,
            "types": InterviewType.choices,
            "level_names": ",".join(LEVELS.values()),
        },
        status=400 if form.errors else 200,
    )


def _form(request: HttpRequest, row: Session, card: Scorecard | None) -> ScorecardForm:
    asked = (request.POST if request.method == "POST" else request.GET).get("type", "")
    types = row.booking.coach.coach.interview_types
    known = (asked, card.interview_type if card else "", *types, InterviewType.PRODUCT_DESIGN.value)
    interview_type = next(code for code in known if code in RUBRICS)
    return ScorecardForm(interview_type, request.POST if request.method == "POST" else None, scorecard=card)


def _verdict(form: ScorecardForm) -> Verdict:
    words = {name: form.cleaned_data[name] for name in ("keep", "stop", "start", "drills")}
    marks = [MarkGiven(**mark) for mark in form.marks()]
    return Verdict(marks=marks, interview_type=form.interview_type, **words)


def _scorecard_of(row: Session) -> Scorecard | None:
    return getattr(row, "scorecard", None)


def _page(row: Session, card: Scorecard, person: User) -> dict[str, Any]:
    marks = list(card.marks.all())
    strongest, weakest = max(marks, key=lambda m: m.level), min(marks, key=lambda m: m.level)
    return {
        "session": row,
        "booking": row.booking,
        "scorecard": card,
        "coach_name": row.booking.coach.coach.name,
        "candidate_name": row.booking.candidate.display_name,
        "rubric_name": InterviewType(card.interview_type).label if card.interview_type else row.offer.name,
        "marks": marks,
        "radar": radar_chart([m.label for m in marks], [Series("Level", [m.level for m in marks])]),
        "summary": f"Strongest: {strongest.label}, {strongest.level} of 5. "
        f"Most to gain: {weakest.label}, {weakest.level} of 5.",
        **_trend(row, person),
    }


def _trend(row: Session, person: User) -> dict[str, Any]:
    """The candidate's own way over his sessions; a coach sees the ones with himself only."""
    coach = row.booking.coach if row.side_of(person) == Side.COACH else None
    points = trend_of(row.booking.candidate, coach=coach)
    if len(points) < 2:  # noqa: PLR2004  (one point is no trend)
        return {"trend": None}
    first, last = points[0], points[-1]
    return {
        "trend": line_chart(
            [day(point.at, person.zone) for point in points],
            [Series("Mean level, in tenths", [point.tenths for point in points])],
            write=lambda tenths: f"{tenths // 10}.{tenths % 10}",
        ),
        "trend_summary": f"From {first} to {last} in {len(points)} sessions.",
    }
