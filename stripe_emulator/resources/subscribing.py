"""The beginning of a subscription: its terms, its first period and its first payment."""

from __future__ import annotations

from collections.abc import Sequence

from stripe_emulator import agenda, events, lists
from stripe_emulator.errors import Invalid, Unbuilt, missing_param
from stripe_emulator.periods import DAY
from stripe_emulator.resources import (
    billed_items,
    customers,
    discounts,
    invoice_items,
    invoicing,
    payment_methods,
)
from stripe_emulator.resources import subscription_bills as bills
from stripe_emulator.resources.billed_items import items_of, period_of, set_period, worth
from stripe_emulator.resources.subscription_bills import KIND
from stripe_emulator.store import Body, Record
from stripe_emulator.world import World, blank, merged_metadata

INCOMPLETE_FOR = 23 * 3600
LONGEST_TRIAL = 730 * DAY
NOTHING = (
    "application application_fee_percent billing_cycle_anchor_config billing_thresholds cancel_at "
    "canceled_at customer_account days_until_due default_payment_method default_source description ended_at "
    "latest_invoice next_pending_invoice_item_invoice on_behalf_of pause_collection "
    "pending_invoice_item_interval pending_setup_intent pending_update schedule transfer_data trial_end "
    "trial_start"
)
ONCE = {"discountable", "metadata", "price", "price_data", "quantity"}
PAYMENT_SETTINGS = {"payment_method_types", "save_default_payment_method"}


def start(
    world: World,
    account: str,
    given: Body,
    *,
    paid_by: Record | None = None,
    promised: Sequence[Body] = (),
) -> Record:
    """A new subscription with its first invoice.

    `paid_by`: an intent of checkout that has taken the money for it; `promised`: the discounts shown there.
    Otherwise the customer's card is charged as ``payment_behavior`` says; a declined one leaves the
    subscription incomplete.
    """
    if not given.get("customer"):
        raise missing_param("customer")
    if not given.get("items"):
        raise missing_param("items")
    customer = world.get(customers.KIND, given["customer"], account, param="customer")
    record = world.add(_body(world, account, given, customer), account)
    _fill(world, record, given, promised)
    events.emit(world, "customer.subscription.created", record.body, account)
    set_end(world, record, given)
    bills.schedule(world, record)
    now = world.now()
    invoice = bills.bill(
        world, record, invoicing.FIRST, period={"start": now, "end": now}, only_own=paid_by is not None
    )
    if record.body["collection_method"] == "charge_automatically":
        invoicing.finalize(world, invoice.id, paid_by=paid_by)
        _charge_first(world, record, invoice, given)
    return record


def _fill(world: World, record: Record, given: Body, promised: Sequence[Body]) -> None:
    """Its items with their period, its discounts, and what is paid for once."""
    body, account = record.body, record.account
    for position, entry in enumerate(given["items"]):
        billed_items.add(world, record, entry, f"items[{position}]")
    set_period(world, record, world.now(), body["trial_end"])
    customers.use_currency(world, body["customer"], body["currency"])
    whole, wanted = worth(items_of(record)), given.get("discounts") or []
    body["discounts"] = discounts.attach(world, body, account, wanted, whole)
    body["discounts"] += [discounts.begin(world, body, account, chosen) for chosen in promised]
    once = given.get("add_invoice_items", [])
    for entry in once:
        about = {"customer": body["customer"], "subscription": record.id}
        invoice_items.add(world, account, _once(entry) | about)
    nothing_due = not whole and not once
    if body["status"] == "incomplete" and (nothing_due or body["collection_method"] == "send_invoice"):
        body["status"] = "active"


def _once(entry: Body) -> Body:
    """A one-time item in the words of invoice items."""
    unknown = set(entry) - ONCE
    if unknown:
        raise Unbuilt(f"add_invoice_items[0][{min(unknown)}] of subscriptions")
    priced = {"pricing": {"price": entry["price"]}} if "price" in entry else {}
    return {name: value for name, value in entry.items() if name != "price"} | priced


