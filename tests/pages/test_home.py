from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.cache import cache

from core import clock
from pages.queries import Figure, all_today, free_soonest, proof
from tests.marketplace.cast import NINE_TO_FIVE, NOW, coach, offer, person

LONDON = ZoneInfo("Europe/London")
AUCKLAND = ZoneInfo("Pacific/Auckland")

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _monday_morning_and_nothing_counted_before():
    cache.clear()
    with clock.frozen_at(NOW):
        yield
    cache.clear()


@pytest.fixture
def ada():
    made = coach(person("Ada Okafor"), timezone="Europe/London")
    offer(made)
    return made


@pytest.fixture
def mia():
    made = coach(person("Mia Lindqvist"), kind="mentor", weekly=((), (), *NINE_TO_FIVE[2:]))
    offer(made, price=0)
    return made


def test_the_board_is_sorted_by_time_and_says_which_day_it_is_for_the_reader(ada, mia):
    board = free_soonest(LONDON, now=NOW)
    assert [(line.coach.name, line.day) for line in board] == [
        ("Ada Okafor", "Tomorrow"),
        ("Mia Lindqvist", "Wed 4 Nov"),
    ]
    assert not all_today(board, LONDON, now=NOW)


def test_the_same_instant_is_another_day_elsewhere(ada):
    late = NOW.replace(hour=15)
    (line,) = free_soonest(AUCKLAND, now=late)
    assert line.starts_at == (NOW + timedelta(days=1))
    assert line.day == "Today"
    assert all_today([line], AUCKLAND, now=late)


def test_nobody_free_and_nothing_done_leaves_both_sections_out(client):
    page = client.get("/").content.decode()
    assert 'class="board"' not in page
    assert 'aria-label="In figures"' not in page


def test_who_is_not_live_is_on_no_board(ada):
    ada.state = "suspended"
    ada.save()
    assert free_soonest(LONDON, now=NOW) == []
    assert proof() == []


def test_the_home_page_shows_the_board_and_the_figures(client, ada, mia):
    client.cookies["zone"] = "Europe/London"
    page = client.get("/").content.decode()
    assert "Free next" in page
    assert f'<a href="{ada.get_absolute_url()}">Ada Okafor</a>' in page
    assert '<time datetime="2026-11-03T09:00:00Z">09:00<span class="zone">Tomorrow</span></time>' in page
    assert "$120" in page
    assert "Free</span>" in page
    assert proof() == [Figure("1", "coaches"), Figure("1", "mentors, for free")]


def test_the_search_by_time_posts_nothing_and_keeps_the_zone(client, ada):
    client.cookies["zone"] = "Pacific/Auckland"
    page = client.get("/").content.decode()
    assert '<form class="when" action="/coaching/" method="get"' in page
    assert 'type="checkbox" name="free" value="evenings"' in page
    assert '<option value="Pacific/Auckland" selected' in page


def test_the_home_page_asks_the_same_number_of_questions_for_one_coach_and_for_three(
    client, ada, django_assert_max_num_queries
):
    client.get("/")
    with django_assert_max_num_queries(12) as one:
        client.get("/")
    for name in ("Mia Lindqvist", "Kenji Watanabe"):
        offer(coach(person(name)))
    with django_assert_max_num_queries(len(one)):
        client.get("/")
