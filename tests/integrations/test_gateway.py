from __future__ import annotations

import inspect
from datetime import timedelta

import pytest

from integrations.stripe import client as our_client
from integrations.stripe.errors import (
    AlreadyDoneError,
    DeclinedError,
    MisconfiguredError,
    MissingError,
    RetryableError,
)
from integrations.stripe.gateway import Gateway, get_gateway
from integrations.stripe.kinds import CHECKOUT, KINDS, RECIPIENT, REFUND, REVERSAL, TRANSFER
from integrations.stripe.models import StripeOperation
from integrations.stripe.stripe_gateway import StripeGateway

pytestmark = pytest.mark.django_db
TAGS = {"order": "1"}


@pytest.fixture
def gateway(stripe):
    return get_gateway()


@pytest.fixture
def page(gateway, now):
    def make(key="checkout:1", **changes):
        wish = {
            "reference": "1",
            "title": "A session",
            "amount": 12000,
            "currency": "usd",
            "email": "ben@demo.test",
            "success_url": "https://northstar.test/paid",
            "cancel_url": "https://northstar.test/",
            "expires_at": (now + timedelta(minutes=40)).isoformat(),
            "transfer_group": "order_1",
            "metadata": TAGS,
        }
        return gateway.create_checkout(key=key, **(wish | changes))

    return make


@pytest.fixture
def payment(stripe, gateway, page):
    made = page()
    stripe.pay(made.id)
    return gateway.read_checkout(made.id)


@pytest.fixture
def ada(stripe, gateway):
    account = gateway.create_recipient(
        key="recipient:1", email="ada@demo.test", name="Ada", country="us", currency="usd", metadata=TAGS
    )
    stripe.onboard(account.id)
    return gateway.read_recipient(account.id)


@pytest.fixture
def transfer(gateway, payment, ada):
    return gateway.transfer(
        key="release:1",
        destination=ada.id,
        amount=9600,
        currency="usd",
        transfer_group="order_1",
        source_transaction=payment.charge,
        metadata=TAGS,
    )


def found(gateway, kind, key, now, **parameters):
    """What the search for a forgotten key finds."""
    return KINDS[kind].find(gateway, StripeOperation(key=key, parameters=parameters, planned_at=now))


def test_the_gateway_has_the_shape_that_is_declared():
    declared = {name for name, _ in inspect.getmembers(Gateway, inspect.isfunction) if name[0] != "_"}
    for name in declared:
        assert inspect.signature(getattr(StripeGateway, name)) == inspect.signature(getattr(Gateway, name))


def test_a_page_is_open_then_paid_and_knows_its_charge_and_fee(gateway, payment, now):
    assert (payment.status, payment.payment_status, payment.amount) == ("complete", "paid", 12000)
    assert (payment.charge[:3], payment.fee, payment.operation) == ("ch_", 378, "checkout:1")
    assert payment.expires_at == now + timedelta(minutes=40)
    assert (payment.is_paid, payment.is_open, payment.is_over) == (True, False, False)


def test_the_same_key_answers_the_same_page(page):
    assert page() == page()


def test_one_key_with_two_contents_is_our_own_mistake(page):
    page()
    with pytest.raises(MisconfiguredError):
        page(amount=13000)


def test_an_end_too_near_is_a_definitive_refusal(page, now):
    with pytest.raises(DeclinedError):
        page(expires_at=(now + timedelta(minutes=29)).isoformat())


def test_an_expired_page_is_over_and_cannot_be_expired_again(gateway, page):
    made = page()
    assert gateway.expire_checkout(made.id).is_over
    with pytest.raises(DeclinedError):
        gateway.expire_checkout(made.id)


def test_what_does_not_exist_is_missing(gateway):
    for read in (gateway.read_checkout, gateway.read_refund, gateway.read_transfer, gateway.read_recipient):
        with pytest.raises(MissingError):
            read("nothing_1")


def test_a_refund_is_made_read_and_found(gateway, payment, now):
    made = gateway.refund(key="refund:1", payment_intent=payment.payment_intent, amount=500, metadata=TAGS)
    assert (made.status, made.amount, made.payment_intent) == ("succeeded", 500, payment.payment_intent)
    assert gateway.read_refund(made.id) == made
    assert found(gateway, REFUND, "refund:1", now, payment_intent=payment.payment_intent) == made
    assert found(gateway, REFUND, "refund:2", now, payment_intent=payment.payment_intent) is None


def test_a_payment_that_went_back_already_says_so(gateway, payment):
    terms = {"payment_intent": payment.payment_intent, "amount": 12000, "metadata": TAGS}
    gateway.refund(key="refund:1", **terms)
    with pytest.raises(AlreadyDoneError) as refusal:
        gateway.refund(key="refund:2", **terms)
    assert refusal.value.code == "charge_already_refunded"


