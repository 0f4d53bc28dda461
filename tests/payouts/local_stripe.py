"""A Stripe in this process, with the few things payouts needs of it: charges, accounts, its clock, its faults."""

from __future__ import annotations

import json
from datetime import datetime

from integrations.stripe.client import client
from stripe_emulator.emulator import Emulator
from stripe_emulator.settings import Settings
from stripe_emulator.transport import InProcessClient

EVERY_TRY = 3
"""The SDK asks three times before it gives up."""


class Impatient(InProcessClient):
    """Nobody waits between the SDK's own tries."""

    def _sleep_time_seconds(self, num_retries, response=None):
        return 0


class LocalStripe:
    def __init__(self, now, *, allow_negative_balance=True):
        self.emulator = Emulator(
            Settings(seed="payouts", check=True, allow_negative_balance=allow_negative_balance)
        )
        self.at(now)

    def at(self, now: datetime) -> None:
        """Let it be ``now`` at Stripe, and everything due by then have happened."""
        self._control("POST", "clock", now=now.isoformat())

    def charge(self, amount, *, group="", card="pm_card_visa"):
        """A paid charge; ``pm_card_bypassPending`` makes its money available at once."""
        intent = client().v1.payment_intents.create(
            {
                "amount": amount,
                "currency": "usd",
                "payment_method": card,
                "confirm": True,
                "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
                **({"transfer_group": group} if group else {}),
            }
        )
        return intent.latest_charge

    def fee(self, charge):
        found = client().v1.charges.retrieve(charge, {"expand": ["balance_transaction"]})
        return found.balance_transaction.fee

    def onboard(self, account, outcome="complete"):
        self._control("POST", f"accounts/{account}/onboard", outcome=outcome)

    def capability(self, account, status):
        self._control("POST", f"accounts/{account}/capability", status=status)

    def fail_payout(self, payout):
        self._control("POST", f"payouts/{payout}/fail", code="account_closed")

    def fault(self, match, kind, times=EVERY_TRY):
        self._control("POST", "faults", match=match, kind=kind, times=times)

    def objects(self, kind):
        return self._control("GET", f"objects/{kind}")["data"]

    def transfers(self):
        return [
            (found["amount"], found["source_transaction"]) for found in reversed(self.objects("transfer"))
        ]

    def _control(self, method, path, **given):
        response = self.emulator.control(method, path, **given)
        body = json.loads(response.body)
        assert response.status == 200, body
        return body
