from __future__ import annotations

import pytest
import stripe

from .conftest import SECRET


def test_a_payment_arrives_as_signed_thin_notifications_that_lead_to_the_object(hooked):
    session = hooked.session()
    hooked.pay(session)
    assert hooked.emulator.deliver_pending() == 4

    notifications = hooked.inbox.notifications(hooked.stripe)

    assert [n.type for n in notifications] == [
        "v1.payment_intent.created",
        "v1.charge.succeeded",
        "v1.payment_intent.succeeded",
        "v1.checkout.session.completed",
    ]
    last = notifications[-1]
    assert isinstance(last, stripe.events.V1CheckoutSessionCompletedEventNotification)
    assert last.fetch_related_object().payment_status == "paid"
    event = last.fetch_event()
    snapshot = hooked.stripe.v1.events.retrieve(event.snapshot_event)
    assert (snapshot.type, snapshot.data.object["id"]) == ("checkout.session.completed", session.id)


def test_events_of_an_account_carry_its_context(hooked):
    ada = hooked.coach()
    hooked.transfer(hooked.charge(card="4000000000000077"), ada, 500)
    hooked.set_clock("2026-11-30T00:00:00Z")

    payouts = [n for n in hooked.inbox.notifications(hooked.stripe) if n.type == "v1.payout.created"]

    assert [str(n.context) for n in payouts] == [ada]
    assert payouts[0].fetch_related_object().amount == 500


def test_a_request_is_named_as_the_reason(hooked):
    hooked.stripe.v1.customers.create({}, {"idempotency_key": "because"})
    hooked.emulator.deliver_pending()

    [created] = hooked.inbox.notifications(hooked.stripe)

    assert created.reason.request.idempotency_key == "because"


def test_snapshots_verify_with_the_sdk(shop):
    shop.emulator.add_destination("http://shop.test/hook", SECRET, "snapshot")
    charge = shop.charge()
    shop.emulator.deliver_pending()

    found = [
        shop.stripe.construct_event(body, headers["Stripe-Signature"], SECRET)
        for _, body, headers in shop.inbox.received
    ]

    assert [event.type for event in found][1] == "charge.succeeded"
    assert found[1].data.object["id"] == charge.id


def test_a_bad_signature_is_seen_by_the_sdk(hooked):
    hooked.control("POST", "faults", kind="bad_signature", match="customer.created")
    hooked.stripe.v1.customers.create({})
    hooked.emulator.deliver_pending()

    with pytest.raises(stripe.SignatureVerificationError):
        hooked.inbox.notifications(hooked.stripe)


def test_destinations_filter_by_type_and_give_their_secret_once_asked(shop):
    made = shop.stripe.v2.core.event_destinations.create(
        {
            "name": "Inbox",
            "type": "webhook_endpoint",
            "event_payload": "thin",
            "enabled_events": ["v1.checkout.session.*", "v2.core.account.created"],
            "webhook_endpoint": {"url": "http://shop.test/hook"},
            "include": ["webhook_endpoint.signing_secret"],
        }
    )
    shop.charge()
    shop.coach()
    shop.emulator.deliver_pending()

    assert shop.inbox.types() == ["v1.checkout.session.completed", "v2.core.account.created"]
    _, body, headers = shop.inbox.received[0]
    secret = made.webhook_endpoint.signing_secret
    assert shop.stripe.parse_event_notification(body, headers["Stripe-Signature"], secret)
    seen = shop.stripe.v2.core.event_destinations.retrieve(made.id)
    assert seen.webhook_endpoint is None


def test_a_disabled_destination_gets_nothing_until_it_is_enabled(hooked):
    destinations = hooked.stripe.v2.core.event_destinations
    own = destinations.list().data[0].id
    destinations.disable(own)
    hooked.stripe.v1.customers.create({})
    destinations.enable(own)
    hooked.stripe.v1.customers.create({})
    destinations.ping(own)

    hooked.emulator.deliver_pending()

    assert hooked.inbox.types() == ["v1.customer.created", "v2.core.event_destination.ping"]


def test_webhook_endpoints_get_snapshots_and_connect_ones_those_of_accounts(shop):
    endpoints = shop.stripe.v1.webhook_endpoints
    given = {"enabled_events": ["customer.created"], "url": "http://shop.test/own"}
    own = endpoints.create(given)
    endpoints.create({**given, "url": "http://shop.test/connect", "connect": True})
    ada = shop.coach()

    shop.stripe.v1.customers.create({})
    shop.stripe.v1.customers.create({}, shop.of(ada))
    shop.emulator.deliver_pending()

    assert [url for url, _, _ in shop.inbox.received] == ["http://shop.test/own", "http://shop.test/connect"]
    assert own.secret.startswith("whsec_")
    assert endpoints.delete(own.id).deleted is True


@pytest.mark.parametrize("answer", [500, 404, 302, ConnectionRefusedError("nobody there")])
def test_a_failed_delivery_is_tried_again_with_growing_pauses(hooked, answer):
    hooked.inbox.status = answer
    hooked.stripe.v1.customers.create({})
    hooked.emulator.deliver_pending()
    delivery = hooked.control("GET", "deliveries")["data"][0]
    assert (delivery["state"], delivery["next_attempt_at"]) == ("pending", hooked.now() + 10)

    hooked.advance(seconds=9)
    assert len(hooked.control("GET", "deliveries")["data"][0]["attempts"]) == 1
    hooked.advance(seconds=1)
    assert len(hooked.control("GET", "deliveries")["data"][0]["attempts"]) == 2

    hooked.inbox.status = 200
    hooked.advance(seconds=60)
    done = hooked.control("GET", "deliveries")["data"][0]
    assert (done["state"], len(done["attempts"]), done["next_attempt_at"]) == ("delivered", 3, None)


