"""The emulator checks itself against the installed SDK; these tests check the checking."""

from __future__ import annotations

import pytest
from stripe._object_classes import OBJECT_CLASSES, V2_OBJECT_CLASSES

from stripe_emulator import catalogue, schema, sdk
from stripe_emulator.http import Request
from stripe_emulator.router import ROUTES


def paid(shop):
    return shop.stripe.v1.charges.retrieve(shop.charge().id).to_dict()


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"amount": "12000"}, "charge.amount: expected int, got '12000'"),
        ({"paid": 1}, "charge.paid: expected bool, got 1"),
        ({"amount": True}, "charge.amount: expected int, got True"),
        ({"object": "change"}, "unknown object 'change'"),
        (
            {"balance_transaction": 5},
            "charge.balance_transaction: expected an object BalanceTransaction, got 5",
        ),
        ({"billing_details": []}, "charge.billing_details: expected an object BillingDetails, got []"),
        ({"colour": "red"}, "charge.colour: unknown field"),
        ({"metadata": {"a": 1}}, "charge.metadata[a]: expected str, got 1"),
    ],
)
def test_a_wrong_field_is_named(shop, change, complaint):
    assert schema.complaints(paid(shop) | change) == [complaint]


def test_a_missing_field_is_named_and_a_nullable_one_may_be_missing(shop):
    charge = paid(shop)
    del charge["amount"], charge["review"]

    assert schema.complaints(charge) == ["charge.amount: missing"]


def test_lists_and_inner_objects_are_checked_too(shop):
    charge = paid(shop)
    charge["outcome"].pop("type")

    listed = {"object": "list", "data": [charge], "has_more": False, "url": "/v1/charges"}

    assert schema.complaints(listed) == ["charge.outcome.type: missing"]
    assert schema.complaints({"object": "list", "data": [], "more": 1}) == [
        "strange list with ['data', 'more', 'object']"
    ]


def test_thin_events_are_checked_by_their_type():
    event = {
        "id": "evt_1",
        "object": "v2.core.event",
        "created": "2026-11-24T09:00:00.000Z",
        "livemode": False,
        "type": "v1.checkout.session.completed",
    }

    assert schema.complaints(event) == ["v2.core.event.related_object: missing"]
    assert schema.complaints(event | {"type": "v1.not.known"}) == []


def test_a_null_that_the_sdk_breaks_on_is_named(shop):
    settings = shop.stripe.v1.balance_settings.retrieve().to_dict()
    settings["payments"]["payouts"]["automatic_transfer_rules_by_currency"] = None

    [complaint] = schema.complaints(settings)

    assert complaint.endswith("automatic_transfer_rules_by_currency: the SDK breaks on null here")


def test_with_checking_on_a_bad_answer_is_a_500_and_on_record(make_shop):
    shop = make_shop()
    charge = shop.charge()
    with shop.emulator.store.step():
        shop.emulator.store.edit(charge.id).body["amount"] = "12000"

    response = shop.emulator.handle(
        Request("GET", f"/v1/charges/{charge.id}", {"Authorization": "Bearer sk_test_1"})
    )

    assert response.status == 500
    assert "charge.amount" in response.json()["error"]["message"]
    assert shop.control("GET", "complaints")["data"] == ["charge.amount: expected int, got '12000'"]
    shop.emulator.world.complaints.clear()


def test_every_route_is_an_endpoint_of_the_sdk():
    known = catalogue.endpoints()

    assert [route for route in ROUTES if route not in known] == []


def test_every_object_class_of_the_sdk_can_be_compiled():
    checked = 0
    for name in OBJECT_CLASSES | V2_OBJECT_CLASSES:
        schema.of(name)
        checked += 1

    assert checked > 150


def test_the_catalogue_knows_every_service_of_the_sdk():
    endpoints = catalogue.endpoints()

    assert endpoints["POST", "/v1/transfers/{}/reversals"].name == "TransferReversalService.create"
    assert endpoints["GET", "/v2/core/events"].params == (
        "stripe.params.v2.core._event_list_params",
        "EventListParams",
    )
    assert (
        catalogue.lookup("POST", "/v1/transfers/tr_1/reversals")
        is endpoints["POST", "/v1/transfers/{}/reversals"]
    )
    assert catalogue.lookup("PATCH", "/v1/transfers") is None


def test_names_in_the_sdks_sources_are_found_where_python_finds_them():
    charge = sdk.module("stripe._charge").find("Charge")

    assert charge.resolve("Outcome").module.name == "stripe._charge"
    assert charge.resolve("BalanceTransaction").module.name == "stripe._balance_transaction"
    assert charge.resolve("Nowhere") is None
