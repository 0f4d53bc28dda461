from __future__ import annotations

import base64
import json

import pytest
import stripe

from stripe_emulator.http import Request

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

    balance = shop.ask("GET", "/v1/balance", **{header: ada}).json()

    assert balance["pending"][0]["amount"] == 9600
    refused = shop.ask("GET", "/v1/balance", **{header: "acct_nobody"})
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
    error = shop.ask("POST", target, body).json()["error"]

    assert (error["code"], error["param"]) == ("parameter_unknown", param)


def test_v2_checks_its_parameters_too(shop):
    response = shop.ask("POST", "/v2/core/accounts", json.dumps({"identity": {"planet": "earth"}}).encode())

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
    response = shop.ask("POST", target, body)

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
    assert shop.ask("POST", target, body).status == 400


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
    response = shop.ask("GET", target)

    assert (response.status, response.json()["error"]["type"]) == (404, "invalid_request_error")


def test_every_answer_has_a_request_id_and_the_version(shop):
    fine, missing = shop.ask("GET", "/v1/balance"), shop.ask("GET", "/v1/charges/ch_1")

    for response in (fine, missing):
        assert response.headers["Request-Id"].startswith("req_")
        assert response.headers["Stripe-Version"] == "2026-10-28.endive"
    assert fine.headers["Request-Id"] != missing.headers["Request-Id"]
    assert shop.ask("GET", "/v1/balance", Stripe_Version="2020-08-27").status == 400


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
