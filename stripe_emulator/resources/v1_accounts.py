"""v1's view of connected accounts, their bank accounts and links to their dashboard."""

from __future__ import annotations

from stripe_emulator import expand, lists
from stripe_emulator.clock import parse_instant
from stripe_emulator.errors import Missing, Refused
from stripe_emulator.resources import accounts, bank_accounts
from stripe_emulator.router import Call, route
from stripe_emulator.store import Body, Record
from stripe_emulator.world import World, blank

LOGIN = "emulator.login_link"
STATUS = {"active": "active", "pending": "pending"}


@route("GET", "/v1/accounts/{}")
def retrieve(call: Call) -> Body:
    found = view(call.world, call.id)
    if found is None:
        raise Missing("account", call.id)
    return found


@route("GET", "/v1/account")
def current(call: Call) -> Body:
    return retrieve(Call(call.world, call.account, {}, (call.account,)))


@route("GET", "/v1/accounts")
def index(call: Call) -> Body:
    wanted = call.params.get("created")
    params = {name: value for name, value in call.params.items() if name != "created"}
    inner = Call(call.world, call.world.platform, params, path=call.path)

    def keep(record: Record) -> bool:
        return lists.within(int(parse_instant(record.body["created"]).timestamp()), wanted)

    return lists.page(inner, accounts.KIND, keep=keep, view=lambda record: _connected(call.world, record))


@route("GET", "/v1/accounts/{}/external_accounts")
def external_accounts(call: Call) -> Body:
    accounts.find(call.world, call.id)
    return lists.page(Call(call.world, call.id, call.params, path=call.path), bank_accounts.KIND)


@route("POST", "/v1/accounts/{}/login_links")
def login_link(call: Call) -> Body:
    record = accounts.find(call.world, call.id)
    if record.body["dashboard"] != "express":
        raise Refused("Login links are for accounts with the express dashboard.")
    if accounts.status_of(record) in ("none", "restricted"):
        raise Refused("Cannot create a login link for an account that has not completed onboarding.")
    token = call.world.token(32)
    call.world.store.add(LOGIN, token, {"account": record.id, "created": call.world.now()})
    url = f"{call.world.base_url}/express/{token}"
    return {"object": "login_link", "created": call.world.now(), "url": url}


def view(world: World, id: str) -> Body | None:
    """An account as v1 shows it; the platform's own included."""
    if id == world.platform:
        return _platform(world)
    record = world.store.get(accounts.KIND, id)
    return _connected(world, record) if record else None


expand.VIEWS["acct"] = view


def _platform(world: World) -> Body:
    return blank("business_profile business_type email") | {
        "id": world.platform,
        "object": "account",
        "capabilities": {"card_payments": "active", "transfers": "active"},
        "charges_enabled": True,
        "country": world.settings.country,
        "default_currency": world.settings.currency,
        "details_submitted": True,
        "metadata": {},
        "payouts_enabled": True,
        "settings": {"dashboard": {"display_name": world.settings.platform_name, "timezone": "Etc/UTC"}}
        | {name: {} for name in ("branding", "card_payments", "payments")},
        "type": "standard",
    }


def _connected(world: World, record: Record) -> Body:
    status = accounts.status_of(record)
    due = [entry["description"] for entry in record.body["requirements"]["entries"]]
    banks = [bank.body for bank in world.store.all(bank_accounts.KIND, record.id)]
    url = f"/v1/accounts/{record.id}/external_accounts"
    return blank("business_profile settings tos_acceptance future_requirements") | {
        "id": record.id,
        "object": "account",
        "business_type": record.body["identity"]["entity_type"],
        "capabilities": {} if status == "none" else {"transfers": STATUS.get(status, "inactive")},
        "charges_enabled": False,
        "country": str(record.body["identity"]["country"]).upper(),
        "created": int(parse_instant(record.body["created"]).timestamp()),
        "default_currency": record.body["defaults"]["currency"],
        "details_submitted": not due,
        "email": record.body["contact_email"],
        "external_accounts": lists.listing(banks, url),
        "metadata": record.body["metadata"],
        "payouts_enabled": bool(banks) and accounts.status_of(record, accounts.PAYOUTS) == "active",
        "requirements": blank("alternatives current_deadline disabled_reason")
        | {
            "currently_due": due,
            "errors": [],
            "eventually_due": due,
            "past_due": due,
            "pending_verification": [],
        },
        "type": "none",
    }
