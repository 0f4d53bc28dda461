"""The billing portal's page: what one is subscribed to, the card on file, and the invoices so far."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from stripe_emulator import cards
from stripe_emulator.errors import ApiError
from stripe_emulator.http import Response
from stripe_emulator.pages import checkout
from stripe_emulator.pages.render import (
    Markup,
    fragment,
    grouped,
    join,
    message,
    money,
    page,
    redirect,
)
from stripe_emulator.pages.tables import day, table
from stripe_emulator.resources import billed_items, collecting, portal
from stripe_emulator.store import Body, Record
from stripe_emulator.world import World

if TYPE_CHECKING:
    from stripe_emulator.emulator import Emulator

ENDED = "Sessions of the portal last an hour. Start a new one where you came from."


def show(emulator: Emulator, token: str, _query: Body) -> Response:
    with emulator.lock:
        emulator.run_due()
        session = portal.by_token(emulator.world, token)
        return _page(emulator, session) if session else _nothing()


def submit(emulator: Emulator, token: str, form: Body) -> Response:
    """One button of the page; what was done is seen on it, what was refused is told on it."""
    with emulator.lock:
        session = portal.by_token(emulator.world, token)
    if session is None:
        return _nothing()
    action = ACTIONS.get(form.get("action", ""))
    if action is None:
        return message(
            "Not here", "The portal has no such button.", f"/p/session/{token}", "Go back", status=400
        )
    try:
        emulator.perform(lambda: action(emulator.world, session, form), about=session.id)
    except ApiError as error:
        with emulator.lock:
            return _page(emulator, session, error.message, status=error.status)
    return redirect(f"/p/session/{token}")


Action = Callable[[World, Record, Body], Record]
ACTIONS: dict[str, Action] = {
    "cancel": lambda world, session, form: portal.cancel(world, session, form.get("subscription", "")),
    "keep": lambda world, session, form: portal.keep(world, session, form.get("subscription", "")),
    "switch": lambda world, session, form: portal.switch(
        world, session, form.get("subscription", ""), form.get("price", "")
    ),
    "card": lambda world, session, form: portal.change_card(world, session, checkout.entered(form)),
}


def _nothing() -> Response:
    return message("This portal is closed", ENDED, status=404)


def _page(emulator: Emulator, session: Record, problem: str = "", *, status: int = 200) -> Response:
    world, back = emulator.world, session.body["return_url"]
    owned = portal.subscriptions_of(world, session)
    body = fragment(
        "portal",
        seller=emulator.settings.platform_name,
        back=fragment("link", url=back, label=f"Return to {emulator.settings.platform_name}")
        if back
        else Markup(),
        error=fragment("error", text=problem) if problem else Markup(),
        subscriptions=join([_subscription(emulator, session, record) for record in owned])
        or fragment("empty", text="You are not subscribed to anything."),
        card=_card_on_file(emulator, session),
        invoices=_invoices(emulator, session),
    )
    return page("Your subscription", body, leads_to=(back,), status=status)


def _subscription(emulator: Emulator, session: Record, record: Record) -> Markup:
    world, body = emulator.world, record.body
    item = billed_items.items_of(record)[0]
    until = day(billed_items.period_of(record)["end"])
    ends = body["cancel_at_period_end"]
    buttons = Markup()
    if portal.feature(world, session, "subscription_cancel")["enabled"]:
        name, label = ("keep", "Do not cancel") if ends else ("cancel", "Cancel subscription")
        buttons = _form(session, record, fragment("portal_button", action=name, label=label))
    switches = [_switch(session, record, price) for price in portal.prices_for(world, session, record)]
    return fragment(
        "portal_subscription",
        name=_product(emulator, item["price"]),
        price=_price(item["price"]),
        state=fragment("state", state=body["status"]),
        when=f"Ends on {until}" if ends else f"Renews on {until}",
        buttons=join([buttons, *switches]),
    )


def _switch(session: Record, record: Record, price: Body) -> Markup:
    chosen = fragment("portal_field", name="price", value=price["id"])
    button = fragment("portal_button", action="switch", label=f"Change to {_price(price)}")
    return _form(session, record, join([chosen, button]))


def _form(session: Record, record: Record, content: Markup) -> Markup:
    subscription = fragment("portal_field", name="subscription", value=record.id)
    return fragment("portal_form", token=session.hidden["token"], content=join([subscription, content]))


def _product(emulator: Emulator, price: Body) -> str:
    product = emulator.store.find(price["product"])
    return str(product.body["name"]) if product else price["product"]


def _price(price: Body) -> str:
    recurring = price["recurring"]
    count, interval = recurring["interval_count"], recurring["interval"]
    every = interval if count == 1 else f"{count} {interval}s"
    return f"{money(price['unit_amount'] or 0, price['currency'])} per {every}"


def _card_on_file(emulator: Emulator, session: Record) -> Markup:
    asks = {"parent": None, "default_payment_method": None, "customer": session.body["customer"]}
    method = emulator.store.find(collecting.default_method(emulator.world, asks) or "")
    card = method.body["card"] if method else None
    shown = f"{card['brand'].title()} ending {card['last4']}" if card else "No card yet"
    form = Markup()
    if portal.feature(emulator.world, session, "payment_method_update")["enabled"]:
        options = [fragment("option", value=grouped(c.number), label=c.about) for c in cards.CARDS]
        form = fragment("portal_card", token=session.hidden["token"], options=join(options))
    return fragment("portal_method", shown=shown, form=form)


def _invoices(emulator: Emulator, session: Record) -> Markup:
    if not portal.feature(emulator.world, session, "invoice_history")["enabled"]:
        return Markup()
    rows = [
        [
            day(body["created"]),
            money(body["total"], body["currency"]),
            fragment("state", state=body["status"]),
            fragment("anchor", url=body["hosted_invoice_url"], label=body["number"] or "Open")
            if body["hosted_invoice_url"]
            else "",
        ]
        for body in portal.invoices_of(emulator.world, session)
    ]
    heads = ["Date", "Amount", "State", "Invoice"]
    return fragment("portal_invoices", table=table(heads, rows, "No invoices yet."))
