"""Checkout sessions: a hosted page that takes a payment, begins a subscription or saves a card."""

from __future__ import annotations

from typing import Any

from stripe_emulator import agenda, events, expand, lists
from stripe_emulator.errors import Invalid, Refused, Unbuilt, missing_param
from stripe_emulator.money import check_charge, check_currency
from stripe_emulator.resources import (
    checkout_modes,
    line_items,
    payment_methods,
    promotions,
    taxes,
)
from stripe_emulator.router import Call, route
from stripe_emulator.store import Body, Record
from stripe_emulator.world import World, blank, merged_metadata

KIND = "checkout.session"
EITHER_OR = (("customer", "customer_email"), ("allow_promotion_codes", "discounts"))
SOONEST, LATEST = 30 * 60, 24 * 3600
CREATE = (
    "mode line_items success_url cancel_url client_reference_id customer customer_email metadata "
    "payment_intent_data expires_at payment_method_types locale submit_type ui_mode customer_creation "
    "currency automatic_tax billing_address_collection phone_number_collection allow_promotion_codes "
    "adaptive_pricing excluded_payment_method_types discounts payment_method_collection subscription_data "
    "setup_intent_data"
)
NOTHING = (
    "after_expiration branding_settings client_secret collected_information consent consent_collection "
    "currency_conversion customer_account integration_identifier invoice invoice_creation "
    "origin_context payment_intent payment_link payment_method_configuration_details permissions "
    "recovered_from saved_payment_method_options setup_intent shipping_address_collection shipping_cost "
    "subscription wallet_options"
)
ECHOED = (
    "allow_promotion_codes billing_address_collection cancel_url client_reference_id customer "
    "customer_email locale submit_type success_url excluded_payment_method_types"
)


@route("POST", "/v1/checkout/sessions")
def create(call: Call) -> Body:
    call.built(CREATE)
    world, given = call.world, call.params
    _check(call)
    mode = given.get("mode", checkout_modes.PAYMENT)
    items = line_items.make(
        world, call.account, given.get("line_items", []), trial=checkout_modes.is_trial(given)
    )
    checkout_modes.check_items(mode, items)
    body = _body(world, given, items, mode)
    data = given.get(checkout_modes.DATA[mode][0], {})
    record = world.add(body, call.account, line_items=items, data=data, intent="")
    if mode == checkout_modes.SETUP:
        checkout_modes.intent_of(world, record, given.get("customer"))
    else:
        _reckon(world, record, _discounts(call, body))
    agenda.plan(world, "expire_session", body["id"], body["expires_at"])
    return body


def _discounts(call: Call, body: Body) -> list[Body]:
    wanted, customer = call.params.get("discounts", []), call.params.get("customer")
    whole = body["amount_subtotal"]
    return [promotions.checked(call.world, call.account, wanted[0], whole, customer)] if wanted else []


@route("GET", "/v1/checkout/sessions")
def index(call: Call) -> Body:
    email = call.params.get("customer_details", {}).get("email")

    def keep(record: Record) -> bool:
        known = (record.body["customer_details"] or {}).get("email")
        return email in (None, known)

    return lists.page(
        call, KIND, "customer payment_intent status subscription", also="customer_details", keep=keep
    )


@route("GET", "/v1/checkout/sessions/{}")
def retrieve(call: Call) -> Body:
    return call.world.get(KIND, call.id, call.account).body


@route("POST", "/v1/checkout/sessions/{}")
def update(call: Call) -> Body:
    call.built("metadata")
    body = call.world.store.edit(call.world.get(KIND, call.id, call.account).id).body
    body["metadata"] = merged_metadata(body["metadata"], call.params.get("metadata"))
    return body


@route("POST", "/v1/checkout/sessions/{}/expire")
def expire(call: Call) -> Body:
    record = call.world.get(KIND, call.id, call.account)
    if record.body["status"] != "open":
        raise Refused(
            'Only Checkout Sessions with a status in ["open"] can be expired. '
            f"This Checkout Session has a status of {record.body['status']}."
        )
    return _expire(call.world, record.id).body


