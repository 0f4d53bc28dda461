from __future__ import annotations

import pytest
import stripe

from .conftest import of

SECRET = "whsec_conformance"


def events_about(v1, object_id, **filters):
    """Events about that object, the newest first."""
    listed = v1.events.list({"limit": 100} | filters)
    return [event for event in listed.data if event.data.object["id"] == object_id]


def test_what_happens_is_told_by_an_event_with_the_object(platform, v1):
    customer = v1.customers.create({"name": "Ben"})

    [event] = platform.eventually(lambda: events_about(v1, customer.id))

    assert (event.type, event.data.object["name"]) == ("customer.created", "Ben")


def test_an_event_keeps_the_object_as_it_was(platform, v1):
    customer = v1.customers.create({"name": "Ben"})
    v1.customers.update(customer.id, {"name": "Bob"})

    found = platform.eventually(lambda: events_about(v1, customer.id, type="customer.created"))

    assert found[0].data.object["name"] == "Ben"


def test_an_event_about_a_change_tells_what_was_there_before(platform, v1):
    customer = v1.customers.create({"name": "Ben"})
    v1.customers.update(customer.id, {"name": "Bob"})

    [event] = platform.eventually(lambda: events_about(v1, customer.id, type="customer.updated"))

    assert event.data.previous_attributes["name"] == "Ben"


def test_an_event_names_the_request_behind_it(platform, v1):
    key = platform.unique("key")
    customer = v1.customers.create({}, {"idempotency_key": key})

    [event] = platform.eventually(lambda: events_about(v1, customer.id))

    assert event.request.idempotency_key == key


def test_events_can_be_narrowed_by_several_types(platform, v1):
    charge = platform.charge()
    v1.refunds.create({"charge": charge.id})

    found = platform.eventually(
        lambda: events_about(v1, charge.id, types=["charge.succeeded", "charge.refunded"])[1:]
    )

    assert [event.type for event in found] == ["charge.succeeded"]


def test_an_event_is_read_by_its_identifier(platform, v1):
    customer = v1.customers.create({})
    [event] = platform.eventually(lambda: events_about(v1, customer.id))

    assert v1.events.retrieve(event.id).data.object["id"] == customer.id


def test_events_of_an_account_are_listed_in_its_name(platform, v1):
    ada = platform.recipient()
    customer = v1.customers.create({}, of(ada))

    found = platform.eventually(
        lambda: [e for e in v1.events.list({}, of(ada)).data if e.data.object["id"] == customer.id]
    )

    assert found[0].account == ada
    assert events_about(v1, customer.id) == []


def test_a_destination_shows_its_secret_only_when_asked(platform, v2):
    destinations = v2.core.event_destinations
    made = destinations.create(
        {
            "name": platform.unique("inbox"),
            "type": "webhook_endpoint",
            "event_payload": "thin",
            "enabled_events": ["v1.customer.created"],
            "webhook_endpoint": {"url": "https://shop.test/hook"},
            "include": ["webhook_endpoint.signing_secret"],
        }
    )

    assert made.webhook_endpoint.signing_secret.startswith("whsec_")
    assert getattr(destinations.retrieve(made.id).webhook_endpoint, "signing_secret", None) is None
    destinations.delete(made.id)


def test_an_endpoint_shows_its_secret_once(v1):
    given = {"enabled_events": ["customer.created"], "url": "https://shop.test/hook"}
    made = v1.webhook_endpoints.create(given)

    assert made.secret.startswith("whsec_")
    assert getattr(v1.webhook_endpoints.retrieve(made.id), "secret", None) is None
    v1.webhook_endpoints.delete(made.id)


def test_a_signature_of_another_secret_is_refused(platform):
    payload = '{"id": "evt_1", "object": "event"}'
    header = stripe.WebhookSignature.generate_signature_header(payload, "whsec_somebody_elses")

    with pytest.raises(stripe.SignatureVerificationError):
        platform.stripe.construct_event(payload, header, SECRET)


