from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ForbiddenError, IllegalTransitionError, NotFoundError
from scheduling.domain.completing import complete_due
from scheduling.domain.reports import (
    AlreadyReportedError,
    NotHereError,
    NothingReportedError,
    TooEarlyError,
    TooLateError,
    contest,
    decide_report,
    dispute,
    report_no_show,
    uphold_what_stands,
)
from scheduling.events import (
    BookingCompleted,
    BookingMissed,
    ReportContested,
    ReportDecided,
    ReportMade,
)
from scheduling.models import Report
from scheduling.queries.reports import reports_of, say_of, standing_reports, undecided_reports
from scheduling.rules.attendance import stands_at
from scheduling.states import BookingState as S
from scheduling.states import Side
from tests.scheduling.stage import HOUR, TOMORROW, confirmed, history, row, state_of

pytestmark = pytest.mark.django_db
INSTANT = timedelta(microseconds=1)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
ENDS = TOMORROW + HOUR
WAITED = TOMORROW + 15 * MINUTE


def waiting(coach, candidate, state=S.CONFIRMED, *, came="candidate", **columns):
    """A session to which ``came`` came at its start."""
    sides = ("candidate", "coach") if came == "both" else (came,)
    return row(coach, candidate, state, **{f"{side}_here_at": TOMORROW for side in sides}, **columns)


def said(report):
    report.refresh_from_db()
    return report.state


# Reporting


def test_who_was_there_reports_who_was_not(ada, ben, announced):
    booking = waiting(ada, ben)
    report = report_no_show(booking.pk, by=ben, comment="Ten minutes of silence.", now=WAITED)
    assert (report.kind, report.side, report.state) == ("no_show", "candidate", "open")
    assert (report.comment, report.made_at) == ("Ten minutes of silence.", WAITED)
    assert (report.missing_side, report.outcome) == (Side.COACH, S.NO_SHOW_COACH)
    assert state_of(booking) == "confirmed"
    assert announced() == [ReportMade]
    assert history(booking) == [("no_show_reported", "ben@demo.test")]


def test_a_coach_reports_a_candidate(ada, ben):
    booking = waiting(ada, ben, came="coach")
    report = report_no_show(booking.pk, by=ada, comment="", now=WAITED)
    assert (report.side, report.outcome) == ("coach", S.NO_SHOW_CANDIDATE)


def test_only_who_said_that_he_was_there_reports(ada, ben):
    booking = waiting(ada, ben, came="coach")
    with pytest.raises(NotHereError) as refusal:
        report_no_show(booking.pk, by=ben, comment="", now=WAITED)
    assert (refusal.value.status, refusal.value.code) == (409, "not_here")
    assert not Report.objects.exists()


@pytest.mark.parametrize("state", [S.CONFIRMED, S.COMPLETED])
def test_a_no_show_is_reported_from_a_quarter_of_an_hour_on_for_a_day_after_the_end(
    ada, bo, ben, cleo, state
):
    first, last = waiting(ada, ben, state), waiting(bo, cleo, state)
    with pytest.raises(TooEarlyError):
        report_no_show(first.pk, by=ben, comment="", now=WAITED - INSTANT)
    assert report_no_show(first.pk, by=ben, comment="", now=WAITED).state == "open"
    with pytest.raises(TooLateError):
        report_no_show(last.pk, by=cleo, comment="", now=ENDS + DAY)
    assert report_no_show(last.pk, by=cleo, comment="", now=ENDS + DAY - INSTANT).state == "open"


def test_a_report_pressed_twice_is_one(ada, ben, announced):
    booking = waiting(ada, ben)
    first = report_no_show(booking.pk, by=ben, comment="Nobody.", now=WAITED)
    again = report_no_show(booking.pk, by=ben, comment="Really nobody.", now=WAITED + HOUR)
    assert first == again
    assert reports_of(booking) == [first]
    assert (again.comment, announced()) == ("Nobody.", [ReportMade])