@route("GET", "/v1/checkout/sessions/{}/line_items")
def items_of(call: Call) -> Body:
    record = call.world.get(KIND, call.id, call.account)
    return lists.listing(record.hidden["line_items"][: call.params.get("limit", 10)], call.path)


def _line_items(world: World, body: Body) -> Body:
    record = world.store.find(body["id"])
    assert record is not None
    return lists.listing(record.hidden["line_items"], f"/v1/checkout/sessions/{body['id']}/line_items")


expand.ADDED[KIND, "line_items"] = _line_items


def _check(call: Call) -> None:
    given = call.params
    _check_built(given)
    checkout_modes.check(given)
    if not given.get("success_url"):
        raise missing_param("success_url")
    for one, other in EITHER_OR:
        if given.get(one) and given.get(other):
            raise Invalid(f"You may only specify one of these parameters: {one}, {other}.", param=one)
    if len(given.get("discounts", [])) > 1:
        raise Invalid("A session takes one discount.", param="discounts")
    if given.get("customer"):
        call.world.get("customer", given["customer"], call.account, param="customer")
    _check_expiry(given.get("expires_at"), call.world.now())


def _check_built(given: Body) -> None:
    if given.get("ui_mode", "hosted_page") != "hosted_page":
        raise Unbuilt(f"checkout sessions with ui_mode {given['ui_mode']}")


def _check_expiry(expires_at: int | None, now: int) -> None:
    if expires_at is None:
        return
    if expires_at < now + SOONEST:
        raise Invalid(
            "`expires_at` must be at least 30 minutes after the session is created.", param="expires_at"
        )
    if expires_at > now + LATEST:
        raise Invalid(
            "`expires_at` must be less than 24 hours after the session is created.", param="expires_at"
        )


def _reckon(world: World, record: Record, discounts: list[Body]) -> None:
    """Amounts of a session under its discounts; nothing to pay is fine, too little to charge is not."""
    body, items = record.body, record.hidden["line_items"]
    whole = body["amount_subtotal"]
    off = promotions.taken_off(promotions.coupon_of(world, discounts[0]), whole) if discounts else 0
    if whole > off:
        check_charge(whole - off, body["currency"], "line_items")
    line_items.discount(items, off)
    body |= {"amount_total": whole - off, "discounts": discounts}
    body["total_details"] = {"amount_discount": off, "amount_shipping": 0, "amount_tax": 0}
    body["payment_status"] = "unpaid" if whole > off else "no_payment_required"


def apply_code(world: World, id: str, code: str) -> Record:
    """The customer enters a promotion code; an empty one takes it back."""
    record = world.store.edit(id)
    check_payable(record)
    if not record.body["allow_promotion_codes"]:
        raise Refused("This session takes no promotion codes.")
    whole, customer = record.body["amount_subtotal"], record.body["customer"]
    wanted = [promotions.by_code(world, record.account, code, whole, customer)] if code.strip() else []
    _reckon(world, record, wanted)
    return record


def _body(world: World, given: Body, items: list[Body], mode: str) -> Body:
    id = f"cs_test_a1{world.token(56)}"
    return (
        blank(f"{NOTHING} {ECHOED} customer_details total_details")
        | {name: given[name] for name in ECHOED.split() if name in given}
        | {
            "id": id,
            "object": KIND,
            "adaptive_pricing": {"enabled": False},
            "amount_subtotal": sum(item["amount_subtotal"] for item in items) if items else None,
            "amount_total": sum(item["amount_total"] for item in items) if items else None,
            "automatic_tax": taxes.checked(given, items),
            "created": world.now(),
            "currency": line_items.currency_of(items) if items else _currency(given),
            "custom_fields": [],
            "custom_text": blank("after_submit shipping_address submit terms_of_service_acceptance"),
            "customer_creation": given.get("customer_creation", _customer_creation(given, mode)),
            "discounts": [],
            "expires_at": given.get("expires_at", world.now() + LATEST),
            "livemode": False,
            "metadata": merged_metadata({}, given.get("metadata")),
            "mode": mode,
            "payment_method_collection": given.get("payment_method_collection", _collection(mode)),
            "payment_method_options": {},
            "payment_method_types": given.get("payment_method_types", ["card"]),
            "payment_status": "unpaid" if items else "no_payment_required",
            "phone_number_collection": {"enabled": False},
            "shipping_options": [],
            "status": "open",
            "ui_mode": "hosted_page",
            "url": f"{world.base_url}/c/pay/{id}",
        }
    )


