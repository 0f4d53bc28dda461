"""A buyer goes to his bank: what the bank takes waits, comes back when we win, and else is lost once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import IntegrityError, transaction

from accounts.models import User
from core.audit import trail
from core.errors import InvalidError, NotFoundError
from integrations.stripe import inbox, operations, reading
from integrations.stripe.client import client
from integrations.stripe.inbox import UnknownObjectError
from integrations.stripe.models import StripeEvent, StripeOperation
from payments.domain import disputes, refunds
from payments.domain.balances import balance_of, compensate
from payments.domain.disputes import sync_dispute
from payments.domain.pricing import PLATFORM, STRIPE_FEES
from payments.domain.refunds import refund_percent
from payments.domain.replies import DisputeAnsweredError, accept_loss, submit_evidence
from payments.domain.surplus import give_back_surplus
from payments.models import Dispute, FraudWarning, Order, OrderLine, Refund
from payments.queries import amounts
from payments.queries.disputes import fraud_warnings, open_disputes
from payouts.domain import ledger
from payouts.domain.shares import freeze, schedule_release, unfreeze
from payouts.models import Release, Share
from payouts.queries.earnings import earnings
from payouts.queries.invariants import check
from payouts.queries.ledger import balances_by_kind
from payouts.rules import AccountKind
from tests.payouts.conftest import ready
from tests.payouts.local_stripe import LocalStripe

pytestmark = pytest.mark.django_db
DISPUTED, SUSPECTED, TWICE = "4000000000000259", "4000000000005423", "4000000404000079"


class Bank:
    """The buyer's bank, and everything that follows from what it does."""

    def __init__(self, stripe):
        self.stripe = stripe

    def dispute(self, order, **terms):
        charge = order.checkouts.get(surplus=False, state="paid").charge
        return self._news("disputes", charge=charge, reason="fraudulent", **terms)["id"]

    def decide(self, dispute, outcome):
        self._news(f"disputes/{dispute}/close", outcome=outcome)

    def _news(self, path, **given):
        answer = self.stripe.control("POST", path, **given)
        self.stripe.work()
        assert check() == []
        ours = balances_by_kind(settings.CURRENCY)["stripe_platform"]
        assert ours + waiting() == self.stripe.available_and_pending
        return answer


def waiting():
    """What was booked as given back and lies at Stripe, as the bank has not decided."""
    return sum(refund.to_send for refund in Refund.objects.awaiting_verdict())


@pytest.fixture
def bank(stripe):
    return Bank(stripe)


@pytest.fixture
def local(stripe, payee):
    """Ada has a real account, and the platform some money of its own to pay with."""
    local = LocalStripe(stripe)
    ready(payee, local.ready_account())
    return local


@pytest.fixture
def released(local, stripe, paid, now):
    """Ben's order whose share was sent to Ada."""
    schedule_release(share().source, now, now=now)
    stripe.work()
    assert share().state == "transferred"
    return paid


def share():
    return Share.objects.get()


def stand():
    """refunded, lost, kept, share, fee of the only order."""
    found = amounts(Order.objects.get())
    shown = (found.refunded, found.lost, found.kept, found.coach_share, found.platform_fee)
    return tuple(money.minor for money in shown)


def booked(*kinds):
    """The sums of some accounts of the ledger, debit positive."""
    sums = balances_by_kind(settings.CURRENCY)
    return tuple(sums.get(kind, 0) for kind in kinds)


def refund(order, percent, now):
    line = OrderLine.objects.get(order=order)
    return refund_percent(line.pk, percent, reason="cancelled", by=None, now=now)


def test_what_a_bank_takes_waits_in_suspense_and_the_share_is_frozen(bank, paid):
    bank.dispute(paid)

    dispute = Dispute.objects.get()
    assert (dispute.state, dispute.amount, dispute.suspended, dispute.fee) == (
        "needs_response",
        12000,
        12000,
        1500,
    )
    assert booked("dispute_suspense", "stripe_fees") == (12000, 378 + 1500)
    assert (share().state, stand()) == ("frozen", (0, 0, 12000, 9600, 2400))
    assert list(open_disputes()) == [dispute]


