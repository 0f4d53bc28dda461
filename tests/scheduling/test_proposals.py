"""A coach asks for another time; the candidate says yes, says no, or says nothing."""

from datetime import timedelta
from uuid import uuid4

import pytest

from core.errors import ForbiddenError, InvalidError, NotFoundError
from scheduling.domain.cancelling import cancel_booking, preview_cancellation
from scheduling.domain.completing import complete_due
from scheduling.domain.conflicts import CandidateBusyError, SlotTakenError
from scheduling.domain.moving import (
    MoveRefusedError,
    NoProposalError,
    accept_move,
    lapse_due,
    lapse_move,
    move_booking,
    propose_move,
    refuse_move,
    withdraw_move,
)
from scheduling.domain.tries import SlotUnavailableError
from scheduling.events import (
    BookingCancelled,
    BookingMoved,
    MoveProposed,
    MoveSettled,
    SlotsChanged,
    TimeFreed,
)
from scheduling.models import Booking, MoveProposal
from scheduling.queries.moves import last_proposal, open_proposal
from scheduling.states import PROPOSAL_MOVES, ProposalState
from scheduling.states import BookingState as S
from tests.scheduling.stage import (
    FREE,
    HOUR,
    NOW,
    TOMORROW,
    confirmed,
    history,
    hold,
    open_around_the_clock,
    overlapping_pairs,
    row,
)

pytestmark = pytest.mark.django_db
INSTANT = timedelta(microseconds=1)
DAY = timedelta(days=1)
LATER = TOMORROW + 3 * DAY
LAPSES = TOMORROW - 2 * HOUR


@pytest.fixture
def booking(ada, ben):
    """Ben's, tomorrow at ten."""
    open_around_the_clock(ada)
    return confirmed(ada, ben)


@pytest.fixture
def proposal(booking, ada, announced):
    """Ada asks for three days later."""
    made = propose_move(booking.pk, LATER, by=ada, now=NOW)
    announced()
    return made


def start_of(booking):
    return Booking.objects.values_list("starts_at", flat=True).get(pk=booking.pk)


def state_of(proposal):
    return MoveProposal.objects.values_list("state", flat=True).get(pk=proposal.pk)


def test_a_proposal_moves_nothing_and_keeps_nothing(booking, ada, cleo, announced):
    proposal = propose_move(booking.pk, LATER, by=ada, now=NOW)
    assert (proposal.from_at, proposal.starts_at, proposal.lapses_at) == (TOMORROW, LATER, LAPSES)
    assert announced() == [MoveProposed]
    assert history(booking) == [("move_proposed", "ada@demo.test")]
    assert start_of(booking) == TOMORROW
    assert hold(ada, cleo, LATER, FREE).is_new


def test_asking_twice_is_asking_once_and_asking_anew_withdraws(booking, ada, announced):
    first = propose_move(booking.pk, LATER, by=ada, now=NOW)
    assert propose_move(booking.pk, LATER, by=ada, now=NOW + HOUR) == first
    second = propose_move(booking.pk, LATER + HOUR, by=ada, now=NOW + HOUR)
    assert (state_of(first), state_of(second)) == ("withdrawn", "open")
    assert announced() == [MoveProposed, MoveSettled, MoveProposed]


@pytest.mark.parametrize("ahead", [2 * HOUR, HOUR, timedelta()])
def test_a_coach_asks_while_more_than_two_hours_are_left(booking, ada, ahead):
    with pytest.raises(MoveRefusedError) as refused:
        propose_move(booking.pk, LATER, by=ada, now=TOMORROW - ahead)
    assert refused.value.code == "too_late_to_move"
    assert propose_move(booking.pk, LATER, by=ada, now=LAPSES - INSTANT).state == "open"


@pytest.mark.parametrize("state", [S.REQUESTED, S.HELD, S.CANCELLED, S.COMPLETED])
def test_only_a_confirmed_session_is_asked_to_move(ada, ben, state):
    open_around_the_clock(ada)
    with pytest.raises(MoveRefusedError) as refused:
        propose_move(row(ada, ben, state).pk, LATER, by=ada, now=NOW)
    assert refused.value.code == "illegal_state"


def test_a_coach_asks_for_a_time_that_is_a_slot(booking, ada, cleo):
    confirmed(ada, cleo, starts_at=LATER)
    with pytest.raises(SlotTakenError) as taken:
        propose_move(booking.pk, LATER, by=ada, now=NOW)
    assert taken.value.alternatives == [LATER - 3 * HOUR / 2, LATER - HOUR, LATER + HOUR]
    with pytest.raises(SlotUnavailableError) as unavailable:
        propose_move(booking.pk, NOW + HOUR, by=ada, now=NOW)
    assert unavailable.value.reason == "notice"
    with pytest.raises(InvalidError):
        propose_move(booking.pk, TOMORROW, by=ada, now=NOW)
    assert not MoveProposal.objects.exists()


