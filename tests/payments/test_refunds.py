from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.audit import trail
from core.errors import InvalidError
from integrations.stripe.client import client
from integrations.stripe.inbox import UnknownObjectError
from integrations.stripe.models import StripeEvent, StripeOperation
from integrations.stripe.operations import perform
from payments.domain.balances import balance_of, compensate
from payments.domain.orders import NewLine
from payments.domain.rates import freeze_rate
from payments.domain.refunds import preview_refund, refund_percent, refund_up_to, sync_refund
from payments.models import Order, OrderLine, Refund
from payments.queries import amounts, amounts_of, earning_lines
from payments.states import RefundState
from payouts.domain.releases import release_share
from payouts.domain.shares import schedule_release
from payouts.models import Share, Transfer
from payouts.queries.invariants import check
from payouts.queries.ledger import balances_by_kind

pytestmark = pytest.mark.django_db
PENDING_THEN_FINE, FAILS_LATER = "4000000000007726", "4000000000005126"


def refund(order, percent, now):
    """Of an order with one line."""
    return refund_percent(line_of(order).pk, percent, reason="cancelled", by=None, now=now)


def line_of(order):
    return OrderLine.objects.select_related("order").get(order=order.pk)


def in_cents(order):
    """paid, refunded, kept, share, fee of the order as it is now."""
    found = amounts(Order.objects.get(pk=order.pk))
    return tuple(
        money.minor
        for money in (found.paid, found.refunded, found.kept, found.coach_share, found.platform_fee)
    )


@pytest.fixture
def pay_with(stripe, make_order, open_page):
    """An order of Ben's paid with a certain card."""

    def pay(card="4242424242424242", **terms):
        order = make_order(**terms)
        stripe.pay(open_page(order), card)
        stripe.work()
        order.refresh_from_db()
        return order

    return pay


def test_half_is_booked_at_once_and_on_the_card_after_the_work(stripe, paid, now):
    done = refund(paid, 50, now)
    assert (done.state, done.card, done.balance) == (RefundState.PENDING, 6000, 0)
    assert in_cents(paid) == (12000, 6000, 6000, 4800, 1200)
    assert Share.objects.get().amount == 4800
    stripe.work()
    done.refresh_from_db()
    assert (done.state, done.stripe_id[:3]) == (RefundState.SUCCEEDED, "re_")
    assert check() == []
    assert balances_by_kind("usd")["stripe_platform"] == stripe.available_and_pending


def test_twice_is_once_and_a_greater_part_is_the_difference(stripe, paid, now):
    assert refund(paid, 50, now).amount == 6000
    assert refund(paid, 50, now) is None
    assert refund(paid, 30, now) is None
    assert refund(paid, 100, now).amount == 6000
    assert refund(paid, 100, now) is None
    stripe.work()
    assert in_cents(paid) == (12000, 12000, 0, 0, 0)
    assert (Share.objects.get().state, check()) == ("void", [])
    assert sum(one["amount"] for one in stripe.objects("refund")) == 12000


def test_an_amount_given_back_three_times(stripe, paid, ben, now):
    for times, share, fee in ((1, 6934, 1733), (2, 4267, 1067), (3, 1601, 400)):
        refund_up_to(line_of(paid).pk, 3333 * times, reason="goodwill", by=ben, now=now)
        assert in_cents(paid)[3:] == (share, fee)
    assert refund_up_to(line_of(paid).pk, 9999, reason="goodwill", by=ben, now=now) is None
    with pytest.raises(InvalidError):
        refund_up_to(line_of(paid).pk, 12001, reason="too much", by=ben, now=now)
    stripe.work()
    assert (in_cents(paid)[1], check()) == (9999, [])
    assert [line.action for line in trail(paid)] == ["order.refunded"] * 3


@pytest.mark.parametrize("percent", [-1, 101])
def test_a_percentage_is_one(paid, now, percent):
    with pytest.raises(InvalidError):
        refund(paid, percent, now)


def test_an_order_that_was_not_paid_gives_nothing_back(stripe, order, now):
    assert refund(order, 100, now) is None
    assert preview_refund(line_of(order), 100) == preview_refund(line_of(order), 0)