def test_what_is_won_comes_back_with_the_fee_stripe_returns(bank, paid):
    bank.decide(bank.dispute(paid), "won")

    dispute = Dispute.objects.get()
    assert (dispute.state, dispute.suspended, dispute.fee, dispute.lost) == ("won", 0, 0, 0)
    assert booked("dispute_suspense", "stripe_fees", "losses") == (0, 378, 0)
    assert (share().state, stand()) == ("held", (0, 0, 12000, 9600, 2400))
    assert (dispute.closed_at is not None, list(open_disputes())) == (True, [])


def test_what_is_lost_is_taken_from_share_and_fee(bank, paid):
    bank.decide(bank.dispute(paid), "lost")

    dispute = Dispute.objects.get()
    assert (dispute.state, dispute.lost, dispute.excess, dispute.suspended) == ("lost", 12000, 0, 0)
    assert booked("dispute_suspense", "losses", "payee_held", "platform_revenue") == (0, 0, 0, 0)
    assert (share().state, stand()) == ("void", (0, 12000, 0, 0, 0))
    assert OrderLine.objects.get().lost == 12000


def test_refunded_and_then_lost_takes_the_money_once(bank, stripe, paid, now):
    refund(paid, 100, now)
    stripe.work()
    bank.decide(bank.dispute(paid), "lost")

    assert stand() == (12000, 0, 0, 0, 0)
    assert (Dispute.objects.get().excess, booked("losses")) == (12000, (12000,))


def test_half_refunded_and_then_disputed_loses_the_other_half(bank, stripe, paid, now):
    refund(paid, 50, now)
    stripe.work()
    bank.decide(bank.dispute(paid), "lost")

    assert (stand(), booked("losses")) == ((6000, 6000, 0, 0, 0), (0,))


def test_a_bank_may_take_a_part(bank, paid, now):
    bank.decide(bank.dispute(paid, amount=3333), "lost")
    assert stand() == (0, 3333, 8667, 6934, 1733)
    assert share().state == "held"

    assert refund(paid, 100, now).amount == 8667
    assert stand() == (3333 + 8667 - 3333, 3333, 0, 0, 0)


def test_two_disputes_of_one_charge_are_decided_each_by_itself(bank, paid):
    first, second = bank.dispute(paid, amount=6000), bank.dispute(paid, amount=6000)
    assert booked("dispute_suspense") == (12000,)

    bank.decide(first, "won")
    assert share().state == "frozen"
    bank.decide(second, "lost")
    assert (share().state, stand()) == ("held", (0, 6000, 6000, 4800, 1200))


def test_a_card_that_is_disputed_twice(stripe, order, open_page, now):
    stripe.pay(open_page(order), TWICE)
    stripe.work()
    stripe.work(now + timedelta(minutes=1))

    assert (Dispute.objects.count(), booked("dispute_suspense")) == (2, (12000,))
    assert check() == []


def test_what_was_paid_with_balance_is_lost_only_as_far_as_it_is_kept(
    bank, stripe, ben, make_order, open_page, now
):
    """$10 of balance: the bank takes 11000 of 12000; after a refund of half the rest is our loss."""
    compensate(ben, 1000, currency="usd", source="for a test", now=now)
    order = make_order()
    stripe.pay(open_page(order))
    stripe.work()
    refund(order, 50, now)
    stripe.work()

    bank.decide(bank.dispute(order, amount=11000), "lost")
    assert (stand(), booked("losses")) == ((6000, 6000, 0, 0, 0), (5000,))
    assert refund(order, 100, now) is None


