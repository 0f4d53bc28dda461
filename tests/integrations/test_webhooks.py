from __future__ import annotations

import json
import logging
import time

import pytest
from django.urls import reverse
from stripe import WebhookSignature

from integrations.stripe import client as our_client
from integrations.stripe.models import StripeEvent

pytestmark = pytest.mark.django_db


def refusal(answer):
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert error["code"] == "webhook_refused"
    return error["message"]


def test_a_signed_event_is_stored_once_and_answered_at_once(knock, thin, now):
    assert reverse("stripe_webhooks") == "/stripe/webhooks/"
    assert [knock(thin()).status_code for _ in range(3)] == [200, 200, 200]
    event = StripeEvent.objects.get()
    assert (event.pk, event.object_type, event.object_id) == ("evt_1", "checkout.session", "cs_test_1")
    assert (event.account, event.created, event.handled_at) == ("", now, None)
    assert event.payload == thin()


def test_an_event_of_a_connected_account_names_it(knock, thin):
    knock(thin(type="v1.payout.paid", context="acct_ada"))
    assert StripeEvent.objects.get().account == "acct_ada"


def test_a_kind_we_did_not_ask_for_is_let_go(knock, thin):
    assert knock(thin(type="v1.charge.succeeded")).status_code == 200
    assert not StripeEvent.objects.exists()


@pytest.mark.parametrize(
    "forged",
    [
        {"secret": "whsec_somebody_elses"},
        {"signature": ""},
        {"signature": "t=1,v1=abc"},
        {"signature": "nonsense"},
        {"at": int(time.time()) - 301},
    ],
    ids=["other secret", "no signature", "wrong signature", "no header at all", "replayed old"],
)
def test_a_forged_or_old_event_is_refused(knock, thin, forged):
    assert refusal(knock(thin(), **forged)) == "The signature does not fit."
    assert not StripeEvent.objects.exists()


def test_an_empty_secret_is_refused_though_the_signature_fits_it(knock, thin, settings):
    settings.STRIPE_WEBHOOK_SECRET = ""
    assert refusal(knock(thin(), secret="")) == "No webhook secret is configured."
    assert not StripeEvent.objects.exists()


@pytest.mark.parametrize("missing", ["id", "object", "type", "created", "related_object"])
def test_a_signed_event_without_a_field_is_a_bad_request(knock, thin, missing):
    assert refusal(knock(thin(**{missing: None}))) == "This is no thin event."


@pytest.mark.parametrize("missing", ["id", "type"])
@pytest.mark.parametrize("value", [None, 7, [], {}], ids=str)
def test_a_signed_event_about_half_an_object_is_a_bad_request(knock, thin, missing, value):
    related = {**thin()["related_object"], missing: value}
    if value is None:
        del related[missing]
    assert refusal(knock(thin(related_object=related))) == "This is no thin event."
    assert not StripeEvent.objects.exists()


def test_a_body_longer_than_any_event_is_refused_unread(knock, thin, settings):
    long = thin(data={"text": "x" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE})
    assert refusal(knock(long)) == "This is longer than any event."
    assert not StripeEvent.objects.exists()


def test_an_event_that_was_signed_for_another_body_is_refused(knock, thin):
    signature = WebhookSignature.generate_signature_header(json.dumps(thin()), "whsec_ours")
    assert refusal(knock(thin(id="evt_2"), signature=signature)) == "The signature does not fit."
    # A body with another space in it is another body: the raw bytes are what was signed.
    spaced = json.dumps(thin(), indent=1)
    assert refusal(knock(spaced, signature=signature)) == "The signature does not fit."


@pytest.mark.parametrize("seconds", [299, 301])
def test_a_replay_is_taken_for_five_minutes_and_counts_once(knock, thin, seconds):
    knock(thin())
    answer = knock(thin(), at=int(time.time()) - seconds)
    assert answer.status_code == (200 if seconds < 300 else 400)
    assert StripeEvent.objects.count() == 1


@pytest.mark.parametrize("secret", ["", " ", None])
def test_no_secret_at_all_lets_nobody_in(knock, thin, settings, secret):
    settings.STRIPE_WEBHOOK_SECRET = secret
    assert refusal(knock(thin(), secret=secret or "")) == "No webhook secret is configured."


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "null",
        '"text"',
        "{",
        '{"object": "event", "id": "evt_1", "type": "charge.succeeded"}',
        '{"object": "v2.core.event", "type": 7}',
        "\u0000",
        "[" * 100_000,
    ],
    ids=["empty", "list", "null", "text", "half", "snapshot", "number as type", "nul", "deep"],
)
def test_a_signed_body_that_is_no_thin_event_is_a_bad_request(knock, body):
    assert refusal(knock(body)) == "This is no thin event."


@pytest.mark.parametrize(
    "odd",
    [
        {"id": "evt_" + "1" * 300},
        {"id": "evt_\x00"},
        {"created": "yesterday"},
        {"created": 10**30},
        {"context": "acct_" + "1" * 300},
        {"related_object": {"id": "cs_\x00", "type": "checkout.session", "url": "/"}},
        {"data": {"text": "\x00"}},
        {"data": {"text": "\ud800"}},
    ],
    ids=str,
)
def test_a_signed_event_that_no_row_can_hold_is_a_bad_request(knock, thin, odd):
    assert refusal(knock(thin(**odd))) == "This is no thin event."
    assert not StripeEvent.objects.exists()


def test_bytes_that_are_no_text_are_a_bad_request(client, knock):
    signature = {"Stripe-Signature": "t=1,v1=a"}
    answer = client.post("/stripe/webhooks/", b"\xff\xfe", content_type="application/json", headers=signature)
    assert answer.status_code == 400


def test_a_live_event_does_not_reach_a_test_installation(knock, thin):
    assert refusal(knock(thin(livemode=True))) == "This event belongs to the other mode."


def test_a_test_event_does_not_reach_a_live_installation(knock, thin, settings, monkeypatch):
    settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE = "sk_live_northstar", None
    our_client.client.cache_clear()
    assert refusal(knock(thin())) == "This event belongs to the other mode."
    our_client.client.cache_clear()


def test_only_posting_is_allowed(client):
    assert client.get("/stripe/webhooks/").status_code == 405


def test_secrets_and_payloads_stay_out_of_the_log(knock, thin, caplog, settings):
    with caplog.at_level(logging.DEBUG):
        knock(thin(), secret="whsec_somebody_elses")
        knock(thin())
    said = json.dumps([record.getMessage() for record in caplog.records])
    assert "whsec_" not in said
    assert settings.STRIPE_SECRET_KEY not in said