@pytest.mark.emulator_only
def test_a_thin_event_arrives_signed_and_leads_to_the_object(platform, v1):
    platform.listen()
    customer = v1.customers.create({"name": "Ben"})
    platform.arrived()
    _, body, headers = platform.received[0]

    notification = platform.stripe.parse_event_notification(body, headers["Stripe-Signature"], SECRET)

    assert notification.type == "v1.customer.created"
    assert notification.fetch_related_object().id == customer.id
    assert notification.fetch_related_object().name == "Ben"


@pytest.mark.emulator_only
def test_a_thin_event_carries_no_data(platform, v1):
    platform.listen()
    v1.customers.create({"name": "Ben"})
    platform.arrived()

    assert "data" not in platform.received[0][0]


@pytest.mark.emulator_only
def test_a_snapshot_arrives_signed_with_the_object(platform, v1):
    platform.listen("snapshot")
    v1.customers.create({"name": "Ben"})
    platform.arrived()
    _, body, headers = platform.received[0]

    event = platform.stripe.construct_event(body, headers["Stripe-Signature"], SECRET)

    assert event.data.object["name"] == "Ben"


@pytest.mark.emulator_only
def test_a_thin_event_of_an_account_names_it(platform, v1):
    platform.listen()
    ada = platform.recipient()
    v1.customers.create({}, of(ada))
    platform.arrived()

    assert platform.received[-1][0]["context"] == ada


@pytest.mark.emulator_only
def test_a_refused_delivery_is_tried_again_until_it_is_taken(platform, v1):
    platform.listen()
    platform.answer = 500
    v1.customers.create({})
    platform.arrived()
    platform.advance(hours=1)
    refused = len(platform.received)
    platform.answer = 200

    platform.advance(days=1)
    platform.advance(days=1)

    assert refused > 2
    assert len(platform.received) == refused + 1


@pytest.mark.emulator_only
def test_each_try_is_signed_anew(platform, v1):
    platform.listen()
    platform.answer = 500
    v1.customers.create({})
    platform.advance(days=4)

    for _, body, headers in platform.received:
        assert platform.stripe.parse_event_notification(body, headers["Stripe-Signature"], SECRET)
    assert len(platform.received) > 5


@pytest.mark.emulator_only
def test_after_three_days_no_try_is_made(platform, v1):
    platform.listen()
    platform.answer = 500
    v1.customers.create({})
    platform.advance(days=3, hours=1)
    tries = len(platform.received)

    platform.advance(days=30)

    assert len(platform.received) == tries


@pytest.mark.emulator_only
def test_what_was_not_taken_can_be_listed(platform, v1):
    platform.listen()
    platform.answer = 500
    lost = v1.customers.create({}).id
    platform.advance(days=4)
    platform.answer = 200
    taken = v1.customers.create({}).id
    platform.arrived()

    found = {
        wanted: [event.data.object["id"] for event in v1.events.list({"delivery_success": wanted}).data]
        for wanted in (False, True)
    }

    assert found == {False: [lost], True: [taken]}


@pytest.mark.emulator_only
def test_an_event_waits_for_every_destination(platform, v1):
    for payload in ("thin", "snapshot"):
        platform.listen(payload)

    customer = v1.customers.create({})
    [event] = events_about(v1, customer.id)
    platform.arrived()

    assert event.pending_webhooks == 2
    assert v1.events.retrieve(event.id).pending_webhooks == 0


@pytest.mark.emulator_only
def test_a_replay_of_what_arrived_counts_for_nobody_else(platform, v1):
    for payload in ("thin", "snapshot"):
        platform.listen(payload)
    platform.control("faults", kind="drop_webhook", match="v1.customer.created")
    customer = v1.customers.create({})
    platform.arrived()
    [event] = events_about(v1, customer.id)
    taken = next(d for d in platform.control("deliveries", "GET")["data"] if d["payload"] == "snapshot")

    platform.control(f"deliveries/{taken['id']}/replay")

    assert event.pending_webhooks == 1
    assert v1.events.retrieve(event.id).pending_webhooks == 1
