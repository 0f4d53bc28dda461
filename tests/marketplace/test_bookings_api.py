"""Bookings over the API where no money moves: refusals, who sees what, answers, scorecards, reviews."""

from __future__ import annotations

import pytest

from core import clock
from marketplace.domain.booking import Wish, book
from marketplace.domain.offers import change_offer
from marketplace.models import Coach, Review, Session
from marketplace.states import CoachState
from scheduling.domain.completing import complete_due
from tests.marketplace.cast import HOUR, NOW, TOMORROW, offer

pytestmark = pytest.mark.django_db

BOOKINGS = "/api/v1/bookings/"
CARD = {
    "marks": [
        {"skill": "structure", "level": 4, "evidence": "First the user."},
        {"skill": "calm", "level": 2},
    ],
    "keep": "Asking who it is for.",
    "stop": "Naming features first.",
    "start": "Saying what you leave out.",
}


@pytest.fixture
def chat(mia):
    """Half an hour of Mia's, free."""
    return offer(mia, price=0, minutes=30)


@pytest.fixture
def wish(chat):
    return {"offer": str(chat.pk), "starts_at": "2026-11-03T10:00:00Z", "timezone": "Europe/Berlin"}


@pytest.fixture
def booking(api, ben, wish):
    answer = api(ben).post(BOOKINGS, wish)
    assert answer.status_code == 201, answer.json()
    return answer.json()


def refused(answer, status):
    assert answer.status_code == status, answer.json()
    return answer.json()["error"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"offer": "one"}, "offer"),
        ({"offer": "999999999999999999999"}, "offer"),
        ({"offer": "999999"}, "offer"),
        ({"offer": None}, "offer"),
        ({"offer": True}, "offer"),
        ({"starts_at": "2026-11-03T10:00:00"}, "starts_at"),
        ({"starts_at": "9999-12-31T23:59:59+14:00"}, "starts_at"),
        ({"starts_at": 1_800_000_000}, "starts_at"),
        ({"timezone": "Nowhere"}, "timezone"),
        ({"code": "HALF"}, "code"),
        ({"answers": {"shoe_size": "44"}}, "answers"),
        ({"answers": {"interview_on": "soon"}}, "answers"),
        ({"answers": {"focus": "a\x00b"}}, "answers"),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused_by_name(api, ben, wish, changes, field):
    error = refused(api(ben).post(BOOKINGS, wish | changes), 400)
    assert (error["code"], list(error["fields"])) == ("invalid", [field])
    assert not Session.objects.exists()


@pytest.mark.parametrize(
    ("starts_at", "reason"),
    [
        ("2026-11-01T10:00:00Z", "past"),
        ("2026-11-02T12:00:00Z", "notice"),
        ("2026-11-03T20:00:00Z", "outside_hours"),
        ("2026-11-03T10:10:00Z", "off_grid"),
        ("2027-11-03T10:00:00Z", "booking_window"),
    ],
)
def test_a_posted_time_that_is_no_slot_is_refused_by_its_rule(api, ben, wish, starts_at, reason):
    error = refused(api(ben).post(BOOKINGS, wish | {"starts_at": starts_at}), 409)
    assert (error["code"], error["reason"]) == ("slot_unavailable", reason)


def test_a_resume_review_has_no_time(api, ben, mia, wish):
    review = offer(mia, price=0, kind="resume_review", slug="cv")
    error = refused(api(ben).post(BOOKINGS, wish | {"offer": str(review.pk)}), 400)
    assert list(error["fields"]) == ["offer"]


def test_an_id_is_opaque_and_may_be_a_number(api, ben, chat, wish):
    answer = api(ben).post(BOOKINGS, wish | {"offer": chat.pk, "answers": {"interview_on": ""}})
    assert (answer.status_code, answer.json()["offer"]) == (201, str(chat.pk))


def test_what_is_not_on_sale_cannot_be_booked(api, ben, mia, chat, wish):
    change_offer(chat.pk, {"active": False}, by=mia.user, now=NOW)
    assert refused(api(ben).post(BOOKINGS, wish), 409)["reason"] == "inactive"
    change_offer(chat.pk, {"active": True}, by=mia.user, now=NOW)
    Coach.objects.filter(pk=mia.pk).update(state=CoachState.SUSPENDED)
    assert refused(api(ben).post(BOOKINGS, wish), 409)["reason"] == "inactive"


