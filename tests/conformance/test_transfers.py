from __future__ import annotations

import pytest
import stripe

from .conftest import of


@pytest.fixture
def ada(platform):
    return platform.recipient()


def refused(call):
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        call()
    return refusal.value.code


def test_a_transfer_moves_money_to_an_account(platform, ada):
    available = platform.balance(ada)[0]

    platform.transfer(platform.charge(), ada, 9600)

    assert platform.balance(ada)[0] == available + 9600


def test_a_transfer_is_a_payment_on_the_account(platform, v1, ada):
    transfer = platform.transfer(platform.charge(), ada, 9600)

    payment = v1.charges.retrieve(transfer.destination_payment, None, of(ada))

    assert (payment.amount, payment.source_transfer) == (9600, transfer.id)


def test_a_transfer_of_a_charge_is_in_its_group(platform, ada):
    group = platform.unique("order")

    assert platform.transfer(platform.charge(transfer_group=group), ada, 9600).transfer_group == group


def test_transfers_are_found_by_their_group(platform, v1, ada):
    group = platform.unique("order")
    transfer = platform.transfer(platform.charge(transfer_group=group), ada, 9600)

    assert [found.id for found in v1.transfers.list({"transfer_group": group}).data] == [transfer.id]


def test_transfers_of_a_charge_are_at_most_its_amount(platform, ada):
    charge = platform.charge()
    platform.transfer(charge, ada, 9600)

    with pytest.raises(stripe.InvalidRequestError):
        platform.transfer(charge, ada, 2401)


def test_a_charge_may_be_sent_on_in_parts(platform, ada):
    charge = platform.charge()

    assert [platform.transfer(charge, ada, amount).amount for amount in (9600, 2400)] == [9600, 2400]


def test_a_pending_charge_can_be_sent_on_already(platform, ada):
    pending = platform.balance(ada)[1]

    platform.transfer(platform.charge(card="pm_card_visa"), ada, 9600)

    assert platform.balance(ada)[1] == pending + 9600


@pytest.mark.emulator_only
def test_without_a_charge_only_available_money_is_sent(platform, v1, ada):
    platform.charge(card="pm_card_visa")
    given = {"amount": 100, "currency": "usd", "destination": ada}

    assert refused(lambda: v1.transfers.create(given)) == "balance_insufficient"


def test_available_money_is_sent_without_a_charge(platform, v1, ada):
    platform.charge()

    transfer = v1.transfers.create({"amount": 100, "currency": "usd", "destination": ada})

    assert transfer.source_transaction is None


def test_nobody_is_sent_money_he_cannot_take(platform, v2):
    account = v2.core.accounts.create({"contact_email": "new@demo.test", "identity": {"country": "us"}})
    charge = platform.charge()

    assert refused(lambda: platform.transfer(charge, account.id, 100)) == (
        "insufficient_capabilities_for_transfer"
    )


def test_a_transfer_needs_somebody_who_exists(platform):
    charge = platform.charge()

    assert refused(lambda: platform.transfer(charge, "acct_1nobodynobodyn", 100)) == "resource_missing"


# reversals


def test_a_reversal_takes_the_whole_back(platform, v1, ada):
    transfer = platform.transfer(platform.charge(), ada, 9600)
    before = platform.balance(ada)[0]

    assert v1.transfers.reversals.create(transfer.id).amount == 9600

    assert platform.balance(ada)[0] == before - 9600
    assert v1.transfers.retrieve(transfer.id).reversed is True


def test_a_reversal_may_be_of_a_part(platform, v1, ada):
    transfer = platform.transfer(platform.charge(), ada, 9600)
    v1.transfers.reversals.create(transfer.id, {"amount": 4800})

    after = v1.transfers.retrieve(transfer.id)

    assert (after.amount_reversed, after.reversed) == (4800, False)


def test_reversals_together_are_at_most_the_transfer(platform, v1, ada):
    transfer = platform.transfer(platform.charge(), ada, 9600)
    v1.transfers.reversals.create(transfer.id, {"amount": 4800})

    with pytest.raises(stripe.InvalidRequestError, match="greater than unreversed amount"):
        v1.transfers.reversals.create(transfer.id, {"amount": 4801})


def test_what_is_wholly_reversed_has_nothing_left(platform, v1, ada):
    transfer = platform.transfer(platform.charge(), ada, 9600)
    v1.transfers.reversals.create(transfer.id)

    with pytest.raises(stripe.InvalidRequestError, match="already fully reversed"):
        v1.transfers.reversals.create(transfer.id)


def test_a_reversed_part_of_a_charge_can_be_sent_again(platform, v1, ada):
    charge = platform.charge()
    transfer = platform.transfer(charge, ada, 12000)
    v1.transfers.reversals.create(transfer.id)

    assert platform.transfer(charge, ada, 12000).amount == 12000


def test_a_reversal_is_a_refund_on_the_account(platform, v1, ada):
    transfer = platform.transfer(platform.charge(), ada, 9600)
    reversal = v1.transfers.reversals.create(transfer.id)

    refund = v1.refunds.retrieve(reversal.destination_payment_refund, None, of(ada))

    assert refund.source_transfer_reversal == reversal.id


def test_the_reversals_of_a_transfer_are_listed(platform, v1, ada):
    transfer = platform.transfer(platform.charge(), ada, 9600)
    made = [v1.transfers.reversals.create(transfer.id, {"amount": amount}).id for amount in (1, 2)]

    assert [reversal.id for reversal in v1.transfers.reversals.list(transfer.id).data] == made[::-1]


def test_refunding_a_charge_leaves_its_transfers(platform, v1, ada):
    charge = platform.charge()
    transfer = platform.transfer(charge, ada, 9600)

    v1.refunds.create({"charge": charge.id})

    assert v1.transfers.retrieve(transfer.id).amount_reversed == 0


@pytest.mark.emulator_only
def test_a_reversal_may_take_more_than_there_is(platform, v1, ada):
    transfer = platform.transfer(platform.charge(), ada, 9600)
    platform.advance(days=8)

    v1.transfers.reversals.create(transfer.id)

    assert platform.balance(ada) == (-9600, 0)


@pytest.mark.emulator_only
def test_a_reversal_may_be_refused_for_lack_of_balance(make_platform):
    strict = make_platform(allow_negative_balance=False)
    ada = strict.recipient()
    transfer = strict.transfer(strict.charge(), ada, 9600)
    strict.advance(days=8)

    assert refused(lambda: strict.v1.transfers.reversals.create(transfer.id)) == "balance_insufficient"
    assert strict.v1.transfers.retrieve(transfer.id).amount_reversed == 0
