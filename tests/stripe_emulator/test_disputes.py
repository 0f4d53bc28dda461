from __future__ import annotations

import pytest
import stripe

NET = 12000 - 378


def opened(shop, card="4000000000000259"):
    charge = shop.charge(card=card)
    return charge, shop.stripe.v1.disputes.list({"charge": charge.id}).data[0]


@pytest.mark.parametrize(
    ("card", "reason", "status", "balance"),
    [
        ("4000000000000259", "fraudulent", "needs_response", NET - 12000 - 1500),
        ("4000000000002685", "product_not_received", "needs_response", NET - 12000 - 1500),
        ("4000000000001976", "fraudulent", "warning_needs_response", NET),
    ],
)
def test_disputed_cards_open_a_dispute_and_only_chargebacks_take_money(shop, card, reason, status, balance):
    charge, dispute = opened(shop, card)

    assert (dispute.reason, dispute.status, dispute.amount) == (reason, status, 12000)
    assert sum(shop.totals()) == balance
    assert shop.stripe.v1.charges.retrieve(charge.id).disputed is True


def test_one_card_is_disputed_twice(shop):
    charge = shop.charge(card="4000000404000079")

    disputes = shop.stripe.v1.disputes.list({"charge": charge.id}).data

    assert [dispute.amount for dispute in disputes] == [6000, 6000]


@pytest.mark.parametrize(
    ("word", "status", "balance"),
    [
        ("winning_evidence", "won", NET),
        ("losing_evidence", "lost", NET - 12000 - 1500),
        ("something else", "under_review", NET - 12000 - 1500),
    ],
)
def test_evidence_decides_a_chargeback(shop, word, status, balance):
    _, dispute = opened(shop)

    answered = shop.stripe.v1.disputes.update(dispute.id, {"evidence": {"uncategorized_text": word}})

    assert answered.status == status
    assert sum(shop.totals()) == balance
    assert len(answered.balance_transactions) == (2 if status == "won" else 1)


def test_evidence_that_is_only_staged_decides_nothing(shop):
    _, dispute = opened(shop)

    given = {"evidence": {"uncategorized_text": "winning_evidence"}, "submit": False}
    staged = shop.stripe.v1.disputes.update(dispute.id, given)

    assert (staged.status, staged.evidence_details.has_evidence) == ("needs_response", True)


def test_the_events_of_a_dispute_tell_of_the_money(shop):
    _, dispute = opened(shop)
    shop.control("POST", f"disputes/{dispute.id}/close", outcome="won")

    told = [name for name in shop.events() if ".dispute." in name]

    assert told == [
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.funds_reinstated",
        "charge.dispute.closed",
    ]


def test_an_inquiry_can_become_a_chargeback(shop):
    _, dispute = opened(shop, "4000000000001976")

    given = {"evidence": {"uncategorized_text": "escalate_inquiry_evidence"}}
    escalated = shop.stripe.v1.disputes.update(dispute.id, given)

    assert escalated.status == "needs_response"
    assert sum(shop.totals()) == NET - 12000 - 1500


def test_the_control_disputes_what_is_left_of_any_charge_and_closes_it_once(shop):
    charge = shop.charge()
    shop.stripe.v1.refunds.create({"charge": charge.id, "amount": 2000})

    dispute = shop.control("POST", "disputes", charge=charge.id, reason="product_not_received")
    assert (dispute["amount"], dispute["reason"]) == (10000, "product_not_received")

    closed = shop.control("POST", f"disputes/{dispute['id']}/close", outcome="lost")
    assert closed["status"] == "lost"
    status, _ = shop.refused("POST", f"disputes/{dispute['id']}/close", outcome="won")
    assert status == 400


def test_a_charge_that_was_charged_back_cannot_be_refunded_until_it_is_won(shop):
    charge, dispute = opened(shop)
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        shop.stripe.v1.refunds.create({"charge": charge.id})
    assert refusal.value.code == "charge_disputed"

    shop.control("POST", f"disputes/{dispute.id}/close", outcome="won")

    assert shop.stripe.v1.refunds.create({"charge": charge.id}).amount == 12000


def test_silence_loses_after_a_week(shop):
    _, dispute = opened(shop)

    shop.advance(days=7)

    again = shop.stripe.v1.disputes.retrieve(dispute.id)
    assert (again.status, again.evidence_details.past_due) == ("lost", True)


def test_giving_up_loses_a_chargeback_and_closes_an_inquiry(shop):
    _, chargeback = opened(shop)
    _, inquiry = opened(shop, "4000000000001976")

    assert shop.stripe.v1.disputes.close(chargeback.id).status == "lost"
    assert shop.stripe.v1.disputes.close(inquiry.id).status == "warning_closed"
