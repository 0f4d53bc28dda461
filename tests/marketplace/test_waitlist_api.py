"""Joining a waitlist, seeing one's place in it, and leaving: over the API and on the pages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils.html import strip_tags

from core import clock, outbox
from core.instants import instant_json
from marketplace.models import WaitlistEntry
from scheduling.states import BookingState as S
from tests.marketplace.cast import HOUR, NOW, TOMORROW, offer

pytestmark = pytest.mark.django_db

JOIN = "/api/v1/coaches/ada-okafor/waitlist/"
MINE = "/api/v1/me/waitlist/"
HALF_HOUR = timedelta(minutes=30)


def deliver():
    at = clock.now()
    while due := outbox.due(at):
        for pk in due:
            assert outbox.deliver(pk, now=at)


def book(client, what, starts_at=TOMORROW, *, status=201):
    wish = {"offer": str(what.pk), "starts_at": instant_json(starts_at), "timezone": "UTC"}
    answer = client.post("/api/v1/bookings/", wish)
    assert answer.status_code == status, answer.content
    return answer.json()


def test_joining_answers_what_one_waits_for(api, hour, ben):
    answer = api(ben).post(JOIN, {"offer": hour.slug, "to": "2026-12-01T00:00:00Z"})
    assert answer.status_code == 201
    assert answer.json() == {
        "id": str(WaitlistEntry.objects.get().pk),
        "coach": {"slug": "ada-okafor", "name": "Ada Okafor"},
        "offer": str(hour.pk),
        "offer_name": "60 minutes",
        "timezone": "UTC",
        "joined_at": instant_json(NOW),
        "place": 1,
        "held": [],
        "from": None,
        "to": "2026-12-01T00:00:00Z",
    }


def test_an_offer_is_named_by_its_id_too(api, hour, ben):
    assert api(ben).post(JOIN, {"offer": str(hour.pk)}).status_code == 201


def test_joining_twice_is_once_and_keeps_the_place(api, hour, ben, cleo):
    for person in (ben, cleo):
        api(person).post(JOIN, {"offer": hour.slug})
    with clock.frozen_at(NOW + HOUR):
        again = api(ben).post(JOIN, {"offer": hour.slug, "from": "2026-11-20T00:00:00Z"})
        places = [api(person).get(MINE).json()["results"][0]["place"] for person in (ben, cleo)]
    assert (again.status_code, again.json()["from"]) == (200, "2026-11-20T00:00:00Z")
    assert places == [1, 2]
    assert WaitlistEntry.objects.count() == 2


def test_a_wait_that_is_over_begins_anew_at_the_end_of_the_line(api, hour, ben, cleo):
    api(ben).post(JOIN, {"offer": hour.slug, "to": instant_json(NOW + HOUR)})
    api(cleo).post(JOIN, {"offer": hour.slug})
    with clock.frozen_at(NOW + HOUR):
        assert api(ben).get(MINE).json()["count"] == 0
        assert api(ben).post(JOIN, {"offer": hour.slug}).json()["place"] == 2


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({}, "offer"),
        ({"offer": "nothing"}, "offer"),
        ({"offer": "review"}, "offer"),
        ({"offer": "hour", "to": instant_json(NOW)}, "to"),
        ({"offer": "hour", "from": "2026-12-02T00:00:00Z", "to": "2026-12-02T00:00:00Z"}, "to"),
        ({"offer": "hour", "from": "tomorrow"}, "from"),
        ({"offer": "hour", "timezone": "Mars/Base"}, "timezone"),
        ({"offer": "hour", "until": None}, "until"),
    ],
)
def test_a_wish_that_cannot_be_is_refused_by_its_field(api, ada, ben, wish, field):
    offer(ada, slug="hour")
    offer(ada, slug="review", kind="resume_review")
    answer = api(ben).post(JOIN, wish)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid")
    assert list(answer.json()["error"]["fields"]) == [field]
    assert not WaitlistEntry.objects.exists()


def test_who_may_not_join(api, ada, mia, hour, ben):
    chat = offer(mia, price=0, slug="chat")
    assert api(ben).post(JOIN, {"offer": chat.slug}).status_code == 400
    assert api(ada.user).post(JOIN, {"offer": hour.slug}).json()["error"]["code"] == "own_coach"
    assert api().post(JOIN, {"offer": hour.slug}).status_code == 401
    assert api(ben).post("/api/v1/coaches/nobody/waitlist/", {"offer": hour.slug}).status_code == 404
    hour.active = False
    hour.save()
    refused = api(ben).post(JOIN, {"offer": hour.slug}).json()["error"]
    assert (refused["code"], refused["reason"]) == ("slot_unavailable", "inactive")


def test_leaving_is_for_who_waits(api, hour, ben, cleo):
    entry = api(ben).post(JOIN, {"offer": hour.slug}).json()
    assert api(cleo).delete(f"{MINE}{entry['id']}/").status_code == 404
    assert api(ben).get(MINE).json()["count"] == 1
    for _ in range(2):
        assert api(ben).delete(f"{MINE}{entry['id']}/").status_code == 204
    assert api(ben).get(MINE).json()["count"] == 0
    assert api(ben).delete(f"{MINE}{2**63}/").status_code == 404


def test_another_person_sees_nothing_of_it(api, hour, ben, cleo):
    api(ben).post(JOIN, {"offer": hour.slug})
    assert api(cleo).get(MINE).json()["results"] == []


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_asks_the_same_questions_for_any_number(api, ada, ben, rows, django_assert_num_queries):
    for number in range(rows):
        api(ben).post(JOIN, {"offer": offer(ada, slug=f"hour-{number}").slug})
    with django_assert_num_queries(3):
        assert len(api(ben).get(MINE).json()["results"]) == rows


def test_a_freed_time_is_a_hold_of_half_an_hour_for_who_waits(api, hour, ben, cleo):
    booking = book(api(ben), hour)
    api(cleo).post(JOIN, {"offer": hour.slug})
    assert api(ben).post(f"/api/v1/bookings/{booking['id']}/cancel/").status_code == 200
    deliver()
    (held,) = api(cleo).get("/api/v1/bookings/", {"state": "held"}).json()["results"]
    assert (held["starts_at"], held["hold_expires_at"]) == (
        instant_json(TOMORROW),
        instant_json(NOW + HALF_HOUR),
    )
    (entry,) = api(cleo).get(MINE).json()["results"]
    assert entry["held"] == [
        {
            "booking": held["id"],
            "starts_at": held["starts_at"],
            "hold_expires_at": held["hold_expires_at"],
        }
    ]
    refused = api(ben).post(
        "/api/v1/bookings/",
        {"offer": str(hour.pk), "starts_at": instant_json(TOMORROW), "timezone": "UTC"},
    )
    assert refused.json()["error"]["code"] == "slot_taken"


def test_what_costs_nothing_is_confirmed_by_choosing_it(api, mia, ben, cleo):
    chat = offer(mia, price=0, slug="chat")
    booking = book(api(ben), chat)
    api(cleo).post("/api/v1/coaches/mia-lindqvist/waitlist/", {"offer": chat.slug})
    api(ben).post(f"/api/v1/bookings/{booking['id']}/cancel/")
    deliver()
    (held,) = api(cleo).get("/api/v1/bookings/", {"state": "held"}).json()["results"]
    assert held["to_pay"]["amount"] == 0
    taken = book(api(cleo), chat, status=200)
    assert (taken["id"], taken["state"]) == (held["id"], S.CONFIRMED)
    deliver()
    assert api(cleo).get(MINE).json()["count"] == 0


# the pages


def test_the_coachs_page_lets_one_join_and_says_so_afterwards(client, ada, hour, ben):
    client.force_login(ben)
    assert "Join the waitlist" in client.get("/coaching/ada-okafor/").content.decode()
    days = {"from_on": "2026-11-10", "to_on": "2026-11-12"}
    answer = client.post("/coaching/ada-okafor/waitlist/", {"offer": hour.slug, **days})
    assert answer.url == f"/coaching/ada-okafor/?offer={hour.slug}#book"
    entry = WaitlistEntry.objects.get()
    assert (entry.from_at, entry.to_at) == (NOW.replace(day=10, hour=0), NOW.replace(day=13, hour=0))
    page = " ".join(strip_tags(client.get("/coaching/ada-okafor/").content.decode()).split())
    assert "You wait for a time from Tuesday 10 November until Thursday 12 November" in page
    assert "number 1 in line" in page
    assert "Join the waitlist" not in page


@pytest.mark.parametrize(
    "days",
    [
        {"from_on": "2026-11-12", "to_on": "2026-11-10"},
        {"from_on": "soon"},
        {"to_on": "9999-12-31"},
        {"to_on": "2026-11-01"},
    ],
)
def test_days_that_cannot_be_are_refused_in_words(client, hour, ben, days):
    client.force_login(ben)
    answer = client.post("/coaching/ada-okafor/waitlist/", {"offer": hour.slug, **days}, follow=True)
    (message,) = answer.context["messages"]
    assert message.level_tag == "error"
    assert not WaitlistEntry.objects.exists()


def test_a_visitor_signs_in_first_and_comes_back_to_the_offer(client, hour):
    answer = client.post("/coaching/ada-okafor/waitlist/", {"offer": hour.slug})
    assert answer.url.startswith("/accounts/login/?next=/coaching/ada-okafor/%3Foffer%3D")
    assert client.post("/coaching/ada-okafor/waitlist/", {"offer": "nothing"}).status_code == 404


def test_ones_own_page_lists_what_one_waits_for_and_lets_one_leave(client, api, hour, ben, cleo):
    client.force_login(ben)
    assert "You wait for nothing" in client.get("/sessions/waitlist/").content.decode()
    api(ben).post(JOIN, {"offer": hour.slug})
    page = client.get("/sessions/waitlist/").content.decode()
    assert "60 minutes with Ada Okafor" in page
    entry = WaitlistEntry.objects.get()
    client.force_login(cleo)
    assert client.post(f"/sessions/waitlist/{entry.pk}/leave/").status_code == 404
    client.force_login(ben)
    assert client.post(f"/sessions/waitlist/{entry.pk}/leave/").url == "/sessions/waitlist/"
    assert not WaitlistEntry.objects.waiting(NOW).exists()


def test_a_time_that_is_held_can_be_taken_from_the_pages(client, api, hour, ben, cleo):
    booking = book(api(ben), hour)
    api(cleo).post(JOIN, {"offer": hour.slug})
    api(ben).post(f"/api/v1/bookings/{booking['id']}/cancel/")
    deliver()
    (held,) = api(cleo).get("/api/v1/bookings/", {"state": "held"}).json()["results"]
    client.force_login(cleo)
    for page in ("/sessions/waitlist/", "/coaching/ada-okafor/"):
        assert f"/sessions/{held['id']}/prepare/" in client.get(page).content.decode()
    assert client.get(f"/sessions/{held['id']}/prepare/").status_code == 200


def test_a_yes_on_the_pages_to_what_costs_nothing_books_it(client, api, mia, ben, cleo):
    chat = offer(mia, price=0, slug="chat")
    booking = book(api(ben), chat)
    api(cleo).post("/api/v1/coaches/mia-lindqvist/waitlist/", {"offer": chat.slug})
    api(ben).post(f"/api/v1/bookings/{booking['id']}/cancel/")
    deliver()
    (held,) = api(cleo).get("/api/v1/bookings/", {"state": "held"}).json()["results"]
    client.force_login(cleo)
    assert "Continue to payment" not in client.get(f"/sessions/{held['id']}/prepare/").content.decode()
    page = client.get(f"/sessions/{held['id']}/pay/").content.decode()
    assert "It costs nothing. Your yes makes it yours." in page
    assert "Book Tue 10:00" in page
    assert client.post(f"/sessions/{held['id']}/pay/").url == f"/sessions/{held['id']}/paid/"
    assert api(cleo).get(f"/api/v1/bookings/{held['id']}/").json()["state"] == S.CONFIRMED
