"""Hosted onboarding, and the express dashboard behind a login link."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stripe_emulator import balance, onboarding
from stripe_emulator.errors import ApiError
from stripe_emulator.http import Response
from stripe_emulator.pages.render import Markup, fragment, message, money, page, redirect
from stripe_emulator.pages.tables import day, table
from stripe_emulator.resources import account_links, accounts, bank_accounts, payouts, schedules, v1_accounts
from stripe_emulator.store import Body, Record

if TYPE_CHECKING:
    from stripe_emulator.emulator import Emulator

DATE = re.compile(r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")
DIGITS = ("id_number", "routing_number", "account_number")


def show(emulator: Emulator, token: str) -> Response:
    """The form, once: a link that was opened before, or is too old, leads to the refresh address."""
    with emulator.lock:
        emulator.run_due()
        link = emulator.store.get(account_links.KIND, token)
        if link is None:
            return _unknown()
        if not account_links.is_usable(emulator.world, link):
            return redirect(account_links.urls(link)[0])
        with emulator.store.step():
            emulator.store.edit(link.id).hidden["opened"] = True
    return _form(emulator, link, onboarding.EXAMPLE)


def submit(emulator: Emulator, token: str, form: Body) -> Response:
    with emulator.lock:
        link = emulator.store.get(account_links.KIND, token)
    if link is None:
        return _unknown()
    if link.hidden["finished"]:
        return redirect(account_links.urls(link)[0])
    entered = onboarding.EXAMPLE | {name: form.get(name, "").strip() for name in onboarding.EXAMPLE}
    outcome = form.get("outcome", "complete")
    problem = _problem(entered) if outcome == "complete" else ""
    if problem:
        return _form(emulator, link, entered, problem)

    def finish() -> None:
        if outcome == "complete":
            onboarding.enter(emulator.world, link.hidden["account"], entered)
        else:
            onboarding.finish(emulator.world, link.hidden["account"], outcome)
        account_links.finish(emulator.world, link)

    try:
        emulator.perform(finish)
    except ApiError as error:
        return message("That did not work", error.message, account_links.urls(link)[0], "Go back", status=400)
    return redirect(account_links.urls(link)[1])


def _unknown() -> Response:
    return message("Nothing here", "There is no onboarding at this address.", status=404)


def _problem(form: Body) -> str:
    if not all(form.values()):
        return "Please fill in every field."
    if not DATE.match(form["date_of_birth"]):
        return "Write the date of birth as 1902-01-01."
    if not all(form[name].isdecimal() for name in DIGITS):
        return "The social security number and the bank numbers have digits only."
    return ""


def _form(emulator: Emulator, link: Record, form: Body, problem: str = "") -> Response:
    error = fragment("error", text=problem) if problem else Markup()
    body = fragment("onboarding", seller=emulator.settings.platform_name, token=link.id, error=error, **form)
    status = 400 if problem else 200
    return page("Set up payouts", body, leads_to=account_links.urls(link), status=status)


def dashboard(emulator: Emulator, token: str) -> Response:
    """What a recipient sees at Stripe: his balance and his payouts."""
    with emulator.lock:
        emulator.run_due()
        link = emulator.store.get(v1_accounts.LOGIN, token)
        return _dashboard(emulator, link) if link else _no_dashboard()


def change_bank(emulator: Emulator, token: str, form: Body) -> Response:
    """Another bank account for the payouts to come."""
    link = emulator.store.get(v1_accounts.LOGIN, token)
    if link is None:
        return _no_dashboard()
    routing, number = (form.get(name, "").strip() for name in ("routing_number", "account_number"))
    if not (routing.isdecimal() and number.isdecimal()):
        with emulator.lock:
            return _dashboard(emulator, link, "The bank numbers have digits only.")
    bank = {"number": number, "routing": routing}
    try:
        emulator.perform(lambda: accounts.change_bank(emulator.world, link.body["account"], bank))
    except ApiError as error:
        return message("That did not work", error.message, f"/express/{token}", "Go back", status=400)
    return redirect(f"/express/{token}")


def _no_dashboard() -> Response:
    return message("Nothing here", "There is no dashboard at this address.", status=404)


def _dashboard(emulator: Emulator, link: Record, problem: str = "") -> Response:
    body = _figures(emulator, link, accounts.find(emulator.world, link.body["account"]), problem)
    return page("Express dashboard", body, status=400 if problem else 200)


def _figures(emulator: Emulator, link: Record, record: Record, problem: str) -> Markup:
    world = emulator.world
    currency = record.body["defaults"]["currency"] or emulator.settings.currency
    totals = balance.totals(world, record.id, currency)
    bank = bank_accounts.of(world, record.hidden["bank"])
    rows = [
        [
            money(payout.body["amount"], payout.body["currency"]),
            fragment("state", state=payout.body["status"]),
            day(payout.body["arrival_date"]),
            payout.body["failure_message"] or "",
        ]
        for payout in world.store.all(payouts.KIND, record.id)
    ]
    return fragment(
        "express",
        name=record.body["display_name"] or record.body["contact_email"] or record.id,
        available=money(totals["available"], currency),
        pending=money(totals["pending"], currency),
        status=accounts.status_of(record),
        bank=bank_accounts.describe(bank.body) if bank else "no bank account yet",
        schedule=schedules.of(world, record.id)["interval"],
        token=link.id,
        routing_number=bank_accounts.ROUTING,
        account_number=bank_accounts.GOOD,
        error=fragment("error", text=problem) if problem else Markup(),
        payouts=table(["Amount", "State", "Arrives", "Note"], rows, "No payouts yet."),
    )
