"""A coach's own page: the story, what people say, and the picker."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from core import clock
from marketplace.models import Coach, Review
from marketplace.queries.coaches import profile_of
from marketplace.queries.reputation import Reputation, reputations
from marketplace.views.picker import picker_context, wants_picker

REVIEWS_SHOWN = 6


@require_safe
@vary_on_headers("HX-Request")
def coach(request: HttpRequest, slug: str) -> HttpResponse:
    """The page, or for htmx the picker alone."""
    person = get_object_or_404(profile_of(slug))
    if wants_picker(request):
        return render(request, "marketplace/_picker.html", picker_context(request, person))
    return render(request, "marketplace/coach.html", coach_context(request, person))


def coach_context(
    request: HttpRequest, person: Coach, *, asked: QueryDict | None = None, **more: Any
) -> dict[str, Any]:
    """All that ``coach.html`` shows; ``asked`` stands for the address after a form was posted."""
    now = clock.now()
    known = reputations([person.user_id], now=now)
    reviews = Review.objects.of_coach(person).published().select_related("by")
    return {
        **picker_context(request, person, asked=asked),
        "reputation": known.get(person.user_id, Reputation()),
        "reviews": reviews[:REVIEWS_SHOWN],
        "trail": [("Coaching", reverse("directory")), (person.name, person.get_absolute_url())],
        **more,
    }


@require_safe
def private_link(_request: HttpRequest, code: str) -> HttpResponse:
    """The coach's own link: remembered for 30 days, it lowers what the platform takes."""
    person = get_object_or_404(Coach.objects.live(), private_code=code)
    answer = redirect(person)
    answer.set_signed_cookie(
        cookie_of(person),
        code,
        max_age=settings.PRIVATE_LINK_DAYS * 86_400,
        samesite="Lax",
        httponly=True,
        secure=not settings.DEBUG and settings.SITE_URL.startswith("https"),
    )
    return answer


def cookie_of(person: Coach) -> str:
    return f"with-{person.pk}"