@pytest.mark.parametrize("state", [S.HELD, S.REQUESTED, S.CANCELLED, S.DECLINED, S.EXPIRED, S.NO_SHOW_COACH])
def test_what_did_not_take_place_is_not_reported(ada, ben, state):
    booking = waiting(ada, ben, state)
    with pytest.raises(IllegalTransitionError):
        report_no_show(booking.pk, by=ben, comment="", now=WAITED)
    with pytest.raises(IllegalTransitionError):
        dispute(booking.pk, by=ben, reason="not_there", comment="", now=WAITED)


def test_strangers_report_nothing(ada, bo, ben, cleo, olu):
    booking = waiting(ada, ben)
    waiting(bo, cleo)
    for person in (bo, cleo, olu):
        with pytest.raises(NotFoundError):
            report_no_show(booking.pk, by=person, comment="", now=WAITED)
        with pytest.raises(NotFoundError):
            dispute(booking.pk, by=person, reason="x", comment="", now=WAITED)
        with pytest.raises(NotFoundError):
            contest(booking.pk, by=person, comment="", now=WAITED)
    with pytest.raises(NotFoundError):
        report_no_show(uuid4(), by=ben, comment="", now=WAITED)
    assert not Report.objects.exists()


# Standing by itself


def test_a_report_stands_a_day_after_it_but_never_before_the_end():
    assert stands_at(ENDS, ENDS + HOUR) == ENDS + HOUR + DAY
    assert stands_at(ENDS + 3 * DAY, ENDS) == ENDS + 3 * DAY


@given(
    st.timedeltas(timedelta(minutes=5), timedelta(hours=30)), st.timedeltas(timedelta(0), timedelta(hours=30))
)
def test_nothing_stands_before_the_end_nor_sooner_than_a_day_after_the_report(length, waited):
    starts_at = TOMORROW
    ends_at, made_at = starts_at + length, starts_at + timedelta(minutes=15) + waited
    assert stands_at(ends_at, made_at) == max(ends_at, made_at + DAY)


def test_a_report_that_nobody_contests_stands(ada, ben, announced):
    booking = waiting(ada, ben)
    report = report_no_show(booking.pk, by=ben, comment="", now=WAITED)
    assert standing_reports(WAITED + DAY - INSTANT) == []
    assert uphold_what_stands(booking.pk, now=WAITED + DAY - INSTANT) is None
    assert standing_reports(WAITED + DAY) == [booking.pk]
    upheld = uphold_what_stands(booking.pk, now=WAITED + DAY)
    assert (upheld.state, upheld.decided_at, upheld.decided_by) == ("upheld", WAITED + DAY, None)
    booking.refresh_from_db()
    assert (booking.state, booking.missed_at) == ("no_show_coach", WAITED + DAY)
    assert uphold_what_stands(booking.pk, now=WAITED + DAY) is None
    assert announced() == [ReportMade, ReportDecided, BookingMissed]
    assert history(booking) == [("no_show_reported", "ben@demo.test"), ("no_show_coach", None)]
    assert said(report) == "upheld"


def test_a_reported_session_is_not_completed_and_a_completed_one_becomes_a_no_show(ada, bo, ben, cleo):
    early, late = waiting(ada, ben), waiting(bo, cleo, came="coach")
    report_no_show(early.pk, by=ben, comment="", now=WAITED)
    assert complete_due(ENDS) == 1
    assert (state_of(early), state_of(late)) == ("confirmed", "completed")
    report_no_show(late.pk, by=bo, comment="", now=ENDS + HOUR)
    uphold_what_stands(late.pk, now=ENDS + HOUR + DAY)
    assert state_of(late) == "no_show_candidate"


# Objecting


