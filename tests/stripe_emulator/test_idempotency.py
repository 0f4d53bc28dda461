from __future__ import annotations

import pytest
import stripe


def test_the_same_key_gives_the_same_answer_once(shop):
    form = b"email=ben@demo.test"

    first = shop.ask("POST", "/v1/customers", form, Idempotency_Key="k1")
    again = shop.ask("POST", "/v1/customers", form, Idempotency_Key="k1")

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
