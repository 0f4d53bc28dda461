"""Coupons and promotion codes, and what they take off an amount."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from stripe_emulator import events, lists
from stripe_emulator.errors import Invalid, Missing, Refused
from stripe_emulator.money import check_currency
from stripe_emulator.router import Call, route
from stripe_emulator.store import Body, Record
from stripe_emulator.world import World, merged_metadata

COUPON, CODE = "coupon", "promotion_code"
DELETED = "emulator.deleted_coupon"
MOST_PERCENT = 100


@route("POST", "/v1/coupons")
def create_coupon(call: Call) -> Body:
    call.built(
        "id name percent_off amount_off currency duration duration_in_months max_redemptions redeem_by "
        "metadata"
    )
    world, given = call.world, call.params
    if ("percent_off" in given) == ("amount_off" in given):
        raise Invalid("You must pass exactly one of: percent_off, amount_off.", param="percent_off")
    if "amount_off" in given:
        given["currency"] = check_currency(given.get("currency", ""))
    percent = float(given["percent_off"]) if "percent_off" in given else None
    if percent is not None and not 0 < percent <= MOST_PERCENT:
        raise Invalid("percent_off must be between 0 and 100.", param="percent_off")
    if (given.get("duration") == "repeating") != (given.get("duration_in_months", 0) > 0):
        raise Invalid("duration_in_months goes with the duration repeating.", param="duration_in_months")
    id = given.get("id") or world.token(8)
    if world.store.find(id) is not None:
        raise Refused("Coupon already exists.", code="resource_already_exists")
    copied = ("amount_off", "currency", "duration_in_months", "name", "max_redemptions", "redeem_by")
    body = {
        "id": id,
        "object": COUPON,
        "created": world.now(),
        "duration": given.get("duration", "once"),
        "livemode": False,
        "metadata": merged_metadata({}, given.get("metadata")),
        "percent_off": percent,
        "times_redeemed": 0,
        "valid": True,
    }
    record = world.add(body | {name: given.get(name) for name in copied}, call.account)
    events.emit(world, "coupon.created", record.body, call.account)
    return record.body


@route("GET", "/v1/coupons")
def list_coupons(call: Call) -> Body:
    return lists.page(call, COUPON)


@route("GET", "/v1/coupons/{}")
def retrieve_coupon(call: Call) -> Body:
    return call.world.get(COUPON, call.id, call.account).body


@route("DELETE", "/v1/coupons/{}")
def delete_coupon(call: Call) -> Body:
    record = call.world.get(COUPON, call.id, call.account)
    call.world.store.remove(record.id)
    # Whoever was promised it still has it.
    call.world.store.add(DELETED, _deleted(record.id), record.body, account=call.account)
    events.emit(call.world, "coupon.deleted", record.body, call.account)
    return {"id": record.id, "object": COUPON, "deleted": True}


@route("POST", "/v1/promotion_codes")
def create_code(call: Call) -> Body:
    call.built("promotion code active expires_at max_redemptions metadata restrictions customer")
    world, given = call.world, call.params
    if given.get("customer"):
        world.get("customer", given["customer"], call.account, param="customer")
    coupon = world.get(COUPON, given["promotion"].get("coupon", ""), call.account, param="promotion[coupon]")
    code = given.get("code") or world.token(8).upper()
    if _active_code(world, call.account, code) is not None:
        raise Refused(
            "An active promotion code with this code already exists.", code="resource_already_exists"
        )
    restrictions = {"first_time_transaction": False, "minimum_amount": None, "minimum_amount_currency": None}
    body = {
        "id": world.new_id("promo"),
        "object": CODE,
        "active": given.get("active", True),
        "code": code,
        "created": world.now(),
        "customer": given.get("customer"),
        "expires_at": given.get("expires_at"),
        "livemode": False,
        "max_redemptions": given.get("max_redemptions"),
        "metadata": merged_metadata({}, given.get("metadata")),
        "promotion": {"type": "coupon", "coupon": coupon.id},
        "restrictions": restrictions | given.get("restrictions", {}),
        "times_redeemed": 0,
    }
    record = world.add(body, call.account)
    events.emit(world, "promotion_code.created", record.body, call.account)
    return record.body


@route("GET", "/v1/promotion_codes")
def list_codes(call: Call) -> Body:
    def keep(record: Record) -> bool:
        coupon = call.params.get("coupon")
        return coupon in (None, record.body["promotion"]["coupon"])

    return lists.page(call, CODE, "active code customer", also="coupon", keep=keep)


@route("GET", "/v1/promotion_codes/{}")
def retrieve_code(call: Call) -> Body:
    return call.world.get(CODE, call.id, call.account).body


@route("POST", "/v1/promotion_codes/{}")
def update_code(call: Call) -> Body:
    call.built("active metadata")
    body = call.world.store.edit(call.world.get(CODE, call.id, call.account).id).body
    body["active"] = call.params.get("active", body["active"])
    body["metadata"] = merged_metadata(body["metadata"], call.params.get("metadata"))
    events.emit(call.world, "promotion_code.updated", body, call.account)
    return body


def _active_code(world: World, account: str, code: str) -> Record | None:
    for record in world.store.all(CODE, account):
        if record.body["active"] and record.body["code"].casefold() == code.casefold():
            return record
    return None


# what checkout does with them


def by_code(world: World, account: str, code: str, amount: int, customer: str | None = None) -> Body:
    """The discount a customer asks for by its code: ``{"coupon", "promotion_code"}``, or `Refused`."""
    record = _active_code(world, account, code.strip())
    if record is None:
        raise Refused("This promotion code is invalid.", code="resource_missing", param="promotion_code")
    return checked(world, account, {"promotion_code": record.id}, amount, customer)


def checked(world: World, account: str, wanted: Body, amount: int, customer: str | None = None) -> Body:
    """The same for a discount by identifier.

    It must not have ended, the amount must be enough, and it must be for this customer.
    """
    code = None
    coupon_id = wanted.get("coupon")
    if "promotion_code" in wanted:
        code = world.get(CODE, wanted["promotion_code"], account, param="discounts[0][promotion_code]")
        coupon_id = code.body["promotion"]["coupon"]
        least = code.body["restrictions"]["minimum_amount"]
        if _is_over(world, code.body, code.body["expires_at"]) or not code.body["active"]:
            raise Refused("This promotion code has expired.", code="promotion_code_expired")
        if least and amount < least:
            raise Refused("The order does not reach this promotion code's minimum amount.")
        _check_customer(world, code.body, customer)
    coupon = world.store.get(COUPON, coupon_id or "")
    if coupon is None or coupon.account != account:
        raise Missing("coupon", str(coupon_id), "discounts[0][coupon]")
    if _is_over(world, coupon.body, coupon.body["redeem_by"]):
        raise Refused("This coupon has expired.", code="coupon_expired")
    return {"coupon": None if code else coupon.id, "promotion_code": code.id if code else None}


def _check_customer(world: World, code: Body, customer: str | None) -> None:
    if code["customer"] not in (None, customer):
        raise Refused("This promotion code is for another customer.", code="promotion_code_customer_mismatch")
    if code["restrictions"]["first_time_transaction"] and customer and _has_paid(world, customer):
        raise Refused(
            "This promotion code is for first-time customers only.",
            code="promotion_code_customer_not_first_time",
        )


def _has_paid(world: World, customer: str) -> bool:
    return any(
        charge.body["customer"] == customer and charge.body["paid"] for charge in world.store.all("charge")
    )


def _is_over(world: World, body: Body, ends: int | None) -> bool:
    most = body["max_redemptions"]
    return (ends is not None and world.now() >= ends) or (most is not None and body["times_redeemed"] >= most)


def coupon_of(world: World, discount: Body) -> Body:
    """The coupon behind a discount, also after it was deleted."""
    return _coupon(world, discount).body


def _coupon(world: World, discount: Body) -> Record:
    code = world.store.find(discount["promotion_code"] or "")
    id = code.body["promotion"]["coupon"] if code else discount["coupon"]
    found = world.store.get(COUPON, id) or world.store.get(DELETED, _deleted(id))
    assert found is not None
    return found


def _deleted(id: str) -> str:
    return f"deleted:{id}"


def taken_off(coupon: Body, amount: int) -> int:
    """What a coupon takes off an amount, rounded half up, at most all of it."""
    if coupon["amount_off"] is not None:
        return min(int(coupon["amount_off"]), amount)
    exact = Decimal(amount) * Decimal(str(coupon["percent_off"])) / 100
    return int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def spread(off: int, amounts: list[int]) -> list[int]:
    """A discount over several amounts in proportion, to the last cent."""
    whole = sum(amounts)
    seen = taken = 0
    parts = []
    for amount in amounts:
        seen += amount
        target = off * seen // whole if whole else 0
        parts.append(target - taken)
        taken = target
    return parts


def redeem(world: World, discount: Body) -> None:
    """Count one use; what has been used up is valid no more."""
    coupon = world.store.edit(_coupon(world, discount).id).body
    coupon["times_redeemed"] += 1
    coupon["valid"] = coupon["times_redeemed"] != coupon["max_redemptions"]
    if discount["promotion_code"]:
        code = world.store.edit(discount["promotion_code"]).body
        code["times_redeemed"] += 1
        code["active"] = code["active"] and code["times_redeemed"] != code["max_redemptions"]
