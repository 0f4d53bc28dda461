"""Balance and balance transactions, of the platform or of the account that acts."""

from __future__ import annotations

from stripe_emulator import balance, events, lists
from stripe_emulator.errors import Invalid
from stripe_emulator.resources import payouts, schedules
from stripe_emulator.router import Call, route
from stripe_emulator.store import Body, Record


@route("GET", "/v1/balance")
def retrieve(call: Call) -> Body:
    return balance.show(call.world, call.account)


@route("GET", "/v1/balance_transactions")
def transactions(call: Call) -> Body:
    """With ``payout``: what that automatic payout was made of, and the payout itself."""
    payout = call.params.get("payout")
    if payout is not None:
        found = call.world.get(payouts.KIND, payout, call.account, param="payout")
        if not found.body["automatic"]:
            raise Invalid(
                "Balance history can only be filtered on automatic payouts, not manual.", param="payout"
            )

    def keep(record: Record) -> bool:
        return payout in (None, record.hidden["payout"])

    return lists.page(call, balance.KIND, "currency source type", also="payout", keep=keep)


@route("GET", "/v1/balance_transactions/{}")
def transaction(call: Call) -> Body:
    return call.world.get(balance.KIND, call.id, call.account).body


@route("GET", "/v1/balance_settings")
def settings(call: Call) -> Body:
    return schedules.show(call.world, call.account)


@route("POST", "/v1/balance_settings")
def change_settings(call: Call) -> Body:
    schedules.change(call.world, call.account, call.params.get("payments", {}))
    shown = schedules.show(call.world, call.account)
    events.emit(call.world, "balance_settings.updated", shown, call.account)
    return shown
