from __future__ import annotations

import pytest
import stripe


def answered(platform, dispute, text):
    """The dispute once the bank has read that evidence."""
    platform.v1.disputes.update(dispute.id, {"evidence": {"uncategorized_text": text}, "submit": True})
    return platform.eventually(lambda: settled(platform.v1, dispute.id))


def settled(v1, dispute_id):
    dispute = v1.disputes.retrieve(dispute_id)
    return dispute if dispute.status in ("won", "lost", "warning_closed") else None


def test_a_disputed_card_pays_first_and_is_disputed_then(platform, v1):
    dispute = platform.dispute()

    assert (dispute.status, dispute.reason, dispute.amount) == ("needs_response", "fraudulent", 12000)
    assert v1.charges.retrieve(dispute.charge).disputed is True


def test_a_service_that_did_not_come_is_a_reason_of_its_own(platform):
    assert platform.dispute("pm_card_createDisputeProductNotReceived").reason == "product_not_received"


def test_a_dispute_takes_the_amount_and_a_fee_at_once(platform):
    dispute = platform.dispute()

    [taken] = dispute.balance_transactions
    assert (taken.amount, taken.fee, taken.net) == (-12000, 1500, -13500)


def test_a_dispute_is_to_be_answered_by_a_day(platform):
    dispute = platform.dispute()

    assert dispute.evidence_details.due_by > dispute.created
    assert dispute.evidence_details.submission_count == 0


def test_evidence_may_be_kept_without_being_sent(platform, v1):
    dispute = platform.dispute()

    kept = v1.disputes.update(dispute.id, {"evidence": {"uncategorized_text": "later"}, "submit": False})

    assert (kept.status, kept.evidence_details.has_evidence) == ("needs_response", True)
    assert kept.evidence_details.submission_count == 0


def test_good_evidence_wins(platform):
    assert answered(platform, platform.dispute(), "winning_evidence").status == "won"


def test_what_is_won_comes_back(platform):
    dispute = answered(platform, platform.dispute(), "winning_evidence")

    assert sum(booked.net for booked in dispute.balance_transactions) == 0


def test_bad_evidence_loses_and_nothing_comes_back(platform):
    dispute = answered(platform, platform.dispute(), "losing_evidence")

    assert dispute.status == "lost"
    assert sum(booked.amount for booked in dispute.balance_transactions) == -12000


def test_a_closed_dispute_takes_no_evidence(platform, v1):
    dispute = answered(platform, platform.dispute(), "losing_evidence")

    with pytest.raises(stripe.InvalidRequestError):
        v1.disputes.update(dispute.id, {"evidence": {"uncategorized_text": "more"}})


def test_whoever_gives_up_loses(platform, v1):
    assert v1.disputes.close(platform.dispute().id).status == "lost"


def test_an_inquiry_takes_no_money(platform):
    inquiry = platform.dispute("pm_card_createDisputeInquiry")

    assert (inquiry.status, inquiry.balance_transactions) == ("warning_needs_response", [])
    assert inquiry.is_charge_refundable is True


def test_a_charge_under_inquiry_can_be_refunded(platform, v1):
    inquiry = platform.dispute("pm_card_createDisputeInquiry")

    assert v1.refunds.create({"charge": inquiry.charge}).status == "succeeded"


def test_an_answered_inquiry_is_closed(platform):
    inquiry = platform.dispute("pm_card_createDisputeInquiry")

    assert answered(platform, inquiry, "losing_evidence").status == "warning_closed"


def test_an_inquiry_can_become_a_chargeback(platform, v1):
    inquiry = platform.dispute("pm_card_createDisputeInquiry")
    v1.disputes.update(inquiry.id, {"evidence": {"uncategorized_text": "escalate_inquiry_evidence"}})

    escalated = platform.eventually(
        lambda: [d for d in v1.disputes.list({"charge": inquiry.charge}).data if d.balance_transactions]
    )[0]

    assert (escalated.status, escalated.balance_transactions[0].amount) == ("needs_response", -12000)


def test_one_charge_may_be_disputed_twice(platform, v1):
    charge = platform.charge(card="pm_card_createMultipleDisputes")

    found = platform.eventually(
        lambda: [d for d in [v1.disputes.list({"charge": charge.id}).data] if len(d) > 1]
    )[0]

    assert sum(dispute.amount for dispute in found) <= charge.amount


def test_a_fraud_warning_comes_before_any_dispute(platform, v1):
    charge = platform.charge(card="pm_card_createIssuerFraudRecord")

    warning = platform.eventually(lambda: v1.radar.early_fraud_warnings.list({"charge": charge.id}).data)[0]

    assert warning.actionable is True
    assert v1.charges.retrieve(charge.id).disputed is False


def test_a_refund_settles_a_fraud_warning(platform, v1):
    charge = platform.charge(card="pm_card_createIssuerFraudRecord")
    warnings = v1.radar.early_fraud_warnings
    platform.eventually(lambda: warnings.list({"charge": charge.id}).data)

    v1.refunds.create({"charge": charge.id})

    assert platform.eventually(
        lambda: [w for w in warnings.list({"charge": charge.id}).data if not w.actionable]
    )


@pytest.mark.emulator_only
def test_while_one_of_two_disputes_is_open_nothing_is_refunded(platform, v1):
    charge = platform.charge(card="pm_card_createMultipleDisputes")
    first, second = v1.disputes.list({"charge": charge.id}).data
    assert answered(platform, first, "winning_evidence").is_charge_refundable is False

    with pytest.raises(stripe.InvalidRequestError):
        v1.refunds.create({"charge": charge.id})
    answered(platform, second, "winning_evidence")

    assert v1.refunds.create({"charge": charge.id}).status == "succeeded"


@pytest.mark.emulator_only
def test_a_dispute_nobody_answers_is_lost_in_time(platform, v1):
    dispute = platform.dispute()
    platform.advance(days=8)

    lost = v1.disputes.retrieve(dispute.id)

    assert (lost.status, lost.evidence_details.past_due) == ("lost", True)


@pytest.mark.emulator_only
def test_each_step_of_a_dispute_tells(platform, v1):
    answered(platform, platform.dispute(), "winning_evidence")

    told = [event.type for event in v1.events.list({"types": ["charge.dispute.*"]}).data][::-1]

    assert told == [
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.updated",
        "charge.dispute.funds_reinstated",
        "charge.dispute.closed",
    ]
