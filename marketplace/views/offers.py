"""A coach's offers: what is on sale, for how long and how much."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.queries import person_of
from core import clock
from core.errors import InvalidError
from marketplace.domain.offers import change_offer, create_offer, remove_offer
from marketplace.forms.offers import OfferForm
from marketplace.models import Coach, Offer
from marketplace.views.desk import coach_only, frame


@coach_only
@require_http_methods(["GET", "POST"])
def offers(request: HttpRequest) -> HttpResponse:
    """The list, and beneath it the form for one more."""
    coach = _coach(request)
    form = OfferForm(request.POST or None, is_mentor=coach.is_mentor)
    if form.is_bound and form.is_valid() and _create(coach, form, request):
        messages.success(request, "On sale.")
        return redirect("desk_offers")
    context = {
        "offers": coach.offers.all(),
        "form": form,
        "coach": coach,
        **frame(request, "desk_offers", clock.now()),
    }
    return render(request, "marketplace/desk_offers.html", context, status=400 if form.errors else 200)


@coach_only
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    coach = _coach(request)
    offer = get_object_or_404(coach.offers, pk=pk)
    form = OfferForm(request.POST or None, offer=offer, is_mentor=coach.is_mentor)
    if form.is_bound and form.is_valid() and _change(offer, form, request):
        messages.success(request, "Saved. Bookings that exist keep what they were made with.")
        return redirect("desk_offers")
    context = {"offer": offer, "form": form, **frame(request, "desk_offers", clock.now())}
    return render(request, "marketplace/desk_offer.html", context, status=400 if form.errors else 200)


@coach_only
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    offer = get_object_or_404(_coach(request).offers, pk=pk)
    remove_offer(offer.pk, by=person_of(request), now=clock.now())
    messages.success(request, "Taken off the list. Sessions that were booked stand.")
    return redirect("desk_offers")


def _coach(request: HttpRequest) -> Coach:
    return Coach.objects.get(user=person_of(request))


def _create(coach: Coach, form: OfferForm, request: HttpRequest) -> bool:
    try:
        create_offer(coach, form.values(), by=person_of(request), now=clock.now())
    except InvalidError as refusal:
        form.complain(refusal.extra["fields"])
        return False
    return True


def _change(offer: Offer, form: OfferForm, request: HttpRequest) -> bool:
    try:
        change_offer(offer.pk, form.values(), by=person_of(request), now=clock.now())
    except InvalidError as refusal:
        form.complain(refusal.extra["fields"])
        return False
    return True
