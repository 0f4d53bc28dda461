"""To Stripe's own pages and back: its form, and a payee's own account. Coming back proves nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from core import clock
from integrations.stripe.errors import GatewayError
from payouts.domain.banks import dashboard_link
from payouts.domain.links import onboarding_links
from payouts.domain.payees import StripeUnavailableError, payee_of, start_onboarding, sync_account
from payouts.models import Payee

if TYPE_CHECKING:
    from accounts.models import User

EARNINGS = "desk_earnings"


def _payee_of(request: HttpRequest) -> Payee:
    return get_object_or_404(Payee.objects.connected(), user=cast("User", request.user))


@login_required
@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """Send a payee to Stripe's form; his account is made at the first visit."""
    now = clock.now()
    payee = payee_of(cast("User", request.user), now=now)
    try:
        return redirect(start_onboarding(payee, **onboarding_links(), now=now))
    except StripeUnavailableError as error:
        messages.error(request, error.message)
        return redirect(EARNINGS)


@login_required
@require_POST
def dashboard(request: HttpRequest) -> HttpResponse:
    """Send a payee to his account at Stripe, where he changes his bank."""
    try:
        return redirect(dashboard_link(_payee_of(request)))
    except StripeUnavailableError as error:
        messages.error(request, error.message)
        return redirect(EARNINGS)


@login_required
@require_GET
@never_cache
def come_back(request: HttpRequest) -> HttpResponse:
    """Read the capability again: only Stripe knows whether its form was filled in."""
    payee = _payee_of(request)
    try:
        payee = sync_account(payee.account, now=clock.now())
    except GatewayError:
        messages.warning(request, "Stripe did not answer. We ask again within the hour.")
        return redirect(EARNINGS)
    if payee.can_receive:
        messages.success(request, "Your account is ready: you can be paid.")
    else:
        messages.warning(request, "Stripe still needs something before you can be paid.")
    return redirect(EARNINGS)


@login_required
@require_GET
@never_cache
def refresh(request: HttpRequest) -> HttpResponse:
    """A link is good for one visit: mint another, for its owner only."""
    payee = _payee_of(request)
    try:
        return redirect(start_onboarding(payee, **onboarding_links(), now=clock.now()))
    except StripeUnavailableError as error:
        messages.error(request, error.message)
        return redirect(EARNINGS)
