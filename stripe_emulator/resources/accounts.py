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
BANK = "payout_method"
NEEDED = ("individual.given_name", "individual.surname", "individual.date_of_birth", "individual.address",
          "individual.id_number", BANK, "terms_of_service")  # fmt: skip
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
    record = world.add(body, world.platform, needed=list(NEEDED), bank=None, needed_by=None)
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
        _announce(world, record, [TRANSFERS, PAYOUTS])
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


def status_of(record: Record, name: str = TRANSFERS) -> str:
    """The status of the transfers capability, or of payouts; ``none`` when it was never asked for."""
    states = _states(record)
    return str(states[name]["status"]) if states else "none"


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
        _use_bank(world, record, bank)
    events.emit_v2(world, f"{KIND}[identity].updated", record.body)
    return set_status(world, id, status)


def change_bank(world: World, id: str, bank: Body) -> Record:
    """Payouts go to ``{"number", "routing"}`` from now on, also where the last one had stopped them."""
    record = world.store.edit(_open(world, id).id)
    _use_bank(world, record, bank)
    if status_of(record) == "active" and status_of(record, PAYOUTS) != "active":
        _move(world, record, {PAYOUTS: "active"}, needed=[])
    return record


def _use_bank(world: World, record: Record, bank: Body) -> None:
    currency = record.body["defaults"]["currency"] or world.settings.currency
    before = bank_accounts.of(world, record.hidden["bank"])
    if before is not None:
        bank_accounts.replace(world, before.id)
    new = bank_accounts.create(world, record.id, bank["number"], bank["routing"], currency)
    record.hidden["bank"] = new.id
    events.emit(world, "account.external_account.created", new.body, record.id)


def stop_payouts(world: World, id: str) -> None:
    """The bank refused for good: payouts wait for another bank account, transfers go on."""
    record = world.store.edit(find(world, id).id)
    bank_accounts.disable(world, record.hidden["bank"])
    if status_of(record, PAYOUTS) == "active":
        _move(world, record, {PAYOUTS: "restricted"}, needed=[BANK])


def set_status(world: World, id: str, status: str) -> Record:
    """Move both balance capabilities to `status` and tell about it."""
    record = world.store.edit(find(world, id).id)
    states = _states(record)
    if states is None:
        raise Refused(f"The account '{id}' has not requested the capability stripe_balance.{TRANSFERS}.")
    needed, wanted = record.hidden["needed"], dict.fromkeys(states, status)
    if status == "active":
        bank = bank_accounts.of(world, record.hidden["bank"])
        is_refused = bank is not None and bank.body["status"] == "errored"
        needed = [BANK] if is_refused else []
        wanted[PAYOUTS] = "restricted" if is_refused else status
        schedules.plan_next(world, id)
    elif status == "restricted":
        needed = needed or ["individual.verification_document"]
    record.hidden["needed_by"] = None
    agenda.cancel(world, "requirements_past_due", id)
    _move(world, record, wanted, needed=needed)
    return record


def require(world: World, id: str, needed: list[str], by: int) -> Record:
    """Ask for more, by an instant: until then nothing is restricted."""
    record = world.store.edit(find(world, id).id)
    if status_of(record) != "active":
        raise Refused(f"The account '{id}' is restricted already.")
    record.hidden["needed_by"] = by
    agenda.plan(world, "requirements_past_due", id, by)
    _move(world, record, {}, needed=needed)
    return record


@agenda.job("requirements_past_due")
def past_due(world: World, id: str) -> None:
    """What was asked for did not come."""
    set_status(world, id, "restricted")


def _move(world: World, record: Record, wanted: dict[str, str], *, needed: list[str]) -> None:
    """Capabilities and requirements change together, each with its event where it does."""
    states = _states(record)
    assert states is not None
    changed = [n for n in (TRANSFERS, PAYOUTS) if n in wanted and states[n]["status"] != wanted[n]]
    for name, status in wanted.items():
        states[name] = capability(status)
    before = record.body["requirements"]["entries"]
    record.hidden["needed"] = needed
    _refresh_requirements(world, record)
    if before != record.body["requirements"]["entries"]:
        events.emit_v2(world, f"{KIND}[requirements].updated", record.body)
    if changed:
        _announce(world, record, changed)


@agenda.job("verify_account")
def verify(world: World, id: str) -> None:
    """Verification that took a moment comes back positive."""
    if status_of(find(world, id)) == "pending":
        set_status(world, id, "active")


def _announce(world: World, record: Record, changed: list[str]) -> None:
    for name in changed:
        updated = {"updated_capability": f"stripe_balance.{name}"}
        kind = f"{KIND}[configuration.recipient].capability_status_updated"
        events.emit_v2(world, kind, record.body, updated)
    shown = expand.VIEWS["acct"](world, record.id)
    if shown is not None:
        events.emit(world, "account.updated", shown, record.id)


def _refresh_requirements(world: World, record: Record) -> None:
    states = _states(record) or {}
    waiting = [name for name in states if states[name]["status"] in ("restricted", "pending")]
    by = record.hidden.get("needed_by")
    affected = list(states) if by else waiting
    needed = record.hidden["needed"] if affected else []
    entries = [_entry(name, affected, waiting=status_of(record) == "pending") for name in needed]
    deadline = {"status": "currently_due", "time": iso(by or world.now())}
    record.body["requirements"] = {
        "entries": entries,
        "summary": {"minimum_deadline": deadline} if entries else None,
    }


def _entry(name: str, affected: list[str], *, waiting: bool) -> Body:
    deadline = {"status": "currently_due"}
    restricted = [
        {"capability": f"stripe_balance.{capability}", "configuration": "recipient", "deadline": deadline}
        for capability in affected
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
