"""The pages that find a person and a time, as a browser without JavaScript sees them."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from marketplace.models import Coach, Session
from scheduling.states import BookingState
from tests.marketplace.cast import NOW, coach, offer, person

pytestmark = pytest.mark.django_db

START = "2026-11-03T10:00:00Z"


def links(answer, text):
    """Addresses of links that contain ``text``, in order."""
    found = re.findall(r'<a[^>]*href="([^"]+)"[^>]*>(.*?)</a>', answer.content.decode(), re.DOTALL)
    return [href.replace("&amp;", "&") for href, inside in found if text in inside]


@pytest.fixture
def visit(client):
    def get(name, *args, status=200, **asked):
        answer = client.get(reverse(name, args=args), asked)
        assert answer.status_code == status, answer.content
        return answer

    return get


def test_the_directory_shows_people_with_price_and_next_free_time(visit, hour):
    page = visit("directory", timezone="Europe/Berlin").content.decode()
    assert "Ada Okafor" in page
    assert "$120" in page
    assert "Tomorrow 10:00" in page


def test_facets_are_links_with_counts(client, visit, hour):
    offer(coach(person("Bo Chen"), companies=["meta"]), price=0)
    page = visit("directory")
    [meta] = set(links(page, "Meta"))
    assert meta == "/coaching/?company=meta"
    filtered = client.get(meta)
    assert "Bo Chen" in filtered.content.decode()
    assert "Ada Okafor" not in filtered.content.decode()
    # Its own facet is counted without itself: Google is still there to be added.
    assert set(links(filtered, "Google")) == {"/coaching/?company=meta&company=google"}
    assert set(links(filtered, "Meta")) == {"/coaching/"}


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"price_min": 1, "price_max": 9_999}, "Under $100"),
        ({"price_min": 5_000}, "from $50"),
        ({"price_max": 5_000}, "up to $50"),
        ({"price_min": 5_000, "price_max": 6_000}, "$50 to $60"),
        ({"min_rating": "4.5"}, "4.5 stars and better"),
        ({"kind": "mentor"}, "mentors"),
        ({"q": "growth", "free": "weekend"}, "free weekend · “growth”"),
        (
            {"free_from": "2026-11-03T17:00:00Z", "free_to": "2026-11-03T21:00:00Z"},
            "free 3 Nov 17:00 to 3 Nov 21:00",
        ),
    ],
)
def test_the_filters_are_read_as_a_sentence(visit, hour, asked, said):
    assert said in visit("directory", **asked).content.decode()


def test_one_of_a_kind_is_chosen_and_dropped_by_its_link(client, visit, hour):
    Coach.objects.update(rating="4.90", review_count=3)
    for label, parameter in [
        ("4.5 and better", "min_rating=4.5"),
        ("Coach", "kind=coach"),
        ("$100 to", "price_m"),
    ]:
        [there] = {href for href in links(visit("directory"), label) if parameter in href}
        chosen = client.get(there)
        assert "Ada Okafor" in chosen.content.decode()
        assert "/coaching/" in links(chosen, label), label


def test_an_empty_result_says_which_filter_to_drop(client, visit, hour):
    page = visit("directory", company="google", language="sv")
    assert "Nobody fits all of this" in page.content.decode()
    assert links(page, "Drop the language") == ["/coaching/?company=google"]
    assert links(page, "Drop the company") == []


def test_a_filter_that_makes_no_sense_is_named_and_the_rest_counts(visit, hour):
    page = visit("directory", price_max="cheap", company="google").content.decode()
    assert "A whole number of minor units" in page
    assert "Ada Okafor" in page


def test_a_range_of_wall_times_becomes_an_address_of_instants(client, db):
    wall = {"free_from": "2026-11-03T18:00", "free_to": "2026-11-03T22:00", "timezone": "Europe/Berlin"}
    answer = client.get("/coaching/", wall)
    assert answer.status_code == 302
    assert "free_from=2026-11-03T17%3A00%3A00Z" in answer["Location"]
    assert client.get(answer["Location"]).status_code == 200


def test_the_mentors_page_lists_mentors_only(visit, hour, mia):
    offer(mia, price=0)
    page = visit("mentors").content.decode()
    assert "Mia Lindqvist" in page
    assert "Ada Okafor" not in page


def test_the_coach_page_names_each_slot_in_full(visit, hour):
    page = visit("coach", "ada-okafor", timezone="Europe/Berlin").content.decode()
    assert 'aria-label="Tuesday 3 November, 10:00, Europe/Berlin"' in page
    assert 'aria-label="Tuesday 3 November, 17:00, Europe/Berlin"' in page
    assert "Ada is in Europe/London (UTC+0)" in page


def test_two_people_in_two_zones_see_the_same_instants(visit, hour):
    def values(zone):
        page = visit("coach", "ada-okafor", timezone=zone, day="2026-11-04").content.decode()
        return set(re.findall(r'name="starts_at" value="([^"]+)"', page))

    assert values("Europe/London") == values("Europe/Berlin")
    # In Tokyo that Wednesday's hours lie in the evening and past midnight, so two local days share them.
    assert values("Asia/Tokyo") != set()


def test_htmx_gets_the_picker_alone(client, hour):
    answer = client.get("/coaching/ada-okafor/", {"day": "2026-11-05"}, headers={"HX-Request": "true"})
    page = answer.content.decode()
    assert page.lstrip().startswith('<slot-picker id="picker"')
    assert "Thursday 5 November" in page


def test_a_suspended_coach_has_no_page(client, db):
    offer(coach(person("Kenji Sato"), state="suspended"))
    assert client.get("/coaching/kenji-sato/").status_code == 404
    assert client.get("/api/v1/coaches/kenji-sato/").status_code == 404


def test_the_chosen_time_survives_signing_in(client, ben, hour):
    answer = client.post("/coaching/ada-okafor/hold/", {"offer": hour.slug, "starts_at": START})
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/?next=/coaching/ada-okafor/")
    client.force_login(ben)
    back = client.get("/coaching/ada-okafor/", {"offer": hour.slug, "start": START})
    assert re.search(rf'value="{START}"[^>]*checked', back.content.decode())


def test_a_free_session_is_confirmed_at_once(client, ben, mia):
    chat = offer(mia, price=0, minutes=30)
    client.force_login(ben)
    answer = client.post(
        "/coaching/mia-lindqvist/hold/", {"offer": chat.slug, "starts_at": START}, follow=True
    )
    assert answer.status_code == 200
    assert "Tuesday 3 November at 10:00 with Mia Lindqvist" in answer.content.decode()
    assert Session.objects.get().booking.state == BookingState.CONFIRMED


def test_losing_the_race_shows_the_nearest_times_and_keeps_the_choice(client, ben, cleo, mia):
    chat = offer(mia, price=0, minutes=30)
    client.force_login(cleo)
    client.post("/coaching/mia-lindqvist/hold/", {"offer": chat.slug, "starts_at": START})
    client.force_login(ben)
    answer = client.post("/coaching/mia-lindqvist/hold/", {"offer": chat.slug, "starts_at": START})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Somebody else was faster" in page
    for start in ("2026-11-03T09:30:00Z", "2026-11-03T10:30:00Z", "2026-11-03T09:00:00Z"):
        assert f'name="starts_at" value="{start}"' in page


def test_a_press_without_a_time_asks_for_one(client, ben, hour):
    client.force_login(ben)
    answer = client.post("/coaching/ada-okafor/hold/", {"offer": hour.slug}, follow=True)
    assert "Choose a time first." in answer.content.decode()


@pytest.mark.parametrize("offer_name", ["nothing-like-it", "focused\x00drill"])
def test_a_press_for_no_offer_finds_nothing(client, ben, hour, offer_name):
    client.force_login(ben)
    asked = {"offer": offer_name, "starts_at": START}
    assert client.post("/coaching/ada-okafor/hold/", asked).status_code == 404


def test_strangers_find_nothing_of_a_booking(client, ben, cleo, mia):
    chat = offer(mia, price=0, minutes=30)
    client.force_login(ben)
    client.post("/coaching/mia-lindqvist/hold/", {"offer": chat.slug, "starts_at": START})
    session = Session.objects.get()
    client.force_login(cleo)
    for name in ("booking_prepare", "booking_pay", "booking_paid", "booking_answers"):
        assert client.get(reverse(name, args=[session.pk])).status_code == 404, name


def test_the_coachs_own_link_lowers_the_rate(client, ben, ada, hour, settings):
    client.force_login(ben)
    assert client.get(f"/with/{ada.private_code}/")["Location"] == "/coaching/ada-okafor/"
    client.post("/coaching/ada-okafor/hold/", {"offer": hour.slug, "starts_at": START})
    session = Session.objects.get()
    assert session.private_link is True
    assert session.order.lines.get().rate_bp == settings.PRIVATE_LINK_RATE_BP
    assert client.get("/with/nobody/").status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_the_directory_asks_the_same_questions_for_one_row_and_for_three(
    client, db, django_assert_max_num_queries, rows
):
    for name in ["Ada One", "Bo Two", "Cy Three"][:rows]:
        offer(coach(person(name), companies=["google", "meta"]))
    client.get("/coaching/")
    with django_assert_max_num_queries(19) as asked:
        client.get("/coaching/", {"company": "google"})
    assert len(asked) == 19


def test_nothing_is_read_beyond_now(visit, hour):
    """A day in the past shows today's strip, not the past."""
    page = visit("coach", "ada-okafor", day="2020-01-01").content.decode()
    assert NOW.strftime("%-d") in page
