"""Subscriptions: their endpoints, and the verbs that begin, change and end them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from stripe_emulator import agenda, events, lists
from stripe_emulator.errors import CardDeclined, Invalid, Refused, Unbuilt, missing_param
from stripe_emulator.periods import DAY
from stripe_emulator.resources import (
    billed_items,
    customers,
    discounts,
    invoice_items,
    invoice_lines,
    invoicing,
    payment_methods,
    products,
    prorations,
)
from stripe_emulator.resources.billed_items import frozen, items_of, period_of, set_period, worth
from stripe_emulator.router import Call, route
from stripe_emulator.store import Body, Record, copy_of
from stripe_emulator.world import World, blank, merged_metadata

KIND = "subscription"
ENDED = ("canceled", "incomplete_expired")
INCOMPLETE_FOR = 23 * 3600
UPCOMING_BEFORE, TRIAL_WARNING = 7 * DAY, 3 * DAY
LONGEST_TRIAL = 730 * DAY
NOTHING = (
    "application application_fee_percent billing_cycle_anchor_config billing_thresholds cancel_at "
    "canceled_at customer_account days_until_due default_payment_method default_source description ended_at "
    "latest_invoice next_pending_invoice_item_invoice on_behalf_of pause_collection "
    "pending_invoice_item_interval pending_setup_intent pending_update schedule transfer_data trial_end "
    "trial_start"
)
TERMS = (
    "cancel_at cancel_at_period_end collection_method days_until_due default_payment_method description "
    "discounts items metadata off_session payment_behavior payment_settings proration_behavior trial_end "
    "trial_settings"
)
CREATE = f"{TERMS} add_invoice_items billing_mode currency customer trial_period_days"
UPDATE = f"{TERMS} billing_cycle_anchor cancellation_details pause_collection proration_date"
PLAIN = ("collection_method", "days_until_due", "default_payment_method", "description")
PAYMENT_SETTINGS = {"payment_method_types", "save_default_payment_method"}
JOBS = (
    "renew_subscription",
    "end_subscription",
    "expire_subscription",
    "announce_renewal",
    "warn_of_trial_end",
    "resume_collection",
)


@route("POST", "/v1/subscriptions")
def create(call: Call) -> Body:
    call.built(CREATE)
    return start(call.world, call.account, call.params).body


@route("GET", "/v1/subscriptions")
def index(call: Call) -> Body:
    status, price = call.params.get("status"), call.params.get("price")

    def keep(record: Record) -> bool:
        shown = record.body["status"]
        priced = price is None or any(item["price"]["id"] == price for item in items_of(record))
        if status == "all":
            return priced
        wanted = {None: shown != "canceled", "ended": shown in ENDED}
        return priced and wanted.get(status, shown == status)

    return lists.page(call, KIND, "collection_method customer test_clock", also="price status", keep=keep)


@route("GET", "/v1/subscriptions/{}")
def retrieve(call: Call) -> Body:
    return call.world.get(KIND, call.id, call.account).body


@route("POST", "/v1/subscriptions/{}")
def change(call: Call) -> Body:
    call.built(UPDATE)
    return update(call.world, call.world.get(KIND, call.id, call.account).id, call.params).body


@route("DELETE", "/v1/subscriptions/{}")
def delete(call: Call) -> Body:
    call.built("cancellation_details invoice_now prorate")
    given = call.params
    return cancel(
        call.world,
        call.world.get(KIND, call.id, call.account).id,
        prorate=given.get("prorate", False),
        invoice_now=given.get("invoice_now", False),
        details=given.get("cancellation_details"),
    ).body


@route("POST", "/v1/subscriptions/{}/resume")
def go_on(call: Call) -> Body:
    call.built("billing_cycle_anchor payment_behavior proration_behavior")
    if call.params.get("billing_cycle_anchor", {}).get("type", "now") != "now":
        raise Unbuilt("resuming a subscription with its old billing cycle")
    if call.params.get("payment_behavior", "resume_on_payment_attempt") != "resume_on_payment_attempt":
        raise Unbuilt("resuming a subscription on payment_success")
    return resume(call.world, call.world.get(KIND, call.id, call.account).id).body


@route("DELETE", "/v1/subscriptions/{}/discount")
def delete_discount(call: Call) -> Body:
    record = call.world.get(KIND, call.id, call.account)
    if not record.body["discounts"]:
        raise Refused("This subscription has no discount.", code="resource_missing")
    with changing(call.world, record.id) as changed:
        id = changed.body["discounts"].pop()
    found = call.world.store.find(id)
    assert found is not None
    return found.body | {"deleted": True}


# beginning


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
    for position, entry in enumerate(given["items"]):
        billed_items.add(world, record, entry, f"items[{position}]")
    _begin_period(world, record)
    customers.use_currency(world, customer.id, record.body["currency"])
    whole, wanted = worth(items_of(record)), given.get("discounts") or []
    record.body["discounts"] = discounts.attach(world, record.body, account, wanted, whole) + [
        discounts.begin(world, record.body, account, chosen) for chosen in promised
    ]
    once = [
        invoice_items.add(world, account, {**entry, "customer": customer.id, "subscription": record.id})
        for entry in _once(given)
    ]
    first = record.body["status"] == "incomplete" and whole == 0 and not once
    if first or record.body["collection_method"] == "send_invoice":
        record.body["status"] = record.body["status"].replace("incomplete", "active")
    events.emit(world, "customer.subscription.created", record.body, account)
    _end_when_asked(world, record, given)
    schedule(world, record)
    now = world.now()
    invoice = bill(
        world, record, invoicing.FIRST, period={"start": now, "end": now}, only_own=paid_by is not None
    )
    if record.body["collection_method"] == "charge_automatically":
        invoicing.finalize(world, invoice.id, paid_by=paid_by)
        _charge_first(world, record, invoice, given)
    return record


def _once(given: Body) -> list[Body]:
    """One-time items, in the words of invoice items."""
    return [
        {
            "pricing" if name == "price" else name: {"price": value} if name == "price" else value
            for name, value in entry.items()
        }
        for entry in given.get("add_invoice_items", [])
    ]


def _body(world: World, account: str, given: Body, customer: Record) -> Body:
    _check_terms(world, account, given, customer.id)
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


def _check_terms(world: World, account: str, given: Body, customer: str) -> None:
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
        take_payment(world, invoice, behavior, off_session=given.get("off_session", False))


def take_payment(world: World, invoice: Record, behavior: str, *, off_session: bool = False) -> None:
    """Charge an invoice at once; only ``error_if_incomplete`` makes a failure the request's failure."""
    try:
        invoicing.collect(world, invoice.id, automatic=True, off_session=off_session)
    except CardDeclined as error:
        if behavior == "error_if_incomplete":
            error.keep = False
            raise
    if behavior == "error_if_incomplete" and invoice.body["status"] != "paid":
        raise CardDeclined(
            "The payment needs its customer to act.", code="subscription_payment_intent_requires_action"
        )


