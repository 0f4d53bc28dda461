"""What a buyer hears of money that goes back: one wording, each thing once, nothing that is out of date."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from core import outbox
from marketplace.domain.booking import Wish, book
from marketplace.domain.cancelling import cancel
from notifications.domain.letters import render
from notifications.domain.refunds import tell_of_decision
from notifications.domain.registry import letter_for
from notifications.models import Notification
from payments.domain.balances import compensate
from payments.domain.checkout import open_checkout
from payments.domain.refunds import refund_percent
from payments.domain.surplus import give_back_surplus
from payments.models import CheckoutSession, Order, Refund
from tests.marketplace.cast import coach, offer, person

FAILS_LATER = "4000000000005126"
TUESDAY = datetime(2026, 11, 24, 12, tzinfo=UTC)
LATER_THAT_WEEK = datetime(2026, 11, 26, 10, tzinfo=UTC)
URLS = {"success_url": "http://testserver/{CHECKOUT_SESSION_ID}", "cancel_url": "http://testserver/"}
LEAVING = (
    "$60.00 goes back to your Visa ending 4242. We are sending it; after that your bank takes "
    "5 to 10 business days to show it."
)
SENT = (
    "$60.00 went back to your Visa ending 4242 on Tue 24 Nov. Expect it on your statement between "
    "Tue 1 Dec and Tue 8 Dec, 5 to 10 business days after that."
)


@pytest.fixture
def ben(stripe):
    return person("Ben Adler", timezone="Europe/London")


@pytest.fixture
def olu(stripe):
    return person("Olu Bello", is_staff=True)


@pytest.fixture
def ada(stripe):
    return coach(person("Ada Okafor"), timezone="Europe/London", now=TUESDAY)


@pytest.fixture
def hold(ada, ben):
    """Ben's hold of an hour of Ada's; what his balance pays alone is confirmed."""
    return lambda: (
        book(Wish(offer(ada, now=TUESDAY).pk, LATER_THAT_WEEK, "UTC", {}), candidate=ben, now=TUESDAY).session
    )


@pytest.fixture
def buy(stripe, hold):
    """A session of Ada's that Ben paid by card."""

    def session(card="4242424242424242"):
        held = hold()
        stripe.pay(open_checkout(held.order_id, title="A session", now=TUESDAY, **URLS), card)
        stripe.work()
        return held

    return session


def refund(session, percent, by):
    return refund_percent(session.line_id, percent, reason="goodwill", by=by, now=TUESDAY)


def drain(session):
    outbox.drain(session.order.subject, now=TUESDAY)
    outbox.drain(session.subject, now=TUESDAY)


def told(person):
    lines = Notification.objects.filter(person=person, kind="payments/refund").order_by("pk")
    return [(line.title, line.body) for line in lines]


def test_what_people_of_ours_give_back_is_told_when_it_is_decided_and_when_it_is_sent(
    stripe, buy, ben, olu, ada
):
    session = buy()
    refund(session, 50, olu)
    drain(session)
    (decided,) = told(ben)
    assert decided == (
        "$60.00 goes back to you",
        f"60 minutes with Ada Okafor. {LEAVING}",
    )
    stripe.work()
    drain(session)
    assert told(ben)[1] == (
        "$60.00 is on its way to your Visa ending 4242",
        f"60 minutes with Ada Okafor. {SENT}",
    )
    assert told(ada.user) == []


@pytest.mark.parametrize("who", ["ben", "nobody"])
def test_what_a_side_or_a_deadline_caused_has_a_letter_of_its_own(stripe, buy, ben, who):
    session = buy()
    refund(session, 50, ben if who == "ben" else None)
    drain(session)
    assert told(ben) == []
    stripe.work()
    drain(session)
    assert [title for title, _ in told(ben)] == ["$60.00 is on its way to your Visa ending 4242"]


def test_what_the_bank_sends_back_is_told_as_balance(stripe, buy, ben):
    session = buy(FAILS_LATER)
    made = refund(session, 100, None)
    stripe.work()
    stripe.work(TUESDAY + timedelta(days=10))
    made.refresh_from_db()
    assert made.state == "failed"
    assert told(ben)[-1][0] == "$120.00 is on your balance: your bank did not take it"


def test_a_line_is_told_once_however_often_the_event_comes(stripe, buy, ben, olu):
    session = buy()
    made = refund(session, 50, olu)
    for _ in range(2):
        tell_of_decision(made.pk, now=TUESDAY)
    assert len(told(ben)) == 1


def test_what_the_balance_paid_is_told_when_it_is_back(hold, ben, olu):
    compensate(ben, 12_000, currency="usd", source="a test", now=TUESDAY)
    session = hold()
    refund(session, 100, olu)
    drain(session)
    assert told(ben) == [
        ("$120.00 is back on your balance", "60 minutes with Ada Okafor. $120.00 is back on your balance.")
    ]


def test_the_letter_of_a_decision_is_pointless_once_the_money_is_sent(stripe, buy, ben, olu):
    session = buy()
    refund(session, 50, olu)
    drain(session)
    line = Notification.objects.get(kind="payments/refund")
    assert letter_for(line, now=TUESDAY).facts == [
        ("For", "60 minutes with Ada Okafor"),
        ("Amount", "$60.00"),
    ]
    stripe.work()
    assert letter_for(line, now=TUESDAY) is None


def test_the_mail_has_the_same_words_as_the_page(stripe, buy, ben):
    session = buy()
    refund(session, 50, None)
    stripe.work()
    drain(session)
    line = Notification.objects.get(kind="payments/refund")
    letter = render(line, letter_for(line, now=TUESDAY))
    html = str(letter.alternatives[0].content)
    assert SENT in letter.body
    assert SENT in html
    assert f"/purchases/{session.order_id}/" in letter.body


def test_the_letter_of_a_cancellation_says_what_goes_back_to_whom_it_goes(stripe, buy, ben, ada):
    session = buy()
    cancel(session.pk, by=ben, now=TUESDAY + timedelta(minutes=10))
    drain(session)
    letters = {
        line.person: letter_for(line, now=TUESDAY)
        for line in Notification.objects.filter(kind="marketplace/booking_cancelled")
    }
    assert [back.card.minor for back in letters[ben].context["refunds"]] == [12_000]
    assert letters[ada.user].context["refunds"] == []


def test_a_second_payment_that_goes_back_is_named_by_what_was_bought(stripe, buy, ben):
    session = buy()
    with transaction.atomic():
        give_back_surplus(CheckoutSession.objects.get(), now=TUESDAY)
    stripe.work()
    drain(session)
    assert [body.partition(".")[0] for _, body in told(ben)] == ["60 minutes with Ada Okafor"]
    assert Refund.objects.get().line is None
    assert Order.objects.get().kept == 12_000
