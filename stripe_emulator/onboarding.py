"""What hosted onboarding makes of what a person enters, by Stripe's published test values."""

from __future__ import annotations

from stripe_emulator import agenda
from stripe_emulator.resources import accounts, bank_accounts
from stripe_emulator.store import Body, Record
from stripe_emulator.world import World

VERIFIES_AFTER = 60
VERIFIED_AT_ONCE, VERIFIED, LISTED = "1902-01-01", "1901-01-01", "1900-01-01"
GOOD_ADDRESS, BAD_ADDRESS = "address_full_match", "address_no_match"
GOOD_ID, BAD_ID = "000000000", "111111111"
EXAMPLE = {
    "given_name": "Jenny",
    "surname": "Rosen",
    "date_of_birth": VERIFIED_AT_ONCE,
    "line1": GOOD_ADDRESS,
    "city": "San Francisco",
    "state": "CA",
    "postal_code": "94103",
    "id_number": GOOD_ID,
    "routing_number": bank_accounts.ROUTING,
    "account_number": bank_accounts.GOOD,
}


def finish(world: World, id: str, outcome: str) -> Record:
    """End it as told.

    ``complete``: verified at once; ``partial``: no papers and no bank account yet; ``rejected``: by Stripe.
    """
    if outcome == "partial":
        needed = ["individual.id_number", "payout_method"]
        return accounts.submit(world, id, person(EXAMPLE), None, needed=needed, status="restricted")
    if outcome == "rejected":
        return enter(world, id, EXAMPLE | {"date_of_birth": LISTED})
    return enter(world, id, EXAMPLE)


def enter(world: World, id: str, form: Body) -> Record:
    """The whole form, as entered. The date of birth, the address and the number decide."""
    bank = {"number": form["account_number"], "routing": form["routing_number"]}
    status, needed = verdict(form)
    record = accounts.submit(world, id, person(form), bank, needed=needed, status=status)
    if status == "pending":
        agenda.plan(world, "verify_account", id, world.now() + VERIFIES_AFTER)
    return record


def verdict(form: Body) -> tuple[str, list[str]]:
    """The capability's status, and what is still needed."""
    if form["date_of_birth"] == LISTED:
        return "rejected", []
    needed = []
    if form["date_of_birth"] not in (VERIFIED, VERIFIED_AT_ONCE):
        needed.append("individual.verification_document")
    if form["line1"] == BAD_ADDRESS:
        needed.append("individual.address")
    if form["id_number"] == BAD_ID:
        needed.append("individual.id_number")
    if needed:
        return "restricted", needed
    return ("active" if form["date_of_birth"] == VERIFIED_AT_ONCE else "pending"), [
        "individual.verification_document"
    ]


def person(form: Body) -> Body:
    year, month, day = (int(part) for part in form["date_of_birth"].split("-"))
    return {
        "given_name": form["given_name"],
        "surname": form["surname"],
        "date_of_birth": {"day": day, "month": month, "year": year},
        "address": {name: form[name] for name in ("line1", "city", "state", "postal_code")}
        | {"country": "us"},
        "id_numbers": [{"type": "us_ssn_last_4", "value": form["id_number"][-4:]}],
    }
