from __future__ import annotations

import pytest

from .conftest import of


def booked(charge):
    return charge.balance_transaction


def test_a_charge_is_booked_less_its_fee(platform):
    booking = booked(platform.charge())

    assert (booking.type, booking.amount) == ("charge", 12000)
    assert (booking.fee, booking.net) == (378, 11622)


def test_a_fee_says_what_it_is_for(platform):
    [detail] = booked(platform.charge()).fee_details

    assert (detail.type, detail.amount) == ("stripe_fee", 378)


def test_money_is_pending_at_first(platform):
    booking = booked(platform.charge(card="pm_card_visa"))

    assert booking.status == "pending"
    assert booking.available_on > booking.created


def test_the_money_of_one_card_is_available_at_once(platform):
    before = platform.balance()[0]

    booking = booked(platform.charge())

    assert (booking.status, platform.balance()[0] - before) == ("available", 11622)


def test_a_booking_leads_to_its_source(platform, v1):
    charge = platform.charge()

    found = v1.balance_transactions.list({"source": charge.id, "expand": ["data.source"]}).data

    assert [entry.source.id for entry in found] == [charge.id]


def test_bookings_are_listed_by_type(platform, v1):
    refund = v1.refunds.create({"charge": platform.charge().id})

    newest = v1.balance_transactions.list({"type": "refund", "limit": 1}).data[0]

    assert (newest.id, newest.source) == (refund.balance_transaction, refund.id)


def test_a_transfer_is_booked_on_both_sides(platform, v1):
    ada = platform.recipient()
    transfer = platform.transfer(platform.charge(), ada, 9600)

    mine = v1.balance_transactions.retrieve(transfer.balance_transaction)
    theirs = v1.balance_transactions.list({"source": transfer.destination_payment}, of(ada)).data[0]

    assert (mine.type, mine.net) == ("transfer", -9600)
    assert (theirs.type, theirs.net) == ("payment", 9600)


@pytest.mark.emulator_only
def test_pending_money_becomes_available_on_its_day_and_tells(platform, v1):
    platform.charge(card="pm_card_visa")
    assert platform.balance() == (0, 11622)

    platform.go_to("2026-11-26T00:00:00Z")

    assert platform.balance() == (11622, 0)
    assert v1.events.list({"limit": 1}).data[0].type == "balance.available"


@pytest.mark.emulator_only
def test_all_bookings_together_are_the_balance(platform, v1):
    ada = platform.recipient()
    charge = platform.charge()
    transfer = platform.transfer(charge, ada, 9600)
    v1.transfers.reversals.create(transfer.id, {"amount": 600})
    v1.refunds.create({"charge": charge.id, "amount": 750})
    platform.dispute()

    nets = [entry.net for entry in v1.balance_transactions.list({"limit": 100}).data]

    assert sum(nets) == sum(platform.balance())