def test_an_inquiry_moves_no_money_and_holds_nothing_back(bank, stripe, paid):
    before = balances_by_kind("usd")
    inquiry = bank.dispute(paid, inquiry=True)
    assert (Dispute.objects.get().state, share().state) == ("warning_needs_response", "held")
    assert list(open_disputes()) == [Dispute.objects.get()]

    bank.decide(inquiry, "lost")
    assert (Dispute.objects.get().state, share().state) == ("warning_closed", "held")
    assert balances_by_kind("usd") == before


def test_an_inquiry_that_becomes_a_dispute_is_one(stripe, bank, paid, staff, now):
    bank.dispute(paid, inquiry=True)
    submit_evidence(
        Dispute.objects.get().pk,
        text="escalate_inquiry_evidence",
        facts={},
        by=staff,
        reason="as told",
        now=now,
    )
    stripe.work()

    assert (Dispute.objects.get().state, share().state) == ("needs_response", "frozen")
    assert (booked("dispute_suspense"), check()) == ((12000,), [])


def test_after_the_release_the_money_is_taken_back_and_sent_again_when_won(bank, local, released, payee):
    dispute = bank.dispute(released)
    assert (share().state, share().reversed, share().debt) == ("frozen", 9600, 0)
    assert (earnings(payee).frozen, earnings(payee).available) == (9600, 0)

    bank.decide(dispute, "won")
    assert (share().state, share().released, share().unreleased) == ("transferred", 19200, 0)
    assert [release.state for release in Release.objects.order_by("number")] == ["reversed", "done"]
    assert [amount for amount, _ in local.transfers()] == [9600, 9600]
    assert earnings(payee).available == 9600


def test_after_the_release_what_is_lost_does_not_go_out_again(bank, local, released, payee):
    bank.decide(bank.dispute(released), "lost")

    assert (share().state, share().debt, stand()) == ("void", 0, (0, 12000, 0, 0, 0))
    assert (earnings(payee).available, earnings(payee).debt) == (0, 0)


def test_what_stripe_cannot_take_back_is_a_debt_only_when_lost(
    bank, local, stripe, released, payee, make_order, open_page, now
):
    later = now + timedelta(days=9)
    stripe.work(later)
    stripe.work(later + timedelta(days=5))
    assert share().state == "paid"
    local.refuse_negative_balances()

    dispute = bank.dispute(released)
    assert (share().state, share().debt, earnings(payee).debt) == ("paid", 0, 0)
    bank.decide(dispute, "lost")
    assert (share().state, share().debt, earnings(payee).debt) == ("void", 9600, 9600)

    other = make_order(subject="booking:other")
    stripe.pay(open_page(other, at=later + timedelta(days=5)))
    stripe.work()
    mine = Share.objects.latest("pk")
    schedule_release(mine.source, later, now=later)
    stripe.work()
    mine.refresh_from_db()
    assert (mine.state, mine.netted, earnings(payee).debt) == ("paid", 9600, 0)


def test_what_stripe_cannot_take_back_stays_with_the_coach_when_won(bank, local, stripe, released, now):
    stripe.work(now + timedelta(days=9))
    local.refuse_negative_balances()

    bank.decide(bank.dispute(released), "won")
    assert (share().state, share().released, share().debt) in {
        ("in_transit", 9600, 0),
        ("paid", 9600, 0),
    }


def test_a_refund_while_the_bank_decides_waits_and_is_sent_when_won(bank, stripe, paid, now):
    dispute = bank.dispute(paid)
    refund(paid, 100, now)
    stripe.work()
    waits = Refund.objects.get()
    assert (waits.state, waits.awaits_verdict, stand()) == ("pending", True, (12000, 0, 0, 0, 0))
    stripe.work(now + timedelta(days=2))
    assert StripeOperation.objects.filter(kind="refund").count() == 1

    bank.decide(dispute, "won")
    done = Refund.objects.get()
    assert (done.state, done.awaits_verdict, done.by_bank) == ("succeeded", False, 0)
    assert ([one["amount"] for one in stripe.objects("refund")], booked("losses")) == ([12000], (0,))


