"""Invoice items: what will be on a customer's next invoice, or is on a draft."""

from __future__ import annotations

from stripe_emulator import events, lists
from stripe_emulator.errors import Invalid, Refused, missing_param
from stripe_emulator.money import check_amount, check_currency
from stripe_emulator.resources import customers, invoice_lines, invoicing, products
from stripe_emulator.router import Call, route
from stripe_emulator.store import Body, Record
from stripe_emulator.world import World, blank, merged_metadata

KIND = "invoiceitem"
CREATE = (
    "amount currency customer description discountable invoice metadata period price_data pricing quantity "
    "subscription"
)


@route("POST", "/v1/invoiceitems")
def create(call: Call) -> Body:
    call.built(CREATE)
    return add(call.world, call.account, call.params).body


@route("GET", "/v1/invoiceitems")
def index(call: Call) -> Body:
    wanted = call.params.get("pending")

    def keep(record: Record) -> bool:
        return wanted is None or wanted is (record.body["invoice"] is None)

    return lists.page(call, KIND, "customer invoice", also="pending", keep=keep)


@route("GET", "/v1/invoiceitems/{}")
def retrieve(call: Call) -> Body:
    return call.world.get(KIND, call.id, call.account).body


@route("POST", "/v1/invoiceitems/{}")
def update(call: Call) -> Body:
    call.built("amount description discountable metadata period quantity")
    world, given = call.world, call.params
    record = _changeable(call)
    record.body |= {name: value for name, value in given.items() if name not in ("metadata", "amount")}
    record.body["metadata"] = merged_metadata(record.body["metadata"], given.get("metadata"))
    if "amount" in given:
        check_amount(given["amount"], record.body["currency"])
        record.body |= {
            "amount": given["amount"],
            "net_amount": given["amount"],
            "quantity": 1,
            "pricing": None,
        }
    elif "quantity" in given and record.body["pricing"]:
        unit = int(record.body["pricing"]["unit_amount_decimal"])
        record.body |= {"amount": unit * given["quantity"], "net_amount": unit * given["quantity"]}
    record.body["quantity_decimal"] = str(record.body["quantity"])
    _put_on_draft(world, record)
    return record.body


@route("DELETE", "/v1/invoiceitems/{}")
def delete(call: Call) -> Body:
    record = _changeable(call)
    remove(call.world, record)
    return {"id": record.id, "object": KIND, "deleted": True}


def _changeable(call: Call) -> Record:
    record = call.world.get(KIND, call.id, call.account)
    invoice = call.world.store.find(record.body["invoice"] or "")
    if invoice is not None and invoice.body["status"] != "draft":
        raise Refused("This invoice item is on a finalized invoice and can no longer be changed.")
    return call.world.store.edit(record.id)


def remove(world: World, record: Record) -> None:
    world.store.remove(record.id)
    if record.body["invoice"]:
        _take_off(world.store.edit(record.body["invoice"]), record.id)
        invoice_lines.reckon(world, world.store.edit(record.body["invoice"]))
    events.emit(world, "invoiceitem.deleted", record.body, record.account)


def add(world: World, account: str, given: Body) -> Record:
    """A new item: an amount, or a price and how many of it."""
    invoice = _draft(world, account, given["invoice"]) if given.get("invoice") else None
    owner = given.get("customer") or (invoice and invoice.body["customer"])
    if not owner:
        raise missing_param("customer")
    world.get(customers.KIND, owner, account, param="customer")
    if given.get("subscription"):
        world.get("subscription", given["subscription"], account, param="subscription")
    quantity = given.get("quantity", 1)
    priced = _priced(world, account, given)
    currency = check_currency(priced["currency"])
    check_amount(priced["amount"] * quantity, currency)
    if invoice is not None and invoice.body["currency"] != currency:
        raise Invalid(f"The invoice is in {invoice.body['currency']}.", param="currency")
    customers.use_currency(world, owner, currency)
    record = make(
        world,
        account,
        owner,
        priced["amount"] * quantity,
        currency=currency,
        description=given.get("description") or priced["description"],
        quantity=quantity,
        pricing=priced["pricing"],
        period=given.get("period"),
        discountable=given.get("discountable", True),
        metadata=given.get("metadata"),
        subscription=given.get("subscription"),
    )
    if invoice is not None:
        record.body["invoice"] = invoice.id
        _put_on_draft(world, record)
    return record


