"""How a refund is told: how much, where to, by when, and what becomes of it when a bank does not take it."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.domain.balances import compensate
from payments.domain.printing import told
from payments.domain.refunds import refund_percent
from payments.models import CheckoutSession, OrderLine, Refund
from payments.queries.going_back import Stage, business_days_after, going_back, going_back_of
from payments.states import RefundState
from tests.payments.conftest import SUBJECT

pytestmark = pytest.mark.django_db
PENDING_THEN_FINE, FAILS_LATER = "4000000000007726", "4000000000005126"


@pytest.fixture
def given_back(stripe, make_order, open_page, now):
    """A refund of a percentage of an order that was paid with a card."""

    def refund(percent=50, card="4242424242424242"):
        order = make_order()
        stripe.pay(open_page(order), card)
        stripe.work()
        line = OrderLine.objects.get(order=order)
        return refund_percent(line.pk, percent, reason="cancelled", by=None, now=now)

    return refund


def as_told(refund, now):
    back = going_back(Refund.objects.select_related("payment", "order__buyer").get(pk=refund.pk), now=now)
    return back.stage, told(back)


def test_decided_and_not_sent_yet(given_back, now):
    assert as_told(given_back(), now) == (
        Stage.LEAVING,
        (
            "$60.00 goes back to your Visa ending 4242. We are sending it; after that your bank takes "
            "5 to 10 business days to show it."
        ),
    )


def test_sent_it_has_days_and_later_it_should_be_there(stripe, given_back, now):
    refund = given_back()
    stripe.work()
    # Tuesday 24 November 2026, and two weekends in between.
    assert as_told(refund, now) == (
        Stage.SENT,
        (
            "$60.00 went back to your Visa ending 4242 on Tue 24 Nov. Expect it on your statement between "
            "Tue 1 Dec and Tue 8 Dec, 5 to 10 business days after that."
        ),
    )
    assert as_told(refund, now + timedelta(days=14))[0] == Stage.SENT
    stage, words = as_told(refund, now + timedelta(days=15))
    assert stage == Stage.DUE
    assert "should have arrived by Tue 8 Dec" in words


def test_stripe_may_hold_it_for_a_while(stripe, given_back, now):
    refund = given_back(card=PENDING_THEN_FINE)
    stripe.work()
    stage, words = as_told(refund, now)
    assert stage == Stage.WAITING
    assert "Stripe, who handles the payment, holds it for the moment" in words


def test_what_the_bank_does_not_take_is_on_the_balance(stripe, given_back, now):
    refund = given_back()
    stripe.work()
    Refund.objects.filter(pk=refund.pk).update(state=RefundState.FAILED)
    assert as_told(refund, now) == (
        Stage.FAILED,
        (
            "$60.00 could not go back to your Visa ending 4242: the bank sent it back on Tue 24 Nov. It is "
            "on your balance and pays for your next session."
        ),
    )


def test_a_bank_that_looks_into_a_dispute_decides_first(stripe, given_back, now):
    refund = given_back()
    Refund.objects.filter(pk=refund.pk).update(awaits_verdict=True)
    assert as_told(refund, now)[0] == Stage.DISPUTED
    Refund.objects.filter(pk=refund.pk).update(awaits_verdict=False, by_bank=6000)
    assert as_told(refund, now) == (Stage.NONE, "$60.00 was given back to you by your bank itself.")


def test_the_balance_has_its_own_sentence(given_back, ben, now):
    compensate(ben, 1000, currency="usd", source="booking:1", now=now)
    stage, words = as_told(given_back(100), now)
    assert stage == Stage.LEAVING
    assert words.startswith("$110.00 goes back to your Visa ending 4242.")
    assert words.endswith("$10.00 of what you paid is back on your balance.")


def test_what_the_balance_paid_alone_is_back_at_once(make_order, ben, now):
    compensate(ben, 12000, currency="usd", source="booking:1", now=now)
    line = OrderLine.objects.get(order=make_order())
    refund = refund_percent(line.pk, 50, reason="cancelled", by=None, now=now)
    assert as_told(refund, now) == (Stage.NONE, "$60.00 is back on your balance.")


def test_the_days_are_those_of_the_buyer(stripe, given_back, ben, now):
    ben.timezone = "Pacific/Kiritimati"  # fourteen hours ahead: it is Wednesday there
    ben.save()
    refund = given_back()
    stripe.work()
    assert (
        "on Wed 25 Nov. Expect it on your statement between Wed 2 Dec and Wed 9 Dec"
        in as_told(refund, now)[1]
    )


def test_a_payment_whose_card_is_not_known_is_a_card(given_back, now):
    refund = given_back()
    CheckoutSession.objects.update(card_brand="", card_last4="")
    assert as_told(refund, now)[1].startswith("$60.00 goes back to your card.")


@pytest.mark.parametrize(
    ("brand", "last4", "method"),
    [
        ("visa", "4242", "Visa ending 4242"),
        ("amex", "0005", "American Express ending 0005"),
        ("unknown", "1234", "card ending 1234"),
        ("link", "", "Link"),
        ("cash_app", "", "Cash app"),
        ("", "", "card"),
    ],
)
def test_how_it_was_paid_is_said_as_people_say_it(brand, last4, method):
    assert CheckoutSession(card_brand=brand, card_last4=last4).method == method


def test_the_card_is_read_when_the_charge_is_there_and_never_forgotten(stripe, paid):
    payment = paid.checkouts.get()
    assert (payment.card_brand, payment.card_last4) == ("visa", "4242")


def test_refunds_of_a_ware_are_told_in_their_order_and_nothing_is_not_told(stripe, paid, now):
    line = OrderLine.objects.get(order=paid)
    for percent in (25, 75):
        refund_percent(line.pk, percent, reason="cancelled", by=None, now=now)
    assert [back.card.minor for back in going_back_of(SUBJECT, now=now)] == [3000, 6000]
    assert going_back_of("booking:another", now=now) == []


@given(st.dates(date(2026, 1, 1), date(2030, 1, 1)), st.integers(1, 30))
def test_business_days_are_mondays_to_fridays(on, days):
    end = business_days_after(on, days)
    between = [on + timedelta(days=number) for number in range(1, (end - on).days + 1)]
    assert end.weekday() < 5
    assert sum(each.weekday() < 5 for each in between) == days
