"""v2 accounts: recipients, their capability and what Stripe still needs from them."""

from __future__ import annotations

from typing import Any

from stripe_emulator import agenda, events, expand, lists
from stripe_emulator.clock import iso
from stripe_emulator.errors import Missing, Refused, Unbuilt
from stripe_emulator.resources import bank_accounts, schedules
from stripe_emulator.router import Call, route
from stripe_emulator.store import Body, Record
from stripe_emulator.world import World, blank

KIND = "v2.core.account"
TRANSFERS, PAYOUTS = "stripe_transfers", "payouts"
NEEDED = ("individual.given_name", "individual.surname", "individual.date_of_birth", "individual.address",
          "individual.id_number", "payout_method", "terms_of_service")  # fmt: skip
PARTS = ("configuration", "defaults", "identity", "requirements", "future_requirements")
EVERYTHING = ("configuration.recipient", "defaults", "identity", "requirements", "future_requirements")
REASONS = {
    "restricted": ("requirements_past_due", "provide_info"),
    "pending": ("requirements_pending_verification", "no_resolution"),
    "rejected": ("rejected_other", "no_resolution"),
    "unsupported": ("unsupported_country", "no_resolution"),
}


@route("POST", "/v2/core/accounts")
def create(call: Call) -> Body:
    world, given = call.world, call.params
    id = world.new_id("acct", 16)
    body = blank("contact_phone display_name") | {
        "id": id,
        "object": KIND,
        "applied_configurations": [],
        "closed": False,
        "configuration": blank("customer merchant recipient"),
        "contact_email": None,
        "created": iso(world.now()),
        "dashboard": "none",
        "defaults": {"currency": world.settings.currency, "locales": None, "profile": None}
        | {
            "responsibilities": {
                "fees_collector": None,
                "losses_collector": None,
                "requirements_collector": "stripe",
            }
        },
        "future_requirements": {"entries": [], "minimum_transition_date": None, "summary": None},
        "identity": {"country": world.settings.country.lower(), "entity_type": None, "individual": None},
        "livemode": False,
        "metadata": {},
        "requirements": {"entries": [], "summary": None},
    }
    record = world.add(body, world.platform, needed=list(NEEDED), bank=None)
    _apply(world, record.body, given)
    _refresh_requirements(world, record)
    events.emit_v2(world, f"{KIND}.created", record.body)
    return view(record, given.get("include"))


@route("GET", "/v2/core/accounts")
def index(call: Call) -> Body:
    wanted = set(call.params.get("applied_configurations", []))
    closed = call.params.get("closed")
    found = (
        record
        for record in call.world.store.all(KIND)
        if wanted <= set(record.body["applied_configurations"]) and closed in (None, record.body["closed"])
    )
    return lists.page_v2(call, found, lambda record: view(record, None))


@route("GET", "/v2/core/accounts/{}")
def retrieve(call: Call) -> Body:
    return view(find(call.world, call.id), call.params.get("include"))


@route("POST", "/v2/core/accounts/{}")
def update(call: Call) -> Body:
    world = call.world
    record = _open(world, call.id)
    record = world.store.edit(record.id)
    before = status_of(record)
    _apply(world, record.body, call.params)
    _refresh_requirements(world, record)
    events.emit_v2(world, f"{KIND}.updated", record.body)
    if status_of(record) != before:
        _announce(world, record)
    return view(record, call.params.get("include"))


@route("POST", "/v2/core/accounts/{}/close")
def close(call: Call) -> Body:
    record = call.world.store.edit(_open(call.world, call.id).id)
    record.body |= {
        "closed": True,
        "applied_configurations": [],
        "configuration": blank("customer merchant recipient"),
    }
    events.emit_v2(call.world, f"{KIND}.closed", record.body)
    return view(record, None)


def find(world: World, id: str) -> Record:
    record = world.store.get(KIND, id)
    if record is None:
        raise Missing("account", id)
    return record


def _open(world: World, id: str) -> Record:
    record = find(world, id)
    if record.body["closed"]:
        raise Refused("This account is closed.", code="account_closed")
    return record


def view(record: Record, include: Any) -> Body:
    """The account with only those parts that ``include`` names; the others are null."""
    included = set(include or [])
    body = record.body | dict.fromkeys(PARTS)
    for part in PARTS:
        if part in included:
            body[part] = record.body[part]
    asked = {name.partition(".")[2] for name in included if name.startswith("configuration.")}
    if asked:
        body["configuration"] = {
            name: value if name in asked else None for name, value in record.body["configuration"].items()
        }
    return body


def _apply(world: World, body: Body, given: Body) -> None:
    """Merge the given fields; null deletes, objects merge."""
    for name in ("contact_email", "contact_phone", "dashboard", "display_name"):
        if name in given:
            body[name] = given[name]
    body["metadata"] = _merged(body["metadata"], given.get("metadata") or {})
    for name in ("defaults", "identity"):
        body[name] = _merged(body[name], given.get(name) or {})
    _complete_person(world, body)
    for name, wanted in (given.get("configuration") or {}).items():
        _configure(body, name, wanted)


def _complete_person(world: World, body: Body) -> None:
    """A person inside the identity has an identifier and dates.

    The numbers of his papers are never shown again.
    """
    person = body["identity"].get("individual")
    if not person:
        return
    person.setdefault("id", world.new_id("person", 16))
    person.setdefault("created", iso(world.now()))
    person |= {"object": f"{KIND}_person", "account": body["id"], "updated": iso(world.now())}
    for paper in person.get("id_numbers") or []:
        paper.pop("value", None)


