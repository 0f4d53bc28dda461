"""What payouts needs of the Stripe in this process: charges, capabilities, time, answers that get lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from stripe import BalanceTransaction
from stripe.params import PaymentIntentCreateParams
from stripe.params.v2.core import AccountCreateParams

from integrations.stripe.client import client

EVERY_TRY = 3
"""The SDK asks three times before it gives up."""


class LocalStripe:
    def __init__(self, stripe):
        self.stripe = stripe

    def at(self, now: datetime) -> None:
        """Let it be ``now`` at Stripe and here, and everything due there by then have happened."""
        self.stripe.set_clock(now)
        self.stripe.control("POST", "clock")

    def refuse_negative_balances(self) -> None:
        """A transfer is reversed only while its money is still on the account."""
        world = self.stripe.emulator.world
        world.settings = replace(world.settings, allow_negative_balance=False)

    def charge(self, amount, *, group="", card="pm_card_visa"):
        """A paid charge; ``pm_card_bypassPending`` makes its money available at once."""
        params: PaymentIntentCreateParams = {
            "amount": amount,
            "currency": "usd",
            "payment_method": card,
            "confirm": True,
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
        }
        if group:
            params["transfer_group"] = group
        return client().v1.payment_intents.create(params).latest_charge

    def fee(self, charge):
        found = client().v1.charges.retrieve(charge, {"expand": ["balance_transaction"]})
        assert isinstance(found.balance_transaction, BalanceTransaction)
        return found.balance_transaction.fee

    def ready_account(self):
        """A connected account that may receive transfers."""
        params: AccountCreateParams = {
            "contact_email": "ada@demo.test",
            "dashboard": "express",
            "identity": {"country": "us", "entity_type": "individual"},
            "configuration": {
                "recipient": {"capabilities": {"stripe_balance": {"stripe_transfers": {"requested": True}}}}
            },
        }
        account = client().v2.core.accounts.create(params)
        self.onboard(account.id)
        return account.id

    def onboard(self, account):
        self.stripe.onboard(account)

    def capability(self, account, status):
        self.stripe.control("POST", f"accounts/{account}/capability", status=status)

    def fail_payout(self, payout):
        self.stripe.control("POST", f"payouts/{payout}/fail", code="could_not_process")

    def lose(self, match, kind="timeout_after"):
        """Every try of the next such request meets this fault."""
        self.stripe.fault(kind, match, times=EVERY_TRY)

    def objects(self, kind):
        return self.stripe.objects(kind)

    def transfers(self):
        """Amount and charge of each transfer, oldest first."""
        return [
            (found["amount"], found["source_transaction"]) for found in reversed(self.objects("transfer"))
        ]
