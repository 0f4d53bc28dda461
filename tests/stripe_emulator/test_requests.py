from __future__ import annotations

import base64
import json

import pytest
import stripe

from stripe_emulator.http import Request
from stripe_emulator.transport import InProcessClient

KEY = {"Authorization": "Bearer sk_test_shop"}


def ask(shop, method, target, body=b"", **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return shop.emulator.handle(Request(method, target, KEY | named, body))


# who asks


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("", 401),
        ("Bearer ", 401),
        ("Bearer nonsense", 401),
        ("Bearer sk_live_51abc", 401),
        ("Bearer rk_live_51abc", 401),
        ("Bearer sk_test_1", 200),
        ("Bearer rk_test_1", 200),
        ("Basic " + base64.b64encode(b"sk_test_1:").decode(), 200),
        ("Basic ???", 401),
    ],
)
def test_only_test_keys_are_let_in(shop, header, status):
    response = shop.emulator.handle(Request("GET", "/v1/balance", {"authorization": header}))

    assert response.status == status
    assert ("error" in response.json()) == (status != 200)


@pytest.mark.parametrize("header", ["Stripe-Account", "Stripe-Context"])
def test_both_headers_act_in_the_name_of_an_account(shop, header):
    ada = shop.coach()
    shop.transfer(shop.charge(), ada, 9600)

    balance = ask(shop, "GET", "/v1/balance", **{header: ada}).json()

    assert balance["pending"][0]["amount"] == 9600
    refused = ask(shop, "GET", "/v1/balance", **{header: "acct_nobody"})
    assert (refused.status, refused.json()["error"]["code"]) == (403, "account_invalid")


def test_one_account_does_not_see_the_objects_of_another(shop):
    charge, ada = shop.charge(), shop.coach()

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        shop.stripe.v1.charges.retrieve(charge.id, None, shop.of(ada))

    assert refusal.value.code == "resource_missing"


# what is asked


@pytest.mark.parametrize(
    ("target", "body", "param"),
    [
        ("/v1/refunds", b"charges=ch_1", "charges"),
        (
            "/v1/checkout/sessions",
            b"line_items[0][price_data][colour]=red",
            "line_items[0][price_data][colour]",
        ),
        ("/v1/customers", b"application_fee_amount=1", "application_fee_amount"),
    ],
)
def test_an_unknown_parameter_is_named(shop, target, body, param):
    error = ask(shop, "POST", target, body).json()["error"]

    assert (error["code"], error["param"]) == ("parameter_unknown", param)


def test_v2_checks_its_parameters_too(shop):
    response = ask(shop, "POST", "/v2/core/accounts", json.dumps({"identity": {"planet": "earth"}}).encode())

    error = response.json()["error"]
    assert (response.status, error["code"], error["param"]) == (400, "parameter_unknown", "identity[planet]")


@pytest.mark.parametrize(
    ("target", "body", "code"),
    [
        ("/v1/transfers", b"amount=100&currency=usd", "parameter_missing"),
        ("/v1/transfers", b"amount=ten&currency=usd&destination=acct_1", "parameter_invalid_integer"),
        ("/v1/transfers", b"amount=-5&currency=usd&destination=acct_1", "parameter_invalid_integer"),
        ("/v1/refunds", b"charge=ch_1&amount[a]=1", "parameter_invalid_integer"),
        ("/v1/payment_intents", b"amount=100&currency=usd&confirm=maybe", "parameter_invalid"),
        ("/v1/payment_intents", b"amount=100&currency=xyz", "parameter_invalid"),
        ("/v1/payment_intents", b"amount=100&currency=usd&capture_method=later", "parameter_invalid"),
        ("/v1/refunds", b"charge[]=a&[x]=1", "parameter_unknown"),
    ],
)
def test_wrong_values_are_bad_requests(shop, target, body, code):
    response = ask(shop, "POST", target, body)

    assert (response.status, response.json()["error"]["code"]) == (400, code)


