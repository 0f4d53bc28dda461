"""The booking flow: hold a time, prepare, pay at Stripe, come back. Each step works without JavaScript."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from accounts.models import User
from accounts.queries import viewer_zone
from core import clock, outbox
from core.errors import DomainError, NotFoundError
from core.instants import instant_json, parse_instant
from marketplace.domain import cancelling
from marketplace.domain.answers import AnswersClosedError, save_answers
from marketplace.domain.booking import Wish, book, payment_page
from marketplace.forms.prep import PrepForm
from marketplace.models import Coach, Session
from marketplace.queries.coaches import profile_of
from marketplace.queries.price import price_of
from marketplace.queries.series import series_of
from marketplace.queries.session_page import policy_steps
from marketplace.queries.sessions import kept_answers, session_of
from marketplace.views.addresses import Address
from marketplace.views.coach import coach_context, cookie_of
from payments.domain.checkout import CheckoutUnavailableError, OrderClosedError, sync_by_id
from payments.queries import amounts, amounts_of
from payments.queries.going_back import going_back_of
from scheduling.domain.conflicts import CandidateBusyError, SlotTakenError
from scheduling.domain.holds import HoldExpiredError, extend_hold
from scheduling.domain.tries import SlotUnavailableError
from scheduling.queries.slots import nearest_starts
from scheduling.states import BookingState, Side

REASONS = {
    "inactive": "It is not offered at the moment.",
    "paused": "No bookings are taken at the moment.",
    "past": "It has passed.",
    "notice": "It starts too soon to be booked.",
    "booking_window": "It lies further ahead than bookings are open.",
    "daily_limit": "That day has as many sessions as it may have.",
    "weekly_limit": "That week has as many sessions as it may have.",
    "quota": "All sessions of this month are taken.",
    "candidate_limit": "You have had as many sessions here as one person may have for now.",
    "intro_used": "You have had your free call, or two more are still ahead of you.",
}
# No other time would be any better.
WHATEVER_THE_TIME = {"inactive", "paused", "quota", "candidate_limit", "intro_used"}
STEPS = ("Time", "Prepare", "Pay", "Confirmed")
TIME, PREPARE, PAY, CONFIRMED = 1, 2, 3, 4
GONE = 410


@require_POST
def hold(request: HttpRequest, slug: str) -> HttpResponse:
    """Step 1: take the chosen time. Who is not signed in does that first and finds the time chosen."""
    person = get_object_or_404(profile_of(slug))
    asked = _asked(request.POST)
    chosen = Address(person.get_absolute_url(), asked)
    try:
        starts_at = parse_instant(request.POST.get("starts_at", ""))
    except ValueError:
        messages.error(request, "Choose a time first.")
        return redirect(str(chosen))
    if not request.user.is_authenticated:
        return redirect_to_login(str(chosen))
    offer = next((each for each in person.offers.all() if each.slug == request.POST.get("offer")), None)
    if offer is None:
        raise Http404
    wish = Wish(
        offer_id=offer.pk,
        starts_at=starts_at,
        timezone=viewer_zone(request).key,
        answers=kept_answers(request.user, person),
        private_code=request.get_signed_cookie(cookie_of(person), default="") or "",
    )
    try:
        session = book(wish, candidate=request.user, now=clock.now()).session
    except DomainError as refusal:
        return _refused(request, person, asked, refusal)
    step = "booking_prepare" if session.booking.state == BookingState.HELD else "booking_paid"
    return redirect(step, session.pk)


def _asked(posted: QueryDict) -> QueryDict:
    """The address of the picker with what was posted: the choice survives signing in, and a lost race."""
    asked = QueryDict(mutable=True)
    for name, value in (("offer", posted.get("offer")), ("start", posted.get("starts_at"))):
        if value:
            asked[name] = value
    return asked


def _refused(request: HttpRequest, person: Coach, asked: QueryDict, refusal: DomainError) -> HttpResponse:
    """The coach's page once more: what stood in the way, and the nearest times where there are any."""
    context = coach_context(
        request,
        person,
        asked=asked,
        refusal=refusal,
        reason_words=REASONS.get(getattr(refusal, "reason", ""), ""),
        busy=refusal.booking if isinstance(refusal, CandidateBusyError) else None,
    )
    context["alternatives"] = _alternatives(refusal, context)
    return render(request, "marketplace/coach.html", context, status=refusal.status)