def _draft(world: World, account: str, id: str) -> Record:
    record = world.get(invoicing.KIND, id, account, param="invoice")
    if record.body["status"] != "draft":
        raise Refused("Items can be added to a draft only.", code="invoice_not_editable", param="invoice")
    return record


def _priced(world: World, account: str, given: Body) -> Body:
    """``{"amount", "currency", "description", "pricing"}`` of one."""
    if "amount" in given:
        if "currency" not in given:
            raise missing_param("currency")
        return {
            "amount": given["amount"],
            "currency": given["currency"],
            "description": None,
            "pricing": None,
        }
    named = {"price": given["pricing"]["price"]} if given.get("pricing", {}).get("price") else given
    price = products.find_price(world, account, named, "pricing").body
    if price["recurring"]:
        raise Invalid("The price specified is set to recurring but this field takes one_time prices.")
    return {
        "amount": price["unit_amount"],
        "currency": price["currency"],
        "description": products.name_of(world, price),
        "pricing": invoice_lines.pricing(price),
    }


def make(
    world: World,
    account: str,
    customer: str,
    amount: int,
    *,
    currency: str,
    description: str | None,
    quantity: int = 1,
    pricing: Body | None = None,
    period: Body | None = None,
    discountable: bool = True,
    metadata: Body | None = None,
    subscription: str | None = None,
    prorates: str | None = None,
) -> Record:
    """A pending item. `prorates`: the subscription item whose change it makes up for."""
    about = {"subscription": subscription, "subscription_item": prorates}
    owner = world.store.find(customer)
    assert owner is not None
    body = blank("customer_account frozen_fields invoice invoicing_rules proration_details") | {
        "id": world.new_id("ii"),
        "object": KIND,
        "amount": amount,
        "currency": currency,
        "customer": customer,
        "date": world.now(),
        "description": description,
        "discountable": discountable,
        "discounts": [],
        "livemode": False,
        "metadata": merged_metadata({}, metadata),
        "net_amount": amount,
        "parent": {"type": "subscription_details", "subscription_details": about} if subscription else None,
        "period": period or {"start": world.now(), "end": world.now()},
        "pricing": pricing,
        "proration": prorates is not None,
        "quantity": quantity,
        "quantity_decimal": str(quantity),
        "tax_rates": [],
        "test_clock": owner.body["test_clock"],
    }
    record = world.add(body, account)
    events.emit(world, "invoiceitem.created", body, account)
    return record


# on invoices


def pending(
    world: World, account: str, customer: str, currency: str, subscription: str | None
) -> list[Record]:
    """What waits for the next invoice, oldest first: of this subscription, or of none."""
    return [
        world.store.edit(record.id)
        for record in reversed(list(world.store.all(KIND, account)))
        if record.body["customer"] == customer
        and record.body["invoice"] is None
        and record.body["currency"] == currency
        and _subscription_of(record.body) in (None, subscription)
    ]


def of_subscription(world: World, account: str, id: str) -> list[Record]:
    """Prorations and other items that wait for a subscription's next invoice."""
    return [
        record
        for record in list(world.store.all(KIND, account))
        if record.body["invoice"] is None and _subscription_of(record.body) == id
    ]


def _subscription_of(body: Body) -> str | None:
    parent = body["parent"]
    return parent["subscription_details"]["subscription"] if parent else None


def lines_of(world: World, items: list[Record]) -> list[Body]:
    return [invoice_lines.of_invoice_item(world, item.body) for item in items]


def take_along(invoice: Record, items: list[Record]) -> None:
    """These are on that invoice now."""
    for item in items:
        item.body["invoice"] = invoice.id


def _put_on_draft(world: World, item: Record) -> None:
    """Write the item's line on its draft, anew if it has one."""
    if item.body["invoice"] is None:
        return
    invoice = world.store.edit(item.body["invoice"])
    _take_off(invoice, item.id)
    line = invoice_lines.of_invoice_item(world, item.body) | {"invoice": invoice.id}
    invoice.hidden["lines"].append(line)
    invoice_lines.reckon(world, invoice)


def _take_off(invoice: Record, id: str) -> None:
    invoice.hidden["lines"] = [line for line in invoice.hidden["lines"] if item_of(line) != id]


def item_of(line: Body) -> str | None:
    """The invoice item a line comes from."""
    parent = line["parent"]
    details = parent["invoice_item_details"] or parent["subscription_item_details"]
    found: str | None = details["invoice_item"]
    return found
