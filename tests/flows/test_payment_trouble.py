"""Payments that go wrong, come late, come twice, or never come."""

from __future__ import annotations

from uuid import UUID

import pytest

from marketplace.domain.closing import let_go
from marketplace.states import CoachState
from payments.domain.balances import compensate
from payments.domain.checkout import close_checkout, sync_by_id
from payments.domain.refunds import refund_percent
from payments.models import Order, Refund
from tests.flows.money import cents, dollars
from tests.marketplace.cast import AROUND_THE_CLOCK, coach, offer, person

pytestmark = pytest.mark.django_db

NOTHING = {"refunded": 0, "lost": 0, "tax": 0, "kept": 0, "goodwill": 0, "coach_share": 0, "platform_fee": 0}


def test_a_declined_card_leaves_the_hold_and_a_good_one_confirms(stripe, ben, hour, at, books_are_right):
    held = ben.book(hour, at(days=3))
    refused = stripe.pay(held["checkout_session"], card="4000000000000002")
    assert refused["error"]["code"] == "card_declined"
    stripe.work()
    assert ben.booking(held)["state"] == "held"
    assert cents(ben.booking(held)["order"]) == {"paid": 0, **NOTHING}
    stripe.pay(held["checkout_session"])
    stripe.work()
    assert ben.booking(held)["state"] == "confirmed"
    books_are_right()


@pytest.mark.parametrize(("passes", "state"), [(True, "confirmed"), (False, "held")])
def test_three_d_secure(stripe, ben, hour, at, passes, state, books_are_right):
    held = ben.book(hour, at(days=3))
    stripe.pay(held["checkout_session"], card="4000002500003155", authenticate=passes)
    stripe.work()
    assert ben.booking(held)["state"] == state
    books_are_right()


def test_a_hold_that_nobody_pays_expires_and_frees_the_slot(stripe, ben, cleo, hour, at, books_are_right):
    held = ben.book(hour, at(days=3))
    assert cleo.book(hour, at(days=3), status=409)["error"]["code"] == "slot_taken"
    stripe.work(at(minutes=9, seconds=59))
    assert ben.booking(held)["state"] == "held"
    stripe.work(at(minutes=10))
    assert ben.booking(held)["state"] == "expired"
    assert stripe.objects("checkout.session")[0]["status"] == "expired"
    assert cleo.book(hour, at(days=3))["state"] == "held"
    books_are_right()


def test_a_hold_is_extended_once_by_five_minutes(stripe, ben, cleo, hour, at):
    held = ben.book(hour, at(days=3))
    path = f"bookings/{held['id']}/extend-hold/"
    assert cleo.post(path, status=404)["error"]["code"] == "not_found"
    assert ben.post(path)["hold_expires_at"] == "2026-11-24T12:15:00Z"
    assert ben.post(path)["hold_expires_at"] == "2026-11-24T12:15:00Z"
    stripe.work(at(minutes=14, seconds=59))
    assert ben.booking(held)["state"] == "held"
    stripe.work(at(minutes=15))
    assert ben.booking(held)["state"] == "expired"
    assert ben.post(path, status=409)["error"]["code"] == "hold_expired"


def test_who_paid_in_time_keeps_the_slot_though_no_webhook_came(stripe, ben, cleo, hour, at, books_are_right):
    held = ben.book(hour, at(days=3))
    stripe.fault("drop_webhook", "*", times=99)
    stripe.pay(held["checkout_session"])
    stripe.set_clock(at(minutes=11))
    # The hold has lapsed, but it may have been paid: it is not taken, and the try has it looked at.
    assert cleo.book(hour, at(days=3), status=409)["error"]["code"] == "slot_taken"
    assert ben.booking(held)["state"] == "held"
    stripe.work(at(minutes=11))
    assert ben.booking(held)["state"] == "confirmed"
    books_are_right()