@pytest.mark.parametrize(
    ("target", "body"),
    [
        ("/v1/customers", b"\xff\xfe"),
        ("/v1/customers", b"a=%ff"),
        ("/v1/customers", b"&".join(b"metadata[%d]=x" % n for n in range(2001))),
        ("/v2/core/accounts", b"{"),
        ("/v2/core/accounts", b"[]"),
        ("/v2/core/accounts", b"\xff"),
    ],
)
def test_bodies_that_cannot_be_read_are_bad_requests(shop, target, body):
    assert ask(shop, "POST", target, body).status == 400


def test_a_known_endpoint_that_is_not_built_says_its_name(shop):
    with pytest.raises(stripe.APIError, match=r"TopupService\.create") as refusal:
        shop.stripe.v1.topups.create({"amount": 1, "currency": "usd"})

    assert refusal.value.http_status == 501


def test_a_known_parameter_that_is_not_built_says_its_name(shop):
    with pytest.raises(stripe.APIError, match="reverse_transfer") as refusal:
        shop.stripe.v1.refunds.create({"charge": "ch_1", "reverse_transfer": True})

    assert refusal.value.http_status == 501


@pytest.mark.parametrize("target", ["/v1/unicorns", "/v1/charges/ch_1/unicorn", "/v2/unicorns"])
def test_an_unknown_path_is_not_found(shop, target):
    response = ask(shop, "GET", target)

    assert (response.status, response.json()["error"]["type"]) == (404, "invalid_request_error")


def test_every_answer_has_a_request_id_and_the_version(shop):
    fine, missing = ask(shop, "GET", "/v1/balance"), ask(shop, "GET", "/v1/charges/ch_1")

    for response in (fine, missing):
        assert response.headers["Request-Id"].startswith("req_")
        assert response.headers["Stripe-Version"] == "2026-10-28.endive"
    assert fine.headers["Request-Id"] != missing.headers["Request-Id"]
    assert ask(shop, "GET", "/v1/balance", Stripe_Version="2020-08-27").status == 400


# lists, expansion, metadata


def test_cursors_walk_a_list_both_ways(shop):
    made = [shop.stripe.v1.customers.create({"name": str(n)}).id for n in range(7)][::-1]
    customers = shop.stripe.v1.customers

    first = customers.list({"limit": 3})
    second = customers.list({"limit": 3, "starting_after": first.data[-1].id})
    back = customers.list({"limit": 2, "ending_before": second.data[0].id})

    assert ([c.id for c in first.data], first.has_more) == (made[:3], True)
    assert ([c.id for c in second.data], second.has_more) == (made[3:6], True)
    assert ([c.id for c in back.data], back.has_more) == (made[1:3], True)
    assert [c.id for c in customers.list({"limit": 2}).auto_paging_iter()] == made
    assert [c.id for c in customers.list({"ending_before": made[-1]}).auto_paging_iter()] == made[:-1][::-1]


@pytest.mark.parametrize("limit", [0, 101, -1])
def test_limits_are_between_one_and_a_hundred(shop, limit):
    with pytest.raises(stripe.InvalidRequestError):
        shop.stripe.v1.customers.list({"limit": limit})


def test_lists_are_filtered_by_time(shop):
    early = shop.stripe.v1.customers.create({}).id
    shop.advance(hours=1)
    late = shop.stripe.v1.customers.create({}).id
    listed = shop.stripe.v1.customers.list

    assert [c.id for c in listed({"created": {"gte": shop.now()}}).data] == [late]
    assert [c.id for c in listed({"created": {"lt": shop.now()}}).data] == [early]
    assert [c.id for c in listed({"created": {"gt": shop.now() - 3600, "lte": shop.now()}}).data] == [late]
    assert [c.id for c in listed({"created": shop.now()}).data] == [late]


def test_expansion_goes_through_lists_and_levels(shop):
    charge, ada = shop.charge(), shop.coach()
    shop.transfer(charge, ada, 100)

    transfers = shop.stripe.v1.transfers.list(
        {"expand": ["data.source_transaction.payment_intent.latest_charge", "data.destination"]}
    ).data

    assert transfers[0].source_transaction.payment_intent.latest_charge.id == charge.id
    assert (transfers[0].destination.object, transfers[0].destination.id) == ("account", ada)


