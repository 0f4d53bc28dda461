"""Bank accounts payouts go to, with Stripe's published test numbers."""

from __future__ import annotations

from stripe_emulator import events
from stripe_emulator.store import Body, Record
from stripe_emulator.world import World, blank

KIND = "bank_account"
GOOD = "000123456789"
ROUTING = "110000000"
FAILURES = {
    "000111111116": "no_account",
    "000111111113": "account_closed",
    "000222222227": "insufficient_funds",
    "000333333335": "debit_not_authorized",
    "000444444440": "invalid_currency",
}
MESSAGES = {
    "account_closed": "The bank account has been closed.",
    "debit_not_authorized": "Debit transactions are not approved on the bank account.",
    "insufficient_funds": "The Stripe account has insufficient funds to cover the payout.",
    "invalid_currency": "The bank was unable to process this payout because of its currency.",
    "no_account": "The bank account could not be located.",
}
FATAL = {"account_closed", "debit_not_authorized", "invalid_currency", "no_account"}
"""After these the bank account gets no further payouts."""


def create(world: World, account: str, number: str, routing: str, currency: str) -> Record:
    body = blank("account_type customer") | {
        "id": world.new_id("ba"),
        "object": KIND,
        "account": account,
        "account_holder_name": None,
        "account_holder_type": "individual",
        "available_payout_methods": ["standard"],
        "bank_name": "STRIPE TEST BANK",
        "country": world.settings.country,
        "currency": currency,
        "default_for_currency": True,
        "fingerprint": world.token(16),
        "last4": number[-4:],
        "metadata": {},
        "routing_number": routing,
        "status": "new",
    }
    return world.add(body, account, number=number)


def of(world: World, id: str | None) -> Record | None:
    return world.store.get(KIND, id) if id else None


def platforms(world: World) -> Record:
    """The platform's own bank account."""
    for record in world.store.all(KIND, world.platform):
        return record
    return create(world, world.platform, GOOD, ROUTING, world.settings.currency)


def disable(world: World, id: str) -> None:
    record = world.store.edit(id)
    record.body["status"] = "errored"
    events.emit(world, "account.external_account.updated", record.body, record.account)


def replace(world: World, id: str) -> None:
    """Another one takes its place; payouts of the past go on naming it."""
    record = world.store.edit(id)
    record.body["default_for_currency"] = False
    events.emit(world, "account.external_account.updated", record.body, record.account)


def expected_failure(record: Record) -> str:
    """The failure code of every payout to this account, or nothing when they arrive."""
    return FAILURES.get(record.hidden["number"], "")


def describe(body: Body) -> str:
    return f"{body['bank_name']} ···· {body['last4']}"
