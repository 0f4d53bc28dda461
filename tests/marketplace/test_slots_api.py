"""Times of a coach: GET /api/v1/coaches/{slug}/ and its slots."""

from __future__ import annotations

import pytest

from marketplace.domain.offers import change_offer
from tests.marketplace.cast import NOW, offer

pytestmark = pytest.mark.django_db

SLOTS = "/api/v1/coaches/ada-okafor/slots/"


@pytest.fixture
def slots(api, hour):
    def ask(status=200, **asked):
        asked = {"offer": hour.slug, "from": "2026-11-03T00:00:00Z", "to": "2026-11-04T00:00:00Z"} | asked
        answer = api().get(SLOTS, {name: value for name, value in asked.items() if value is not None})
        assert answer.status_code == status, answer.json()
        return answer.json()

    return ask


def test_the_profile_lists_the_offers_on_sale(api, ada, hour):
    offer(ada, price=0, minutes=15, kind="intro", slug="intro")
    gone = offer(ada, price=9_000, minutes=30, slug="gone")
    change_offer(gone.pk, {"active": False}, by=ada.user, now=NOW)
    profile = api().get("/api/v1/coaches/ada-okafor/").json()
    assert [(each["slug"], each["kind"], each["price"]) for each in profile["offers"]] == [
        ("60-minutes", "session", {"amount": 12000, "currency": "usd"}),
        ("intro", "intro", {"amount": 0, "currency": "usd"}),
    ]
    assert profile["offers"][0]["id"] == str(hour.pk)
    assert (profile["seniority"], profile["next_free_at"]) == ("group", "2026-11-03T09:00:00Z")


def test_slots_lie_in_the_half_open_range_in_order(slots):
    answer = slots(**{"from": "2026-11-03T10:00:00Z", "to": "2026-11-03T11:00:00Z"})
    assert answer == {
        "timezone": "Europe/London",
        "coach_timezone": "Europe/London",
        "duration_minutes": 60,
        "slots": [
            {
                "starts_at": "2026-11-03T10:00:00Z",
                "ends_at": "2026-11-03T11:00:00Z",
                "starts_at_local": "2026-11-03T10:00:00+00:00",
            },
            {
                "starts_at": "2026-11-03T10:30:00Z",
                "ends_at": "2026-11-03T11:30:00Z",
                "starts_at_local": "2026-11-03T10:30:00+00:00",
            },
        ],
    }


def test_another_zone_labels_the_same_instants(slots):
    here, there = slots(), slots(timezone="Asia/Tokyo")
    assert [slot["starts_at"] for slot in here["slots"]] == [slot["starts_at"] for slot in there["slots"]]
    assert there["slots"][0]["starts_at_local"] == "2026-11-03T18:00:00+09:00"
    assert (there["timezone"], there["coach_timezone"]) == ("Asia/Tokyo", "Europe/London")


def test_an_empty_range_is_an_empty_list(slots):
    assert slots(**{"from": "2026-11-03T10:00:00Z", "to": "2026-11-03T10:00:00Z"})["slots"] == []


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"to": "2027-01-04T00:00:01Z"}, "to"),
        ({"to": "2026-11-02T23:59:59Z"}, "to"),
        ({"from": "yesterday"}, "from"),
        ({"from": "2026-11-03T00:00:00"}, "from"),
        ({"from": "0001-01-01T00:00:00Z"}, "from"),
        ({"from": None}, "from"),
        ({"offer": None}, "offer"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused_by_name(slots, asked, field):
    refused = slots(status=400, **asked)["error"]
    assert (refused["code"], list(refused["fields"])) == ("invalid", [field])


def test_exactly_62_days_are_allowed(slots):
    assert slots(to="2027-01-04T00:00:00Z")["slots"]


def test_unknown_coaches_and_offers_are_not_found(api, slots):
    assert api().get("/api/v1/coaches/nobody/").status_code == 404
    assert slots(status=404, offer="nothing")["error"]["code"] == "not_found"


def test_a_resume_review_has_no_times(ada, slots):
    offer(ada, kind="resume_review", slug="cv")
    assert slots(status=404, offer="cv")["error"]["code"] == "not_found"


def test_slots_of_a_month_ask_at_most_six_questions(slots, django_assert_max_num_queries):
    with django_assert_max_num_queries(6):
        slots(to="2026-12-03T00:00:00Z")
