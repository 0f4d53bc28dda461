"""The control page: time, objects, events, deliveries and faults at a glance."""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING

from stripe_emulator import control, events, faults
from stripe_emulator.http import Request, Response
from stripe_emulator.pages.render import Markup, fragment, join, message, page, redirect
from stripe_emulator.pages.tables import minute, table
from stripe_emulator.store import Body, Record

if TYPE_CHECKING:
    from stripe_emulator.emulator import Emulator

SHOWN = 15
OBJECTS_SHOWN = 50


def show(emulator: Emulator) -> Response:
    with emulator.lock:
        emulator.run_due()
        body = fragment(
            "home",
            now=emulator.now().strftime("%a %d %b %Y, %H:%M:%S UTC"),
            clock_owner=f"The clock is kept in {emulator.clock.path}."
            if emulator.clock.path
            else "Our own clock.",
            objects=_objects(emulator),
            deliveries=_deliveries(emulator),
            events=_events(emulator),
            faults=_faults(emulator),
            kinds=join(
                [fragment("option", value=k, label=k) for k in sorted(faults.REQUEST | faults.WEBHOOK)]
            ),
        )
    return page("Stripe emulator", body, wide=True)


def _objects(emulator: Emulator) -> Markup:
    counts = emulator.store.kinds()
    rows = [
        [fragment("anchor", url=f"/objects/{kind}", label=kind), count]
        for kind, count in counts.items()
        if not kind.startswith("emulator.")
    ]
    return table(["Kind", "How many"], rows, "Nothing yet. Create something through the API.")


def _deliveries(emulator: Emulator) -> Markup:
    return table(
        ["Event", "To", "State", "Attempts", "Next", "Again"],
        [_delivery(emulator, record) for record in islice(emulator.store.all(events.DELIVERY), SHOWN)],
        "Nothing was sent. Start the emulator with --destination, or create an event destination.",
    )


def _delivery(emulator: Emulator, record: Record) -> list[object]:
    destination = emulator.store.find(record.body["destination"])
    attempts = record.body["attempts"]
    last = f" ({attempts[-1]['status'] or attempts[-1]['error']})" if attempts else ""
    return [
        record.body["event_type"],
        destination.hidden["url"] if destination else record.body["destination"],
        fragment("state", state=record.body["state"]),
        f"{len(attempts)}{last}",
        minute(record.body["next_attempt_at"]),
        fragment("replay", id=record.id),
    ]


def _events(emulator: Emulator) -> Markup:
    found = [record.body for record in islice(emulator.store.all(events.SNAPSHOT), SHOWN)]
    rows = [[minute(body["created"]), body["type"], body["id"], body.get("account", "")] for body in found]
    return table(["When (UTC)", "Type", "Event", "Account"], rows, "No events yet.")


def _faults(emulator: Emulator) -> Markup:
    rows = [
        [fault["kind"], fault["match"], f"{fault['struck']} of {fault['times']}"]
        for fault in emulator.faults.all()
    ]
    return table(["Kind", "On", "Struck"], rows, "No faults: everything works.")


def objects(emulator: Emulator, kind: str) -> Response:
    with emulator.lock:
        emulator.run_due()
        found = [] if kind.startswith("emulator.") else list(emulator.store.all(kind))
    rows = join([_object(record) for record in found[:OBJECTS_SHOWN]])
    return page(kind, fragment("objects", kind=kind, count=len(found), rows=rows), wide=True)


def _object(record: Record) -> Markup:
    body = json.dumps(record.body, indent=2, ensure_ascii=False)
    return fragment("object", id=record.id, account=record.account, version=record.version, body=body)


REPLAY = "/control/replay"
COMMANDS = {
    "/control/clock": ("POST", "clock"),
    "/control/faults": ("POST", "faults"),
    "/control/faults/clear": ("DELETE", "faults"),
    "/control/reset": ("POST", "reset"),
}


def command(emulator: Emulator, path: str, form: Body) -> Response:
    """A form of this page is a control with text for values."""
    if path.startswith(REPLAY):
        method, name, given = "POST", f"deliveries/{path.rpartition('/')[2]}/replay", {}
    else:
        (method, name), given = COMMANDS[path], dict(form)
    if "times" in given:
        given["times"] = int(given["times"]) if given["times"].isdecimal() else 0
    body = json.dumps(given).encode()
    response = control.answer(emulator, Request(method, control.PREFIX + name, body=body))
    if "error" in response.json():
        return message("That did not work", response.json()["error"]["message"], "/", "Go back", status=400)
    return redirect("/")