def test_a_page_is_found_by_its_key(gateway, page, now):
    made = page()
    assert found(gateway, CHECKOUT, "checkout:1", now).id == made.id
    assert found(gateway, CHECKOUT, "checkout:2", now) is None


def test_a_recipient_is_made_onboarded_and_found(gateway, ada, now):
    assert (ada.transfers, ada.requirements, ada.currency) == ("active", [], "usd")
    assert found(gateway, RECIPIENT, "recipient:1", now) == ada
    assert found(gateway, RECIPIENT, "recipient:2", now) is None


def test_a_new_recipient_still_owes_stripe_answers(gateway):
    account = gateway.create_recipient(
        key="recipient:2", email="mia@demo.test", name="Mia", country="us", currency="usd", metadata={}
    )
    assert (account.transfers != "active", bool(account.requirements)) == (True, True)
    link = gateway.onboarding_link(
        account=account.id, return_url="https://northstar.test/", refresh_url="https://northstar.test/again"
    )
    assert link.startswith("http")


def test_a_transfer_is_made_found_and_partly_reversed(gateway, transfer, payment, ada, now):
    assert (transfer.amount, transfer.destination, transfer.source_transaction) == (
        9600,
        ada.id,
        payment.charge,
    )
    assert gateway.read_transfer(transfer.id) == transfer
    assert found(gateway, TRANSFER, "release:1", now, transfer_group="order_1") == transfer
    assert found(gateway, TRANSFER, "release:2", now, transfer_group="order_1") is None
    back = gateway.reverse_transfer(key="reversal:1", transfer=transfer.id, amount=600, metadata=TAGS)
    assert (back.amount, back.transfer, gateway.read_transfer(transfer.id).reversed) == (
        600,
        transfer.id,
        600,
    )
    assert found(gateway, REVERSAL, "reversal:1", now, transfer=transfer.id) == back
    assert found(gateway, REVERSAL, "reversal:2", now, transfer=transfer.id) is None


def test_money_that_is_not_there_is_not_transferred(gateway, ada):
    with pytest.raises(DeclinedError) as refusal:
        gateway.transfer(
            key="release:9",
            destination=ada.id,
            amount=10**6,
            currency="usd",
            transfer_group="",
            source_transaction="",
            metadata={},
        )
    assert refusal.value.code == "balance_insufficient"


def test_payouts_and_their_lines_are_read_on_the_account(stripe, gateway, transfer, ada, now):
    stripe.set_clock(now + timedelta(days=14))
    stripe.control("POST", "clock")
    payout = gateway.list_payouts(ada.id)[0]
    assert (payout.amount, payout.account, payout.automatic) == (9600, ada.id, True)
    assert gateway.read_payout(payout.id, ada.id) == payout
    assert [(line.amount, line.transfer) for line in gateway.payout_lines(payout.id, ada.id)] == [
        (9600, transfer.id)
    ]


def test_balances_of_platform_and_account(gateway, transfer, ada, payment):
    assert gateway.balance().total("usd") == 12000 - payment.fee - 9600
    assert gateway.balance(ada.id).total("usd") == 9600
    assert gateway.balance().total("eur") == 0


@pytest.mark.parametrize(
    "kind", ["timeout_before", "timeout_after", "reset", "error_500", "conflict_409", "rate_429"]
)
def test_no_clear_answer_is_never_a_refusal(stripe, page, kind):
    stripe.fault(kind, "POST /v1/checkout/sessions", times=3)
    with pytest.raises(RetryableError):
        page()


def test_the_sdk_itself_asks_three_times_with_one_key(stripe, page):
    stripe.fault("timeout_after", "POST /v1/checkout/sessions", times=2)
    page()
    assert len(stripe.objects("checkout.session")) == 1


def test_a_wrong_key_is_our_own_mistake(stripe, page, settings):
    settings.STRIPE_SECRET_KEY = "nonsense"
    our_client.client.cache_clear()
    with pytest.raises(MisconfiguredError):
        page()


@pytest.mark.parametrize("key", ["", "sk_live_1", "rk_live_1"])
def test_no_key_and_live_keys_do_not_reach_the_emulator(settings, key):
    settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE = key, "http://127.0.0.1:12111"
    our_client.client.cache_clear()
    with pytest.raises(MisconfiguredError):
        our_client.client()


def test_an_error_in_a_log_names_the_request_and_no_key(stripe, gateway, settings):
    with pytest.raises(MissingError) as refusal:
        gateway.read_refund("re_none")
    assert str(refusal.value).startswith("MissingError: resource_missing: ")
    assert settings.STRIPE_SECRET_KEY not in str(refusal.value)


def test_the_http_client_has_time_outs():
    waits = vars(our_client.new_http_client())["_timeout"]
    assert waits == (our_client.CONNECT_SECONDS, our_client.READ_SECONDS)