def test_a_refund_while_the_bank_decides_is_given_by_the_bank_when_lost(bank, stripe, ben, paid, now):
    dispute = bank.dispute(paid)
    refund(paid, 100, now)
    bank.decide(dispute, "lost")

    done, lost = Refund.objects.get(), Dispute.objects.get()
    assert (done.state, done.by_bank, lost.in_place, lost.excess) == ("succeeded", 12000, 12000, 0)
    assert (stand(), booked("losses")) == ((12000, 0, 0, 0, 0), (0,))
    assert (stripe.objects("refund"), balance_of(ben, "usd").minor) == ([], 0)


def test_the_bank_gives_a_part_in_place_of_the_refund_and_the_rest_is_a_balance(bank, stripe, ben, paid, now):
    dispute = bank.dispute(paid, amount=5000)
    refund(paid, 100, now)
    bank.decide(dispute, "lost")

    done = Refund.objects.get()
    assert (done.state, done.by_bank, done.to_send) == ("failed", 5000, 7000)
    assert (balance_of(ben, "usd").minor, booked("losses")) == (7000, (0,))


def test_a_refund_that_fails_while_the_bank_decides_waits_too(bank, stripe, ben, make_order, open_page, now):
    order = make_order()
    stripe.pay(open_page(order), "4000000000005126")
    stripe.work()
    refund(order, 100, now)
    stripe.work()
    dispute = bank.dispute(order)
    stripe.work(now + timedelta(hours=2))
    assert (Refund.objects.get().state, balance_of(ben, "usd").minor) == ("failed", 0)

    bank.decide(dispute, "lost")
    assert (Refund.objects.get().by_bank, balance_of(ben, "usd").minor) == (12000, 0)
    assert booked("losses") == (0,)


def test_a_refund_that_failed_and_was_won_is_a_balance(bank, stripe, ben, make_order, open_page, now):
    order = make_order()
    stripe.pay(open_page(order), "4000000000005126")
    stripe.work()
    refund(order, 100, now)
    stripe.work()
    dispute = bank.dispute(order)
    stripe.work(now + timedelta(hours=2))

    bank.decide(dispute, "won")
    assert balance_of(ben, "usd").minor == 12000


def test_a_dispute_nobody_told_us_of_makes_a_refund_wait_an_hour_at_a_time(bank, stripe, paid, now):
    charge = paid.checkouts.get().charge
    dispute = stripe.control("POST", "disputes", charge=charge, reason="fraudulent")["id"]
    refund(paid, 100, now)
    operations.repeat_unknown(now)
    assert (Refund.objects.get().awaits_verdict, Dispute.objects.count()) == (True, 0)
    assert refunds.ask_again(now + timedelta(minutes=59)) == 0

    later = now + timedelta(hours=1)
    assert refunds.ask_again(later) == 1
    operations.repeat_unknown(later)
    stripe.work()
    assert refunds.ask_again(now + timedelta(days=9)) == 0
    bank.decide(dispute, "won")
    assert Refund.objects.get().state == "succeeded"
    first, *again = StripeOperation.objects.filter(kind="refund").order_by("pk").values_list("key", flat=True)
    assert again == [f"{first}:again-2", f"{first}:again-3"]


def test_a_dispute_of_a_surplus_payment_touches_no_share(stripe, bank, make_order, open_page, now):
    order = make_order()
    stripe.pay(open_page(order))
    stripe.work()
    surplus = second_payment(order, now)
    stripe.work()

    bank.stripe.control("POST", "disputes", charge=surplus.charge, reason="fraudulent")
    stripe.work()
    assert share().state == "held"
    bank.decide(Dispute.objects.get().stripe_id, "lost")
    assert (stand(), booked("losses")) == ((0, 0, 12000, 9600, 2400), (12000,))


