"""The coach's own offers, and why a time is not offered."""

from __future__ import annotations

import pytest

from marketplace.domain.booking import Wish, book
from marketplace.models import Coach, Offer
from scheduling.models import Schedule
from tests.marketplace.cast import NOW, TOMORROW, offer

pytestmark = pytest.mark.django_db

OFFERS = "/api/v1/me/offers/"
WISH = {"name": "Mock interview", "duration_minutes": 60, "price": {"amount": 12000, "currency": "usd"}}


@pytest.fixture
def adas(api, ada):
    return api(ada.user)


def refused(answer, status=400):
    assert answer.status_code == status, answer.json()
    return answer.json()["error"]


def test_an_offer_is_made_changed_and_removed(adas, ada):
    made = adas.post(OFFERS, WISH)
    assert made.status_code == 201
    offer_id = made.json()["id"]
    assert made.json() == {
        "id": offer_id,
        "slug": "mock-interview",
        **WISH,
        "kind": "session",
        "active": True,
        "needs_approval": False,
    }
    assert Schedule.objects.get(coach=ada.user).shortest_minutes == 60
    changes = {"duration_minutes": 30, "needs_approval": True}
    assert adas.patch(f"{OFFERS}{offer_id}/", changes).json() == made.json() | changes
    assert Schedule.objects.get(coach=ada.user).shortest_minutes == 30
    assert [row["id"] for row in adas.get(OFFERS).json()["results"]] == [offer_id]
    assert adas.delete(f"{OFFERS}{offer_id}/").status_code == 204
    assert not Offer.objects.exists()
    assert Coach.objects.get(pk=ada.pk).price_from is None
    assert Schedule.objects.get(coach=ada.user).shortest_minutes is None


def test_an_offer_with_bookings_is_only_deactivated(adas, ben, hour):
    book(Wish(hour.pk, TOMORROW, "UTC", {}), candidate=ben, now=NOW)
    assert adas.delete(f"{OFFERS}{hour.pk}/").status_code == 204
    hour.refresh_from_db()
    assert hour.active is False


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"price": {"amount": 49, "currency": "usd"}}, "price"),
        ({"price": {"amount": -1, "currency": "usd"}}, "price"),
        ({"price": {"amount": 100_000_000, "currency": "usd"}}, "price"),
        ({"price": {"amount": 12000, "currency": "eur"}}, "price"),
        ({"price": 12000}, "price"),
        ({"price": {"amount": 120.5, "currency": "usd"}}, "price"),
        ({"duration_minutes": 0}, "duration_minutes"),
        ({"duration_minutes": 481}, "duration_minutes"),
        ({"kind": "wedding"}, "kind"),
        ({"kind": "intro"}, "price"),
        ({"name": "x" * 81}, "name"),
        ({"colour": "green"}, "colour"),
    ],
)
def test_an_offer_that_makes_no_sense_is_refused_by_name(adas, changes, field):
    error = refused(adas.post(OFFERS, WISH | changes))
    assert (error["code"], list(error["fields"])) == ("invalid", [field])
    assert not Offer.objects.exists()


def test_a_price_is_nothing_or_the_least_a_card_pays(adas):
    for amount in (0, 50):
        wish = {**WISH, "name": f"For {amount}", "price": {"amount": amount, "currency": "usd"}}
        assert adas.post(OFFERS, wish).status_code == 201


def test_two_offers_of_one_coach_need_two_addresses(adas):
    adas.post(OFFERS, WISH)
    assert list(refused(adas.post(OFFERS, WISH))["fields"]) == ["slug"]


def test_a_mentor_sells_nothing(api, mia):
    assert list(refused(api(mia.user).post(OFFERS, WISH))["fields"]) == ["price"]


def test_offers_belong_to_their_coach(api, ben, mia, adas, hour):
    assert refused(api(mia.user).patch(f"{OFFERS}{hour.pk}/", {"active": False}), 404)["code"] == "not_found"
    assert refused(api(ben).get(OFFERS), 403)["code"] == "forbidden"
    assert api().get(OFFERS).status_code in {401, 403}
    assert api(mia.user).get(OFFERS).json()["count"] == 0


@pytest.mark.parametrize(
    ("at", "reason"),
    [
        ("2026-11-03T10:00:00Z", None),
        ("2026-11-02T08:00:00Z", "past"),
        ("2026-11-02T12:00:00Z", "notice"),
        ("2027-11-03T10:00:00Z", "booking_window"),
        ("2026-11-03T20:00:00Z", "outside_hours"),
        ("2026-11-03T10:10:00Z", "off_grid"),
        ("2026-11-04T10:30:00Z", "booked"),
    ],
)
def test_why_a_time_is_not_offered(adas, ben, hour, at, reason):
    book(Wish(hour.pk, TOMORROW.replace(day=4), "UTC", {}), candidate=ben, now=NOW)
    answer = adas.get("/api/v1/me/availability/why", {"offer": hour.slug, "at": at})
    assert answer.status_code == 200
    assert (answer.json()["bookable"], answer.json()["reason"]) == (reason is None, reason)


def test_an_offer_that_is_not_on_sale_is_inactive(adas, ada):
    quiet = offer(ada, active=False)
    asked = {"offer": quiet.slug, "at": "2026-11-03T10:00:00Z"}
    assert adas.get("/api/v1/me/availability/why", asked).json()["reason"] == "inactive"
    assert refused(adas.get("/api/v1/me/availability/why", {**asked, "offer": "none"}), 404)
    assert list(refused(adas.get("/api/v1/me/availability/why", {"at": "soon"}))["fields"]) == ["offer", "at"]