@pytest.mark.parametrize("path", ["amount", "nonsense", "metadata.x", "a.b.c.d.e"])
def test_what_cannot_be_expanded_is_refused(shop, path):
    charge = shop.charge()

    with pytest.raises(stripe.InvalidRequestError, match="expand"):
        shop.stripe.v1.charges.retrieve(charge.id, {"expand": [path]})


def test_metadata_merges_and_an_empty_string_deletes(shop):
    customers = shop.stripe.v1.customers
    ben = customers.create({"metadata": {"a": "1", "b": "2", "3": "x"}}).id

    assert customers.update(ben, {"metadata": {"a": "", "c": "4"}}).metadata.to_dict() == {
        "b": "2",
        "c": "4",
        "3": "x",
    }
    assert customers.update(ben, {"metadata": ""}).metadata.to_dict() == {}


def test_deleted_things_are_gone(shop):
    ben = shop.stripe.v1.customers.create({}).id

    assert shop.stripe.v1.customers.delete(ben).deleted is True

    with pytest.raises(stripe.InvalidRequestError, match="No such customer"):
        shop.stripe.v1.customers.retrieve(ben)


# idempotency


def test_the_same_key_gives_the_same_answer_once(shop):
    form = b"email=ben@demo.test"

    first = ask(shop, "POST", "/v1/customers", form, Idempotency_Key="k1")
    again = ask(shop, "POST", "/v1/customers", form, Idempotency_Key="k1")

    assert again.body == first.body
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["Original-Request"] == first.headers["Request-Id"]
    assert "Idempotent-Replayed" not in first.headers
    assert len(shop.stripe.v1.customers.list().data) == 1


def test_the_same_key_with_other_parameters_is_an_error(shop):
    shop.stripe.v1.customers.create({"email": "a@b.c"}, {"idempotency_key": "k1"})

    with pytest.raises(stripe.IdempotencyError):
        shop.stripe.v1.customers.create({"email": "x@b.c"}, {"idempotency_key": "k1"})


def test_a_refusal_is_kept_under_its_key_even_when_it_would_work_now(shop):
    shop.charge()
    given = {"amount": 100, "currency": "usd", "destination": shop.coach()}
    create = shop.stripe.v1.transfers.create
    shop.set_clock("2026-11-25T12:00:00Z")

    with pytest.raises(stripe.InvalidRequestError):
        create(given, {"idempotency_key": "k1"})
    shop.set_clock("2026-11-26T00:00:00Z")
    with pytest.raises(stripe.InvalidRequestError) as replayed:
        create(given, {"idempotency_key": "k1"})

    assert replayed.value.code == "balance_insufficient"
    assert create(given, {"idempotency_key": "k2"}).amount == 100


def test_failed_validation_is_not_kept(shop):
    options = {"idempotency_key": "k1"}

    with pytest.raises(stripe.InvalidRequestError):
        shop.stripe.v1.customers.create({"nonsense": "1"}, options)

    assert shop.stripe.v1.customers.create({"name": "Ben"}, options).name == "Ben"


def test_a_key_is_forgotten_after_a_day(shop):
    create, options = shop.stripe.v1.customers.create, {"idempotency_key": "k1"}
    first = create({}, options).id

    shop.advance(hours=23, minutes=59)
    assert create({}, options).id == first
    shop.advance(minutes=1)

    assert create({}, options).id != first


def test_keys_of_different_accounts_are_different_keys(shop):
    ada, options = shop.coach(), {"idempotency_key": "k1"}

    ours = shop.stripe.v1.customers.create({}, options)
    hers = shop.stripe.v1.customers.create({}, options | shop.of(ada))

    assert ours.id != hers.id


def test_v2_tries_failed_work_again_and_keeps_what_succeeded(shop):
    create, options = shop.stripe.v2.core.accounts.create, {"idempotency_key": "k1"}
    shop.control("POST", "faults", kind="error_500", match="POST /v2/core/accounts")

    with pytest.raises(stripe.APIError):
        create({"display_name": "Ada"}, options)

    made = create({"display_name": "Ada"}, options)
    assert create({"display_name": "Ada"}, options).id == made.id


# faults


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
