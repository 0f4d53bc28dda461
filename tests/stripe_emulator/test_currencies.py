"""Not every currency has cents: what is refused, and what a payout leaves behind."""

from __future__ import annotations

import pytest
import stripe

from stripe_emulator import money
from stripe_emulator.pages import render

ODD = [("kwd", 12_005), ("bhd", 12_001), ("tnd", 12_009), ("isk", 120_050), ("ugx", 12_000_001)]
EVEN = [("usd", 12_001), ("jpy", 12_001), ("kwd", 12_010), ("isk", 120_100), ("huf", 1_200_050)]


def refusal(ask):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        ask()
    return refused.value.code


@pytest.fixture
def three(shop):
    """A charge of KWD 120, and Ada, to whom 96 of it went."""
    charge, ada = shop.charge(120_000, currency="kwd"), shop.coach()
    return charge, shop.transfer(charge, ada, 96_000)


@pytest.mark.parametrize(("currency", "amount"), ODD)
def test_a_part_of_a_step_cannot_be_charged(shop, currency, amount):
    assert refusal(lambda: shop.session(amount, currency)) == "parameter_invalid_integer"
    given = {"amount": amount, "currency": currency}
    assert refusal(lambda: shop.stripe.v1.payment_intents.create(given)) == "parameter_invalid_integer"


@pytest.mark.parametrize(("currency", "amount"), EVEN)
def test_whole_steps_are_charged(shop, currency, amount):
    assert shop.charge(amount, currency=currency).amount == amount


def test_nor_can_it_go_back_or_on(shop, three):
    charge, transfer = three
    v1 = shop.stripe.v1
    asked = [
        lambda: v1.refunds.create({"charge": charge.id, "amount": 60_005}),
        lambda: shop.transfer(charge, transfer.destination, 1_001),
        lambda: v1.transfers.reversals.create(transfer.id, {"amount": 48_001}),
    ]
    assert {refusal(ask) for ask in asked} == {"parameter_invalid_integer"}
    assert v1.refunds.create({"charge": charge.id, "amount": 60_010}).amount == 60_010


@pytest.mark.parametrize("currency", sorted(money.MINIMUMS))
def test_each_currency_has_a_least_charge_in_whole_steps(shop, currency):
    least = money.MINIMUMS[currency]
    assert least % money.step(currency) == 0
    assert shop.session(least, currency).amount_total == least
    assert refusal(lambda: shop.session(least - money.step(currency), currency)) == "amount_too_small"


def test_a_currency_nobody_knows_is_refused(shop):
    assert refusal(lambda: shop.session(12_000, "xyz")) == "parameter_invalid"


def on_account(shop, ada, currency):
    found = shop.stripe.v1.balance.retrieve(None, shop.of(ada)).available
    return {fund.currency: fund.amount for fund in found}[currency]


@pytest.mark.parametrize(("currency", "share"), [("huf", 960_070), ("twd", 96_070), ("usd", 96_070)])
def test_a_payout_in_whole_money_leaves_the_rest_on_the_balance(shop, currency, share):
    ada = shop.coach()
    shop.transfer(shop.charge(2 * share, currency=currency), ada, share)
    shop.set_clock("2026-11-30T00:00:00Z")

    rest = 0 if currency == "usd" else 70
    (first,) = shop.stripe.v1.payouts.list({}, shop.of(ada)).data
    assert (first.amount, on_account(shop, ada, currency)) == (share - rest, rest)
    lines = shop.stripe.v1.balance_transactions.list({"payout": first.id}, shop.of(ada)).data
    assert sum(line.net for line in lines if line.type != "payout") == first.amount

    shop.transfer(shop.charge(2 * share, currency=currency), ada, share)
    shop.set_clock("2026-12-07T00:00:00Z")
    second = shop.stripe.v1.payouts.list({}, shop.of(ada)).data[0]
    assert second.amount == share + rest - (share + rest) % money.payout_step(currency)
    lines = shop.stripe.v1.balance_transactions.list({"payout": second.id}, shop.of(ada)).data
    assert sum(line.net for line in lines if line.type != "payout") == second.amount


def test_a_payout_one_makes_is_whole_too(shop):
    ada = shop.coach()
    shop.transfer(shop.charge(2_000_000, currency="huf"), ada, 960_070)
    shop.advance(days=3)
    payouts = shop.stripe.v1.payouts
    given = {"amount": 960_070, "currency": "huf"}
    assert refusal(lambda: payouts.create(given, shop.of(ada))) == "parameter_invalid_integer"
    assert payouts.create(given | {"amount": 960_000}, shop.of(ada)).amount == 960_000


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [(1_250, "kwd", "1.250 KWD"), (1_200, "jpy", "¥1,200"), (-12_005, "usd", "−$120.05")],
)
def test_pages_write_as_many_decimals_as_there_are(amount, currency, shown):
    assert render.money(amount, currency) == shown