def _merged(current: Body, given: Body) -> Body:
    result = dict(current)
    for name, value in given.items():
        if value is None:
            result.pop(name, None)
        elif isinstance(value, dict) and isinstance(result.get(name), dict):
            result[name] = _merged(result[name], value)
        else:
            result[name] = value
    return result


def _configure(body: Body, name: str, wanted: Body | None) -> None:
    if wanted is None:
        return
    if name != "recipient":
        raise Unbuilt(f"the {name} configuration of accounts")
    if name not in body["applied_configurations"]:
        body["applied_configurations"].append(name)
    recipient = body["configuration"][name] or {"applied": True} | {"capabilities": None}
    recipient["applied"] = wanted.get("applied", True)
    capabilities = wanted.get("capabilities") or {}
    balance = capabilities.get("stripe_balance") or {}
    unbuilt = ({*capabilities} - {"stripe_balance"}) | ({*balance} - {TRANSFERS, PAYOUTS})
    if unbuilt:
        raise Unbuilt(f"the capability {min(unbuilt)} of recipients")
    asked = balance.get(TRANSFERS) or {}
    if asked.get("requested") and not recipient["capabilities"]:
        states = {PAYOUTS: capability("restricted"), TRANSFERS: capability("restricted")}
        recipient["capabilities"] = blank("bank_accounts cards") | {"stripe_balance": states}
    if asked.get("requested") is False:
        recipient["capabilities"] = None
    body["configuration"][name] = recipient


def capability(status: str) -> Body:
    code, resolution = REASONS.get(status, ("", ""))
    return {"status": status, "status_details": [{"code": code, "resolution": resolution}] if code else []}


def status_of(record: Record) -> str:
    """The status of the transfers capability, or ``none`` when it was never asked for."""
    states = _states(record)
    return str(states[TRANSFERS]["status"]) if states else "none"


def _states(record: Record) -> Body | None:
    recipient = record.body["configuration"]["recipient"]
    capabilities = recipient and recipient["capabilities"]
    return capabilities["stripe_balance"] if capabilities else None


# onboarding: what the hosted pages and the controls do


def submit(
    world: World, id: str, person: Body, bank: Body | None, *, needed: list[str], status: str
) -> Record:
    """What was entered on the hosted page.

    The person, ``{"number", "routing"}`` of a bank account, what is still needed, and the verdict.
    """
    record = world.store.edit(_open(world, id).id)
    _apply(world, record.body, {"identity": {"entity_type": "individual", "individual": person}})
    record.hidden["needed"] = needed
    if bank is not None:
        currency = record.body["defaults"]["currency"] or world.settings.currency
        record.hidden["bank"] = bank_accounts.create(world, id, bank["number"], bank["routing"], currency).id
    events.emit_v2(world, f"{KIND}[identity].updated", record.body)
    return set_status(world, id, status)


def set_status(world: World, id: str, status: str) -> Record:
    """Move both balance capabilities to `status` and tell about it."""
    record = world.store.edit(find(world, id).id)
    states = _states(record)
    if states is None:
        raise Refused(f"The account '{id}' has not requested the capability stripe_balance.{TRANSFERS}.")
    before, needed = status_of(record), record.body["requirements"]["entries"]
    for name in states:
        states[name] = capability(status)
    if status == "active":
        record.hidden["needed"] = []
        schedules.plan_next(world, id)
    elif status == "restricted" and not record.hidden["needed"]:
        record.hidden["needed"] = ["individual.verification_document"]
    _refresh_requirements(world, record)
    if needed != record.body["requirements"]["entries"]:
        events.emit_v2(world, f"{KIND}[requirements].updated", record.body)
    if before != status:
        _announce(world, record)
    return record


@agenda.job("verify_account")
def verify(world: World, id: str) -> None:
    """Verification that took a moment comes back positive."""
    if status_of(find(world, id)) == "pending":
        set_status(world, id, "active")


def _announce(world: World, record: Record) -> None:
    updated = {"updated_capability": f"stripe_balance.{TRANSFERS}"}
    events.emit_v2(world, f"{KIND}[configuration.recipient].capability_status_updated", record.body, updated)
    updated = {"updated_capability": f"stripe_balance.{PAYOUTS}"}
    events.emit_v2(world, f"{KIND}[configuration.recipient].capability_status_updated", record.body, updated)
    shown = expand.VIEWS["acct"](world, record.id)
    if shown is not None:
        events.emit(world, "account.updated", shown, record.id)


def _refresh_requirements(world: World, record: Record) -> None:
    needed = record.hidden["needed"] if status_of(record) in ("restricted", "pending") else []
    entries = [_entry(name, waiting=status_of(record) == "pending") for name in needed]
    summary = {"minimum_deadline": {"status": "currently_due", "time": iso(world.now())}} if entries else None
    record.body["requirements"] = {"entries": entries, "summary": summary}


def _entry(name: str, *, waiting: bool) -> Body:
    deadline = {"status": "currently_due"}
    restricted = [
        {"capability": f"stripe_balance.{capability}", "configuration": "recipient", "deadline": deadline}
        for capability in (TRANSFERS, PAYOUTS)
    ]
    return {
        "awaiting_action_from": "stripe" if waiting else "user",
        "description": name,
        "errors": [],
        "impact": {"restricts_capabilities": restricted},
        "minimum_deadline": deadline,
        "reference": None,
        "requested_reasons": [{"code": "routine_onboarding"}],
    }
