from __future__ import annotations

import pytest
import stripe

from .conftest import of


def test_a_wrong_key_is_not_let_in(platform):
    with pytest.raises(stripe.AuthenticationError) as refusal:
        platform.v1.balance.retrieve(None, {"api_key": "nonsense"})

    assert refusal.value.http_status == 401


def test_every_answer_names_its_request(v1):
    assert v1.balance.retrieve().last_response.request_id.startswith("req_")


def test_an_unknown_parameter_is_refused_by_its_name(v1):
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        v1.customers.create({"shoe_size": 43})

    assert (refusal.value.code, refusal.value.param) == ("parameter_unknown", "shoe_size")


def test_a_missing_parameter_is_refused_by_its_name(v1):
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        v1.payment_intents.create({"amount": 100})

    assert (refusal.value.code, refusal.value.param) == ("parameter_missing", "currency")


def test_words_are_no_amounts(v1):
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        v1.payment_intents.create({"amount": "much", "currency": "usd"})

    assert refusal.value.code == "parameter_invalid_integer"


def test_what_does_not_exist_is_404_and_resource_missing(v1):
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        v1.customers.retrieve("cus_nobody")

    assert (refusal.value.http_status, refusal.value.code) == (404, "resource_missing")


def test_v2_says_not_found_in_its_own_words(v2):
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        v2.core.accounts.retrieve("acct_1nobodynobodyn")

    assert (refusal.value.http_status, refusal.value.code) == (404, "not_found")


# idempotency


def test_a_key_gives_the_first_answer_again(platform, v1):
    options = {"idempotency_key": platform.unique("key")}

    first, again = (v1.customers.create({"name": "Ben"}, options) for _ in range(2))

    assert first.id == again.id


def test_a_repeated_answer_says_so(platform, v1):
    options = {"idempotency_key": platform.unique("key")}

    first, again = (v1.customers.create({}, options).last_response.headers for _ in range(2))

    assert "Idempotent-Replayed" not in first
    assert again["Idempotent-Replayed"] == "true"


def test_a_key_belongs_to_its_parameters(platform, v1):
    options = {"idempotency_key": platform.unique("key")}
    v1.customers.create({"name": "Ben"}, options)

    with pytest.raises(stripe.IdempotencyError):
        v1.customers.create({"name": "Bob"}, options)


def test_a_refusal_of_what_had_begun_is_kept_under_its_key(platform, v1):
    charge = platform.charge(1000)
    options = {"idempotency_key": platform.unique("key")}
    given = {"charge": charge.id, "amount": 1001}

    requests = []
    for _ in range(2):
        with pytest.raises(stripe.InvalidRequestError) as refusal:
            v1.refunds.create(given, options)
        requests.append(refusal.value.headers.get("Idempotent-Replayed"))

    assert requests == [None, "true"]


def test_a_refused_parameter_is_not_kept_under_its_key(platform, v1):
    options = {"idempotency_key": platform.unique("key")}
    with pytest.raises(stripe.InvalidRequestError):
        v1.customers.create({"shoe_size": 43}, options)

    assert v1.customers.create({"name": "Ben"}, options).name == "Ben"


def test_two_accounts_may_use_one_key(platform, v1):
    key = platform.unique("key")

    own = v1.customers.create({"name": "Ben"}, {"idempotency_key": key})
    theirs = v1.customers.create(
        {"name": "Ben"}, {"idempotency_key": key, "stripe_account": platform.recipient()}
    )

    assert own.id != theirs.id


@pytest.mark.emulator_only
def test_a_key_is_forgotten_after_a_day(platform, v1):
    options = {"idempotency_key": "k"}
    first = v1.customers.create({}, options)
    platform.advance(hours=23)
    assert v1.customers.create({}, options).id == first.id

    platform.advance(hours=1)

    assert v1.customers.create({}, options).id != first.id


# lists


def names(listed):
    return [customer.name for customer in listed.data]


@pytest.fixture
def five(platform, v1):
    """An address that five customers have, named 1 to 5."""
    email = f"{platform.unique('five')}@demo.test"
    for number in range(1, 6):
        v1.customers.create({"name": str(number), "email": email})
    return email


def test_lists_begin_with_the_newest(v1, five):
    assert names(v1.customers.list({"email": five})) == ["5", "4", "3", "2", "1"]


def test_a_list_is_as_long_as_asked_and_says_whether_there_is_more(v1, five):
    short, whole = (v1.customers.list({"email": five, "limit": limit}) for limit in (2, 5))

    assert (names(short), short.has_more, whole.has_more) == (["5", "4"], True, False)


def test_a_cursor_leads_to_what_is_older(v1, five):
    cursor = v1.customers.list({"email": five, "limit": 2}).data[-1].id

    assert names(v1.customers.list({"email": five, "limit": 2, "starting_after": cursor})) == ["3", "2"]


def test_a_cursor_leads_back_to_what_is_newer(v1, five):
    cursor = v1.customers.list({"email": five}).data[-1].id

    assert names(v1.customers.list({"email": five, "limit": 2, "ending_before": cursor})) == ["3", "2"]


def test_the_sdk_walks_all_pages(v1, five):
    pages = v1.customers.list({"email": five, "limit": 2})

    assert [customer.name for customer in pages.auto_paging_iter()] == ["5", "4", "3", "2", "1"]


def test_a_page_has_at_most_a_hundred(v1):
    with pytest.raises(stripe.InvalidRequestError):
        v1.customers.list({"limit": 101})


def test_a_list_can_be_narrowed_by_time(v1, five):
    newest = v1.customers.list({"email": five, "limit": 1}).data[0]

    assert names(v1.customers.list({"email": five, "created": {"gt": newest.created}})) == []
    assert "5" in names(v1.customers.list({"email": five, "created": {"gte": newest.created}}))


# expand and metadata


def test_an_identifier_can_be_expanded_into_its_object(platform, v1):
    charge = platform.charge()

    assert isinstance(v1.charges.retrieve(charge.id).payment_intent, str)
    assert v1.charges.retrieve(charge.id, {"expand": ["payment_intent"]}).payment_intent.amount == 12000


def test_expanding_goes_through_lists_and_several_levels(platform, v1):
    charge = platform.charge()

    listed = v1.charges.list({"limit": 1, "expand": ["data.payment_intent.latest_charge"]})

    assert listed.data[0].payment_intent.latest_charge.id == charge.id


def test_what_is_no_identifier_cannot_be_expanded(platform, v1):
    platform.charge()

    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        v1.charges.list({"limit": 1, "expand": ["data.amount"]})


def test_metadata_is_merged_and_an_empty_value_deletes(v1):
    customer = v1.customers.create({"metadata": {"a": "1", "b": "2"}})

    changed = v1.customers.update(customer.id, {"metadata": {"b": "", "c": "3"}})

    assert changed.metadata.to_dict() == {"a": "1", "c": "3"}


def test_empty_metadata_deletes_all_of_it(v1):
    customer = v1.customers.create({"metadata": {"a": "1"}})

    assert v1.customers.update(customer.id, {"metadata": ""}).metadata.to_dict() == {}


# in the name of an account


def test_an_account_sees_its_own_objects_only(platform, v1):
    charge, ada = platform.charge(), platform.recipient()

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        v1.charges.retrieve(charge.id, None, of(ada))

    assert refusal.value.code == "resource_missing"


def test_nobody_acts_for_an_account_he_does_not_know(v1):
    with pytest.raises(stripe.PermissionError) as refusal:
        v1.balance.retrieve(None, of("acct_1nobodynobodyn"))

    assert refusal.value.error.code == "account_invalid"