@pytest.fixture
def paid_late(stripe, ben, at):
    """Ben paid at minute 20, but Stripe was silent from then until his hold had been given up."""

    def make(what, starts_at):
        held = ben.book(what, starts_at)
        stripe.fault("drop_webhook", "*", times=99)
        stripe.set_clock(at(minutes=9))
        stripe.pay(held["checkout_session"])
        stripe.fault("reset", "* /v1/checkout/sessions*", times=999)
        stripe.work(at(minutes=44))
        assert ben.booking(held)["state"] == "held"
        stripe.work(at(minutes=46))
        assert ben.booking(held)["state"] == "expired"
        return held

    return make


def test_a_late_payment_confirms_a_slot_that_is_free(stripe, ben, hour, at, paid_late, books_are_right):
    held = paid_late(hour, at(days=3))
    stripe.lift_faults()
    stripe.work(at(hours=3))
    booking = ben.booking(held)
    assert booking["state"] == "confirmed"
    assert cents(booking["order"])["coach_share"] == 9600
    books_are_right()


def test_a_late_payment_goes_back_when_the_slot_is_taken(
    stripe, ben, cleo, hour, at, paid_late, books_are_right
):
    held = paid_late(hour, at(days=3))
    stripe.lift_faults()
    other = cleo.book(hour, at(days=3))
    stripe.pay(other["checkout_session"])
    stripe.work(at(hours=3))
    booking = ben.booking(held)
    assert booking["state"] == "expired"
    assert cents(booking["order"]) == {"paid": 12000, **NOTHING, "refunded": 12000}
    assert cleo.booking(other)["state"] == "confirmed"
    assert [refund["amount"] for refund in stripe.objects("refund")] == [12000]
    books_are_right()


def test_a_late_payment_for_a_request_goes_back(stripe, ben, asked_hour, at, paid_late, books_are_right):
    held = paid_late(asked_hour, at(days=3))
    stripe.lift_faults()
    stripe.work(at(hours=3))
    assert (ben.booking(held)["state"], cents(ben.booking(held)["order"])["refunded"]) == ("expired", 12000)
    books_are_right()


def test_a_payment_for_a_cancelled_hold_goes_back(stripe, ben, hour, at, books_are_right):
    held = ben.book(hour, at(days=3))
    stripe.pay(held["checkout_session"])
    # Cancelled before the webhook was handled: at that moment nothing was known to be paid.
    outcome = ben.cancel(held)
    assert (outcome["rule"], outcome["refund"]) == ("free", dollars(0))
    stripe.work()
    booking = ben.booking(held)
    assert (booking["state"], cents(booking["order"])["refunded"]) == ("cancelled", 12000)
    books_are_right()


def test_stripe_that_times_out_after_it_made_the_page_is_asked_the_same_again(
    stripe, ben, hour, at, books_are_right
):
    stripe.fault("timeout_after", "POST /v1/checkout/sessions", times=3)
    held = ben.book(hour, at(days=3))
    assert (held["state"], held["checkout_url"]) == ("held", None)
    again = ben.book(hour, at(days=3), status=200)
    assert again["id"] == held["id"]
    assert again["checkout_url"] is not None
    assert len(stripe.objects("checkout.session")) == 1
    books_are_right()


def test_another_time_with_the_same_coach_releases_the_first(stripe, ben, cleo, hour, at, books_are_right):
    first = ben.book(hour, at(days=3))
    second = ben.book(hour, at(days=4))
    stripe.work()
    assert (ben.booking(first)["state"], ben.booking(second)["state"]) == ("cancelled", "held")
    assert {page["status"] for page in stripe.objects("checkout.session")} == {"expired", "open"}
    assert cleo.book(hour, at(days=3))["state"] == "held"
    books_are_right()


def test_an_idempotency_key_answers_the_same_and_refuses_another_body(stripe, ben, hour, at):
    wish = {"offer": str(hour.pk), "starts_at": at(days=3).isoformat(), "timezone": "UTC"}
    key = {"Idempotency-Key": "one-press"}
    first = ben.post("bookings/", wish, status=201, **key)
    assert ben.post("bookings/", wish, status=201, **key) == first
    other = ben.post("bookings/", {**wish, "timezone": "Europe/Paris"}, status=409, **key)
    assert other["error"]["code"] == "idempotency_mismatch"