def second_payment(order, now):
    """Somebody paid an order's page that was thought closed, after another had been paid."""
    first = order.checkouts.get()
    intent = client().v1.payment_intents.create(
        {
            "amount": 12000,
            "currency": "usd",
            "payment_method": "pm_card_visa",
            "confirm": True,
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
        }
    )
    charge = client().v1.charges.retrieve(intent.latest_charge, {"expand": ["balance_transaction"]})
    operation = StripeOperation.objects.create(
        key="surplus", kind="checkout", parameters={}, planned_at=now, due_at=now
    )
    surplus = order.checkouts.create(
        attempt=2,
        operation=operation,
        state="paid",
        stripe_id="cs_second",
        expires_at=first.expires_at,
        payment_intent=intent.id,
        charge=charge.id,
        fee=charge.balance_transaction.fee,
        surplus=True,
        paid_at=now,
    )
    fee = charge.balance_transaction.fee
    ledger.post("fee", f"charge:{charge.id}", {STRIPE_FEES: fee, PLATFORM: -fee}, currency="usd", now=now)
    surplus.order = order
    give_back_surplus(surplus, now=now)
    return surplus


def test_a_dispute_of_somebody_elses_charge_is_unknown(stripe, local, now):
    charge = local.charge(5000)
    dispute = stripe.control("POST", "disputes", charge=charge, reason="fraudulent")["id"]

    with pytest.raises(UnknownObjectError):
        sync_dispute(dispute, now=now)
    assert sync_dispute(dispute, "acct_1", now=now) is None


def test_old_news_changes_nothing(bank, paid, now):
    dispute = bank.dispute(paid)
    early = client().v1.disputes.retrieve(dispute)
    bank.decide(dispute, "won")
    before = balances_by_kind("usd")

    assert disputes._apply(reading.dispute(early), now=now).state == "won"
    assert sync_dispute(dispute, now=now).state == "won"
    assert (balances_by_kind("usd"), share().state) == (before, "held")


@pytest.mark.parametrize("outcome", ["won", "lost"])
def test_news_that_comes_only_after_the_verdict_is_as_good(stripe, paid, now, outcome):
    stripe.fault("drop_webhook", "v1.charge.dispute.*", times=50)
    charge = paid.checkouts.get().charge
    dispute = stripe.control("POST", "disputes", charge=charge, reason="fraudulent")["id"]
    stripe.control("POST", f"disputes/{dispute}/close", outcome=outcome)

    assert sync_dispute(dispute, now=now).state == outcome
    assert stand()[1:] == ((0, 12000, 9600, 2400) if outcome == "won" else (12000, 0, 0, 0))
    assert balances_by_kind("usd")["stripe_platform"] == stripe.available_and_pending
    assert check() == []


def test_a_report_and_a_dispute_hold_one_share_until_both_are_decided(bank, paid, now):
    for first in ("report", "dispute"):
        if first == "report":
            freeze(share().source, cause="report:1", by=None, reason="reported", now=now)
        dispute = bank.dispute(paid)
        if first == "dispute":
            freeze(share().source, cause="report:2", by=None, reason="reported", now=now)
        bank.decide(dispute, "won")
        assert share().state == "frozen"
        number = 1 if first == "report" else 2
        unfreeze(share().source, cause=f"report:{number}", by=None, reason="rejected", now=now)
        assert share().state == "held"
    assert check() == []


# answering


@pytest.fixture
def staff(db):
    return User.objects.create_user("olu@demo.test", name="Olu", is_staff=True)


def evidence(staff, now, text="winning_evidence", **facts):
    dispute = Dispute.objects.get()
    return submit_evidence(dispute.pk, text=text, facts=facts, by=staff, reason="we met", now=now)


