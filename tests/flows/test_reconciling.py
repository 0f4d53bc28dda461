"""The nightly proof: what Stripe has and we have not, the other way round, and what is not alike."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from core import clock
from integrations.stripe.client import client
from integrations.stripe.models import StripeOperation
from integrations.stripe.operations import perform
from payments.models import CheckoutSession, Refund
from payouts.domain.reconciling import COMPARERS, missed, reconcile
from payouts.models import Comparison, Difference, Payee, Payout, Reversal, Transfer

pytestmark = pytest.mark.django_db


@pytest.fixture
def history(stripe, ben, ada, olu, confirmed, at):
    """One session all the way to the bank and partly taken back, one refunded, one still ahead."""
    first, second = confirmed(days=3), confirmed(days=4)
    ben.cancel(second)
    stripe.work(at(days=10, hours=2))
    give = {"amount": 1000, "reason": "The sound was bad."}
    olu.post(f"operations/bookings/{first['id']}/refund/", give)
    stripe.work()
    stripe.work(at(days=20))
    confirmed(days=22)
    return first


def found():
    """The open differences by part and kind, with their subjects."""
    rows = Difference.objects.open().values_list("comparison__name", "kind", "subject")
    return {(part, kind): subject for part, kind, subject in rows}


def ask(*parts, now=None):
    return reconcile(now or clock.now(), names=parts or None)


def test_after_a_whole_history_nothing_differs_and_every_part_was_asked(stripe, history):
    assert (Refund.objects.count(), Transfer.objects.count(), Reversal.objects.count()) == (2, 1, 1)
    assert Payout.objects.filter(state="paid").exists()
    assert Difference.objects.count() == 0
    assert set(Comparison.objects.filter(trouble="").values_list("name", flat=True)) == set(COMPARERS)


def test_what_somebody_did_by_hand_at_stripe_is_found_once_and_never_put_right(stripe, history, caplog):
    paid = CheckoutSession.objects.filter(state="paid").latest("pk")
    by_hand = client().v1.refunds.create({"payment_intent": paid.payment_intent, "amount": 700})
    stripe.work()
    assert found() == {
        ("refunds", "missing_here"): by_hand.id,
        ("balances", "balance"): "platform",
    }
    row = Difference.objects.get(subject=by_hand.id)
    assert (row.ours, row.stripes) == ("", f"$7.00 of {paid.payment_intent}")
    assert "ledger.difference" in caplog.text
    stripe.work()
    assert Difference.objects.count() == 2
    assert Refund.objects.count() == 2


def test_a_transfer_a_payment_and_what_came_back_that_nobody_here_knows(stripe, history):
    account = Payee.objects.get().account
    intent = client().v1.payment_intents.create(
        {
            "amount": 5000,
            "currency": "usd",
            "payment_method": "pm_card_bypassPending",
            "confirm": True,
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
        }
    )
    sent = client().v1.transfers.create({"amount": 900, "currency": "usd", "destination": account})
    back = client().v1.transfers.reversals.create(sent.id, {"amount": 300})
    assert ask("payments", "transfers", "reversals") == 3
    assert found() == {
        ("payments", "missing_here"): intent.id,
        ("transfers", "missing_here"): sent.id,
        ("reversals", "missing_here"): back.id,
    }


def test_what_stripe_does_not_have_is_found_too(stripe, history, at):
    """As if each had been written down wrongly: what we have is not there, what is there we have not."""
    for rows in (CheckoutSession.objects, Refund.objects, Transfer.objects, Reversal.objects, Payout.objects):
        rows.filter(pk=rows.exclude(stripe_id="").first().pk).update(stripe_id="wrong")
    reconcile(clock.now(), since=at(hours=-2))
    lost = Difference.objects.filter(kind="missing_there", subject="wrong", ours="wrong")
    parts = {"sessions", "refunds", "transfers", "reversals", "payouts"}
    assert set(lost.values_list("comparison__name", flat=True)) == parts
    found_instead = Difference.objects.filter(kind="missing_here")
    assert set(found_instead.values_list("comparison__name", flat=True)) == parts


def test_another_amount_and_another_state_are_found(stripe, history):
    refund = Refund.objects.latest("pk")
    StripeOperation.objects.filter(pk=refund.operation_id).update(parameters={"amount": 999})
    Refund.objects.filter(pk=refund.pk).update(state="pending", settled_at=None)
    ask("refunds")
    assert found() == {("refunds", "amount"): refund.stripe_id, ("refunds", "state"): refund.stripe_id}
    row = Difference.objects.get(kind="state")
    assert (row.ours, row.stripes) == ("pending", "succeeded")
    assert (
        row.message == f"The state of the refund {refund.stripe_id} is pending here and succeeded at Stripe."
    )
    Refund.objects.filter(pk=refund.pk).update(state="succeeded", settled_at=clock.now())
    ask("refunds")
    row.refresh_from_db()
    assert row.gone_at == clock.now()
    assert found() == {("refunds", "amount"): refund.stripe_id}


def test_an_explained_difference_stays_closed_until_it_is_another(stripe, history, olu):
    refund = Refund.objects.latest("pk")
    StripeOperation.objects.filter(pk=refund.operation_id).update(parameters={"amount": 999})
    ask("refunds")
    row = Difference.objects.get()
    olu.post(f"operations/differences/{row.pk}/close/", {"reason": "A cent was given at the bank."})
    ask("refunds")
    assert (found(), Difference.objects.count()) == ({}, 1)
    StripeOperation.objects.filter(pk=refund.operation_id).update(parameters={"amount": 998})
    assert ask("refunds") == 1
    assert (len(found()), Difference.objects.count()) == (1, 2)


def test_when_stripe_is_away_nobody_knows_and_what_was_found_stands(stripe, history):
    paid = CheckoutSession.objects.filter(state="paid").latest("pk")
    client().v1.refunds.create({"payment_intent": paid.payment_intent, "amount": 700})
    ask("refunds")
    stripe.fault("timeout_before", "GET /v1/refunds", times=3)
    ask("refunds")
    part = Comparison.objects.get(name="refunds")
    assert part.is_unknown
    assert "Retryable" in part.trouble
    assert len(found()) == 1
    assert missed(clock.now()) == ["refunds"]
    ask(*missed(clock.now()))
    assert missed(clock.now()) == []


def test_an_object_whose_call_has_no_answer_yet_is_no_difference(stripe, ben, olu, confirmed):
    booking = confirmed(days=3)
    stripe.fault("timeout_after", "POST /v1/refunds", times=3)
    olu.post(f"operations/bookings/{booking['id']}/refund/", {"amount": 1000, "reason": "Sound."})
    operation = StripeOperation.objects.get(kind="refund")
    assert perform(operation.pk, now=clock.now()).state == "unknown"
    assert ask() == 0
    assert found() == {}


def test_the_command_says_how_each_part_stands_and_what_differs(stripe, history):
    said = StringIO()
    call_command("reconcile", "refunds", "transfers", stdout=said)
    assert said.getvalue() == "refunds: 0 differ\ntransfers: 0 differ\n"
    paid = CheckoutSession.objects.filter(state="paid").latest("pk")
    made = client().v1.refunds.create({"payment_intent": paid.payment_intent, "amount": 700})
    with pytest.raises(
        CommandError, match=f"1 differences, 0 parts unknown\n{made.id}: Stripe has"
    ) as refusal:
        call_command("reconcile", "refunds", "--since", "2026-11-01T00:00:00Z")
    assert refusal.value.returncode == 1
    for words, complaint in ((["treasure"], "no such part"), (["--since", "yesterday"], "--since")):
        with pytest.raises(CommandError, match=complaint):
            call_command("reconcile", *words)


def test_a_list_that_never_ends_is_not_known(stripe, history, monkeypatch, at):
    monkeypatch.setattr("integrations.stripe.listings.PAGE", 1)
    assert reconcile(clock.now(), names=["sessions"], since=at(hours=-2)) == 0
    assert Comparison.objects.get(name="sessions").trouble == ""
    monkeypatch.setattr("integrations.stripe.listings.MOST_PAGES", 2)
    reconcile(clock.now(), names=["sessions"], since=at(hours=-2))
    assert "More than 2 objects" in Comparison.objects.get(name="sessions").trouble