def _alternatives(refusal: DomainError, context: dict[str, Any]) -> list[datetime]:
    """The nearest free times, where another time helps."""
    if isinstance(refusal, SlotTakenError):
        return refusal.alternatives
    helps = isinstance(refusal, SlotUnavailableError) and refusal.reason not in WHATEVER_THE_TIME
    return context["picker"].nearest if helps and context["offer"] else []


@login_required
@require_http_methods(["GET", "POST"])
def prepare(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Step 2: what the coach should know. Saving it leads to payment; so does skipping it, or being late."""
    session, now = _own(request, pk), clock.now()
    if session.booking.state != BookingState.HELD:
        return _beyond_the_hold(request, session)
    if not session.booking.is_unexpired_hold(now):
        return _given_up(request, session)
    if not session.answers_open(now):
        return redirect("booking_pay", pk)
    form = PrepForm(request.POST or None, initial=session.answers)
    if request.method == "POST" and form.is_valid():
        save_answers(pk, form.cleaned_data, by=cast("User", request.user), now=now)
        return redirect("booking_pay", pk)
    context = {**_flow(request, session, step=PREPARE), "form": form}
    return render(request, "marketplace/booking_prepare.html", context, status=400 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def pay(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Step 3: look at everything once more, then to Stripe's own page."""
    session = _own(request, pk)
    if session.booking.state != BookingState.HELD:
        return _beyond_the_hold(request, session)
    if request.method == "GET" and session.booking.is_unexpired_hold(clock.now()):
        return render(request, "marketplace/booking_pay.html", _flow(request, session, step=PAY))
    try:
        page = payment_page(session, now=clock.now())
    except (HoldExpiredError, SlotUnavailableError):
        return _given_up(request, session)
    except OrderClosedError:
        return redirect("booking_paid", pk)
    except CheckoutUnavailableError as refusal:
        context = {**_flow(request, session, step=PAY), "refusal": refusal}
        return render(request, "marketplace/booking_pay.html", context, status=refusal.status)
    return redirect(page.url) if page else redirect("booking_paid", pk)


@login_required
@require_POST
def extend(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Five more minutes, once; on the step where they were asked for. htmx gets the countdown alone."""
    _own(request, pk)
    step = PAY if request.POST.get("step") == str(PAY) else PREPARE
    try:
        extend_hold(pk, by=cast("User", request.user), now=clock.now())
        if request.htmx:  # type: ignore[attr-defined]
            context = {**_flow(request, _own(request, pk), step=step), "just_extended": True}
            return render(request, "marketplace/_hold_bar.html", context)
        messages.success(request, "Five more minutes are yours.")
    except HoldExpiredError:
        return _whole(request, redirect("booking_prepare", pk))
    except DomainError as refusal:
        messages.error(request, refusal.message)
    return _whole(request, redirect("booking_pay" if step == PAY else "booking_prepare", pk))


def _whole(request: HttpRequest, there: HttpResponseRedirect) -> HttpResponse:
    """The page itself, also where htmx asked for a part of one."""
    return HttpResponseClientRedirect(there.url) if request.htmx else there  # type: ignore[attr-defined]


@login_required
@require_POST
def release(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give the time back before it is paid, and choose another one."""
    session = _own(request, pk)
    if session.booking.state == BookingState.HELD:
        cancelling.cancel(pk, by=cast("User", request.user), now=clock.now())
        messages.success(request, "The time is free again. What you wrote is kept.")
    return redirect(_picker_address(session))


@login_required
@require_GET
def paid(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Where Stripe sends people back to: it asks Stripe, fulfils what is paid, marks nothing itself."""
    session = _own(request, pk)
    now = clock.now()
    page = request.GET.get("checkout", "")
    if session.booking.state == BookingState.HELD and page and page in _pages_of(session):
        sync_by_id(page, now=now)
        # Later than `now`: the webhook may have marked the order while we waited for its row.
        outbox.drain(session.order.subject, now=clock.now())
        session = _own(request, pk)
    if session.booking.state == BookingState.HELD:
        return _not_yet_paid(request, session)
    if session.booking.state in {BookingState.EXPIRED, BookingState.CANCELLED}:
        return _given_up(request, session)
    if session.booking.state not in {BookingState.CONFIRMED, BookingState.REQUESTED}:
        return redirect(session)
    context = {**_flow(request, session, step=CONFIRMED), "amounts": amounts(session.order)}
    return render(request, "marketplace/booking_confirmed.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def answers(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The prep form once more, until two hours before the session."""
    session = _own(request, pk)
    form = PrepForm(request.POST or None, initial=session.answers)
    if not session.answers_open(clock.now()):
        messages.error(request, AnswersClosedError.message)
        return redirect(session)
    if request.method == "POST" and form.is_valid():
        save_answers(pk, form.cleaned_data, by=cast("User", request.user), now=clock.now())
        messages.success(request, "Saved. Your coach sees it.")
        return redirect(session)
    context = {**_flow(request, session, step=CONFIRMED), "form": form}
    return render(request, "marketplace/booking_answers.html", context, status=400 if form.errors else 200)


def _own(request: HttpRequest, pk: UUID) -> Session:
    """The signed-in candidate's own session; a coach has his own pages."""
    person = cast("User", request.user)
    try:
        session = session_of(person, pk)
    except NotFoundError as missing:
        raise Http404 from missing
    if session.side_of(person) != Side.CANDIDATE:
        raise Http404
    return session


def _pages_of(session: Session) -> set[str]:
    """Stripe's ids of the payment pages of this session; nobody asks Stripe for another one here."""
    return {page.stripe_id for page in session.order.checkouts.all()}


def _flow(request: HttpRequest, session: Session, *, step: int) -> dict[str, Any]:
    """What every step shows: where one is, the time in both zones, the price and the policy."""
    order, booking = session.order, session.booking
    series = series_of(session)
    many = f"{len(series)} × " if series else ""
    price = price_of(order, f"{many}{session.offer.duration_minutes} minutes")
    return {
        "session": session,
        "booking": booking,
        "coach": booking.coach.coach,
        "offer": session.offer,
        "order": order,
        "now": clock.now(),
        "zone": viewer_zone(request),
        "steps": STEPS,
        "step": step,
        "done": [
            _picker_address(session),
            reverse("booking_prepare", args=[session.pk]) if step == PAY else "",
        ],
        "policy_steps": policy_steps(booking, session.price or None),
        "price": price,
        "series": series,
    }


def _beyond_the_hold(request: HttpRequest, session: Session) -> HttpResponse:
    if session.booking.state in {BookingState.EXPIRED, BookingState.CANCELLED}:
        return _given_up(request, session)
    return redirect(session)


def _given_up(request: HttpRequest, session: Session) -> HttpResponse:
    """The hold is over: the same time if it is free, else the nearest ones. What was written is kept."""
    booking = session.booking
    nearest = nearest_starts(
        booking.coach_id,
        duration_minutes=session.offer.duration_minutes,
        around=booking.starts_at,
        now=clock.now(),
    )
    context = {
        **_flow(request, session, step=TIME),
        "amounts": amounts_of(session.subject),
        "refunds": going_back_of(session.subject, now=clock.now()),
        "nearest": [(at, _picker_address(session, instant_json(at))) for at in nearest],
        "again": _picker_address(session),
    }
    return render(request, "marketplace/booking_over.html", context, status=GONE)


def _not_yet_paid(request: HttpRequest, session: Session) -> HttpResponse:
    return render(request, "marketplace/booking_unpaid.html", _flow(request, session, step=PAY))


def _picker_address(session: Session, start: str = "") -> str:
    asked = QueryDict(mutable=True)
    asked["offer"] = session.offer.slug
    if start:
        asked["start"] = start
    return str(Address(session.booking.coach.coach.get_absolute_url(), asked))