def test_the_loser_of_a_race_is_told_the_nearest_times(api, cleo, wish, booking):
    error = refused(api(cleo).post(BOOKINGS, wish), 409)
    assert error["code"] == "slot_taken"
    assert error["alternatives"] == ["2026-11-03T09:00:00Z", "2026-11-03T09:30:00Z", "2026-11-03T10:30:00Z"]


def test_nobody_is_in_two_sessions_at_once(api, ben, wish, booking, hour):
    error = refused(api(ben).post(BOOKINGS, wish | {"offer": str(hour.pk)}), 409)
    assert (error["code"], error["booking"]) == ("candidate_busy", booking["id"])


def test_nobody_books_himself(api, mia, wish):
    assert refused(api(mia.user).post(BOOKINGS, wish), 409)["code"] == "own_coach"


def test_booking_needs_signing_in(api, wish):
    assert api().post(BOOKINGS, wish).status_code in {401, 403}


@pytest.mark.parametrize(
    "verb",
    [
        "extend-hold",
        "accept",
        "here",
        "reschedule/accept",
        "reschedule/refuse",
        "reschedule/withdraw",
    ],
)
def test_a_verb_that_is_told_nothing_refuses_a_body_that_says_something(api, ben, booking, verb):
    error = refused(api(ben).post(f"{BOOKINGS}{booking['id']}/{verb}/", {"force": True}), 400)
    assert (error["code"], list(error["fields"])) == ("invalid", ["force"])


def test_a_booking_is_seen_by_its_two_sides_only(api, ben, mia, cleo, booking):
    path = f"{BOOKINGS}{booking['id']}/"
    assert api(ben).get(path).status_code == 200
    assert api(mia.user).get(path).status_code == 200
    assert refused(api(cleo).get(path), 404)["code"] == "not_found"
    for method, end, body in [
        ("post", "cancel/", {}),
        ("post", "extend-hold/", {}),
        ("post", "accept/", {}),
        ("post", "decline/", {}),
        ("patch", "answers/", {"focus": "x"}),
        ("put", "scorecard/", CARD),
        ("post", "review/", {"rating": 5}),
        ("get", "invite.ics", {}),
    ]:
        assert getattr(api(cleo), method)(path + end, body).status_code == 404, end


def test_lists_are_by_role_and_state(api, ben, mia, cleo, booking):
    def ids(user, **asked):
        return [row["id"] for row in api(user).get(BOOKINGS, asked).json()["results"]]

    assert ids(ben) == ids(mia.user) == [booking["id"]]
    assert ids(ben, role="candidate", state="confirmed") == [booking["id"]]
    assert ids(ben, role="coach") == ids(ben, state="held") == ids(cleo) == []
    assert ids(mia.user, role="coach") == [booking["id"]]
    assert list(refused(api(ben).get(BOOKINGS, {"role": "judge"}), 400)["fields"]) == ["role"]
    assert list(refused(api(ben).get(BOOKINGS, {"state": "lost"}), 400)["fields"]) == ["state"]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_asks_the_same_few_questions(api, ben, mia, cleo, chat, django_assert_num_queries, rows):
    Coach.objects.filter(pk=mia.pk).update(kind="coach")
    for number in range(rows):
        book(Wish(chat.pk, TOMORROW + number * HOUR, "UTC", {}), candidate=ben, now=NOW)
    with django_assert_num_queries(4):
        assert api(ben).get(BOOKINGS).json()["count"] == rows


def test_the_room_opens_ten_minutes_before_and_closes_at_the_end(api, ben, booking, settings):
    def join_url(at):
        with clock.frozen_at(at):
            return api(ben).get(f"{BOOKINGS}{booking['id']}/").json()["join_url"]

    minute = HOUR / 60
    room = f"{settings.VIDEO_ROOMS}/{booking['id']}"
    assert join_url(TOMORROW - 11 * minute) is None
    assert join_url(TOMORROW - 10 * minute) == room
    assert join_url(TOMORROW + 29 * minute) == room
    assert join_url(TOMORROW + 30 * minute) is None