def keep_card(world: World, record: Record, method: Record) -> None:
    """The card that its invoices are charged to from now on."""
    payment_methods.keep_for(world, method, record.body["customer"])
    record.body["default_payment_method"] = method.id


# periods


def _begin_period(world: World, record: Record) -> None:
    """The period from now to the end of the trial, or to the next step from the anchor."""
    end = record.body["trial_end"] if record.body["status"] == "trialing" else None
    set_period(world, record, world.now(), end)


def schedule(world: World, record: Record) -> None:
    """Plan what will happen by itself."""
    for name in JOBS[:2] + JOBS[3:5]:
        agenda.cancel(world, name, record.id)
    body = record.body
    if body["status"] in (*ENDED, "paused"):
        return
    end = period_of(record)["end"]
    agenda.plan(world, "renew_subscription", record.id, end)
    if body["cancel_at"]:
        agenda.plan(world, "end_subscription", record.id, body["cancel_at"])
    if body["status"] == "trialing":
        warned = max(world.now(), body["trial_end"] - TRIAL_WARNING)
        agenda.plan(world, "warn_of_trial_end", record.id, warned)
    if end - UPCOMING_BEFORE > world.now():
        agenda.plan(world, "announce_renewal", record.id, end - UPCOMING_BEFORE)


def bill(
    world: World,
    record: Record,
    reason: str,
    *,
    period: Body,
    whole_periods: bool = True,
    only_own: bool = False,
    proration_date: int | None = None,
) -> Record:
    """An invoice of a subscription: a line for the period of each item, and whatever else waits for one."""
    body = record.body
    customer = world.store.find(body["customer"])
    assert customer is not None
    items = invoice_items.pending(world, record.account, customer.id, body["currency"], record.id)
    if only_own:
        own = {item.id for item in invoice_items.of_subscription(world, record.account, record.id)}
        items = [item for item in items if item.id in own]
    free = body["status"] == "trialing"
    lines = [
        invoice_lines.of_subscription_item(world, item, free=free)
        for item in items_of(record)
        if whole_periods
    ]
    given = {
        "auto_advance": body["status"] != "unpaid" and body["pause_collection"] is None,
        "collection_method": body["collection_method"],
        "days_until_due": body["days_until_due"],
        "discounts": discounts.live(world, body["discounts"]),
        "metadata": {},
    }
    if proration_date is not None:
        given["proration_date"] = proration_date
    invoice = invoicing.make(
        world,
        record.account,
        customer.body,
        lines + invoice_items.lines_of(world, items),
        reason=reason,
        currency=body["currency"],
        period=period,
        given=given,
        subscription=body,
    )
    invoice_items.take_along(invoice, items)
    body["latest_invoice"] = invoice.id
    used = [taken["discount"] for taken in invoice.body["total_discount_amounts"] if taken["amount"]]
    left = discounts.use(world, used)
    body["discounts"] = [id for id in body["discounts"] if id not in used or id in left]
    prorations.note_billed(world, invoice)
    return invoice