def test_a_report_about_somebody_who_came_is_for_operations(ada, ben, announced):
    booking = waiting(ada, ben, came="both")
    report = report_no_show(booking.pk, by=ben, comment="", now=WAITED)
    assert (report.state, report.contested_at, report.stands_at) == ("contested", WAITED, None)
    assert standing_reports(WAITED + 9 * DAY) == []
    assert announced() == [ReportMade]


def test_who_objects_in_time_sends_it_to_operations(ada, ben, announced):
    booking = waiting(ada, ben)
    made = report_no_show(booking.pk, by=ben, comment="", now=WAITED)
    report = contest(booking.pk, by=ada, comment="The room did not open.", now=WAITED + DAY - INSTANT)
    assert (report.pk, report.state, report.objection) == (made.pk, "contested", "The room did not open.")
    again = contest(booking.pk, by=ada, comment="And again.", now=WAITED + 2 * DAY)
    assert (again.objection, again.contested_at) == ("The room did not open.", WAITED + DAY - INSTANT)
    assert announced() == [ReportMade, ReportContested]
    assert standing_reports(WAITED + 9 * DAY) == []
    assert uphold_what_stands(booking.pk, now=WAITED + 9 * DAY) is None


def test_who_came_may_still_say_why(ada, ben):
    booking = waiting(ada, ben, came="both")
    report_no_show(booking.pk, by=ben, comment="", now=WAITED)
    assert contest(booking.pk, by=ada, comment="I sat there.", now=WAITED + HOUR).objection == "I sat there."


def test_what_stands_is_not_contested_any_more(ada, ben):
    booking = waiting(ada, ben)
    report = report_no_show(booking.pk, by=ben, comment="", now=WAITED)
    with pytest.raises(TooLateError):
        contest(booking.pk, by=ada, comment="Late.", now=WAITED + DAY)
    assert said(report) == "open"


def test_nobody_objects_to_his_own_report_or_to_nothing(ada, ben):
    booking = waiting(ada, ben)
    with pytest.raises(NothingReportedError):
        contest(booking.pk, by=ada, comment="", now=WAITED)
    report = report_no_show(booking.pk, by=ben, comment="", now=WAITED)
    with pytest.raises(ForbiddenError):
        contest(booking.pk, by=ben, comment="", now=WAITED)
    assert said(report) == "open"


def test_a_dispute_of_a_reported_candidate_is_his_objection(ada, ben):
    booking = waiting(ada, ben, came="coach")
    made = report_no_show(booking.pk, by=ada, comment="", now=WAITED)
    report = dispute(booking.pk, by=ben, reason="not_there", comment="I sat there.", now=WAITED + HOUR)
    assert reports_of(booking) == [made]
    assert (report.kind, report.state, report.objection) == (
        "no_show",
        "contested",
        "not_there: I sat there.",
    )


def test_two_who_report_each_other_have_one_case(ada, ben):
    booking = waiting(ada, ben, came="both")
    made = report_no_show(booking.pk, by=ada, comment="He was not there.", now=WAITED)
    report = report_no_show(booking.pk, by=ben, comment="She was not there.", now=WAITED)
    assert reports_of(booking) == [made]
    assert (report.side, report.objection) == ("coach", "She was not there.")


def test_the_database_has_one_undecided_report_of_a_booking(ada, ben):
    booking = waiting(ada, ben)
    report_no_show(booking.pk, by=ben, comment="", now=WAITED)
    with pytest.raises(IntegrityError, match="report_one_undecided"), transaction.atomic():
        Report.objects.create(booking=booking, kind="no_show", side="coach", made_at=WAITED)


# Disputes


