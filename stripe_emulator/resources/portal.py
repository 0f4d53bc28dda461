"""The billing portal: configurations, sessions, and what a customer may do on its page."""

from __future__ import annotations

from stripe_emulator import events, lists
from stripe_emulator.errors import Invalid, Missing, Refused
from stripe_emulator.resources import (
    billed_items,
    customers,
    invoicing,
    payment_methods,
    setup_intents,
    subscriptions,
)
from stripe_emulator.router import Call, route
from stripe_emulator.store import Body, Record, copy_of
from stripe_emulator.world import World, blank, merged_metadata

CONFIGURATION, SESSION = "billing_portal.configuration", "billing_portal.session"
GOOD_FOR = 3600
PLAIN = "business_profile default_return_url name metadata"
MANY = ("allowed_updates", "default_allowed_updates", "options", "prices", "products")
"""Lists in a configuration: they are replaced, never merged."""
USUAL: Body = {
    "customer_update": {"allowed_updates": [], "enabled": False},
    "invoice_history": {"enabled": False},
    "payment_method_update": {"enabled": False, "payment_method_configuration": None},
    "subscription_cancel": {
        "cancellation_reason": {"enabled": False, "feedback_options": None, "options": []},
        "enabled": False,
        "mode": "at_period_end",
        "proration_behavior": "none",
    },
    "subscription_pause": {"duration": {"interval_options": [], "type": "indefinite"}, "enabled": False},
    "subscription_update": {
        "billing_cycle_anchor": None,
        "default_allowed_updates": [],
        "enabled": False,
        "products": None,
        "proration_behavior": "none",
        "schedule_at_period_end": {"conditions": []},
        "trial_update_behavior": "end_trial",
    },
}


# configurations


@route("POST", "/v1/billing_portal/configurations")
def create_configuration(call: Call) -> Body:
    call.built(f"{PLAIN} features")
    record = _make(call.world, call.account, call.params)
    events.emit(call.world, f"{CONFIGURATION}.created", record.body, call.account)
    return record.body


@route("GET", "/v1/billing_portal/configurations")
def list_configurations(call: Call) -> Body:
    return lists.page(call, CONFIGURATION, "active is_default")


@route("GET", "/v1/billing_portal/configurations/{}")
def retrieve_configuration(call: Call) -> Body:
    return call.world.get(CONFIGURATION, call.id, call.account).body


@route("POST", "/v1/billing_portal/configurations/{}")
def update_configuration(call: Call) -> Body:
    call.built(f"{PLAIN} features active")
    record = call.world.store.edit(call.world.get(CONFIGURATION, call.id, call.account).id)
    if call.params.get("active") is False and record.body["is_default"]:
        raise Refused("The default configuration cannot be deactivated.", param="active")
    record.body["active"] = call.params.get("active", record.body["active"])
    _apply(call.world, record, call.params)
    record.body["updated"] = call.world.now()
    events.emit(call.world, f"{CONFIGURATION}.updated", record.body, call.account)
    return record.body


def _make(world: World, account: str, given: Body, *, is_default: bool = False) -> Record:
    body = blank("application default_return_url name") | {
        "id": world.new_id("bpc"),
        "object": CONFIGURATION,
        "active": True,
        "business_profile": blank("headline privacy_policy_url terms_of_service_url"),
        "created": world.now(),
        "features": copy_of(USUAL),
        "is_default": is_default,
        "livemode": False,
        "login_page": {"enabled": False, "url": None},
        "metadata": {},
        "updated": world.now(),
    }
    record = world.add(body, account)
    _apply(world, record, given)
    return record


def _apply(world: World, record: Record, given: Body) -> None:
    body = record.body
    body["business_profile"] |= given.get("business_profile", {})
    for name in ("default_return_url", "name"):
        if name in given:
            body[name] = given[name] or None
    body["metadata"] = merged_metadata(body["metadata"], given.get("metadata"))
    _merge(body["features"], given.get("features", {}))
    _check_products(world, record)


def _merge(features: Body, given: Body) -> None:
    for name, value in given.items():
        if isinstance(value, dict) and isinstance(features.get(name), dict):
            _merge(features[name], value)
        else:
            features[name] = value or ([] if name in MANY else value)


def _check_products(world: World, record: Record) -> None:
    """Customers switch between prices that exist; without any there is nothing to switch to."""
    feature = record.body["features"]["subscription_update"]
    for position, product in enumerate(feature["products"] or []):
        path = f"features[subscription_update][products][{position}]"
        world.get("product", product["product"], record.account, param=f"{path}[product]")
        for price in product["prices"]:
            world.get("price", price, record.account, param=f"{path}[prices]")
        product.setdefault("adjustable_quantity", {"enabled": False, "maximum": None, "minimum": 1})
    if feature["enabled"] and not feature["default_allowed_updates"]:
        raise Invalid(
            "Updating subscriptions needs default_allowed_updates.",
            param="features[subscription_update][default_allowed_updates]",
        )


def _default(world: World, account: str) -> Record:
    """As the dashboard saves it when nobody changes anything: all but switching prices is allowed."""
    for record in world.store.all(CONFIGURATION, account):
        if record.body["is_default"]:
            return record
    allowed = ("invoice_history", "payment_method_update", "subscription_cancel")
    features = {name: {"enabled": True} for name in allowed}
    return _make(world, account, {"features": features}, is_default=True)


