"""Discounts: a coupon at work on a subscription or on one invoice, for as long as it lasts."""

from __future__ import annotations

from stripe_emulator.errors import Invalid, Unbuilt
from stripe_emulator.periods import add_months
from stripe_emulator.resources import promotions
from stripe_emulator.store import Body, Record
from stripe_emulator.world import World, blank

KIND = "discount"
MOST = 20


def attach(world: World, owner: Body, account: str, wanted: list[Body], amount: int) -> list[str]:
    """The identifiers of new discounts by coupon or promotion code, and of those kept by their own.

    `owner` says whose they are: its ``customer`` and ``subscription`` or ``invoice``. Each new one counts as
    a use of its coupon.
    """
    if len(wanted) > MOST:
        raise Invalid(f"At most {MOST} discounts.", param="discounts")
    return [_one(world, owner, account, entry, amount) for entry in wanted]


def _one(world: World, owner: Body, account: str, wanted: Body, amount: int) -> str:
    if "discount" in wanted:
        return world.get(KIND, wanted["discount"], account, param="discounts[0][discount]").id
    return begin(world, owner, account, promotions.checked(world, account, wanted, amount, owner["customer"]))


def begin(world: World, owner: Body, account: str, chosen: Body) -> str:
    """A discount that was found good: ``{"coupon", "promotion_code"}``."""
    promotions.redeem(world, chosen)
    coupon = promotions.coupon_of(world, chosen)
    if coupon["currency"] not in (None, owner["currency"]):
        raise Unbuilt("coupons of another currency")
    months = coupon["duration_in_months"]
    body = blank(
        "checkout_session customer_account end invoice invoice_item subscription subscription_item"
    ) | {
        "id": world.new_id("di"),
        "object": KIND,
        "customer": owner["customer"],
        "end": add_months(world.now(), months) if months else None,
        "promotion_code": chosen["promotion_code"],
        "source": {"coupon": coupon["id"], "type": "coupon"},
        "start": world.now(),
        owner["object"]: owner["id"],
    }
    return world.add(body, account, coupon=dict(coupon)).id


def live(world: World, ids: list[str]) -> list[str]:
    """Those that have not ended."""
    ends = {id: _record(world, id).body["end"] for id in ids}
    return [id for id in ids if ends[id] is None or ends[id] > world.now()]


def taken_off(world: World, ids: list[str], amounts: list[int]) -> dict[str, list[int]]:
    """What each discount takes off each amount; each takes it from what those before it left."""
    left, found = list(amounts), {}
    for id in ids:
        off = promotions.taken_off(_coupon(world, id), sum(left))
        found[id] = promotions.spread(off, left)
        left = [amount - part for amount, part in zip(left, found[id], strict=True)]
    return found


def use(world: World, ids: list[str]) -> list[str]:
    """These were taken off an invoice: what remains of them for the next one."""
    for id in ids:
        if _coupon(world, id)["duration"] == "once":
            world.store.edit(id).body["end"] = world.now()
    return live(world, ids)


def name_of(world: World, id: str) -> str:
    return str(_coupon(world, id)["name"] or "Discount")


def _coupon(world: World, id: str) -> Body:
    """The coupon as it was then: deleting it stops no discount."""
    coupon: Body = _record(world, id).hidden["coupon"]
    return coupon


def _record(world: World, id: str) -> Record:
    record = world.store.find(id)
    assert record is not None
    return record