def test_after_three_days_nobody_tries_any_more(hooked):
    hooked.inbox.status = 500
    hooked.stripe.v1.customers.create({})
    for _ in range(20):
        hooked.advance(hours=6)

    delivery = hooked.control("GET", "deliveries")["data"][0]

    assert (delivery["state"], delivery["next_attempt_at"]) == ("failed", None)


def test_tries_are_made_when_they_are_due_however_far_the_clock_jumps(hooked):
    hooked.inbox.status = 500
    hooked.stripe.v1.customers.create({})
    start = hooked.now()

    hooked.advance(days=4)

    delivery = hooked.control("GET", "deliveries")["data"][0]
    tries = [attempt["at"] - start for attempt in delivery["attempts"]]
    assert tries[:6] == [0, 10, 70, 370, 2170, 9370]
    assert (tries[-1], delivery["state"]) == (3 * 86400, "failed")


def test_what_was_left_lying_for_days_is_tried_for_three_days_from_then_on(hooked):
    hooked.stripe.v1.customers.create({})
    hooked.inbox.status = 500
    hooked.move_clock("2026-12-24T09:00:00Z")
    hooked.emulator.deliver_pending()
    assert hooked.control("GET", "deliveries")["data"][0]["state"] == "pending"

    hooked.inbox.status = 200
    hooked.advance(seconds=10)

    assert hooked.inbox.types() == ["v1.customer.created"] * 2


def test_what_happens_on_the_way_is_delivered_at_its_own_time(hooked):
    hooked.session(expires_at=hooked.now() + 1800)
    expired = hooked.now() + 1800

    hooked.advance(days=1)

    delivery = hooked.control("GET", "deliveries")["data"][0]
    assert (delivery["event_type"], delivery["attempts"][0]["at"]) == ("v1.checkout.session.expired", expired)


def test_undelivered_events_can_be_listed(hooked):
    hooked.inbox.status = 500
    lost = hooked.stripe.v1.customers.create({}).id
    hooked.emulator.deliver_pending()
    hooked.inbox.status = 200
    hooked.stripe.v1.customers.create({})
    hooked.emulator.deliver_pending()
    listed = hooked.stripe.v1.events.list

    assert [event.data.object["id"] for event in listed({"delivery_success": False}).data] == [lost]
    hooked.advance(minutes=5)
    assert listed({"delivery_success": False}).data == []
    assert len(listed({"delivery_success": True, "types": ["customer.created"]}).data) == 2


def test_a_delivery_can_be_replayed(hooked):
    hooked.stripe.v1.customers.create({})
    hooked.emulator.deliver_pending()
    first = hooked.control("GET", "deliveries")["data"][0]

    again = hooked.control("POST", f"deliveries/{first['id']}/replay")

    assert (again["state"], again["event"]) == ("delivered", first["event"])
    assert hooked.inbox.types() == ["v1.customer.created"] * 2


def test_a_dropped_webhook_comes_with_the_next_try(hooked):
    hooked.control("POST", "faults", kind="drop_webhook", match="customer.created")
    hooked.stripe.v1.customers.create({})
    hooked.emulator.deliver_pending()
    assert hooked.inbox.types() == []

    hooked.advance(seconds=10)

    assert hooked.inbox.types() == ["v1.customer.created"]


def test_a_webhook_can_come_three_times(hooked):
    hooked.control("POST", "faults", kind="duplicate_webhook", match="v1.customer.created", copies=3)
    hooked.stripe.v1.customers.create({})
    hooked.emulator.deliver_pending()

    assert hooked.inbox.types() == ["v1.customer.created"] * 3


def test_a_webhook_can_come_late(hooked):
    hooked.control("POST", "faults", kind="delay_webhook", match="charge.succeeded", seconds=30)
    hooked.charge()
    hooked.emulator.deliver_pending()
    assert "v1.charge.succeeded" not in hooked.inbox.types()

    hooked.advance(seconds=30)

    assert hooked.inbox.types()[-1] == "v1.charge.succeeded"


def test_webhooks_can_come_in_reverse(hooked):
    hooked.control("POST", "faults", kind="reorder_webhooks", match="*", times=4)
    hooked.charge()
    hooked.emulator.deliver_pending()

    assert hooked.inbox.types() == [
        "v1.checkout.session.completed",
        "v1.payment_intent.succeeded",
        "v1.charge.succeeded",
        "v1.payment_intent.created",
    ]


def test_a_reorder_that_never_fills_up_is_released_by_the_clock(hooked):
    hooked.control("POST", "faults", kind="reorder_webhooks", match="customer.*", times=3)
    hooked.stripe.v1.customers.create({})
    hooked.emulator.deliver_pending()
    assert hooked.inbox.types() == []

    hooked.control("POST", "clock")

    assert hooked.inbox.types() == ["v1.customer.created"]


def test_a_webhook_can_come_before_the_answer(hooked):
    hooked.control("POST", "faults", kind="early_webhook", match="POST /v1/customers")

    hooked.stripe.v1.customers.create({})

    assert hooked.inbox.types() == ["v1.customer.created"]


def test_v2_events_are_listed_by_object_and_type(shop):
    ada = shop.coach()
    shop.coach()
    events = shop.stripe.v2.core.events

    types = [event.type for event in events.list({"object_id": ada}).data]

    assert types[-1] == "v2.core.account.created"
    assert len(types) == len(set(types)) + 1  # the capability of transfers and that of payouts
    assert len(events.list({"types": ["v2.core.account.created"]}).data) == 2


def test_a_destination_needs_a_secret(shop):
    with pytest.raises(ValueError, match="secret"):
        shop.emulator.add_destination("http://shop.test/hook", " ")