# sessions


@route("POST", "/v1/billing_portal/sessions")
def create_session(call: Call) -> Body:
    call.built("customer configuration return_url locale")
    world, given = call.world, call.params
    customer = world.get(customers.KIND, given.get("customer", ""), call.account, param="customer")
    if "configuration" in given:
        chosen = world.get(CONFIGURATION, given["configuration"], call.account, param="configuration")
    else:
        chosen = _default(world, call.account)
    if not chosen.body["active"]:
        raise Refused("This configuration is not active.", param="configuration")
    token = world.token(32)
    body = blank("after_expiration customer_account flow on_behalf_of") | {
        "id": world.new_id("bps"),
        "object": SESSION,
        "configuration": chosen.id,
        "created": world.now(),
        "customer": customer.id,
        "livemode": False,
        "locale": given.get("locale"),
        "return_url": given.get("return_url") or chosen.body["default_return_url"],
        "url": f"{world.base_url}/p/session/{token}",
    }
    world.add(body, call.account, token=token, until=world.clock.timestamp() + GOOD_FOR)
    events.emit(world, f"{SESSION}.created", body, call.account)
    return body


def by_token(world: World, token: str) -> Record | None:
    """The session behind an address, while it is good."""
    for record in world.store.all(SESSION):
        if record.hidden["token"] == token:
            return record if world.clock.timestamp() < record.hidden["until"] else None
    return None


# what a customer does there


def feature(world: World, session: Record, name: str) -> Body:
    """What the session's configuration says about that."""
    found = world.store.get(CONFIGURATION, session.body["configuration"])
    assert found is not None
    settings: Body = found.body["features"][name]
    return settings


def subscriptions_of(world: World, session: Record) -> list[Record]:
    """What the customer is subscribed to, the newest first."""
    return [
        record
        for record in world.store.all(subscriptions.KIND, session.account)
        if record.body["customer"] == session.body["customer"]
        and record.body["status"] not in subscriptions.ENDED
    ]


def invoices_of(world: World, session: Record) -> list[Body]:
    return [
        record.body
        for record in world.store.all(invoicing.KIND, session.account)
        if record.body["customer"] == session.body["customer"] and record.body["status"] != "draft"
    ]


def prices_for(world: World, session: Record, subscription: Record) -> list[Body]:
    """The prices a subscription may be switched to."""
    settings = feature(world, session, "subscription_update")
    if not settings["enabled"] or "price" not in settings["default_allowed_updates"]:
        return []
    current = {item["price"]["id"] for item in billed_items.items_of(subscription)}
    offered = [price for product in settings["products"] or [] for price in product["prices"]]
    found = [world.store.get("price", price) for price in offered if price not in current]
    return [record.body for record in found if record is not None and record.body["active"]]


def cancel(world: World, session: Record, id: str) -> Record:
    """At the end of what is paid for, or at once: as configured."""
    settings = _allowed(world, session, "subscription_cancel")
    record = _own(world, session, id)
    if settings["mode"] == "at_period_end":
        return subscriptions.cancel_at_period_end(world, record.id)
    behavior = settings["proration_behavior"]
    return subscriptions.cancel(
        world, record.id, prorate=behavior != "none", invoice_now=behavior == "always_invoice"
    )


def keep(world: World, session: Record, id: str) -> Record:
    """Not ending it after all."""
    _allowed(world, session, "subscription_cancel")
    record = _own(world, session, id)
    if not record.body["cancel_at_period_end"]:
        raise Refused("This subscription does not end by itself.")
    return subscriptions.keep(world, record.id)


def switch(world: World, session: Record, id: str, price: str) -> Record:
    settings = _allowed(world, session, "subscription_update")
    record = _own(world, session, id)
    if price not in {offered["id"] for offered in prices_for(world, session, record)}:
        raise Missing("price", price, "price")
    behavior = settings["proration_behavior"]
    return subscriptions.change_price(world, record.id, price, proration_behavior=behavior)


def change_card(world: World, session: Record, form: Body) -> Record:
    """What is due from now on is paid with this card; who enters it passes 3D Secure."""
    _allowed(world, session, "payment_method_update")
    customer = world.store.edit(session.body["customer"])
    method = payment_methods.read(world, session.account, form, {"email": customer.body["email"]})
    intent = setup_intents.make(world, session.account, {"customer": customer.id})
    setup_intents.save(world, intent.id, method, authenticated=True)
    before = copy_of(customer.body)
    customer.body["invoice_settings"]["default_payment_method"] = method.id
    changes = events.changes(before, customer.body)
    events.emit(world, "customer.updated", customer.body, session.account, changes)
    for record in subscriptions_of(world, session):
        if record.body["default_payment_method"]:
            subscriptions.update(world, record.id, {"default_payment_method": method.id})
    return customer


def _allowed(world: World, session: Record, name: str) -> Body:
    settings = feature(world, session, name)
    if not settings["enabled"]:
        raise Refused(f"The portal is not configured for {name}.")
    return settings


def _own(world: World, session: Record, id: str) -> Record:
    for record in subscriptions_of(world, session):
        if record.id == id:
            return record
    raise Missing("subscription", id, "subscription")
