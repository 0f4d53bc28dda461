"""The hosted invoice page: what is owed, and a form to pay it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stripe_emulator import cards
from stripe_emulator.errors import ApiError, CardDeclined
from stripe_emulator.http import Response
from stripe_emulator.pages import checkout
from stripe_emulator.pages.render import Markup, fragment, grouped, join, message, money, page, redirect
from stripe_emulator.pages.tables import day
from stripe_emulator.resources import collecting, discounts, invoicing
from stripe_emulator.store import Body, Record

if TYPE_CHECKING:
    from stripe_emulator.emulator import Emulator

NOTES = {
    "paid": "Paid. Thank you.",
    "void": "This invoice was voided: nothing is due.",
    "uncollectible": "This invoice was written off. It can still be paid.",
}


def show(emulator: Emulator, id: str, query: Body) -> Response:
    failed = query.get("redirect_status") == "failed"
    error = "Your bank could not confirm that it was you. Please try another card." if failed else ""
    number = query.get("card", checkout.EXAMPLE["number"])
    form = checkout.EXAMPLE | {"number": number, "cvc": cards.example_cvc(number)}
    return _show(emulator, id, form, error)


def submit(emulator: Emulator, id: str, form: Body) -> Response:
    if _found(emulator, id) is None:
        return _nothing()

    try:
        record = emulator.perform(
            lambda: collecting.pay_by_form(emulator.world, id, checkout.entered(form)), id
        )
    except CardDeclined as error:
        field = checkout.FIELD_OF.get(error.param, "number")
        return _show(emulator, id, checkout.EXAMPLE | form, error.message, field)
    except ApiError:
        return _show(emulator, id, checkout.EXAMPLE)
    return redirect(f"/i/{id}" if record.body["status"] == "paid" else f"/3ds/{record.hidden['intent']}")


def _found(emulator: Emulator, id: str) -> Record | None:
    """An invoice that was finalized: a draft has no page."""
    with emulator.lock:
        emulator.run_due()
        record = emulator.store.get(invoicing.KIND, id)
    return record if record is not None and record.body["hosted_invoice_url"] else None


def _nothing() -> Response:
    return message("Nothing here", "There is no invoice at this address.", status=404)


def _show(emulator: Emulator, id: str, form: Body, error: str = "", field: str = "") -> Response:
    record = _found(emulator, id)
    if record is None:
        return _nothing()
    body = record.body
    payable = body["status"] in invoicing.PAYABLE
    due = money(body["amount_remaining"] if payable else body["total"], body["currency"])
    content = fragment(
        "invoice",
        seller=body["account_name"],
        number=body["number"],
        due=due,
        customer=body["customer_name"] or body["customer_email"] or "",
        date=day(body["status_transitions"]["finalized_at"]),
        deadline=fragment("deadline", date=day(body["due_date"])) if body["due_date"] else Markup(),
        note=fragment("empty", text=NOTES[body["status"]]) if body["status"] in NOTES else Markup(),
        lines=_lines(emulator, record),
        form=_form(id, form, due, error, field) if payable else Markup(),
    )
    title = f"Invoice {body['number']}"
    return page(title, content, status=402 if field else 200, wide=True)


def _lines(emulator: Emulator, record: Record) -> Markup:
    body = record.body
    rows = [(line["description"] or "", line["amount"]) for line in record.hidden["lines"]]
    rows += [
        (discounts.name_of(emulator.world, taken["discount"]), -taken["amount"])
        for taken in body["total_discount_amounts"]
        if taken["amount"]
    ]
    applied = body["ending_balance"] - body["starting_balance"]
    if applied:
        rows.append(("Balance of earlier invoices", -applied))
    return join(
        [
            fragment("line", name=name, quantity="", amount=money(amount, body["currency"]))
            for name, amount in rows
        ]
    )


def _form(id: str, form: Body, due: str, error: str, field: str) -> Markup:
    invalid = Markup('aria-invalid="true" aria-describedby="error"')
    return fragment(
        "invoice_form",
        invoice=id,
        due=due,
        error=fragment("error", text=error) if error else Markup(),
        number=grouped(str(form["number"]).replace(" ", "")),
        expiry=form["expiry"],
        cvc=form["cvc"],
        name=form["name"],
        **{f"{name}_error": invalid if name == field else Markup() for name in ("number", "expiry", "cvc")},
    )