def test_a_candidate_disputes_until_three_days_after_the_end(ada, bo, ben, cleo, announced):
    first, last = confirmed(ada, ben), row(bo, cleo, S.COMPLETED)
    with pytest.raises(TooEarlyError):
        dispute(first.pk, by=ben, reason="cut_short", comment="", now=TOMORROW - INSTANT)
    report = dispute(first.pk, by=ben, reason="cut_short", comment="Ten minutes.", now=TOMORROW)
    assert (report.kind, report.state, report.reason, report.comment) == (
        "dispute",
        "contested",
        "cut_short",
        "Ten minutes.",
    )
    assert report.outcome == S.NO_SHOW_COACH
    with pytest.raises(TooLateError):
        dispute(last.pk, by=cleo, reason="x", comment="", now=ENDS + 3 * DAY)
    dispute(last.pk, by=cleo, reason="x", comment="", now=ENDS + 3 * DAY - INSTANT)
    assert announced() == [ReportMade, ReportMade]
    assert history(first) == [("disputed", "ben@demo.test")]


def test_a_coach_disputes_nothing(ada, ben):
    booking = confirmed(ada, ben)
    with pytest.raises(ForbiddenError):
        dispute(booking.pk, by=ada, reason="x", comment="", now=TOMORROW)


def test_a_dispute_pressed_twice_is_one_and_another_case_of_ones_own_is_refused(ada, bo, ben, cleo):
    booking, reported = waiting(ada, ben), waiting(bo, cleo)
    first = dispute(booking.pk, by=ben, reason="x", comment="", now=WAITED)
    assert dispute(booking.pk, by=ben, reason="y", comment="", now=WAITED) == first
    with pytest.raises(AlreadyReportedError):
        report_no_show(booking.pk, by=ben, comment="", now=WAITED)
    report_no_show(reported.pk, by=cleo, comment="", now=WAITED)
    with pytest.raises(AlreadyReportedError):
        dispute(reported.pk, by=cleo, reason="x", comment="", now=WAITED)


# Deciding


def test_operations_uphold_a_contested_report(ada, ben, olu, announced):
    booking = waiting(ada, ben, came="both")
    report_no_show(booking.pk, by=ben, comment="", now=WAITED)
    decision = decide_report(booking.pk, upheld=True, by=olu, reason="The log shows it.", now=ENDS)
    report = decision.report
    assert (decision.is_new, report.state, report.decision) == (True, "upheld", "The log shows it.")
    assert (report.decided_at, report.decided_by) == (ENDS, olu)
    booking.refresh_from_db()
    assert (booking.state, booking.missed_at) == ("no_show_coach", ENDS)
    again = decide_report(booking.pk, upheld=True, by=olu, reason="Again.", now=ENDS + HOUR)
    assert (again.is_new, again.report.decision) == (False, "The log shows it.")
    with pytest.raises(NothingReportedError):
        decide_report(booking.pk, upheld=False, by=olu, reason="", now=ENDS)
    assert announced() == [ReportMade, ReportDecided, BookingMissed]
    assert history(booking)[-1] == ("no_show_coach", "olu@demo.test")


def test_a_rejected_report_leaves_the_session_as_if_it_had_not_been_made(ada, ben, olu, announced):
    booking = waiting(ada, ben, came="both")
    report_no_show(booking.pk, by=ben, comment="", now=WAITED)
    assert complete_due(ENDS) == 0
    report = decide_report(booking.pk, upheld=False, by=olu, reason="Both were there.", now=ENDS).report
    assert (report.state, state_of(booking)) == ("rejected", "completed")
    assert announced() == [ReportMade, ReportDecided, BookingCompleted]
    assert history(booking)[-2:] == [("report_rejected", "olu@demo.test"), ("completed", None)]
    with pytest.raises(AlreadyReportedError):
        report_no_show(booking.pk, by=ben, comment="", now=ENDS)
    assert decide_report(booking.pk, upheld=False, by=olu, reason="", now=ENDS).is_new is False


def test_a_report_rejected_before_the_end_leaves_the_session_going_on(ada, ben, olu):
    booking = waiting(ada, ben)
    report_no_show(booking.pk, by=ben, comment="", now=WAITED)
    decide_report(booking.pk, upheld=False, by=olu, reason="", now=WAITED + MINUTE)
    assert state_of(booking) == "confirmed"
    # He can still say what he disputes.
    assert dispute(booking.pk, by=ben, reason="x", comment="", now=ENDS).state == "contested"