def bill_now(
    world: World, record: Record, given: Body, *, whole_periods: bool, only_own: bool = False
) -> Record:
    """An invoice for a change, finalized and charged at once (a sent one goes its usual way)."""
    invoice = bill(
        world,
        record,
        "subscription_update",
        period=period_of(record),
        whole_periods=whole_periods,
        only_own=only_own,
        proration_date=given.get("proration_date", world.now()),
    )
    if not invoice.body["auto_advance"] or record.body["collection_method"] == "send_invoice":
        return invoice
    invoicing.finalize(world, invoice.id)
    behavior = given.get("payment_behavior", "allow_incomplete")
    if invoice.body["status"] == "open" and behavior != "default_incomplete":
        take_payment(world, invoice, behavior, off_session=given.get("off_session", True))
    return invoice


# changing


@contextmanager
def changing(world: World, id: str, event: str = "updated") -> Iterator[Record]:
    """A subscription to be changed; afterwards everybody is told what was different before."""
    record = world.store.edit(id)
    before = copy_of(record.body)
    yield record
    previous = events.changes(before, record.body)
    if previous:
        events.emit(world, f"customer.subscription.{event}", record.body, record.account, previous)


def update(world: World, id: str, given: Body) -> Record:
    """Whatever the endpoint takes, in Stripe's words. A change of items is prorated."""
    record = world.store.edit(id)
    if record.body["status"] in ENDED and set(given) - {"metadata", "cancellation_details"}:
        raise Refused("A canceled subscription can only update its cancellation_details and metadata.")
    if record.body["status"] == "incomplete" and set(given) - {"metadata", "default_payment_method"}:
        raise Refused("An incomplete subscription can only update its metadata and payment method.")
    _check_terms(world, record.account, _with_terms(record, given), record.body["customer"])
    with changing(world, id):
        _set_plain(world, record, given)
        _end_when_asked(world, record, given)
        needs_bill = _change_trial(world, record, given)
        needs_bill = _change_items(world, record, given) or needs_bill
    schedule(world, record)
    if needs_bill:
        bill_now(world, record, given, whole_periods=needs_bill == "whole", only_own=needs_bill == "part")
    return record


