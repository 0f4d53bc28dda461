from __future__ import annotations

import pytest
import stripe

from stripe_emulator.balance import processing_fee


@pytest.mark.parametrize(
    ("amount", "fee"), [(12000, 378), (50, 31), (5000, 175), (99999, 2930), (3333, 127), (500, 45)]
)
def test_the_fee_is_2_9_percent_half_up_and_thirty(shop, amount, fee):
    charge = shop.charge(amount)

    booked = shop.stripe.v1.balance_transactions.retrieve(charge.balance_transaction)

    assert (booked.amount, booked.fee, booked.net) == (amount, fee, amount - fee)
    assert [(detail.amount, detail.type) for detail in booked.fee_details] == [(fee, "stripe_fee")]
    assert processing_fee(amount) == fee


def test_money_settles_at_midnight_two_days_on(shop):
    shop.charge()
    assert shop.totals() == (0, 11622)

    shop.set_clock("2026-11-25T23:59:59Z")
    assert shop.totals() == (0, 11622)

    shop.set_clock("2026-11-26T00:00:00Z")
    assert shop.totals() == (11622, 0)
    assert shop.events()[-1] == "balance.available"


def test_one_card_pays_at_once(shop):
    shop.charge(card="4000000000000077")

    assert shop.totals() == (11622, 0)


def test_a_refund_takes_the_amount_and_returns_no_fee(shop):
    charge = shop.charge()

    refund = shop.stripe.v1.refunds.create({"charge": charge.id, "amount": 6000, "metadata": {"why": "late"}})

    assert (refund.status, refund.amount, refund.metadata["why"]) == ("succeeded", 6000, "late")
    assert shop.totals() == (0, 11622 - 6000)
    again = shop.stripe.v1.charges.retrieve(charge.id, {"expand": ["refunds"]})
    assert (again.amount_refunded, again.refunded) == (6000, False)
    assert [entry.id for entry in again.refunds.data] == [refund.id]


def test_refunds_together_are_at_most_the_charge(shop):
    charge = shop.charge()
    refunds = shop.stripe.v1.refunds
    refunds.create({"payment_intent": charge.payment_intent, "amount": 7000})

    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded"):
        refunds.create({"charge": charge.id, "amount": 5001})
    assert refunds.create({"charge": charge.id}).amount == 5000
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        refunds.create({"charge": charge.id, "amount": 1})

    assert refusal.value.code == "charge_already_refunded"
    assert shop.stripe.v1.charges.retrieve(charge.id).refunded is True
    assert [entry.amount for entry in refunds.list({"charge": charge.id}).data] == [5000, 7000]


def test_a_refund_without_money_waits_until_there_is_some(shop):
    charge, ada = shop.charge(), shop.coach()
    transfer = shop.transfer(charge, ada, 9600)

    refund = shop.stripe.v1.refunds.create({"charge": charge.id})
    assert (refund.status, refund.pending_reason) == ("pending", "insufficient_funds")
    assert shop.totals() == (0, 2022)

    shop.stripe.v1.transfers.reversals.create(transfer.id)
    again = shop.stripe.v1.refunds.retrieve(refund.id)
    assert (again.status, hasattr(again, "pending_reason")) == ("succeeded", False)
    assert shop.totals() == (0, -378)


def test_some_refunds_take_their_time(shop):
    charge = shop.charge(card="4000000000007726")
    refund = shop.stripe.v1.refunds.create({"charge": charge.id})
    assert refund.status == "pending"

    shop.advance(hours=1)

    assert shop.stripe.v1.refunds.retrieve(refund.id).status == "succeeded"
    assert shop.events()[-1] == "refund.updated"


def test_some_refunds_fail_later_and_bring_the_money_back(shop):
    charge = shop.charge(card="4000000000005126")
    refund = shop.stripe.v1.refunds.create({"charge": charge.id})
    assert refund.status == "succeeded"

    shop.advance(hours=1)

    failed = shop.stripe.v1.refunds.retrieve(refund.id, {"expand": ["failure_balance_transaction"]})
    assert (failed.status, failed.failure_balance_transaction.net) == ("failed", 12000)
    again = shop.stripe.v1.charges.retrieve(charge.id)
    assert (again.refunded, again.amount_refunded) == (False, 0)
    assert sum(shop.totals()) == 11622


def test_a_transfer_moves_the_share_while_both_sides_are_pending(shop):
    charge, ada = shop.charge(payment_intent_data={"transfer_group": "order_7"}), shop.coach()

    transfer = shop.transfer(charge, ada, 9600, transfer_group="order_7", metadata={"share": "1"})

    assert (shop.totals(), shop.totals(ada)) == ((0, 11622 - 9600), (0, 9600))
    payment = shop.stripe.v1.charges.retrieve(transfer.destination_payment, None, shop.of(ada))
    assert (payment.id[:3], payment.amount, payment.source_transfer) == ("py_", 9600, transfer.id)
    groups = shop.stripe.v1.transfers.list({"transfer_group": "order_7"}).data
    assert [entry.id for entry in groups] == [transfer.id]

    shop.set_clock("2026-11-26T00:00:00Z")
    assert (shop.totals(), shop.totals(ada)) == ((2022, 0), (9600, 0))


