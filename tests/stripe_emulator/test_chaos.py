from __future__ import annotations

import pytest
import stripe

from stripe_emulator.faults import REQUEST, WEBHOOK


def story(shop, requests=60):
    """What came of so many customers, one line each."""
    outcomes = []
    for number in range(requests):
        try:
            shop.stripe.v1.customers.create({"name": str(number)}, {"idempotency_key": f"key-{number}"})
            outcomes.append("made")
        except stripe.StripeError as error:
            outcomes.append(f"{type(error).__name__} {error.http_status}")
    return outcomes


def test_the_same_seed_strikes_the_same_requests(make_shop):
    stories = []
    for seed in (7, 7, 8):
        shop = make_shop()
        shop.control("POST", "chaos", seed=seed, rate=0.4)
        stories.append(story(shop))

    assert stories[0] == stories[1] != stories[2]
    assert 10 < sum(outcome != "made" for outcome in stories[0]) < 50


def test_leaving_out_other_requests_changes_nothing(make_shop):
    lone, busy = make_shop(), make_shop()
    for shop in (lone, busy):
        shop.control("POST", "chaos", seed=3, rate=0.4, kinds=["rate_429", "reset"])
    for _ in range(5):
        with_luck(busy.stripe.v1.balance.retrieve)

    assert story(lone) == story(busy)


def with_luck(call):
    try:
        call()
    except stripe.StripeError:
        return False
    return True


@pytest.mark.parametrize("kind", sorted(REQUEST))
def test_every_kind_leaves_one_customer_per_key_in_the_end(make_shop, kind):
    shop = make_shop()
    shop.control("POST", "chaos", seed="x", rate=0.5, kinds=[kind])
    story(shop, 12)
    struck = shop.control("DELETE", "chaos")["struck"]
    assert set(struck) == {kind}
    made = 0

    for number in range(12):
        made += with_luck(
            lambda n=number: shop.stripe.v1.customers.create(
                {"name": str(n)}, {"idempotency_key": f"key-{n}"}
            )
        )

    names = [customer.name for customer in shop.stripe.v1.customers.list({"limit": 100}).data]
    assert len(names) == len(set(names)) == made
    assert made == (12 - struck[kind] if kind == "error_500" else 12)


@pytest.mark.parametrize("kind", sorted(WEBHOOK))
def test_every_event_arrives_in_the_end(hooked, kind):
    hooked.control("POST", "chaos", seed=1, rate=0.5, kinds=[kind])
    made = {hooked.stripe.v1.customers.create({}).id for _ in range(20)}
    hooked.emulator.deliver_pending()
    assert hooked.control("GET", "chaos")["struck"][kind] > 3
    hooked.advance(hours=6)

    arrived = set()
    for _, body, headers in hooked.inbox.received:
        try:
            seen = hooked.stripe.parse_event_notification(body, headers["Stripe-Signature"], "whsec_inbox")
        except stripe.SignatureVerificationError:
            continue
        arrived.add(seen.related_object.id)

    badly_signed = hooked.control("GET", "chaos")["struck"].get("bad_signature", 0)
    assert len(made - arrived) == badly_signed  # a receiver that says 200 to a forgery does not get it again
    assert arrived <= made


def test_what_happened_can_be_read_and_ends_when_told(hooked):
    hooked.control("POST", "chaos", seed=5, rate=1, kinds=["reset", "drop_webhook"])
    assert not with_luck(hooked.totals)
    assert hooked.control("GET", "chaos")["story"] == [
        {"what": "GET /v1/balance", "number": 1, "kind": "reset"}
    ]

    ended = hooked.control("DELETE", "chaos")

    assert (ended["requests"], ended["struck"]) == (1, {"reset": 1})
    assert hooked.control("GET", "chaos") == {}
    assert hooked.totals() == (0, 0)


def test_what_chaos_holds_back_leaves_when_it_ends(hooked):
    hooked.control("POST", "chaos", seed=5, rate=1, kinds=["reorder_webhooks"])
    hooked.stripe.v1.customers.create({})
    hooked.emulator.deliver_pending()
    assert hooked.inbox.types() == []

    hooked.control("DELETE", "chaos")
    hooked.emulator.deliver_pending()

    assert hooked.inbox.types() == ["v1.customer.created"]


def test_told_faults_come_first(shop):
    shop.control("POST", "chaos", seed=5, rate=1, kinds=["reset"])
    shop.control("POST", "faults", kind="rate_429", match="GET /v1/balance")

    with pytest.raises(stripe.RateLimitError):
        shop.totals()
    assert not with_luck(shop.totals)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"seed": None},
        {"seed": True},
        {"seed": 1, "rate": 2},
        {"seed": 1, "rate": "often"},
        {"seed": 1, "kinds": []},
        {"seed": 1, "kinds": ["earthquake"]},
        {"seed": 1, "kinds": "reset"},
        {"seed": 1, "limit": 3},
    ],
)
def test_chaos_that_makes_no_sense_is_refused(shop, given):
    assert shop.refused("POST", "chaos", **given)[0] == 400
    assert shop.control("GET", "chaos") == {}
