"""Where Stripe knocks: the signature first, then one row, then leave."""

from __future__ import annotations

import json
from typing import Any

import stripe
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import DataError, IntegrityError
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

NO_EVENT = "This is no thin event."


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
        if notification["type"] in SUBSCRIBED:
            _store(notification)
    except WebhookRefusedError as error:
        log.warning("stripe.webhook_refused", reason=error.message)
        return JsonResponse(error.as_json(), status=error.status)
    return HttpResponse(status=200)


def _store(notification: dict[str, Any]) -> None:
    try:
        inbox.receive(notification, now=clock.now())
    except (DataError, IntegrityError, TypeError, ValueError):
        # Signed, but nothing that Stripe would send: no id, no date, too long for its column, a NUL.
        raise WebhookRefusedError(NO_EVENT) from None


def _body(request: HttpRequest) -> bytes:
    try:
        return request.body
    except RequestDataTooBig:
        raise WebhookRefusedError("This is longer than any event.") from None


def _verified(request: HttpRequest) -> dict[str, Any]:
    secret = (settings.STRIPE_WEBHOOK_SECRET or "").strip()
    if not secret:
        # The SDK would verify against an empty key, which anyone can sign with.
        raise WebhookRefusedError("No webhook secret is configured.")
    body, signature = _body(request), request.headers.get("Stripe-Signature", "")
    try:
        event = client().parse_event_notification(body, signature, secret)
    except stripe.SignatureVerificationError:
        raise WebhookRefusedError("The signature does not fit.") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        # A signed body that is no thin event: the SDK raises a bare KeyError for a missing field.
        raise WebhookRefusedError(NO_EVENT) from None
    if event.livemode is not is_live():
        raise WebhookRefusedError("This event belongs to the other mode.")
    notification: dict[str, Any] = json.loads(body)
    return notification
