from itertools import product

import pytest

from core.errors import IllegalTransitionError
from scheduling.models import Booking, Report
from scheduling.states import LIVE, OCCUPYING, UNDECIDED, BookingState, ReportState

S = BookingState

ARROWS = {
    (S.HELD, S.CONFIRMED),
    (S.HELD, S.REQUESTED),
    (S.HELD, S.EXPIRED),
    (S.HELD, S.CANCELLED),
    (S.REQUESTED, S.CONFIRMED),
    (S.REQUESTED, S.DECLINED),
    (S.REQUESTED, S.EXPIRED),
    (S.REQUESTED, S.CANCELLED),
    (S.CONFIRMED, S.COMPLETED),
    (S.CONFIRMED, S.CANCELLED),
    (S.CONFIRMED, S.NO_SHOW_CANDIDATE),
    (S.CONFIRMED, S.NO_SHOW_COACH),
    (S.EXPIRED, S.CONFIRMED),
    (S.COMPLETED, S.NO_SHOW_CANDIDATE),
    (S.COMPLETED, S.NO_SHOW_COACH),
}


@pytest.mark.parametrize(("source", "target"), list(product(S, S)))
def test_a_booking_moves_along_the_arrows_of_rule_10_and_no_other(source, target):
    booking = Booking(state=source)
    if (source, target) in ARROWS:
        booking.move_to(target)
        assert booking.state == target
    else:
        with pytest.raises(IllegalTransitionError):
            booking.move_to(target)
        assert booking.state == source


def test_holds_requests_and_confirmed_bookings_are_live():
    assert sorted(LIVE) == ["confirmed", "held", "requested"]
    assert {state for state in S if Booking(state=state).is_live} == LIVE


def test_slot_checks_also_regard_hours_that_were_spent():
    assert {"completed", "no_show_candidate", "no_show_coach"} == OCCUPYING - LIVE
    assert {state for state in S if Booking(state=state).takes_time} == OCCUPYING


REPORT_ARROWS = {
    (ReportState.OPEN, ReportState.CONTESTED),
    (ReportState.OPEN, ReportState.UPHELD),
    (ReportState.OPEN, ReportState.REJECTED),
    (ReportState.CONTESTED, ReportState.UPHELD),
    (ReportState.CONTESTED, ReportState.REJECTED),
}


@pytest.mark.parametrize(("source", "target"), list(product(ReportState, ReportState)))
def test_a_report_is_decided_once(source, target):
    report = Report(state=source)
    if (source, target) in REPORT_ARROWS:
        report.move_to(target)
        assert report.state == target
    else:
        with pytest.raises(IllegalTransitionError):
            report.move_to(target)
        assert report.state == source


def test_a_report_is_undecided_until_it_is_upheld_or_rejected():
    assert {state for state in ReportState if Report(state=state).is_undecided} == UNDECIDED
    assert sorted(UNDECIDED) == ["contested", "open"]
