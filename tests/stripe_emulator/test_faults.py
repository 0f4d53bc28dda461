from __future__ import annotations

import pytest
import stripe

from stripe_emulator.transport import InProcessClient


def test_a_time_out_before_the_commit_does_nothing(shop):
    shop.control("POST", "faults", kind="timeout_before", match="POST /v1/customers")

    with pytest.raises(stripe.APIConnectionError):
        shop.stripe.v1.customers.create({})

    assert shop.stripe.v1.customers.list().data == []


def test_a_time_out_after_the_commit_is_found_again_by_its_key(shop):
    charge, ada = shop.charge(), shop.coach()
    shop.control("POST", "faults", kind="timeout_after", match="POST /v1/transfers")
    given = {"amount": 100, "currency": "usd", "destination": ada, "source_transaction": charge.id}

    with pytest.raises(stripe.APIConnectionError):
        shop.stripe.v1.transfers.create(given, {"idempotency_key": "k1"})
    again = shop.stripe.v1.transfers.create(given, {"idempotency_key": "k1"})

    assert [transfer.id for transfer in shop.stripe.v1.transfers.list().data] == [again.id]
    assert shop.totals(ada) == (0, 100)


def test_the_sdk_itself_recovers_from_one_lost_answer(make_shop):
    shop = make_shop(client={"max_network_retries": 2})
    shop.control("POST", "faults", kind="timeout_after", match="POST /v1/customers")

    ben = shop.stripe.v1.customers.create({"name": "Ben"})

    assert [customer.id for customer in shop.stripe.v1.customers.list().data] == [ben.id]


def test_a_500_is_kept_under_its_key_and_nothing_happened(shop):
    shop.control("POST", "faults", kind="error_500", match="POST /v1/customers", times=1)

    for _ in range(2):
        with pytest.raises(stripe.APIError) as broken:
            shop.stripe.v1.customers.create({}, {"idempotency_key": "k1"})
        assert broken.value.http_status == 500

    assert shop.stripe.v1.customers.list().data == []
    assert shop.stripe.v1.customers.create({}, {"idempotency_key": "k2"})


@pytest.mark.parametrize(("kind", "status"), [("conflict_409", 409), ("rate_429", 429)])
def test_busy_answers_are_not_kept(shop, kind, status):
    shop.control("POST", "faults", kind=kind, match="POST /v1/customers")

    with pytest.raises(stripe.StripeError) as busy:
        shop.stripe.v1.customers.create({}, {"idempotency_key": "k1"})

    assert busy.value.http_status == status
    assert shop.stripe.v1.customers.create({}, {"idempotency_key": "k1"}).object == "customer"


def test_a_fault_strikes_only_what_it_matches_and_as_often_as_told(shop):
    shop.control("POST", "faults", kind="reset", match="GET /v1/charges/{id}", times=2)
    charge = shop.charge()

    for _ in range(2):
        with pytest.raises(stripe.APIConnectionError):
            shop.stripe.v1.charges.retrieve(charge.id)

    assert shop.stripe.v1.charges.retrieve(charge.id).id == charge.id
    assert [fault["struck"] for fault in shop.control("GET", "faults")["data"]] == [2]


def test_faults_are_lifted(shop):
    shop.control("POST", "faults", kind="reset", match="*", times=9)

    assert shop.control("DELETE", "faults") == {"lifted": 1}
    assert shop.totals() == (0, 0)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"kind": "unheard_of"},
        {"kind": "reset", "times": 0},
        {"kind": "reset", "match": 5},
        {"kind": "slow", "x": 1},
    ],
)
def test_faults_that_make_no_sense_are_refused(shop, given):
    status, _ = shop.refused("POST", "faults", **given)

    assert status == 400


@pytest.mark.parametrize(
    ("method", "path", "given", "status"),
    [
        ("POST", "checkout/cs_nothing/pay", {}, 404),
        ("POST", "accounts/acct_nobody/onboard", {"outcome": "complete"}, 404),
        ("POST", "accounts/acct_nobody/onboard", {"outcome": "maybe"}, 400),
        ("POST", "payouts/po_nothing/fail", {"code": "no_account"}, 404),
        ("POST", "disputes", {"charge": "ch_nothing"}, 404),
        ("POST", "disputes/du_nothing/close", {"outcome": "won"}, 404),
        ("POST", "deliveries/dl_nothing/replay", {}, 404),
        ("POST", "disputes/du_nothing/escalate", {}, 404),
        ("POST", "warnings", {"charge": "ch_nothing"}, 404),
        ("POST", "accounts/acct_nobody/bank", {"account_number": "1"}, 404),
        ("POST", "accounts/acct_nobody/bank", {}, 400),
        ("POST", "accounts/acct_nobody/require", {"by": "2027-01-01T00:00:00Z"}, 404),
        ("POST", "accounts/acct_nobody/require", {"by": "soon"}, 400),
        ("POST", "accounts/acct_nobody/require", {"by": "2027-01-01T00:00:00Z", "needed": []}, 400),
        ("POST", "clock", {"now": "tomorrow"}, 400),
        ("POST", "clock", {"advance": "much"}, 400),
        ("POST", "clock", {"now": "2026-11-24T09:00:00"}, 400),
        ("POST", "nonsense", {}, 404),
    ],
)
def test_controls_say_no_clearly(shop, method, path, given, status):
    assert shop.refused(method, path, **given)[0] == status


def test_a_slow_answer_is_an_answer(shop):
    shop.control("POST", "faults", kind="slow", match="GET /v1/balance", seconds=0.01)

    assert shop.totals() == (0, 0)


def test_reset_forgets_everything_but_the_platform_and_its_destinations(hooked):
    hooked.charge()
    platform = hooked.emulator.world.platform

    hooked.control("POST", "reset")

    assert hooked.stripe.v1.charges.list().data == []
    assert (hooked.totals(), hooked.emulator.world.platform) == ((0, 0), platform)
    assert len(hooked.stripe.v2.core.event_destinations.list().data) == 1
    assert hooked.control("GET", "objects") == {"v2.core.event_destination": 1}
    hooked.charge()
    hooked.emulator.deliver_pending()
    assert "v1.checkout.session.completed" in hooked.inbox.types()


def test_two_clients_may_share_an_emulator(shop):
    other = stripe.StripeClient("sk_test_other", http_client=InProcessClient(shop.emulator))

    made = shop.stripe.v1.customers.create({})

    assert other.v1.customers.retrieve(made.id).id == made.id
