from __future__ import annotations

import pytest
import stripe

from .test_pages import CARD, get, path, post, text


def coupon(shop, **given):
    return shop.stripe.v1.coupons.create(given)


def code(shop, made, **more):
    return shop.stripe.v1.promotion_codes.create({"promotion": {"type": "coupon", "coupon": made.id}, **more})


@pytest.mark.parametrize(
    ("given", "amount", "off"),
    [
        ({"percent_off": 25}, 12000, 3000),
        ({"percent_off": 12.5}, 9996, 1250),  # 1249.5, half up
        ({"amount_off": 500, "currency": "usd"}, 12000, 500),
        ({"amount_off": 99999, "currency": "usd"}, 12000, 12000),
        ({"percent_off": 100}, 12000, 12000),
    ],
)
def test_a_coupon_lowers_the_total(shop, given, amount, off):
    session = shop.session(amount, discounts=[{"coupon": coupon(shop, **given).id}])

    assert (session.amount_subtotal, session.amount_total) == (amount, amount - off)
    assert session.total_details.amount_discount == off
    assert session.payment_status == ("unpaid" if amount > off else "no_payment_required")
    paid = shop.pay(session)
    assert (paid["status"], paid["amount_total"]) == ("complete", amount - off)


def test_the_lines_carry_the_discount_to_the_last_cent(shop):
    items = [
        {
            "price_data": {"currency": "usd", "unit_amount": 3333, "product_data": {"name": str(n)}},
            "quantity": 1,
        }
        for n in range(3)
    ]
    made = coupon(shop, amount_off=1000, currency="usd")

    session = shop.session(line_items=items, discounts=[{"coupon": made.id}])

    lines = shop.stripe.v1.checkout.sessions.line_items.list(session.id).data
    assert sum(line.amount_discount for line in lines) == 1000
    assert sum(line.amount_total for line in lines) == session.amount_total == 8999


def test_a_code_is_used_up_and_ends_by_the_clock(shop):
    half = coupon(shop, percent_off=50, name="Half")
    once = code(shop, half, code="ONCE", max_redemptions=1)
    soon = code(shop, half, code="SOON", expires_at=shop.now() + 60)
    shop.pay(shop.session(discounts=[{"promotion_code": once.id}]))
    shop.advance(minutes=1)

    for ended in (once, soon):
        with pytest.raises(stripe.InvalidRequestError):
            shop.session(discounts=[{"promotion_code": ended.id}])

    assert shop.stripe.v1.promotion_codes.retrieve(once.id).active is False
    assert shop.stripe.v1.coupons.retrieve(half.id).times_redeemed == 1
    assert [c.id for c in shop.stripe.v1.promotion_codes.list({"code": "SOON"}).data] == [soon.id]


def test_a_minimum_amount_and_a_deactivated_code_are_kept_to(shop):
    half = coupon(shop, percent_off=50)
    big = code(shop, half, restrictions={"minimum_amount": 20000, "minimum_amount_currency": "usd"})
    off = code(shop, half)
    shop.stripe.v1.promotion_codes.update(off.id, {"active": False})

    for refused in (big, off):
        with pytest.raises(stripe.InvalidRequestError):
            shop.session(discounts=[{"promotion_code": refused.id}])


def test_a_discount_that_leaves_less_than_the_minimum_is_refused(shop):
    made = coupon(shop, amount_off=11980, currency="usd")

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        shop.session(discounts=[{"coupon": made.id}])

    assert refusal.value.code == "amount_too_small"


def test_one_active_code_per_name_whatever_its_case(shop):
    made = coupon(shop, percent_off=10)
    code(shop, made, code="Spring")

    with pytest.raises(stripe.InvalidRequestError):
        code(shop, made, code="SPRING")


def test_the_page_has_a_field_for_codes_only_where_they_are_allowed(shop):
    allowed, plain = shop.session(allow_promotion_codes=True), shop.session()

    assert "Promotion code" in text(get(shop, path(allowed.url)))
    assert "Promotion code" not in text(get(shop, path(plain.url)))
    refused = post(shop, path(plain.url), {"promotion_code": "X", "apply": "1"})
    assert "takes no promotion codes" in text(refused)


def test_a_code_entered_on_the_page_changes_what_is_paid(shop):
    code(shop, coupon(shop, percent_off=25, name="Spring"), code="SPRING")
    session = shop.session(allow_promotion_codes=True)
    url = path(session.url)
    assert "invalid" in text(post(shop, url, {"promotion_code": "WINTER", "apply": "1"}))
    assert post(shop, url, CARD | {"number": "4000000000000002"}).status == 402

    assert post(shop, url, {"promotion_code": "spring", "apply": "1"}).status == 303
    shown = text(get(shop, url))
    assert "−$30.00" in shown
    assert "Pay $90.00" in shown
    post(shop, url, CARD)

    charge = shop.stripe.v1.charges.list().data[0]
    assert (charge.amount, charge.status) == (9000, "succeeded")


def test_a_deleted_coupon_stays_with_whom_it_was_promised(shop):
    half = coupon(shop, percent_off=50, name="Half", id="HALF")
    spring = code(shop, half, code="SPRING")
    sessions = [shop.session(discounts=[{"coupon": half.id}]), shop.session(allow_promotion_codes=True)]
    post(shop, path(sessions[1].url), {"promotion_code": "spring", "apply": "1"})
    shop.stripe.v1.coupons.delete(half.id)

    for session in sessions:
        assert "Pay $60.00" in text(get(shop, path(session.url)))
        assert shop.pay(session)["amount_total"] == 6000
    with pytest.raises(stripe.InvalidRequestError):
        shop.session(discounts=[{"promotion_code": spring.id}])
    assert shop.stripe.v1.coupons.list().data == []


def test_a_name_that_is_free_again_may_be_deleted_again(shop):
    for percent in (10, 50):
        session = shop.session(discounts=[{"coupon": coupon(shop, percent_off=percent, id="AGAIN").id}])
        shop.stripe.v1.coupons.delete("AGAIN")

    assert shop.pay(session)["amount_total"] == 6000