def _with_terms(record: Record, given: Body) -> Body:
    """How it would be collected."""
    kept = {name: record.body[name] for name in ("days_until_due",)}
    return kept | given


def _set_plain(world: World, record: Record, given: Body) -> None:
    body = record.body
    body |= {name: given[name] or None for name in PLAIN if name in given}
    body["metadata"] = merged_metadata(body["metadata"], given.get("metadata"))
    body["payment_settings"] = body["payment_settings"] | given.get("payment_settings", {})
    body["trial_settings"] = given.get("trial_settings", body["trial_settings"])
    _set_details(body, given.get("cancellation_details"))
    if "discounts" in given:
        wanted, whole = given["discounts"] or [], worth(items_of(record))
        body["discounts"] = discounts.attach(world, body, record.account, wanted, whole)
    if "pause_collection" in given:
        _pause_collection(world, record, given["pause_collection"] or None)


def _set_details(body: Body, given: Body | None) -> None:
    if not given:
        return
    if "feedback_option" in given:
        raise Unbuilt("cancellation_details[feedback_option] of subscriptions")
    body["cancellation_details"] |= {name: value or None for name, value in given.items()}


def _pause_collection(world: World, record: Record, wanted: Body | None) -> None:
    """Invoices are still made, but nobody is asked to pay them."""
    agenda.cancel(world, "resume_collection", record.id)
    record.body["pause_collection"] = {"resumes_at": None} | wanted if wanted else None
    if wanted and wanted.get("resumes_at"):
        agenda.plan(world, "resume_collection", record.id, wanted["resumes_at"])


@agenda.job("resume_collection", on_test_clocks=True)
def resume_collection(world: World, id: str) -> None:
    with changing(world, id) as record:
        record.body["pause_collection"] = None


def _end_when_asked(world: World, record: Record, given: Body) -> None:
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


def _change_trial(world: World, record: Record, given: Body) -> str:
    """A trial ends now, or goes on until another day; whether that is billed at once."""
    wanted, body = given.get("trial_end"), record.body
    if wanted is None or (wanted == "now" and body["status"] != "trialing"):
        return ""
    if wanted == "now":
        body |= {"billing_cycle_anchor": world.now(), "status": "active", "trial_end": world.now()}
        set_period(world, record, world.now())
        return "whole"
    if wanted <= world.now():
        raise Invalid("A trial ends in the future.", param="trial_end")
    if body["status"] != "trialing":
        prorations.credit(world, record, frozen(world, record), given)
        body["trial_start"] = world.now()
    begin = period_of(record)["start"] if body["status"] == "trialing" else world.now()
    body |= {"billing_cycle_anchor": wanted, "status": "trialing", "trial_end": wanted}
    set_period(world, record, begin, wanted)
    return ""


def _change_items(world: World, record: Record, given: Body) -> str:
    """Other prices, quantities, items; what is billed at once: ``whole`` periods, a ``part``, nothing."""
    anew = given.get("billing_cycle_anchor", {}).get("type") == "now"
    if "items" not in given and not anew:
        return ""
    old = frozen(world, record)
    for position, entry in enumerate(given.get("items", [])):
        billed_items.put(world, record, entry, f"items[{position}]")
    if not items_of(record):
        raise Refused("A subscription must have at least one item.", param="items")
    if record.body["status"] == "trialing":
        return ""
    if anew or _starts_anew(old, items_of(record)):
        prorations.credit(world, record, old, given)
        record.body["billing_cycle_anchor"] = world.now()
        set_period(world, record, world.now())
        return "whole"
    prorations.adjust(world, record, old, given)
    return "part" if given.get("proration_behavior") == "always_invoice" else ""