def test_evidence_is_sent_once_and_wins(stripe, bank, paid, staff, now):
    bank.dispute(paid)
    evidence(staff, now, customer_name="Ben")
    evidence(staff, now, customer_name="Ben")
    stripe.work()

    dispute = Dispute.objects.get()
    assert (dispute.state, dispute.answered_at is not None) == ("won", True)
    [sent] = stripe.objects("dispute")
    assert (sent["evidence"]["customer_name"], sent["evidence_details"]["submission_count"]) == ("Ben", 1)
    assert ("dispute.evidence_submitted", staff, "we met") in [
        (line.action, line.by, line.reason) for line in trail(dispute)
    ]


def test_evidence_whose_answer_got_lost_is_sent_again_under_its_key(stripe, bank, paid, staff, now):
    bank.dispute(paid)
    stripe.fault("timeout_after", "POST /v1/disputes*", times=3)
    evidence(staff, now, "losing_evidence")
    stripe.work(now + timedelta(hours=1))

    assert (Dispute.objects.get().state, StripeOperation.objects.filter(kind="dispute_evidence").count()) == (
        "lost",
        1,
    )
    assert check() == []


def test_a_loss_that_is_accepted_is_lost(stripe, bank, paid, staff, now):
    bank.dispute(paid)
    for _ in range(2):
        accept_loss(Dispute.objects.get().pk, by=staff, reason="he is right", now=now)
    stripe.work()

    assert (Dispute.objects.get().state, stand()) == ("lost", (0, 12000, 0, 0, 0))
    with pytest.raises(DisputeAnsweredError):
        evidence(staff, now)


def test_nobody_else_answers_and_nothing_empty_is_sent(bank, paid, ben, staff, now):
    bank.dispute(paid)
    with pytest.raises(NotFoundError):
        evidence(ben, now)
    with pytest.raises(NotFoundError):
        accept_loss(Dispute.objects.get().pk, by=ben, reason="mine", now=now)
    with pytest.raises(NotFoundError):
        accept_loss(0, by=staff, reason="none", now=now)
    for text, facts in (("  ", {}), ("x" * 150_001, {}), ("fine", {"shipping_carrier": "post"})):
        with pytest.raises(InvalidError):
            evidence(staff, now, text, **facts)


def test_what_stripe_refuses_is_said_and_may_be_tried_again(stripe, bank, paid, staff, now):
    dispute = bank.dispute(paid)
    client().v1.disputes.update(dispute, {"evidence": {"uncategorized_text": "by hand"}})
    evidence(staff, now)
    stripe.work()

    assert "does not take evidence" in Dispute.objects.get().failure
    assert Dispute.objects.get().state == "under_review"


# warnings


def test_a_fraud_warning_is_shown_until_a_refund_forestalls_the_dispute(stripe, order, open_page, now):
    stripe.pay(open_page(order), SUSPECTED)
    stripe.work()
    warning = FraudWarning.objects.get()
    assert (warning.order_id, warning.fraud_type) == (order.pk, "made_with_lost_card")
    assert list(fraud_warnings()) == [warning]

    refund(order, 100, now)
    stripe.work()
    assert list(fraud_warnings()) == []


def test_cards_that_are_disputed_at_once(stripe, order, open_page, now):
    stripe.pay(open_page(order), DISPUTED)
    stripe.work()
    stripe.work(now + timedelta(minutes=1))
    assert (Dispute.objects.get().reason, share().state, check()) == ("fraudulent", "frozen", [])
    assert booked(AccountKind.DISPUTE_SUSPENSE) == (12000,)


# the proof sees what is wrong


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ({"lost": 11999, "excess": 1}, "lost 12000, in disputes 11999"),
        ({"lost": 12000, "excess": 7}, "lost beyond orders 7; the ledger says 0 and 0"),
        ({"in_place": 5}, "disputes gave 5 in place of refunds, refunds got 0"),
    ],
)
def test_a_dispute_that_is_not_what_was_booked_is_seen(bank, paid, wrong, complaint):
    bank.decide(bank.dispute(paid), "lost")
    Dispute.objects.update(**wrong)

    assert any(complaint in breach.message for breach in check() if breach.invariant == 3)