def _body(world: World, account: str, given: Body, customer: Record) -> Body:
    check_terms(world, account, given, customer.id)
    trial_end = _trial_end(given, world.now())
    mode: Body = {"type": "flexible", "flexible": {"proration_discounts": "included"}}
    if given.get("billing_mode", {}).get("type") == "classic":
        mode = {"type": "classic", "flexible": None}
    return blank(NOTHING) | {
        "id": world.new_id("sub"),
        "object": KIND,
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
        "billing_cycle_anchor": trial_end or world.now(),
        "billing_mode": mode,
        "billing_schedules": [],
        "cancel_at_period_end": False,
        "cancellation_details": blank("comment feedback reason"),
        "collection_method": given.get("collection_method", "charge_automatically"),
        "created": world.now(),
        "currency": given.get("currency", ""),
        "customer": customer.id,
        "days_until_due": given.get("days_until_due"),
        "default_payment_method": given.get("default_payment_method"),
        "default_tax_rates": [],
        "description": given.get("description"),
        "discounts": [],
        "invoice_settings": blank("account_tax_ids custom_fields description footer")
        | {"issuer": {"type": "self"}},
        "items": lists.listing([], ""),
        "livemode": False,
        "metadata": merged_metadata({}, given.get("metadata")),
        "payment_settings": blank("payment_method_options payment_method_types")
        | {"save_default_payment_method": "off"}
        | given.get("payment_settings", {}),
        "start_date": world.now(),
        "status": "trialing" if trial_end else "incomplete",
        "test_clock": customer.body["test_clock"],
        "trial_end": trial_end,
        "trial_settings": given.get("trial_settings")
        or {"end_behavior": {"missing_payment_method": "create_invoice"}},
        "trial_start": world.now() if trial_end else None,
    }


def check_terms(world: World, account: str, given: Body, customer: str) -> None:
    if given.get("payment_behavior") == "pending_if_incomplete":
        raise Unbuilt("payment_behavior pending_if_incomplete of subscriptions")
    unknown = set(given.get("payment_settings", {})) - PAYMENT_SETTINGS
    if unknown:
        raise Unbuilt(f"payment_settings[{min(unknown)}] of subscriptions")
    if given.get("collection_method") == "send_invoice" and not given.get("days_until_due"):
        raise Invalid(
            "You must pass `days_until_due` when `collection_method` is `send_invoice`.",
            param="days_until_due",
        )
    if given.get("default_payment_method"):
        payment_methods.owned(world, account, given["default_payment_method"], customer)


def _trial_end(given: Body, now: int) -> int | None:
    days, end = given.get("trial_period_days"), given.get("trial_end")
    if days is not None and end is not None:
        raise Invalid("You may only specify one of these: trial_end, trial_period_days.", param="trial_end")
    if days is not None:
        end = now + days * DAY
    if end is None or end == "now":
        return None
    if end <= now or end > now + LONGEST_TRIAL:
        raise Invalid("A trial ends in the future, within two years.", param="trial_end")
    return int(end)


def _charge_first(world: World, record: Record, invoice: Record, given: Body) -> None:
    """The first payment decides between active and incomplete; nobody tries it again."""
    if invoice.body["status"] == "paid":
        return
    behavior = given.get("payment_behavior", "allow_incomplete")
    agenda.plan(world, "expire_subscription", record.id, world.now() + INCOMPLETE_FOR)
    if behavior != "default_incomplete":
        bills.take_payment(world, invoice, behavior, off_session=given.get("off_session", False))


def set_end(world: World, record: Record, given: Body) -> None:
    """Set or take back the end: at the end of the period, or at an instant."""
    body = record.body
    if "cancel_at" in given and given.get("cancel_at_period_end"):
        raise Invalid(
            "You may only specify one of these: cancel_at, cancel_at_period_end.", param="cancel_at"
        )
    if isinstance(given.get("cancel_at"), str) and given["cancel_at"]:
        raise Unbuilt(f"cancel_at {given['cancel_at']} of subscriptions")
    if given.get("cancel_at") and given["cancel_at"] <= world.now():
        raise Invalid("A subscription can only be canceled in the future.", param="cancel_at")
    if given.get("cancel_at_period_end") or given.get("cancel_at"):
        body |= {
            "cancel_at": given.get("cancel_at") or period_of(record)["end"],
            "cancel_at_period_end": bool(given.get("cancel_at_period_end")),
            "canceled_at": world.now(),
        }
        body["cancellation_details"]["reason"] = "cancellation_requested"
    elif given.get("cancel_at_period_end") is False or given.get("cancel_at") == "":
        body |= {"cancel_at": None, "cancel_at_period_end": False, "canceled_at": None}
        body["cancellation_details"]["reason"] = None
