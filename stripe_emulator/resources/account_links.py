"""v2 account links: addresses of hosted onboarding, good once and for a short while."""

from __future__ import annotations

from stripe_emulator import events
from stripe_emulator.clock import iso
from stripe_emulator.errors import Invalid
from stripe_emulator.resources import accounts
from stripe_emulator.router import Call, route
from stripe_emulator.store import Body, Record
from stripe_emulator.world import World

KIND = "emulator.account_link"
GOOD_FOR = 10 * 60


@route("POST", "/v2/core/account_links")
def create(call: Call) -> Body:
    world, use_case = call.world, call.params["use_case"]
    account = accounts.find(world, call.params["account"])
    if use_case["type"] not in use_case:
        raise Invalid(f"Missing required param: use_case.{use_case['type']}", code="parameter_missing")
    token = world.token(32)
    body = {
        "object": "v2.core.account_link",
        "account": account.id,
        "created": iso(world.now()),
        "expires_at": iso(world.now() + GOOD_FOR),
        "livemode": False,
        "url": f"{world.base_url}/onboarding/{token}",
        "use_case": {"type": use_case["type"], use_case["type"]: use_case[use_case["type"]]},
    }
    hidden = {"account": account.id, "expires_at": world.now() + GOOD_FOR, "opened": False, "finished": False}
    world.store.add(KIND, token, body, account=world.platform, hidden=hidden)
    return body


def is_usable(world: World, record: Record) -> bool:
    return not record.hidden["opened"] and world.now() < record.hidden["expires_at"]


def urls(record: Record) -> tuple[str, str]:
    """Where to go for a new link, and where to return to."""
    use_case = record.body["use_case"]
    details = use_case[use_case["type"]]
    return details["refresh_url"], details.get("return_url") or details["refresh_url"]


def finish(world: World, record: Record) -> None:
    """The person leaves the hosted page for the return address."""
    world.store.edit(record.id).hidden["finished"] = True
    account = accounts.find(world, record.hidden["account"])
    data = {
        "account_id": account.id,
        "configurations": ["recipient"],
        "use_case": record.body["use_case"]["type"],
    }
    events.emit_v2(world, "v2.core.account_link.returned", None, data)