def _currency(given: Body) -> str | None:
    return check_currency(given["currency"]) if given.get("currency") else None


def _customer_creation(given: Body, mode: str) -> str | None:
    if given.get("customer"):
        return None
    return "always" if mode == checkout_modes.SUBSCRIPTION else "if_required"


def _collection(mode: str) -> str:
    return "if_required" if mode == checkout_modes.PAYMENT else "always"


# what the hosted page does


def pay(world: World, id: str, form: Body, *, authenticate: bool | None = None) -> Record:
    """The customer presses *Pay*.

    `form`: ``number, exp_month, exp_year, cvc`` and perhaps ``email, name, country, postal_code``.

    With `authenticate` unknown a card that wants 3D Secure leaves the intent in ``requires_action``. A
    declined card raises and leaves the session open.
    """
    record = world.store.edit(id)
    check_payable(record)
    details = {"email": record.body["customer_email"] or form.get("email"), "name": form.get("name")}
    taxes.locate(world, record, form)
    if not checkout_modes.wants_card(record):
        return complete(world, id, details)
    method = payment_methods.read(world, record.account, form, details)
    record.hidden["details"] = details
    customer = checkout_modes.customer_of(world, record, details)
    intent = checkout_modes.intent_of(world, record, customer)
    intent = checkout_modes.try_card(world, intent, method)
    if intent.body["status"] == "requires_action" and authenticate is not None:
        intent = checkout_modes.authenticate(world, intent.id, passed=authenticate)
    return record if intent.body["status"] == "requires_action" else complete(world, id, details)


def authenticate(world: World, id: str, *, passed: bool) -> Record:
    """The customer comes back from 3D Secure."""
    record = world.store.edit(id)
    check_payable(record)
    checkout_modes.authenticate(world, record.hidden["intent"], passed=passed)
    return complete(world, id, record.hidden["details"])


def check_payable(record: Record) -> None:
    if record.body["status"] == "complete":
        raise Refused("This Checkout Session has been paid.", code="checkout_session_complete")
    if record.body["status"] == "expired":
        raise Refused("This Checkout Session has expired.", code="checkout_session_expired")


def complete(world: World, id: str, details: Body) -> Record:
    """Paid, or nothing to pay: the session is done."""
    record = world.store.edit(id)
    record.body |= {
        "status": "complete",
        "payment_status": "paid" if record.body["amount_total"] else "no_payment_required",
        "url": None,
        "customer_details": _details(world, record, details),
    }
    agenda.cancel(world, "expire_session", id)
    checkout_modes.finish(world, record, details)
    events.emit(world, "checkout.session.completed", record.body, record.account)
    return record


def _details(world: World, record: Record, details: Body) -> Body:
    customer = world.store.find(record.body["customer"] or "")
    known = customer.body if customer else {}
    shown: dict[str, Any] = blank("business_name individual_name phone")
    return shown | {
        "address": record.hidden.get("address"),
        "email": details["email"] or known.get("email"),
        "name": details["name"] or known.get("name"),
        "tax_exempt": "none",
        "tax_ids": [],
    }


@agenda.job("expire_session")
def expire_by_clock(world: World, id: str) -> None:
    if world.store.edit(id).body["status"] == "open":
        _expire(world, id)


def _expire(world: World, id: str) -> Record:
    record = world.store.edit(id)
    record.body |= {"status": "expired", "url": None}
    agenda.cancel(world, "expire_session", id)
    checkout_modes.drop(world, record)
    events.emit(world, "checkout.session.expired", record.body, record.account)
    return record


def return_url(record: Record) -> str:
    """Where a paid customer is sent."""
    return str(record.body["success_url"]).replace("{CHECKOUT_SESSION_ID}", record.id)
