"""Money in accounts: balance transactions, what is pending and what is available, and fees.

Per account and currency the sum of ``net`` over all balance transactions equals available plus pending,
always.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Literal

from stripe_emulator import agenda, events
from stripe_emulator.store import Body, Record
from stripe_emulator.world import World, blank

KIND = "balance_transaction"
TOTALS = "emulator.balance"
SETTLE_DAYS = 2
FEE_PERCENT_TENTHS = 29
FEE_FIXED = 30

Side = Literal["available", "pending"]

CATEGORIES = {
    "charge": "charge",
    "payment": "charge",
    "refund": "refund",
    "payment_refund": "refund",
    "refund_failure": "refund_failure",
    "transfer": "transfer",
    "transfer_refund": "transfer_reversal",
    "payout": "payout",
    "payout_cancel": "payout_reversal",
    "payout_failure": "payout_reversal",
}


def processing_fee(amount: int) -> int:
    """Stripe's fee on a charge: 2.9 % rounded half up, plus 30 minor units."""
    return (amount * FEE_PERCENT_TENTHS * 2 + 1000) // 2000 + FEE_FIXED


def settles_at(now: int) -> int:
    """When money charged at `now` becomes available: midnight UTC, two days on."""
    day = datetime.fromtimestamp(now, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return int((day + timedelta(days=SETTLE_DAYS)).timestamp())


def book(
    world: World,
    account: str,
    type: str,
    amount: int,
    currency: str,
    *,
    source: str,
    fee: int = 0,
    fee_description: str = "Stripe processing fees",
    available_on: int = 0,
    category: str = "",
    description: str | None = None,
) -> Record:
    """One balance transaction of `amount` less `fee`; pending until `available_on` when that lies ahead."""
    now = world.now()
    pending = available_on > now
    details = {"amount": fee, "application": None, "currency": currency, "description": fee_description}
    body = blank("exchange_rate") | {
        "id": world.new_id("txn"),
        "object": KIND,
        "amount": amount,
        "available_on": max(available_on, now),
        "balance_type": "payments",
        "created": now,
        "currency": currency,
        "description": description,
        "fee": fee,
        "fee_details": [details | {"type": "stripe_fee"}] if fee else [],
        "net": amount - fee,
        "reporting_category": category or CATEGORIES[type],
        "source": source or None,
        "status": "pending" if pending else "available",
        "type": type,
    }
    record = world.add(body, account, payout=None)
    _move(world, account, currency, **{body["status"]: body["net"]})
    if pending and not agenda.planned(world, "settle", f"{account}/{available_on}"):
        agenda.plan(world, "settle", f"{account}/{available_on}", available_on)
    return record


def _move(world: World, account: str, currency: str, *, available: int = 0, pending: int = 0) -> None:
    id = f"balance:{account}:{currency}"
    if world.store.find(id) is None:
        totals = {"currency": currency, "available": 0, "pending": 0}
        world.store.add(TOTALS, id, totals, account=account)
    body = world.store.edit(id).body
    body["available"] += available
    body["pending"] += pending


def totals(world: World, account: str, currency: str) -> Body:
    """``{"available", "pending"}`` of one account in one currency."""
    found = world.store.find(f"balance:{account}:{currency}")
    return found.body if found else {"currency": currency, "available": 0, "pending": 0}


def currencies(world: World, account: str) -> list[str]:
    found = [record.body["currency"] for record in world.store.all(TOTALS, account)]
    return sorted(found) or [world.settings.currency]


def transactions(world: World, account: str) -> Iterator[Record]:
    return world.store.all(KIND, account)


def show(world: World, account: str) -> Body:
    """The balance object of an account."""

    def side(name: Side) -> list[Body]:
        return [
            {"amount": amount, "currency": currency, "source_types": {"card": amount}}
            for currency in currencies(world, account)
            for amount in [totals(world, account, currency)[name]]
        ]

    body: Body = {
        "object": "balance",
        "available": side("available"),
        "livemode": False,
        "pending": side("pending"),
    }
    if account == world.platform:
        body["connect_reserved"] = [
            {"amount": 0, "currency": entry["currency"]} for entry in body["available"]
        ]
    return body


@agenda.job("settle")
def settle(world: World, subject: str) -> None:
    """Pending money becomes available on its day."""
    account = subject.partition("/")[0]
    due = [
        record.id
        for record in transactions(world, account)
        if record.body["status"] == "pending" and record.body["available_on"] <= world.now()
    ]
    for id in due:
        body = world.store.edit(id).body
        body["status"] = "available"
        _move(world, account, body["currency"], available=body["net"], pending=-body["net"])
    if due:
        events.emit(world, "balance.available", show(world, account), account)