def _starts_anew(old: list[Body], new: list[Body]) -> bool:
    """Another interval, or paid instead of free, begins a new period."""

    def interval(items: list[Body]) -> tuple[Any, ...]:
        recurring = items[0]["price"]["recurring"]
        return recurring["interval"], recurring["interval_count"]

    return interval(old) != interval(new) or worth(old) == 0 < worth(new)


def change_price(world: World, id: str, price: str, **more: Any) -> Record:
    """Another price for the only item."""
    item = items_of(world.store.edit(id))[0]
    return update(world, id, {"items": [{"id": item["id"], "price": price}], **more})


def cancel_at_period_end(world: World, id: str, details: Body | None = None) -> Record:
    return update(world, id, {"cancel_at_period_end": True, "cancellation_details": details or {}})


def keep(world: World, id: str) -> Record:
    """Take back that it ends."""
    return update(world, id, {"cancel_at_period_end": False})


# ending


def cancel(
    world: World,
    id: str,
    *,
    prorate: bool = False,
    invoice_now: bool = False,
    details: Body | None = None,
    reason: str = "cancellation_requested",
) -> Record:
    """At once. What was paid for and not used is given back only when asked to `prorate`."""
    record = world.store.edit(id)
    if record.body["status"] in ENDED:
        raise Refused(f"No such subscription: {id}", code="resource_missing", param="id")
    incomplete = record.body["status"] == "incomplete"
    if prorate:
        prorations.credit(world, record, frozen(world, record), {})
    elif not invoice_now:
        for item in invoice_items.of_subscription(world, record.account, id):
            invoice_items.remove(world, item)
    _set_details(record.body, details)
    record.body["cancellation_details"]["reason"] = reason
    end(world, record)
    for invoice in list(world.store.all(invoicing.KIND, record.account)):
        if invoicing.subscription_of(invoice.body) == id and invoice.body["status"] in ("draft", "open"):
            invoicing.stop_collecting(world, invoice.id)
    if incomplete:
        invoicing.void(world, record.body["latest_invoice"])
    if invoice_now and invoice_items.of_subscription(world, record.account, id):
        bill_now(world, record, {}, whole_periods=False, only_own=True)
    return record


def end(world: World, record: Record) -> None:
    """Over and done with."""
    body = record.body
    body |= {"canceled_at": body["canceled_at"] or world.now(), "ended_at": world.now(), "status": "canceled"}
    forget_plans(world, record)
    events.emit(world, "customer.subscription.deleted", body, record.account)


def forget_plans(world: World, record: Record) -> None:
    for name in JOBS:
        agenda.cancel(world, name, record.id)


def resume(world: World, id: str) -> Record:
    """A paused one begins a new period, paid at once."""
    record = world.store.edit(id)
    if record.body["status"] != "paused":
        raise Refused(
            f"Only subscriptions that are paused can be resumed; this one is {record.body['status']}."
        )
    with changing(world, id):
        record.body |= {"billing_cycle_anchor": world.now(), "status": "active"}
        record.body.pop("status_details", None)
        set_period(world, record, world.now())
    events.emit(world, "customer.subscription.resumed", record.body, record.account)
    schedule(world, record)
    bill_now(world, record, {}, whole_periods=True)
    return record


def leave(world: World, customer: str) -> None:
    """Who is deleted has no subscriptions any more."""
    for record in list(world.store.all(KIND)):
        if record.body["customer"] == customer and record.body["status"] not in ENDED:
            cancel(world, record.id)


customers.LEAVING.append(leave)


def reprice(world: World, price: Record) -> None:
    """A price has changed: what shows it whole shows it anew."""
    for record in list(world.store.all(KIND, price.account)):
        if any(item["price"]["id"] == price.id for item in items_of(record)):
            billed_items.reprice(world, world.store.edit(record.id), price)


products.SHOWN_IN.append(reprice)
