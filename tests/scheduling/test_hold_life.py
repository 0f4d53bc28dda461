"""A hold between the try that made it and its end."""

from datetime import timedelta

import pytest

from core.errors import IllegalTransitionError, NotFoundError
from scheduling.domain.holds import HoldExpiredError, expire_hold, extend_hold, guard, unguard
from scheduling.models import Booking
from tests.scheduling.stage import HOUR, NOW, confirmed, history, hold, open_around_the_clock

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def hours(ada):
    open_around_the_clock(ada)


def test_a_hold_is_extended_once_from_its_old_expiry(ada, ben):
    booking = hold(ada, ben).booking
    later = NOW + timedelta(minutes=9)
    for _ in range(2):
        extended = extend_hold(booking.pk, by=ben, now=later)
        assert extended.hold_expires_at == NOW + timedelta(minutes=15)
    booking.refresh_from_db()
    assert (booking.hold_expires_at, booking.hold_extended_at) == (NOW + timedelta(minutes=15), later)
    assert history(booking) == [("held", "ben@demo.test"), ("extended", "ben@demo.test")]


def test_a_hold_is_extended_by_its_candidate_and_nobody_else(ada, ben, cleo, olu):
    booking = hold(ada, ben).booking
    for person in (ada, cleo, olu):
        with pytest.raises(NotFoundError):
            extend_hold(booking.pk, by=person, now=NOW)
    with pytest.raises(NotFoundError):
        extend_hold("0b5ff1d2-6b0e-4a38-9b05-3a1c2f9d7d11", by=ben, now=NOW)


def _extend(pk, now):
    return extend_hold(pk, by=Booking.objects.get(pk=pk).candidate, now=now)


def _guard(pk, now):
    return guard(pk, now=now)


@pytest.mark.parametrize(
    "change",
    [_extend, _guard],
)
def test_what_has_run_out_is_neither_extended_nor_guarded(ada, ben, change):
    booking = hold(ada, ben).booking
    with pytest.raises(HoldExpiredError):
        change(booking.pk, NOW + timedelta(minutes=10))
    expire_hold(booking.pk, now=NOW + timedelta(minutes=10))
    with pytest.raises(HoldExpiredError):
        change(booking.pk, NOW + timedelta(minutes=10))


def test_what_is_paid_is_neither_extended_nor_guarded(ada, ben):
    booking = confirmed(ada, ben)
    with pytest.raises(IllegalTransitionError):
        extend_hold(booking.pk, by=ben, now=NOW)
    with pytest.raises(IllegalTransitionError):
        guard(booking.pk, now=NOW)


def test_a_guarded_hold_does_not_expire_until_its_payment_is_closed(ada, ben):
    booking = hold(ada, ben).booking
    guard(booking.pk, now=NOW)
    later = NOW + timedelta(minutes=10)
    assert expire_hold(booking.pk, now=later).state == "held"
    unguard(booking.pk, now=later)
    assert expire_hold(booking.pk, now=later).state == "expired"
    assert expire_hold(booking.pk, now=later + HOUR).expired_at == later
    assert history(booking) == [("held", "ben@demo.test"), ("expired", None)]


def test_an_unexpired_hold_does_not_expire(ada, ben):
    booking = hold(ada, ben).booking
    assert (
        expire_hold(booking.pk, now=NOW + timedelta(minutes=10) - timedelta(microseconds=1)).state == "held"
    )
