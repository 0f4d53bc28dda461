from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

import stripe
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stripe_emulator import Emulator, Settings, cards
from stripe_emulator.balance import processing_fee
from stripe_emulator.resources import bank_accounts
from stripe_emulator.transport import InProcessClient

PAYING = [card.number for card in cards.CARDS if not card.decline]
DEEDS = ["charge", "refund", "transfer", "reverse", "payout", "take_back", "bank", "time"]
DEEDS += ["dispute", "verdict", "escalate"]
ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(DEEDS),
        st.integers(min_value=1, max_value=30000),
        st.integers(min_value=0, max_value=50),
    ),
    max_size=40,
)


class Bank:
    """Does random things to an emulator through the SDK; refusals are fine."""

    def __init__(self, *, allow_negative_balance):
        self.emulator = Emulator(Settings(seed="bank", allow_negative_balance=allow_negative_balance))
        self.emulator.control("POST", "clock", now="2026-11-24T09:00:00Z")
        self.stripe = stripe.StripeClient("sk_test_bank", http_client=InProcessClient(self.emulator))
        self.accounts = [self.coach() for _ in range(2)]

    def coach(self):
        asked = {"recipient": {"capabilities": {"stripe_balance": {"stripe_transfers": {"requested": True}}}}}
        account = self.stripe.v2.core.accounts.create({"configuration": asked}).id
        self.emulator.control("POST", f"accounts/{account}/onboard", outcome="complete")
        return account

    def do(self, action, amount, choice):
        try:
            getattr(self, action)(amount, choice)
        except stripe.StripeError:
            return

    def pick(self, listed, choice):
        return listed.data[choice % len(listed.data)] if listed.data else None

    def charge(self, amount, choice):
        item = {"price_data": {"currency": "usd", "unit_amount": amount, "product_data": {"name": "x"}}}
        given = {"mode": "payment", "line_items": [item], "success_url": "http://shop.test"}
        session = self.stripe.v1.checkout.sessions.create(given)
        self.emulator.control("POST", f"checkout/{session.id}/pay", card=PAYING[choice % len(PAYING)])

    def refund(self, amount, choice):
        charge = self.pick(self.stripe.v1.charges.list(), choice)
        if charge:
            self.stripe.v1.refunds.create({"charge": charge.id, "amount": amount})

    def transfer(self, amount, choice):
        charge = self.pick(self.stripe.v1.charges.list(), choice)
        given = {"amount": amount, "currency": "usd", "destination": self.accounts[choice % 2]}
        if charge and choice % 3:
            given["source_transaction"] = charge.id
        self.stripe.v1.transfers.create(given)

    def reverse(self, amount, choice):
        transfer = self.pick(self.stripe.v1.transfers.list(), choice)
        if transfer:
            self.stripe.v1.transfers.reversals.create(transfer.id, {"amount": amount})

    def payout(self, amount, choice):
        account = [None, *self.accounts][choice % 3]
        options = {"stripe_account": account} if account else None
        payout = self.stripe.v1.payouts.create({"amount": amount, "currency": "usd"}, options)
        if choice % 2:
            self.emulator.control("POST", f"payouts/{payout.id}/fail", code="could_not_process")

    def take_back(self, _amount, choice):
        options = {"stripe_account": self.accounts[choice % 2]}
        payout = self.pick(self.stripe.v1.payouts.list({}, options), choice)
        if payout:
            self.stripe.v1.payouts.reverse(payout.id, None, options)

    def bank(self, _amount, choice):
        number = bank_accounts.GOOD if choice % 2 else "000111111113"
        self.emulator.control("POST", f"accounts/{self.accounts[choice % 2]}/bank", account_number=number)

    def dispute(self, _amount, choice):
        charge = self.pick(self.stripe.v1.charges.list(), choice)
        if charge:
            self.emulator.control("POST", "disputes", charge=charge.id, inquiry=choice % 4 == 0)

    def verdict(self, _amount, choice):
        dispute = self.pick(self.stripe.v1.disputes.list(), choice)
        if dispute:
            outcome = "won" if choice % 2 else "lost"
            self.emulator.control("POST", f"disputes/{dispute.id}/close", outcome=outcome)

    def escalate(self, _amount, choice):
        dispute = self.pick(self.stripe.v1.disputes.list(), choice)
        if dispute:
            self.emulator.control("POST", f"disputes/{dispute.id}/escalate")

    def time(self, _amount, choice):
        self.emulator.advance(self.emulator.now() + timedelta(hours=choice * 4))

    def check(self):
        for account in (None, *self.accounts):
            options = {"stripe_account": account} if account else None
            self.check_account(options)

    def check_account(self, options):
        nets = defaultdict(int)
        for entry in self.stripe.v1.balance_transactions.list({"limit": 100}, options).auto_paging_iter():
            assert entry.net == entry.amount - entry.fee
            nets[entry.status] += entry.net
        balance = self.stripe.v1.balance.retrieve(None, options)
        assert balance.available[0].amount == nets["available"]
        assert balance.pending[0].amount == nets["pending"]

    def check_payouts(self):
        for account in self.accounts:
            options = {"stripe_account": account}
            for payout in self.stripe.v1.payouts.list({"limit": 100}, options).data:
                if payout.automatic:
                    made_of = self.stripe.v1.balance_transactions.list(
                        {"payout": payout.id, "limit": 100}, options
                    )
                    assert sum(entry.net for entry in made_of.data) == 0

    def check_limits(self):
        for charge in self.stripe.v1.charges.list({"limit": 100}).data:
            refunds = self.stripe.v1.refunds.list({"charge": charge.id, "limit": 100}).data
            kept = [refund.amount for refund in refunds if refund.status != "failed"]
            assert sum(kept) == charge.amount_refunded <= charge.amount
        for transfer in self.stripe.v1.transfers.list({"limit": 100}).data:
            assert transfer.amount_reversed <= transfer.amount


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(actions=ACTIONS, allowed=st.booleans())
def test_every_cent_is_in_a_balance_transaction_whatever_happens(actions, allowed):
    bank = Bank(allow_negative_balance=allowed)

    for action in actions:
        bank.do(*action)

    bank.check()
    bank.check_payouts()
    bank.check_limits()


@settings(max_examples=200)
@given(amount=st.integers(min_value=1, max_value=10**8))
def test_the_fee_rounds_half_up_without_floating_point(amount):
    exact = (Decimal(amount) * 29 / 1000).quantize(Decimal(1), rounding=ROUND_HALF_UP)

    assert processing_fee(amount) == int(exact) + 30