def test_a_coach_does_not_hear_that_the_candidate_is_busy_elsewhere(booking, ada, bo, ben):
    confirmed(bo, ben, starts_at=LATER)
    propose_move(booking.pk, LATER, by=ada, now=NOW)
    with pytest.raises(CandidateBusyError):
        accept_move(booking.pk, by=ben, now=NOW)
    assert start_of(booking) == TOMORROW


def test_yes_moves_it_once_and_counts_for_nothing(booking, proposal, ben, announced):
    for later in (LAPSES - INSTANT, LAPSES + HOUR):
        moved = accept_move(booking.pk, by=ben, now=later)
        assert (moved.starts_at, moved.sequence, moved.late_moves) == (LATER, 1, 0)
    assert state_of(proposal) == "accepted"
    assert announced() == [BookingMoved, TimeFreed, SlotsChanged, SlotsChanged]
    assert history(booking)[1:] == [("moved", "ben@demo.test")]
    assert preview_cancellation(moved, by=ben, now=LATER - 24 * HOUR) == ("full", 100)


def test_yes_to_a_time_that_was_taken_meanwhile_leaves_the_old_one(booking, proposal, ada, ben, cleo):
    confirmed(ada, cleo, starts_at=LATER)
    with pytest.raises(SlotTakenError) as taken:
        accept_move(booking.pk, by=ben, now=NOW)
    assert taken.value.alternatives == [LATER - 3 * HOUR / 2, LATER - HOUR, LATER + HOUR]
    assert (start_of(booking), state_of(proposal)) == (TOMORROW, "open")
    assert overlapping_pairs() == []


def test_yes_to_a_time_inside_the_notice_comes_too_late(booking, ada, ben):
    early = NOW + 15 * HOUR
    proposal = propose_move(booking.pk, early, by=ada, now=NOW)
    with pytest.raises(SlotUnavailableError) as unavailable:
        accept_move(booking.pk, by=ben, now=NOW + 4 * HOUR)
    assert unavailable.value.reason == "notice"
    assert state_of(proposal) == "open"


def test_no_leaves_the_old_time_once(booking, proposal, ben, announced):
    for later in (NOW, LAPSES + HOUR):
        assert refuse_move(booking.pk, by=ben, now=later).starts_at == TOMORROW
    assert state_of(proposal) == "refused"
    assert announced() == [MoveSettled]
    assert history(booking)[1:] == [("move_refused", "ben@demo.test")]


def test_a_coach_takes_his_proposal_back_once(booking, proposal, ada, ben, announced):
    for later in (NOW, LAPSES + HOUR):
        assert withdraw_move(booking.pk, by=ada, now=later).starts_at == TOMORROW
    assert state_of(proposal) == "withdrawn"
    assert announced() == [MoveSettled]
    assert preview_cancellation(booking, by=ben, now=LAPSES) == ("half", 50)


def test_unanswered_it_lapses_two_hours_before_the_old_start(booking, proposal, announced):
    assert lapse_due(LAPSES - INSTANT) == 0
    assert not lapse_move(proposal.pk, now=LAPSES - INSTANT)
    assert [lapse_due(LAPSES), lapse_due(LAPSES)] == [1, 0]
    assert state_of(proposal) == "lapsed"
    assert announced() == [MoveSettled]
    assert not lapse_move(proposal.pk, now=LAPSES)
    assert history(booking)[1:] == [("move_lapsed", None)]


def test_what_is_over_is_not_answered_though_no_job_has_run_yet(booking, proposal, ada, ben):
    for answer, person in ((accept_move, ben), (refuse_move, ben), (withdraw_move, ada)):
        with pytest.raises(NoProposalError):
            answer(booking.pk, by=person, now=LAPSES)
    assert (start_of(booking), state_of(proposal)) == (TOMORROW, "open")


def test_a_session_that_was_completed_meanwhile_lets_its_proposal_lapse(booking, proposal):
    complete_due(TOMORROW + HOUR)
    assert lapse_due(TOMORROW + HOUR) == 1
    assert state_of(proposal) == "lapsed"


def test_where_nothing_was_asked_nothing_is_answered(booking, ada, ben):
    for answer, person in ((accept_move, ben), (refuse_move, ben), (withdraw_move, ada)):
        with pytest.raises(NoProposalError):
            answer(booking.pk, by=person, now=NOW)


def test_another_answer_than_the_one_given_is_refused(booking, proposal, ada, ben):
    refuse_move(booking.pk, by=ben, now=NOW)
    for answer, person in ((accept_move, ben), (withdraw_move, ada)):
        with pytest.raises(NoProposalError):
            answer(booking.pk, by=person, now=NOW)
    assert start_of(booking) == TOMORROW