def test_a_sourced_transfer_takes_the_group_of_its_charge(shop):
    ada = shop.coach()
    grouped = shop.charge(payment_intent_data={"transfer_group": "order_7"})
    alone = shop.charge()

    assert shop.transfer(grouped, ada, 100).transfer_group == "order_7"
    assert shop.transfer(alone, ada, 100).transfer_group == f"group_{alone.id[3:]}"
    with pytest.raises(stripe.InvalidRequestError, match="order_7"):
        shop.transfer(grouped, ada, 100, transfer_group="order_8")


def test_transfers_from_one_charge_are_at_most_its_amount_and_reversals_give_room(shop):
    charge, ada = shop.charge(), shop.coach()
    first = shop.transfer(charge, ada, 9600)

    with pytest.raises(stripe.InvalidRequestError, match="must not exceed"):
        shop.transfer(charge, ada, 2401)
    shop.stripe.v1.transfers.reversals.create(first.id)

    assert shop.transfer(charge, ada, 12000).amount == 12000


def test_without_a_source_only_available_money_can_be_transferred(shop):
    shop.charge()
    given = {"amount": 5000, "currency": "usd", "destination": shop.coach()}

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        shop.stripe.v1.transfers.create(given)
    assert refusal.value.code == "balance_insufficient"

    shop.set_clock("2026-11-26T00:00:00Z")
    shop.stripe.v1.transfers.create(given)
    assert (shop.totals(), shop.totals(given["destination"])) == ((6622, 0), (5000, 0))


@pytest.mark.parametrize("status", ["none", "restricted", "pending", "rejected"])
def test_transfers_need_the_active_capability(shop, status):
    ada = shop.coach(outcome=None)
    if status != "none":
        shop.control("POST", f"accounts/{ada}/capability", status=status)

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        shop.transfer(shop.charge(), ada, 100)

    assert refusal.value.code == "insufficient_capabilities_for_transfer"
    assert shop.totals(ada) == (0, 0)


def test_a_transfer_to_nobody_is_refused(shop):
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        shop.transfer(shop.charge(), "acct_nobody", 100)

    assert refusal.value.code == "resource_missing"


def test_reversals_are_partial_cumulative_and_end(shop):
    charge, ada = shop.charge(), shop.coach()
    transfer = shop.transfer(charge, ada, 9600)
    reversals = shop.stripe.v1.transfers.reversals

    first = reversals.create(transfer.id, {"amount": 4800})
    assert (shop.totals(), shop.totals(ada)) == ((0, 6822), (0, 4800))
    with pytest.raises(stripe.InvalidRequestError, match="greater than unreversed"):
        reversals.create(transfer.id, {"amount": 4801})
    second = reversals.create(transfer.id)

    again = shop.stripe.v1.transfers.retrieve(transfer.id)
    assert (again.reversed, again.amount_reversed) == (True, 9600)
    assert [entry.id for entry in reversals.list(transfer.id).data] == [second.id, first.id]
    with pytest.raises(stripe.InvalidRequestError, match="already fully reversed"):
        reversals.create(transfer.id)
    refund = shop.stripe.v1.refunds.retrieve(first.destination_payment_refund, None, shop.of(ada))
    assert refund.source_transfer_reversal == first.id


def test_a_reversal_after_the_payout_leaves_the_account_in_debt_or_is_refused(make_shop):
    outcomes = {}
    for allowed in (True, False):
        shop = make_shop(allow_negative_balance=allowed)
        ada = shop.coach()
        transfer = shop.transfer(shop.charge(), ada, 9600)
        shop.advance(days=9)
        assert shop.totals(ada) == (0, 0)
        try:
            shop.stripe.v1.transfers.reversals.create(transfer.id)
            outcomes[allowed] = shop.totals(ada)
        except stripe.InvalidRequestError as refusal:
            outcomes[allowed] = refusal.code

    assert outcomes == {True: (-9600, 0), False: "balance_insufficient"}


def test_balance_transactions_name_their_type_and_source(shop):
    charge, ada = shop.charge(), shop.coach()
    transfer = shop.transfer(charge, ada, 9600)
    shop.stripe.v1.transfers.reversals.create(transfer.id, {"amount": 600})
    shop.stripe.v1.refunds.create({"charge": charge.id, "amount": 750})

    assert shop.transactions() == [
        ("refund", -750),
        ("transfer_refund", 600),
        ("transfer", -9600),
        ("charge", 11622),
    ]
    assert shop.transactions(ada) == [("payment_refund", -600), ("payment", 9600)]
    assert shop.transactions(source=charge.id) == [("charge", 11622)]
    expanded = shop.stripe.v1.balance_transactions.list({"type": "transfer", "expand": ["data.source"]}).data
    assert [entry.source.id for entry in expanded] == [transfer.id]