def test_answers_change_one_by_one_until_two_hours_before(api, ben, mia, booking):
    path = f"{BOOKINGS}{booking['id']}/answers/"
    api(ben).patch(path, {"target_company": "Google", "interview_on": "2026-12-01"})
    answers = api(ben).patch(path, {"focus": "Metrics"}).json()["answers"]
    assert (answers["target_company"], answers["interview_on"], answers["focus"]) == (
        "Google",
        "2026-12-01",
        "Metrics",
    )
    assert api(ben).patch(path, {"interview_on": None}).json()["answers"]["interview_on"] is None
    assert refused(api(mia.user).patch(path, {"focus": "x"}), 404)
    assert list(refused(api(ben).patch(path, {"focus": "x" * 2001}), 400)["fields"]) == ["focus"]
    with clock.frozen_at(TOMORROW - 2 * HOUR):
        assert refused(api(ben).patch(path, {"focus": "Late"}), 409)["code"] == "answers_closed"


def test_a_scorecard_is_written_by_the_coach_from_the_start_on(api, ben, mia, booking):
    path = f"{BOOKINGS}{booking['id']}/scorecard/"
    assert refused(api(mia.user).put(path, CARD), 409)["code"] == "not_begun"
    with clock.frozen_at(TOMORROW):
        assert refused(api(ben).put(path, CARD), 403)["code"] == "forbidden"
        answer = api(mia.user).put(path, CARD)
    assert answer.status_code == 200
    # The session ends at 10:30, later than its delivery: 72 hours from there.
    assert answer.json()["release_at"] == "2026-11-06T10:30:00Z"
    with clock.frozen_at(TOMORROW + 20 * HOUR):
        edited = api(mia.user).put(path, {**CARD, "keep": "Calm."}).json()
    assert (edited["keep"], edited["release_at"]) == ("Calm.", "2026-11-06T10:30:00Z")
    marks = Session.objects.get().scorecard.marks.values_list("skill", "level")
    assert list(marks) == [("structure", 4), ("calm", 2)]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"marks": []}, "marks"),
        ({"marks": [{"skill": "structure", "level": 6}]}, "marks"),
        ({"marks": [{"skill": "structure", "level": 0}]}, "marks"),
        ({"marks": [{"skill": "structure", "level": 3}] * 2}, "marks"),
        ({"keep": ""}, "keep"),
        ({"verdict": "hire"}, "verdict"),
    ],
)
def test_a_scorecard_that_makes_no_sense_is_refused_by_name(api, mia, booking, changes, field):
    with clock.frozen_at(TOMORROW):
        error = refused(api(mia.user).put(f"{BOOKINGS}{booking['id']}/scorecard/", CARD | changes), 400)
    assert list(error["fields"]) == [field]


def test_each_side_reviews_once_what_took_place(api, ben, mia, booking):
    path = f"{BOOKINGS}{booking['id']}/review/"
    assert refused(api(ben).post(path, {"rating": 5}), 409)["code"] == "not_reviewable"
    complete_due(TOMORROW + HOUR)
    assert api(ben).post(path, {"rating": 5, "text": "Kind and exact."}).status_code == 201
    assert api(ben).post(path, {"rating": 5, "text": "Kind and exact."}).status_code == 201
    assert refused(api(ben).post(path, {"rating": 1}), 409)["code"] == "already_reviewed"
    assert api(mia.user).post(path, {"rating": 4}).status_code == 201
    assert Review.objects.count() == 2
    assert list(refused(api(ben).post(path, {"rating": 6}), 400)["fields"]) == ["rating"]


def test_earnings_are_the_coachs(api, ben, mia):
    assert refused(api(ben).get("/api/v1/me/earnings/"), 403)["code"] == "forbidden"
    assert api(mia.user).get("/api/v1/me/earnings/").json() == {
        "currency": "usd",
        "held": 0,
        "frozen": 0,
        "available": 0,
        "in_transit": 0,
        "paid": 0,
        "debt": 0,
        "lines": [],
    }
