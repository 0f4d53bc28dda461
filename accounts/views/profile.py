"""A person's own page: name, zone, and the keys to the API."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from accounts.domain.tokens import issue_token
from accounts.forms import ProfileForm, ZoneForm
from accounts.models import User
from accounts.queries import ZONE_COOKIE, ZONE_COOKIE_SECONDS, person_of
from core import clock
from core.instants import zone_names


@login_required
@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    form = ProfileForm(request.POST or None, instance=person)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Saved.")
        return redirect("profile")
    return render(request, "accounts/profile.html", _page(person, form), status=400 if form.errors else 200)


@login_required
@require_POST
def make_token(request: HttpRequest) -> HttpResponse:
    """Show a new token once, on the answer itself: it is never stored, so it cannot be shown again."""
    person = person_of(request)
    token = issue_token(person, now=clock.now())
    response = render(
        request, "accounts/profile.html", {**_page(person, ProfileForm(instance=person)), "new_token": token}
    )
    response["Cache-Control"] = "no-store"
    return response


@login_required
@require_POST
def revoke_token(request: HttpRequest, pk: int) -> HttpResponse:
    person = person_of(request)
    get_object_or_404(person.api_tokens, pk=pk).delete()
    messages.success(request, "The token no longer opens anything.")
    return redirect("profile")


@require_POST
def set_zone(request: HttpRequest) -> HttpResponse:
    """Remember a zone for this browser, and for the person who is signed in."""
    form = ZoneForm(request.POST)
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        target = "/"
    response = redirect(target)
    if not form.is_valid():
        messages.error(request, "There is no such time zone. Choose one from the list.")
        return response
    zone = form.cleaned_data["timezone"]
    if request.user.is_authenticated:
        User.objects.filter(pk=request.user.pk).update(timezone=zone)
    response.set_cookie(
        ZONE_COOKIE, zone, max_age=ZONE_COOKIE_SECONDS, samesite="Lax", secure=request.is_secure()
    )
    return response


def _page(person: User, form: ProfileForm) -> dict[str, object]:
    return {
        "form": form,
        "tokens": person.api_tokens.order_by("-created_at"),
        "zones": sorted(zone_names()),
    }