def test_a_decision_for_nothing_is_a_decision(stripe, paid, now):
    assert (refund(paid, 0, now), OrderLine.objects.get().refunded_percent) == (None, 0)


def test_card_money_goes_back_before_balance(stripe, ben, pay_with, now):
    compensate(ben, 1000, currency="usd", source="for a test", now=now)
    order = pay_with()
    assert (order.card, order.balance, in_cents(order)) == (11000, 1000, (12000, 0, 12000, 9600, 2400))
    assert balance_of(ben, "usd").minor == 0
    assert [(one.card, one.balance) for one in (refund(order, 50, now), refund(order, 100, now))] == [
        (6000, 0),
        (5000, 1000),
    ]
    stripe.work()
    assert (balance_of(ben, "usd").minor, check()) == (1000, [])


def test_what_balance_alone_paid_comes_back_without_stripe(stripe, ben, pay_with, make_order, now):
    compensate(ben, 12000, currency="usd", source="for a test", now=now)
    order = make_order()
    assert (order.state, order.card) == ("paid", 0)
    done = refund(order, 100, now)
    assert (done.state, done.operation, balance_of(ben, "usd").minor) == ("succeeded", None, 12000)
    assert check() == []


def test_a_refund_that_is_pending_at_stripe_follows_it(stripe, pay_with, now):
    order = pay_with(PENDING_THEN_FINE)
    done = refund(order, 100, now)
    stripe.work()
    done.refresh_from_db()
    assert done.state == RefundState.PENDING
    stripe.work(now + timedelta(days=10))
    done.refresh_from_db()
    assert done.state == RefundState.SUCCEEDED


def test_a_refund_that_fails_later_becomes_balance_and_a_row_for_operations(stripe, ben, pay_with, now):
    order = pay_with(FAILS_LATER)
    done = refund(order, 100, now)
    stripe.work()
    assert in_cents(order)[1] == 12000
    stripe.work(now + timedelta(days=10))
    done.refresh_from_db()
    assert (done.state, Refund.objects.failed().count()) == (RefundState.FAILED, 1)
    assert done.failure
    assert (balance_of(ben, "usd").minor, in_cents(order)[1], check()) == (12000, 12000, [])
    assert balances_by_kind("usd")["stripe_platform"] == stripe.available_and_pending
    sync_refund(done.stripe_id, now=now)
    assert balance_of(ben, "usd").minor == 12000


def test_a_refund_that_stripe_refuses_for_good_becomes_balance(stripe, ben, paid, now):
    done = refund(paid, 100, now)
    operation = StripeOperation.objects.get(pk=done.operation_id)
    operation.parameters["payment_intent"] = "pi_of_nobody"
    operation.save()
    stripe.work()
    done.refresh_from_db()
    assert (done.state, balance_of(ben, "usd").minor, check()) == (RefundState.FAILED, 12000, [])


def test_a_time_out_after_stripe_refunded_refunds_once(stripe, paid, now):
    done = refund(paid, 100, now)
    stripe.fault("timeout_after", "POST /v1/refunds", times=3)
    assert perform(done.operation_id, now=now).state == "unknown"
    assert perform(done.operation_id, now=now).state == "succeeded"
    done.refresh_from_db()
    assert (done.state, len(stripe.objects("refund"))) == (RefundState.SUCCEEDED, 1)


def test_a_refund_that_stripe_failed_to_make_for_a_day_reaches_the_card_after_all(stripe, ben, paid, now):
    done = refund(paid, 100, now)
    stripe.fault("error_500", "POST /v1/refunds", times=3)
    stripe.work()
    stripe.work(now + timedelta(hours=25))
    done.refresh_from_db()
    assert (done.state, len(stripe.objects("refund"))) == (RefundState.SUCCEEDED, 1)
    assert (balance_of(ben, "usd").minor, check()) == (0, [])


def test_a_webhook_that_overtakes_the_answer_settles_the_operation(stripe, paid, now):
    done = refund(paid, 100, now)
    stripe.fault("timeout_after", "POST /v1/refunds", times=3)
    stripe.work()
    done.refresh_from_db()
    assert (done.state, StripeOperation.objects.get(pk=done.operation_id).state) == ("succeeded", "succeeded")