def test_a_yes_that_was_overtaken_by_a_move_is_not_said_again(booking, proposal, ben):
    accept_move(booking.pk, by=ben, now=NOW)
    move_booking(booking.pk, LATER + DAY, by=ben, now=NOW)
    with pytest.raises(NoProposalError):
        accept_move(booking.pk, by=ben, now=NOW)


def test_each_side_has_its_own_answers_and_strangers_none(booking, proposal, ada, bo, ben, cleo, olu):
    for answer in (accept_move, refuse_move):
        with pytest.raises(ForbiddenError):
            answer(booking.pk, by=ada, now=NOW)
    for ask in (withdraw_move, lambda pk, **given: propose_move(pk, LATER, **given)):
        with pytest.raises(ForbiddenError):
            ask(booking.pk, by=ben, now=NOW)
    for person in (bo, cleo, olu):
        for answer in (accept_move, refuse_move, withdraw_move):
            with pytest.raises(NotFoundError):
                answer(booking.pk, by=person, now=NOW)
        with pytest.raises(NotFoundError):
            propose_move(booking.pk, LATER, by=person, now=NOW)
    with pytest.raises(NotFoundError):
        refuse_move(uuid4(), by=ben, now=NOW)
    assert state_of(proposal) == "open"


def test_the_candidates_own_move_withdraws_it(booking, proposal, ben, announced):
    move_booking(booking.pk, LATER + HOUR, by=ben, now=NOW)
    assert state_of(proposal) == "withdrawn"
    assert announced() == [BookingMoved, TimeFreed, SlotsChanged, SlotsChanged, MoveSettled]


@pytest.mark.parametrize("side", ["ada", "ben"])
def test_the_end_of_the_booking_withdraws_it(booking, proposal, side, request, announced):
    cancel_booking(booking.pk, by=request.getfixturevalue(side), now=NOW)
    assert state_of(proposal) == "withdrawn"
    assert announced() == [MoveSettled, BookingCancelled, SlotsChanged]
    assert open_proposal(booking) is None
    assert last_proposal(booking) == proposal


# What a refused proposal does to a later cancellation


@pytest.fixture
def refused(booking, proposal, ben):
    return refuse_move(booking.pk, by=ben, now=NOW)


@pytest.mark.parametrize(
    ("ahead", "answer"),
    [
        (25 * HOUR, ("coach", 100)),
        (2 * HOUR, ("coach", 100)),
        (2 * HOUR - INSTANT, ("none", 0)),
    ],
)
def test_who_said_no_cancels_whole_until_two_hours_before(refused, ben, ahead, answer):
    now = TOMORROW - ahead
    assert preview_cancellation(refused, by=ben, now=now) == answer
    cancelled = cancel_booking(refused.pk, by=ben, now=now)
    assert (cancelled.rule, cancelled.refund_percent, cancelled.is_coachs) == (*answer, False)
    # Asked again later, it is what it was.
    assert preview_cancellation(cancelled.booking, by=ben, now=TOMORROW) == answer


def test_a_coach_who_cancels_does_it_himself(refused, ada):
    cancelled = cancel_booking(refused.pk, by=ada, now=NOW)
    assert (cancelled.rule, cancelled.is_coachs) == ("coach", True)


def test_a_no_outweighs_an_earlier_late_move_of_ones_own(booking, ada, ben):
    move_booking(booking.pk, LATER, by=ben, now=TOMORROW - 3 * HOUR)
    propose_move(booking.pk, LATER + DAY, by=ada, now=TOMORROW)
    moved = refuse_move(booking.pk, by=ben, now=TOMORROW)
    assert preview_cancellation(moved, by=ben, now=LATER - 2 * HOUR) == ("coach", 100)


def test_who_said_no_and_then_moves_himself_has_chosen_anew(refused, ben):
    moved = move_booking(refused.pk, LATER, by=ben, now=TOMORROW - 3 * HOUR)
    assert preview_cancellation(moved, by=ben, now=LATER - 2 * DAY) == ("half", 50)


def test_a_lapsed_proposal_gives_no_right(booking, proposal, ben):
    lapse_due(LAPSES)
    assert preview_cancellation(booking, by=ben, now=LAPSES) == ("half", 50)


def test_a_proposal_moves_along_its_arrows_and_no_other():
    for source in ProposalState:
        for target in ProposalState:
            allowed = source == ProposalState.OPEN and target != ProposalState.OPEN
            assert (target in PROPOSAL_MOVES.get(source, ())) is allowed
            assert MoveProposal(state=source).can_move_to(target) is allowed
