"""When payouts happen by themselves.

Weekly on Mondays for connected accounts, never for the platform, unless changed.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from stripe_emulator import agenda
from stripe_emulator.errors import Invalid, Unbuilt
from stripe_emulator.store import Body
from stripe_emulator.world import World

KIND = "emulator.schedule"
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")


def of(world: World, account: str) -> Body:
    """``{"interval", "days", "month_days", "minimum", "descriptor", "debit"}`` of an account."""
    found = world.store.get(KIND, f"schedule:{account}")
    if found is not None:
        return found.body
    interval = "manual" if account == world.platform else "weekly"
    return {
        "interval": interval,
        "days": ["monday"],
        "month_days": [1],
        "minimum": None,
        "descriptor": None,
        "debit": True,
    }


def show(world: World, account: str) -> Body:
    """The balance settings object."""
    schedule = of(world, account)
    shown: Body = {"interval": schedule["interval"], "monthly_payout_days": None, "weekly_payout_days": None}
    if schedule["interval"] == "weekly":
        shown["weekly_payout_days"] = schedule["days"]
    if schedule["interval"] == "monthly":
        shown["monthly_payout_days"] = schedule["month_days"]
    return {
        "object": "balance_settings",
        "payments": {
            "debit_negative_balances": schedule["debit"],
            "payouts": {
                "minimum_balance_by_currency": schedule["minimum"],
                "schedule": shown,
                "statement_descriptor": schedule["descriptor"],
                "status": "enabled",
            },
            "settlement_timing": {"delay_days": 2, "delay_days_override": None, "start_of_day": None},
        },
    }


def change(world: World, account: str, given: Body) -> None:
    """Apply the ``payments`` part of a balance settings request."""
    payouts = given.get("payouts", {})
    _check_built(given, "debit_negative_balances payouts")
    _check_built(payouts, "schedule minimum_balance_by_currency statement_descriptor")
    wanted = payouts.get("schedule", {})
    changed = dict(of(world, account))
    changed["interval"] = wanted.get("interval", changed["interval"])
    if changed["interval"] not in ("daily", "manual", "monthly", "weekly"):
        raise Invalid(
            "Invalid interval", code="parameter_invalid", param="payments[payouts][schedule][interval]"
        )
    changed["days"] = wanted.get("weekly_payout_days") or changed["days"]
    changed["month_days"] = wanted.get("monthly_payout_days") or changed["month_days"]
    if "minimum_balance_by_currency" in payouts:
        changed["minimum"] = payouts["minimum_balance_by_currency"] or None
    changed["descriptor"] = payouts.get("statement_descriptor", changed["descriptor"])
    changed["debit"] = given.get("debit_negative_balances", changed["debit"])
    id = f"schedule:{account}"
    if world.store.find(id) is None:
        world.store.add(KIND, id, changed, account=account)
    else:
        world.store.edit(id).body.update(changed)
    plan_next(world, account)


def _check_built(given: Body, names: str) -> None:
    for name in given:
        if name not in names.split():
            raise Unbuilt(f"the parameter {name} of balance settings")


def plan_next(world: World, account: str) -> None:
    """Plan the next automatic payout; manual accounts have none."""
    following = next_run(of(world, account), world.now())
    agenda.cancel(world, "automatic_payout", account)
    if following is not None:
        agenda.plan(world, "automatic_payout", account, following)


def next_run(schedule: Body, now: int) -> int | None:
    """The first midnight UTC after `now` on a day of the schedule."""
    if schedule["interval"] == "manual":
        return None
    day = datetime.fromtimestamp(now, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    while True:
        day += timedelta(days=1)
        if _is_payout_day(schedule, day):
            return int(day.timestamp())


def _is_payout_day(schedule: Body, day: datetime) -> bool:
    if schedule["interval"] == "weekly":
        return day.weekday() < len(WEEKDAYS) and WEEKDAYS[day.weekday()] in schedule["days"]
    if schedule["interval"] == "monthly":
        last = (day + timedelta(days=1)).day == 1
        return any(day.day == wanted or (last and wanted > day.day) for wanted in schedule["month_days"])
    return True