def test_a_refund_made_by_somebody_else_is_not_ours(stripe, paid, now):
    made = client().v1.refunds.create({"payment_intent": paid.checkouts.get().payment_intent, "amount": 500})
    with pytest.raises(UnknownObjectError):
        sync_refund(made.id, now=now)
    stripe.work()
    assert StripeEvent.objects.filter(object_id=made.id, handled_at=None).exists()


def test_money_that_somebody_gave_back_by_hand_is_not_given_twice(stripe, ben, paid, now):
    client().v1.refunds.create({"payment_intent": paid.checkouts.get().payment_intent})
    done = refund(paid, 100, now)
    stripe.work()
    done.refresh_from_db()
    assert (done.state, done.stripe_id, balance_of(ben, "usd").minor) == (RefundState.SUCCEEDED, "", 0)
    assert balances_by_kind("usd")["stripe_platform"] == stripe.available_and_pending


def test_freezing_the_rate_moves_share_and_fee_once(stripe, paid, now):
    freeze_rate(line_of(paid).pk, 1500, now=now)
    freeze_rate(line_of(paid).pk, 500, now=now)
    assert (in_cents(paid)[3:], Share.objects.get().amount, check()) == ((10200, 1800), 10200, [])


def test_a_share_that_grows_with_the_rate_is_still_transferred_out_of_its_charge(stripe, paid, payee, now):
    freeze_rate(line_of(paid).pk, 500, now=now)
    share = schedule_release(Share.objects.get().source, now, now=now)
    release_share(share.source, now=now)
    sent = Transfer.objects.values_list("amount", "source_transaction")
    assert list(sent) == [(11400, paid.checkouts.get().charge)]


def test_a_rate_frozen_before_the_payment_is_the_rate(stripe, order, open_page, now):
    freeze_rate(line_of(order).pk, 500, now=now)
    stripe.pay(open_page(order))
    stripe.work()
    assert in_cents(order)[3:] == (11400, 600)


def test_lines_share_by_their_amounts_and_every_cent_is_somebodys(stripe, pay_with, payee, now):
    lines = [
        NewLine("session", f"booking:{number}", amount, payee.pk if amount > 100 else None, 2000)
        for number, amount in enumerate((3333, 3333, 101, 100))
    ]
    order = pay_with(lines=lines)
    for line in order.lines.all():
        refund_percent(line.pk, 50, reason="cancelled", by=None, now=now)
    stripe.work()
    found = earning_lines(OrderLine.objects.sold_by(payee.pk))
    assert [line.gross - line.refunded - line.lost for line in found] == [
        line.fee + line.net for line in found
    ]
    assert [line.net for line in found] == list(
        Share.objects.order_by("source").values_list("amount", flat=True)
    )
    assert check() == []


def test_an_earning_line_explains_the_share(stripe, paid, payee, now):
    refund(paid, 50, now)
    line = earning_lines(OrderLine.objects.sold_by(payee.pk))[0]
    assert line._replace(share="") == (paid.subject, "", "usd", 12000, 6000, 0, 0, 1200, 4800)
    assert amounts_of("booking:unknown") is None


@pytest.mark.parametrize("orders", [1, 3])
def test_earnings_take_one_question(stripe, make_order, payee, ben, now, django_assert_num_queries, orders):
    compensate(ben, 36000, currency="usd", source="for a test", now=now)
    for number in range(orders):
        make_order(subject=f"booking:{number}")
    with django_assert_num_queries(1):
        assert len(earning_lines(OrderLine.objects.sold_by(payee.pk))) == orders


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(price=st.integers(50, 50_000), percents=st.lists(st.integers(0, 100), min_size=1, max_size=4))
def test_the_preview_is_the_act_to_the_cent(ben, make_order, now, price, percents):
    number = Order.objects.count()
    compensate(ben, price, currency="usd", source=f"test {number}", now=now)
    order = make_order(price, subject=f"booking:{number}")
    for percent in percents:
        foreseen = preview_refund(line_of(order), percent)
        done = refund(order, percent, now)
        _, _, kept, share, fee = in_cents(order)
        assert foreseen == type(foreseen)(done.amount if done else 0, kept, 0, share, fee)
    assert check() == []