def test_a_dispute_that_is_upheld_is_a_session_that_the_coach_missed(ada, ben, olu):
    booking = row(ada, ben, S.COMPLETED)
    dispute(booking.pk, by=ben, reason="x", comment="", now=ENDS)
    decide_report(booking.pk, upheld=True, by=olu, reason="", now=ENDS + 9 * DAY)
    assert state_of(booking) == "no_show_coach"


def test_only_operations_decide_and_nobody_about_himself(ada, ben, cleo, olu):
    booking = waiting(ada, ben)
    report_no_show(booking.pk, by=ben, comment="", now=WAITED)
    for person in (ada, ben, cleo):
        with pytest.raises(NotFoundError):
            decide_report(booking.pk, upheld=True, by=person, reason="", now=WAITED)
    own = waiting(olu, cleo)
    report_no_show(own.pk, by=cleo, comment="", now=WAITED)
    with pytest.raises(ForbiddenError):
        decide_report(own.pk, upheld=False, by=olu, reason="", now=WAITED)
    with pytest.raises(NothingReportedError):
        decide_report(confirmed(ada, cleo, starts_at=ENDS).pk, upheld=True, by=olu, reason="", now=ENDS)
    with pytest.raises(NotFoundError):
        decide_report(uuid4(), upheld=True, by=olu, reason="", now=WAITED)


# What a page offers is what the verbs take


@pytest.mark.parametrize("came", ["candidate", "coach", "both"])
@pytest.mark.parametrize("first", [None, "no_show", "dispute"])
@pytest.mark.parametrize("minutes", [-1, 0, 14, 15, 60, 60 + 1439, 60 + 1440, 60 + 4319, 60 + 4320])
def test_what_is_offered_is_what_is_accepted(ada, ben, came, first, minutes):
    booking = waiting(ada, ben, came=came)
    if first == "no_show":
        report_no_show(booking.pk, by=ben if came != "coach" else ada, comment="", now=WAITED)
    elif first == "dispute":
        dispute(booking.pk, by=ben, reason="x", comment="", now=TOMORROW)
    now = TOMORROW + timedelta(minutes=minutes)
    for person, side in ((ben, Side.CANDIDATE), (ada, Side.COACH)):
        say = say_of(booking, side, reports_of(booking), now=now)
        if first is None:
            assert say.no_show == _accepted(report_no_show, booking, by=person, comment="", now=now)
            assert say.dispute == _accepted(dispute, booking, by=person, reason="x", comment="", now=now)
        if reports_of(booking) and reports_of(booking)[0].state == "open":
            assert say.objection == _accepted(contest, booking, by=person, comment="", now=now)


def _accepted(verb, booking, **given):
    """Whether a verb accepts; whatever it did is taken back."""
    try:
        with transaction.atomic():
            verb(booking.pk, **given)
            transaction.set_rollback(True)
    except (TooEarlyError, TooLateError, NotHereError, ForbiddenError):
        return False
    return True


def test_the_queue_of_operations_has_what_waits_for_them_first(
    ada, bo, ben, cleo, olu, django_assert_num_queries
):
    waits, stands, done = waiting(ada, ben), waiting(bo, cleo), waiting(ada, cleo, starts_at=ENDS)
    report_no_show(stands.pk, by=cleo, comment="", now=WAITED)
    report_no_show(waits.pk, by=ben, comment="", now=WAITED)
    contest(waits.pk, by=ada, comment="", now=ENDS)
    dispute(done.pk, by=cleo, reason="x", comment="", now=ENDS)
    decide_report(done.pk, upheld=False, by=olu, reason="", now=ENDS)
    with django_assert_num_queries(1):
        queue = [(report.booking.coach, report.booking.candidate) for report in undecided_reports()]
    assert queue == [(ada, ben), (bo, cleo)]