@pytest.mark.parametrize(
    "wrong", [{"state": "thinking"}, {"suspended": -1}, {"lost": 1}, {"closed_at": "2026-11-24T12:00:00Z"}]
)
def test_the_database_refuses_impossible_disputes(bank, paid, wrong):
    bank.dispute(paid)

    with pytest.raises(IntegrityError), transaction.atomic():
        Dispute.objects.update(**wrong)


def test_one_tick_ends_right_though_the_dispute_was_heard_of_first(stripe, order, open_page, now):
    stripe.pay(open_page(order), DISPUTED)
    stripe.deliver()
    for event in StripeEvent.objects.filter(object_type="dispute"):
        assert inbox.handle(event.pk, now=now) is False

    call_command("tick")

    assert (Dispute.objects.get().state, share().state) == ("needs_response", "frozen")
    assert not StripeEvent.objects.unhandled().exists()
    assert check() == []


# other money


@dataclass(frozen=True)
class Coin:
    """A currency, the step Stripe moves in, a price, what a bank takes of it, and whether tax is in it."""

    code: str
    step: int
    price: int
    taken: int
    taxed: bool = False

    def near(self, exact):
        """Half up to a step."""
        return (exact / self.step + Fraction(1, 2)).__floor__() * self.step

    def stand(self, refunded, lost):
        """refunded, lost, kept, share, fee; a fifth of the net price is tax, a fifth of the rest the fee."""
        kept = self.price - refunded - lost
        tax = self.near(Fraction(self.price, 6)) if self.taxed else 0
        net = kept - self.near(Fraction(tax * kept, self.price))
        fee = self.near(Fraction(net, 5))
        return refunded, lost, kept, net - fee, fee


COINS = [
    Coin("usd", 1, 12_001, 4_001, taxed=True),
    Coin("jpy", 1, 12_003, 3_335),
    Coin("jpy", 1, 12_003, 12_003, taxed=True),
    Coin("kwd", 10, 12_330, 4_110),
    Coin("kwd", 10, 12_330, 12_330, taxed=True),
    Coin("isk", 100, 1_234_300, 411_400, taxed=True),
    Coin("huf", 1, 1_234_567, 411_523),
]


@pytest.fixture
def coin(request, settings):
    settings.CURRENCY = request.param.code
    settings.TAX_MODE = "stripe" if request.param.taxed else "none"
    return request.param


@pytest.fixture
def half_kept(coin, bank, local, stripe, make_order, open_page, now):
    """An order of which half was given back."""
    order = make_order(coin.price)
    stripe.pay(open_page(order), country="GB")
    stripe.work()
    refund(order, 50, now)
    stripe.work()
    return Order.objects.get()


@pytest.mark.parametrize("outcome", ["won", "lost"])
@pytest.mark.parametrize("is_sent", [False, True], ids=["held", "sent"])
@pytest.mark.parametrize("coin", COINS, ids=lambda coin: f"{coin.code} of {coin.taken}", indirect=True)
def test_a_bank_decides_about_any_currency_and_tax(coin, is_sent, outcome, half_kept, bank, stripe, now):
    if is_sent:
        schedule_release(share().source, now, now=now)
        stripe.work()
    back = coin.near(Fraction(coin.price, 2))
    dispute = bank.dispute(half_kept, amount=coin.taken)
    assert (booked("dispute_suspense"), stand()) == ((coin.taken,), coin.stand(back, 0))

    bank.decide(dispute, outcome)
    lost = min(coin.taken, coin.price - back) if outcome == "lost" else 0
    excess = coin.taken - lost if outcome == "lost" else 0
    assert (stand(), booked("dispute_suspense", "losses")) == (coin.stand(back, lost), (0, excess))

    refund(Order.objects.get(), 100, now)
    stripe.work()
    assert stand() == coin.stand(coin.price - lost, lost)
    assert booked("tax_payable", "payee_held", "payee_debt", "platform_revenue") == (0, 0, 0, 0)
    assert check() == []
