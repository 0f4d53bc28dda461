from __future__ import annotations

import pytest
import stripe


def code_for(platform, coupon, **more):
    code = platform.unique("CODE").upper().replace("-", "")
    return platform.v1.promotion_codes.create(
        {"promotion": {"type": "coupon", "coupon": coupon.id}, "code": code} | more
    )


@pytest.fixture
def coupon(v1):
    return v1.coupons.create({"percent_off": 25, "duration": "once"})


def test_a_coupon_takes_a_part_or_an_amount_and_not_both(v1):
    with pytest.raises(stripe.InvalidRequestError):
        v1.coupons.create({"percent_off": 25, "amount_off": 100, "currency": "usd", "duration": "once"})


def test_more_than_the_whole_is_not_taken_off(v1):
    with pytest.raises(stripe.InvalidRequestError):
        v1.coupons.create({"percent_off": 101, "duration": "once"})


def test_an_amount_needs_its_currency(v1):
    with pytest.raises(stripe.InvalidRequestError):
        v1.coupons.create({"amount_off": 100, "duration": "once"})


def test_a_coupon_may_have_an_identifier_of_our_own(platform, v1):
    own = platform.unique("spring")

    assert v1.coupons.create({"id": own, "percent_off": 10, "duration": "forever"}).id == own


def test_a_deleted_coupon_is_gone(v1, coupon):
    v1.coupons.delete(coupon.id)

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        v1.coupons.retrieve(coupon.id)
    assert refusal.value.code == "resource_missing"


def test_a_code_names_its_coupon(platform, coupon):
    assert code_for(platform, coupon).promotion.coupon == coupon.id


def test_a_code_is_found_by_what_people_enter(platform, v1, coupon):
    code = code_for(platform, coupon)

    assert [found.id for found in v1.promotion_codes.list({"code": code.code}).data] == [code.id]


def test_one_code_is_not_active_twice(platform, v1, coupon):
    code = code_for(platform, coupon)

    with pytest.raises(stripe.InvalidRequestError):
        code_for(platform, coupon, code=code.code)


def test_a_code_may_be_used_again_when_it_is_inactive(platform, v1, coupon):
    code = code_for(platform, coupon)
    v1.promotion_codes.update(code.id, {"active": False})

    assert code_for(platform, coupon, code=code.code).active is True


def test_a_code_may_ask_for_a_minimum(platform, coupon):
    restrictions = {"minimum_amount": 5000, "minimum_amount_currency": "usd"}

    assert code_for(platform, coupon, restrictions=restrictions).restrictions.minimum_amount == 5000


@pytest.mark.emulator_only
def test_a_used_coupon_counts_and_ends_at_its_most(platform, v1):
    coupon = v1.coupons.create({"percent_off": 25, "duration": "once", "max_redemptions": 1})
    session = platform.session(discounts=[{"coupon": coupon.id}])
    platform.control(f"checkout/{session.id}/pay")

    used = v1.coupons.retrieve(coupon.id)

    assert (used.times_redeemed, used.valid) == (1, False)
    with pytest.raises(stripe.InvalidRequestError):
        platform.session(discounts=[{"coupon": coupon.id}])


@pytest.mark.emulator_only
def test_a_coupon_is_not_redeemed_after_its_day(platform, v1):
    coupon = v1.coupons.create({"percent_off": 25, "duration": "once", "redeem_by": platform.now() + 86400})
    platform.advance(days=1)

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        platform.session(discounts=[{"coupon": coupon.id}])
    assert refusal.value.code == "coupon_expired"
