"""Who is listed: GET /api/v1/coaches/."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core import clock
from marketplace.domain.booking import Wish, book
from marketplace.domain.offers import change_offer
from marketplace.models import Coach
from marketplace.queries.directory import UTC
from marketplace.queries.free_when import ranges
from scheduling.domain.free_times import refresh_free_times_of
from scheduling.queries.slots import EVER
from tests.marketplace.cast import NOW, TOMORROW, coach, offer, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def listed(api):
    def slugs(**filters):
        answer = api().get("/api/v1/coaches/", filters)
        assert answer.status_code == 200, answer.json()
        return [row["slug"] for row in answer.json()["results"]]

    return slugs


@pytest.fixture
def three(ada, hour, mia):
    """Ada ($120, Google), Mia (mentor, free) and Łukasz (Meta, $60 and $150, Polish)."""
    offer(mia, price=0, minutes=30)
    lukasz = coach(
        person("Łukasz Ríos"),
        slug="lukasz-rios",
        companies=["meta"],
        languages=["pl", "en"],
        interview_types=["root-cause", "success-metrics"],
        seniority="director",
        headline="Metrics people remember.",
        bio="I ran growth for a decade.",
    )
    offer(lukasz, price=6_000, minutes=30)
    offer(lukasz, price=15_000, minutes=90)
    return ada, mia, lukasz


def test_a_row_says_what_the_contract_says(api, ada, hour):
    answer = api().get("/api/v1/coaches/").json()
    assert answer == {
        "count": 1,
        "next": None,
        "previous": None,
        "results": [
            {
                "slug": "ada-okafor",
                "name": "Ada Okafor",
                "headline": "Runs the loop you are about to sit.",
                "kind": "coach",
                "companies": ["google"],
                "interview_types": ["product-design"],
                "languages": ["en"],
                "rating": None,
                "review_count": 0,
                "price_from": {"amount": 12000, "currency": "usd"},
                "timezone": "Europe/London",
                # Twelve hours of notice from Monday 09:00, working hours from 09:00.
                "next_free_at": "2026-11-03T09:00:00Z",
            }
        ],
    }


@pytest.mark.parametrize("state", ["applied", "suspended"])
def test_only_live_coaches_are_listed(listed, state, hour):
    offer(coach(person("Kenji Sato"), state=state))
    assert listed() == ["ada-okafor"]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"company": "google"}, {"ada-okafor"}),
        ({"company": ["google", "meta"]}, {"ada-okafor", "lukasz-rios"}),
        ({"company": "nowhere"}, set()),
        ({"interview_type": "behavioural"}, {"mia-lindqvist"}),
        ({"interview_type": ["behavioural", "root-cause"]}, {"mia-lindqvist", "lukasz-rios"}),
        ({"interview_type": "root-cause", "company": "google"}, set()),
        ({"language": "pl"}, {"lukasz-rios"}),
        ({"seniority": "director"}, {"lukasz-rios"}),
        ({"kind": "mentor"}, {"mia-lindqvist"}),
        ({"price_max": 0}, {"mia-lindqvist"}),
        ({"price_max": 12_000}, {"ada-okafor", "mia-lindqvist", "lukasz-rios"}),
        ({"price_min": 12_001}, {"lukasz-rios"}),
        ({"price_min": 6_001, "price_max": 11_999}, set()),
        ({"q": "lukasz rios"}, {"lukasz-rios"}),
        ({"q": "ŁUKASZ RÍOS"}, {"lukasz-rios"}),
        ({"q": "okafor"}, {"ada-okafor"}),
        ({"q": "oka"}, {"ada-okafor"}),
        ({"q": "product sense"}, {"ada-okafor"}),
        ({"q": "meta growth"}, {"lukasz-rios"}),
        ({"q": "meta google"}, set()),
        ({"q": "!!!"}, {"ada-okafor", "mia-lindqvist", "lukasz-rios"}),
    ],
)
def test_filters_of_one_kind_are_or_and_kinds_are_and(listed, three, filters, found):
    assert set(listed(**filters)) == found


def test_intro_calls_and_resume_reviews_count_for_nothing(listed, ada):
    offer(ada, price=20_000, minutes=60)
    offer(ada, price=0, minutes=15, kind="intro", slug="intro")
    offer(ada, price=5_000, minutes=30, kind="resume_review", slug="cv")
    assert listed(price_max=19_999) == []
    assert Coach.objects.get(pk=ada.pk).price_from == 20_000
    assert Coach.objects.get(pk=ada.pk).shortest_minutes == 60


def test_an_offer_taken_off_sale_no_longer_counts(listed, ada, hour):
    change_offer(hour.pk, {"active": False}, by=ada.user, now=NOW)
    assert listed() == ["ada-okafor"]
    assert listed(price_max=50_000) == []
    assert listed(free="week") == []


def test_min_rating_and_the_orders(listed, three):
    ada, _, lukasz = three
    Coach.objects.filter(pk=ada.pk).update(rating="4.50", review_count=2)
    Coach.objects.filter(pk=lukasz.pk).update(rating="4.90", review_count=1)
    assert listed(min_rating="4.5") == ["lukasz-rios", "ada-okafor"]
    assert listed(min_rating="4.6") == ["lukasz-rios"]
    assert listed(ordering="price") == ["mia-lindqvist", "lukasz-rios", "ada-okafor"]
    assert listed(ordering="-price") == ["ada-okafor", "lukasz-rios", "mia-lindqvist"]
    assert listed(ordering="-rating") == ["lukasz-rios", "ada-okafor", "mia-lindqvist"]


def test_the_best_match_is_first(listed, three):
    bo = coach(person("Bo Chen"), slug="bo-chen", bio="I admire Ada Okafor.")
    offer(bo)
    Coach.objects.filter(pk=bo.pk).update(rating="5.00", review_count=9)
    assert listed(q="ada okafor") == ["ada-okafor", "bo-chen"]


def test_next_free_orders_by_the_first_bookable_start(listed, three):
    late = coach(person("Noor Haddad"), slug="noor-haddad", numbers={"minimum_notice_minutes": 7 * 1440})
    offer(late)
    assert listed(ordering="next_free")[-1] == "noor-haddad"


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"free_from": "2026-11-03T09:00:00Z", "free_to": "2026-11-03T09:00:01Z"}, ["ada-okafor"]),
        ({"free_from": "2026-11-03T09:00:01Z", "free_to": "2026-11-03T09:30:00Z"}, []),
        ({"free_from": "2026-11-03T16:00:00Z", "free_to": "2026-11-03T16:00:01Z"}, ["ada-okafor"]),
        ({"free_from": "2026-11-03T16:00:01Z", "free_to": "2026-11-04T09:00:00Z"}, []),
        ({"free_from": "2026-11-03T09:00:00Z", "free_to": "2026-11-03T09:00:00Z"}, []),
        ({"free_from": "2026-11-03T10:00:00+01:00", "free_to": "2026-11-03T10:00:01+01:00"}, ["ada-okafor"]),
        ({"free": "today"}, []),
        ({"free": "48h"}, ["ada-okafor"]),
        ({"free": "week"}, ["ada-okafor"]),
        ({"free": "weekend"}, []),
        ({"free": "evenings"}, []),
        # 18:00 in Tokyo is 09:00 in London.
        ({"free": "evenings", "timezone": "Asia/Tokyo"}, ["ada-okafor"]),
        # Friday 09:00 in London is Saturday in Auckland from 11:00 on.
        ({"free": "weekend", "timezone": "Pacific/Auckland"}, ["ada-okafor"]),
        ({"free": ["weekend", "today"], "timezone": "Pacific/Auckland"}, []),
        ({"free": ["48h", "evenings"], "timezone": "Asia/Tokyo"}, ["ada-okafor"]),
    ],
)
def test_free_when_i_am(listed, hour, filters, found):
    assert listed(**filters) == found


def test_a_booked_out_hour_is_not_free(listed, ben, ada, hour):
    book(Wish(hour.pk, TOMORROW, "UTC", {}), candidate=ben, now=NOW)
    refresh_free_times_of(ada.user_id, now=NOW)
    between = {"free_from": "2026-11-03T10:00:00Z", "free_to": "2026-11-03T10:59:59Z"}
    assert listed(**between) == []


@pytest.mark.parametrize(
    ("filters", "field"),
    [
        ({"kind": "wizard"}, "kind"),
        ({"price_min": "-1"}, "price_min"),
        ({"price_max": "1e3"}, "price_max"),
        ({"min_rating": "NaN"}, "min_rating"),
        ({"min_rating": "6"}, "min_rating"),
        ({"min_rating": "1e-999999"}, "min_rating"),
        ({"company": "goo\x00gle"}, "company"),
        ({"language": [str(code) for code in range(51)]}, "language"),
        ({"free": "someday"}, "free"),
        ({"free_from": "2026-11-03T09:00:00Z"}, "free_from"),
        ({"free_from": "2026-11-03T09:00", "free_to": "2026-11-03T10:00"}, "free_from"),
        ({"free_from": "2026-11-04T09:00:00Z", "free_to": "2026-11-03T09:00:00Z"}, "free_from"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
        ({"ordering": "name"}, "ordering"),
    ],
)
def test_a_filter_that_cannot_be_understood_is_named(api, db, filters, field):
    answer = api().get("/api/v1/coaches/", filters)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "invalid"
    assert list(answer.json()["error"]["fields"]) == [field]


def test_a_range_of_centuries_looks_no_further_than_anybody_sells():
    centuries = (NOW, NOW.replace(year=2199))
    evenings = ranges(["evenings"], centuries, zone=UTC, now=NOW)
    assert len(evenings) <= EVER.days + 1
    assert ranges(["evenings"], (NOW.replace(year=2150), centuries[1]), zone=UTC, now=NOW) == []


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_asks_the_same_few_questions_for_one_row_and_for_three(
    api, db, django_assert_num_queries, rows
):
    for name in ["Ada One", "Bo Two", "Cy Three"][:rows]:
        offer(coach(person(name), companies=["google", "meta"]))
    with django_assert_num_queries(8):
        answer = api().get("/api/v1/coaches/", {"free": "week", "company": "google", "q": "loop"})
    assert answer.json()["count"] == rows


def test_pages_are_small_and_the_last_one_says_so(api, db):
    for name in ["Ada One", "Bo Two", "Cy Three"]:
        offer(coach(person(name)))
    first = api().get("/api/v1/coaches/", {"page_size": 2}).json()
    assert [len(first["results"]), first["count"]] == [2, 3]
    second = api().get(first["next"]).json()
    assert [len(second["results"]), second["next"]] == [1, None]
    assert api().get("/api/v1/coaches/", {"page": 9}).status_code == 404


def test_the_clock_moves_what_is_free_today(listed, hour):
    with clock.frozen_at(NOW - timedelta(hours=12)):
        assert listed(free="today") == []
        assert listed(free="48h") == ["ada-okafor"]
