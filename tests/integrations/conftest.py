from __future__ import annotations

import json
import time

import pytest
from stripe import WebhookSignature

WEBHOOK_PATH = "/stripe/webhooks/"
OURS = "whsec_ours"


@pytest.fixture
def thin():
    """A thin event as Stripe sends it; ``thin(id="evt_2", …)`` changes fields, None leaves one out."""

    def event(**changes):
        body = {
            "id": "evt_1",
            "object": "v2.core.event",
            "type": "v1.checkout.session.completed",
            "created": "2026-11-24T12:00:00.000Z",
            "livemode": False,
            "related_object": {
                "id": "cs_test_1",
                "type": "checkout.session",
                "url": "/v1/checkout/sessions/cs_test_1",
            },
        } | changes
        return {name: value for name, value in body.items() if value is not None}

    return event


@pytest.fixture
def knock(client, settings):
    """Post a body to our webhook address, signed with our secret unless told otherwise."""
    settings.STRIPE_WEBHOOK_SECRET = OURS

    def post(body, *, secret=OURS, at=None, signature=None):
        text = body if isinstance(body, str) else json.dumps(body)
        if signature is None:
            signature = WebhookSignature.generate_signature_header(text, secret, at or int(time.time()))
        headers = {"Stripe-Signature": signature} if signature else {}
        return client.post(WEBHOOK_PATH, text, content_type="application/json", headers=headers)

    return post
