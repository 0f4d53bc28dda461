from __future__ import annotations

import pytest
import stripe


def refused(v1, given):
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        v1.refunds.create(given)
    return refusal.value.code


def test_a_refund_gives_back_the_whole_charge(platform, v1):
    charge = platform.charge()

    refund = v1.refunds.create({"charge": charge.id})

    assert (refund.status, refund.amount) == ("succeeded", 12000)
    assert v1.charges.retrieve(charge.id).refunded is True


def test_a_part_may_be_refunded_and_the_charge_counts_it(platform, v1):
    charge = platform.charge()

    v1.refunds.create({"charge": charge.id, "amount": 5000})

    after = v1.charges.retrieve(charge.id)
    assert (after.amount_refunded, after.refunded) == (5000, False)


def test_parts_may_follow_each_other_up_to_the_whole(platform, v1):
    charge = platform.charge()
    for amount in (5000, 7000):
        v1.refunds.create({"charge": charge.id, "amount": amount})

    assert v1.charges.retrieve(charge.id).refunded is True
    assert [refund.amount for refund in v1.refunds.list({"charge": charge.id}).data] == [7000, 5000]


def test_more_than_is_left_is_not_refunded(platform, v1):
    charge = platform.charge()
    v1.refunds.create({"charge": charge.id, "amount": 5000})

    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded amount"):
        v1.refunds.create({"charge": charge.id, "amount": 7001})


def test_a_refunded_charge_has_nothing_left(platform, v1):
    charge = platform.charge()
    v1.refunds.create({"charge": charge.id})

    assert refused(v1, {"charge": charge.id}) == "charge_already_refunded"


def test_a_refund_is_of_an_intent_as_well_as_of_a_charge(platform, v1):
    intent = platform.intent()

    refund = v1.refunds.create({"payment_intent": intent.id, "amount": 100})

    assert (refund.charge, refund.payment_intent) == (intent.latest_charge.id, intent.id)


def test_an_unpaid_intent_cannot_be_refunded(v1):
    intent = v1.payment_intents.create({"amount": 12000, "currency": "usd"})

    with pytest.raises(stripe.InvalidRequestError, match="does not have a successful charge"):
        v1.refunds.create({"payment_intent": intent.id})


def test_a_refund_keeps_its_reason_and_metadata(platform, v1):
    given = {"charge": platform.charge().id, "reason": "requested_by_customer", "metadata": {"order": "1"}}

    refund = v1.refunds.create(given)

    assert (refund.reason, refund.metadata["order"]) == ("requested_by_customer", "1")


def test_a_refund_takes_its_amount_from_the_balance_and_no_fee_comes_back(platform, v1):
    refund = v1.refunds.create({"charge": platform.charge().id, "expand": ["balance_transaction"]})

    booked = refund.balance_transaction
    assert (booked.type, booked.amount, booked.fee, booked.net) == ("refund", -12000, 0, -12000)


def test_a_card_refund_is_not_canceled(platform, v1):
    refund = v1.refunds.create({"charge": platform.charge().id})

    with pytest.raises(stripe.InvalidRequestError):
        v1.refunds.cancel(refund.id)


def test_one_card_is_refunded_later(platform, v1):
    refund = v1.refunds.create({"charge": platform.charge(card="pm_card_pendingRefund").id})

    assert refund.status == "pending"


def test_a_lost_chargeback_cannot_be_refunded_as_well(platform, v1):
    dispute = platform.dispute()
    v1.disputes.close(dispute.id)

    assert refused(v1, {"charge": dispute.charge}) == "charge_disputed"


@pytest.mark.emulator_only
def test_a_pending_refund_succeeds_later_and_tells(platform, v1):
    refund = v1.refunds.create({"charge": platform.charge(card="pm_card_pendingRefund").id})
    platform.advance(hours=2)

    assert v1.refunds.retrieve(refund.id).status == "succeeded"
    assert v1.events.list({"limit": 1}).data[0].type == "refund.updated"


@pytest.mark.emulator_only
def test_a_refund_may_fail_after_it_succeeded(platform, v1):
    charge = platform.charge(card="pm_card_refundFail")
    refund = v1.refunds.create({"charge": charge.id})
    assert refund.status == "succeeded"

    platform.advance(hours=2)

    failed = v1.refunds.retrieve(refund.id)
    assert (failed.status, failed.failure_reason) == ("failed", "expired_or_canceled_card")
    assert v1.charges.retrieve(charge.id).amount_refunded == 0


@pytest.mark.emulator_only
def test_the_money_of_a_failed_refund_is_in_the_balance_again(platform, v1):
    charge = platform.charge(card="pm_card_refundFail")
    platform.advance(days=3)
    before = platform.balance()
    refund = v1.refunds.create({"charge": charge.id})
    platform.advance(hours=2)

    assert platform.balance() == before
    back = v1.refunds.retrieve(refund.id, {"expand": ["failure_balance_transaction"]})
    assert back.failure_balance_transaction.type == "refund_failure"


@pytest.mark.emulator_only
def test_a_refund_waits_while_the_platform_has_no_money(platform, v1):
    charge = platform.charge()
    v1.payouts.create({"amount": platform.balance()[0], "currency": "usd"})

    refund = v1.refunds.create({"charge": charge.id})

    assert (refund.status, refund.pending_reason, refund.balance_transaction) == (
        "pending",
        "insufficient_funds",
        None,
    )


@pytest.mark.emulator_only
def test_a_waiting_refund_is_paid_when_money_comes_in(platform, v1):
    charge = platform.charge()
    v1.payouts.create({"amount": platform.balance()[0], "currency": "usd"})
    refund = v1.refunds.create({"charge": charge.id})

    platform.charge(30000)

    assert v1.refunds.retrieve(refund.id).status == "succeeded"
