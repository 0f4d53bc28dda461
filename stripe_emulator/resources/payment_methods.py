"""Payment methods: cards, by number or by Stripe's names for test cards."""

from __future__ import annotations

from stripe_emulator import cards, events, lists
from stripe_emulator.errors import Invalid, Missing
from stripe_emulator.router import Call, route
from stripe_emulator.store import Body, Record
from stripe_emulator.world import World, blank, merged_metadata

KIND = "payment_method"
ADDRESS = "city country line1 line2 postal_code state"


@route("POST", "/v1/payment_methods")
def create(call: Call) -> Body:
    call.built("type card billing_details metadata")
    given = call.params.get("card")
    if call.params.get("type") != "card" or not given:
        raise Invalid("The emulator makes payment methods of type card only.", param="type")
    number, cvc = given.get("number", ""), given.get("cvc", "123")
    card = cards.read(number, given.get("exp_month", 0), given.get("exp_year", 0), cvc, call.world.now())
    record = make(call.world, call.account, card, given["exp_month"], given["exp_year"])
    record.body["billing_details"] = billing(call.params.get("billing_details"))
    record.body["metadata"] = merged_metadata({}, call.params.get("metadata"))
    return record.body


@route("GET", "/v1/payment_methods/{}")
def retrieve(call: Call) -> Body:
    return call.world.get(KIND, call.id, call.account).body


@route("GET", "/v1/payment_methods")
def index(call: Call) -> Body:
    return lists.page(call, KIND, "customer type")


@route("GET", "/v1/customers/{}/payment_methods")
def of_customer(call: Call) -> Body:
    call.world.get("customer", call.id, call.account)
    return lists.page(call, KIND, "type", keep=lambda record: record.body["customer"] == call.id)


@route("POST", "/v1/payment_methods/{}/attach")
def attach(call: Call) -> Body:
    world = call.world
    customer = world.get("customer", call.params["customer"], call.account, param="customer")
    return attach_to(world, find(world, call.account, call.id).id, customer.id).body


def attach_to(world: World, id: str, customer: str) -> Record:
    """Save a card for a customer; some cards are declined then already."""
    record = world.store.edit(id)
    card = card_of(record)
    if card.decline and not card.attaches and not card.authentication:
        raise cards.declined(card)
    keep_for(world, record, customer)
    return record


def keep_for(world: World, record: Record, customer: str) -> None:
    """The card of a payment or a setup that went well is the customer's from now on."""
    if record.body["customer"] != customer:
        record.body["customer"] = customer
        events.emit(world, "payment_method.attached", record.body, record.account)


@route("POST", "/v1/payment_methods/{}/detach")
def detach(call: Call) -> Body:
    body = call.world.store.edit(call.world.get(KIND, call.id, call.account).id).body
    owner = call.world.store.find(body["customer"] or "")
    if owner is not None and owner.body["invoice_settings"]["default_payment_method"] == call.id:
        call.world.store.edit(owner.id).body["invoice_settings"]["default_payment_method"] = None
    body["customer"] = None
    events.emit(call.world, "payment_method.detached", body, call.account)
    return body


def find(world: World, account: str, id: str) -> Record:
    """A payment method by identifier, or a new one for a test name such as ``pm_card_visa``."""
    if id in cards.BY_NAME:
        return make(world, account, cards.BY_NAME[id], 12, 2034)
    record = world.store.get(KIND, id)
    if record is None or record.account != account:
        raise Missing("PaymentMethod", id, "payment_method")
    return record


def owned(world: World, account: str, id: str, customer: str) -> Record:
    """A payment method that a customer has saved."""
    record = find(world, account, id)
    if record.body["customer"] != customer:
        raise Invalid(
            f"The customer does not have a payment method with the ID {id}. The payment method must be "
            "attached to the customer.",
            code="resource_missing",
            param="default_payment_method",
        )
    return record


def read(world: World, account: str, form: Body, details: Body) -> Record:
    """The card of a form: ``number, exp_month, exp_year, cvc``; `details` are its billing details."""
    card = cards.read(form["number"], form["exp_month"], form["exp_year"], form["cvc"], world.now())
    record = make(world, account, card, form["exp_month"], form["exp_year"])
    record.hidden["number"] = card.number
    record.body["billing_details"] = billing(details)
    return record


def make(world: World, account: str, card: cards.Card, exp_month: int, exp_year: int) -> Record:
    body: Body = blank("customer") | {
        "id": world.new_id("pm"),
        "object": KIND,
        "allow_redisplay": "unspecified",
        "billing_details": billing(None),
        "card": card_details(card, exp_month, exp_year)
        | blank("generated_from regulated_status wallet")
        | {
            "display_brand": card.brand,
            "networks": {"available": [card.brand], "preferred": None},
            "three_d_secure_usage": {"supported": card.brand != "amex"},
        },
        "created": world.now(),
        "livemode": False,
        "metadata": {},
        "type": "card",
    }
    return world.add(body, account, number=card.number, set_up=False)


def card_of(record: Record) -> cards.Card:
    number = record.hidden["number"]
    return cards.BY_NUMBER.get(number) or cards.Card(
        number, "", "", decline="card_declined/test_mode_live_card"
    )


def card_details(card: cards.Card, exp_month: int, exp_year: int) -> Body:
    """What a payment method and a charge both say about a card."""
    checks = {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"}
    if card.fails_check:
        checks[card.fails_check] = "fail"
    return {
        "brand": card.brand,
        "checks": checks,
        "country": card.country,
        "exp_month": exp_month,
        "exp_year": exp_year,
        "fingerprint": f"fp{card.number[:4]}{card.last4}",
        "funding": "credit",
        "last4": card.last4,
    }


def billing(given: Body | None) -> Body:
    given = given or {}
    details = blank("email name phone tax_id") | {name: value or None for name, value in given.items()}
    return details | {"address": blank(ADDRESS) | (given.get("address") or {})}
