from datetime import timedelta

import pytest

from core.errors import ForbiddenError, IllegalTransitionError, NotFoundError
from scheduling.domain.requests import (
    RequestExpiredError,
    accept_request,
    decline_request,
    expire_request,
)
from scheduling.events import BookingConfirmed, BookingDeclined, BookingExpired, SlotsChanged
from scheduling.models import Booking
from tests.scheduling.stage import HOUR, NOW, TOMORROW, confirmed, held, history, requested, state_of

pytestmark = pytest.mark.django_db
INSTANT = timedelta(microseconds=1)
FAR = NOW + timedelta(days=10)


def test_the_coach_says_yes_once(ada, ben, announced):
    booking = requested(ada, ben)
    for later in (NOW, NOW + HOUR):
        assert accept_request(booking.pk, by=ada, now=later).confirmed_at == NOW
    assert announced() == [BookingConfirmed]
    assert history(booking) == [("confirmed", "ada@demo.test")]


def test_the_coach_says_no_once_and_why(ada, ben, announced):
    booking = requested(ada, ben)
    for reason in ("Not my field.", "Again."):
        declined = decline_request(booking.pk, by=ada, reason=reason, now=NOW)
        assert (declined.state, declined.decline_reason, declined.declined_at) == (
            "declined",
            "Not my field.",
            NOW,
        )
    assert announced() == [BookingDeclined, SlotsChanged]


def _answers(booking, person):
    yield lambda: accept_request(booking.pk, by=person, now=NOW)
    yield lambda: decline_request(booking.pk, by=person, reason="", now=NOW)


def test_nobody_but_the_coach_answers(ada, bo, ben, cleo, olu):
    booking = requested(ada, ben)
    for person, refusal in [
        (ben, ForbiddenError),
        (bo, NotFoundError),
        (cleo, NotFoundError),
        (olu, NotFoundError),
    ]:
        for answer in _answers(booking, person):
            with pytest.raises(refusal):
                answer()
    assert state_of(booking) == "requested"


def test_a_hold_is_no_request(ada, ben):
    booking = held(ada, ben)
    for answer in _answers(booking, ada):
        with pytest.raises(IllegalTransitionError):
            answer()


def test_what_was_confirmed_is_not_declined(ada, ben):
    booking = confirmed(ada, ben)
    with pytest.raises(IllegalTransitionError):
        decline_request(booking.pk, by=ada, reason="", now=NOW)


@pytest.mark.parametrize(
    ("starts_at", "expires_at"),
    [(FAR, NOW + timedelta(hours=48)), (TOMORROW, TOMORROW - timedelta(hours=2))],
)
def test_a_request_runs_out_after_48_hours_or_2_hours_before_its_start(
    ada, ben, starts_at, expires_at, announced
):
    booking = requested(ada, ben, starts_at=starts_at)
    assert booking.request_expires_at == expires_at
    assert not Booking.objects.unanswered(expires_at - INSTANT).exists()
    assert expire_request(booking.pk, now=expires_at - INSTANT).state == "requested"
    assert Booking.objects.unanswered(expires_at).get() == booking
    with pytest.raises(RequestExpiredError):
        accept_request(booking.pk, by=ada, now=expires_at)
    for later in (expires_at, expires_at + HOUR):
        expired = expire_request(booking.pk, now=later)
        assert (expired.expired_at, expired.expired_from) == (expires_at, "requested")
    assert announced() == [BookingExpired, SlotsChanged]


def test_what_was_never_asked_for_does_not_run_out(ada, ben):
    booking = confirmed(ada, ben)
    assert booking.request_expires_at is None
    assert expire_request(booking.pk, now=FAR).state == "confirmed"
