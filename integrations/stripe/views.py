"""Where Stripe knocks: the signature first, then one row, then leave."""

from __future__ import annotations

import json
from typing import Any

import stripe
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from core import clock
from core.errors import DomainError
from core.log import get_logger
from integrations.stripe import inbox
from integrations.stripe.client import client, is_live
from integrations.stripe.subscriptions import SUBSCRIBED

log = get_logger(__name__)


class WebhookRefusedError(DomainError):
    """Not from Stripe, not in our form, or not for our mode."""

    code = "webhook_refused"
    status = 400


@csrf_exempt
@require_POST
def webhook(request: HttpRequest) -> HttpResponse:
    """Store one thin event and answer at once; the work is done behind it. Other kinds are let go."""
    try:
        notification = _verified(request)
    except WebhookRefusedError as error:
        log.warning("stripe.webhook_refused", reason=error.message)
        return JsonResponse(error.as_json(), status=error.status)
    if notification["type"] in SUBSCRIBED:
        inbox.receive(notification, now=clock.now())
    return HttpResponse(status=200)


def _verified(request: HttpRequest) -> dict[str, Any]:
    secret = settings.STRIPE_WEBHOOK_SECRET
    if not secret:
        # The SDK would verify against an empty key, which anyone can sign with.
        raise WebhookRefusedError("No webhook secret is configured.")
    body, signature = request.body, request.headers.get("Stripe-Signature", "")
    try:
        event = client().parse_event_notification(body, signature, secret)
    except stripe.SignatureVerificationError:
        raise WebhookRefusedError("The signature does not fit.") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        # A signed body that is no thin event: the SDK raises a bare KeyError for a missing field.
        raise WebhookRefusedError("This is no thin event.") from None
    if event.livemode is not is_live():
        raise WebhookRefusedError("This event belongs to the other mode.")
    notification: dict[str, Any] = json.loads(body)
    return notification