def test_a_fourth_unpaid_hold_is_refused(stripe, ben, ada, hour, at, now):
    for number, name in enumerate(["Bo Chen", "Cy Diaz"]):
        other = coach(person(name), **AROUND_THE_CLOCK, now=now)
        ben.book(offer(other, now=now), at(days=3, hours=2 * number))
    ben.book(hour, at(days=5))
    last = coach(person("Di Evans"), **AROUND_THE_CLOCK, now=now)
    refused = ben.book(offer(last, now=now), at(days=6), status=409)
    assert refused["error"]["code"] == "too_many_holds"
    assert Order.objects.count() == 3
    assert not Refund.objects.exists()


def test_a_late_payment_to_a_suspended_coach_goes_back(
    stripe, ben, ada, hour, at, paid_late, books_are_right
):
    held = paid_late(hour, at(days=3))
    ada.coach.move_to(CoachState.SUSPENDED)
    ada.coach.save(update_fields=["state"])
    stripe.lift_faults()
    stripe.work(at(hours=3))
    assert cents(ben.booking(held)["order"])["refunded"] == 12000
    books_are_right()


def test_a_late_payment_whose_balance_was_spent_elsewhere_goes_back(
    stripe, ben, ada, hour, at, now, paid_late, books_are_right
):
    compensate(ben.user, 1000, currency="usd", source="test", now=now)
    held = paid_late(hour, at(days=3))
    assert cents(ben.booking(held)["order"])["paid"] == 0
    # The balance of the hold that was given up came back and pays for something else.
    small = offer(ada.coach, price=1000, minutes=30, name="Quick question", now=now)
    assert ben.book(small, at(days=5))["state"] == "confirmed"
    stripe.lift_faults()
    stripe.work(at(hours=3))
    booking = ben.booking(held)
    assert (booking["state"], cents(booking["order"])["refunded"]) == ("expired", 11000)
    books_are_right()


def test_a_late_payment_that_operations_refunded_meanwhile_stays_refunded(stripe, ben, hour, at, paid_late):
    held = paid_late(hour, at(days=3))
    stripe.lift_faults()
    sync_by_id(held["checkout_session"], now=at(hours=1))
    refund_percent(Order.objects.get().lines.get().pk, 50, reason="asked for", by=None, now=at(hours=1))
    stripe.work(at(hours=3))
    booking = ben.booking(held)
    assert (booking["state"], cents(booking["order"])["refunded"]) == ("expired", 12000)


def test_ones_own_lapsed_hold_is_closed_before_a_new_try(stripe, ben, hour, at, books_are_right):
    first = ben.book(hour, at(days=3))
    stripe.set_clock(at(minutes=10))
    second = ben.book(hour, at(days=3))
    assert second["id"] != first["id"]
    assert ben.booking(first)["state"] == "expired"
    books_are_right()


def test_ones_own_lapsed_hold_that_was_paid_is_kept(stripe, ben, hour, at, books_are_right):
    first = ben.book(hour, at(days=3))
    stripe.fault("drop_webhook", "*", times=99)
    stripe.pay(first["checkout_session"])
    stripe.set_clock(at(minutes=10))
    assert ben.book(hour, at(days=3), status=409)["error"]["code"] == "slot_taken"
    stripe.work()
    assert ben.booking(first)["state"] == "confirmed"
    books_are_right()


def test_a_page_that_ends_while_the_hold_lives_leaves_the_hold(stripe, ben, hour, at):
    held = ben.book(hour, at(days=3))
    close_checkout(Order.objects.get().pk, now=at())
    stripe.work()
    assert ben.booking(held)["state"] == "held"
    again = ben.book(hour, at(days=3), status=200)
    assert again["checkout_session"] != held["checkout_session"]
    # Closing twice, and a page opened in between: the slot is not let go under a payment.
    let_go(UUID(held["id"]), now=at(minutes=10))
    assert ben.booking(held)["state"] == "held"
