"""What the API says about times, against the reference that was written from the rules."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings as site
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from core import clock
from core.instants import instant_json
from core.money import Money
from marketplace.domain.offers import create_offer
from tests.marketplace.cast import coach, person
from tests.scheduling.reference import DAY, MINUTE, Coach
from tests.scheduling.worlds import worlds, zones

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
CHIPS = ["today", "48h", "week", "evenings", "weekend"]
seldom = settings(max_examples=20, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))


class Site:
    """One coach, who states his availability and is asked about it, through HTTP alone."""

    def __init__(self, world):
        self.seller = coach(person("Ada Okafor"), now=world.now)
        price = {"name": "Mock", "slug": "mock", "duration_minutes": world.minutes}
        self.offer = create_offer(
            self.seller, {**price, "price": Money(0, site.CURRENCY)}, by=self.seller.user, now=world.now
        )
        self.coach, self.visitor = APIClient(), APIClient()
        self.coach.force_authenticate(self.seller.user)
        put = self.coach.put("/api/v1/me/availability/", world.body, format="json")
        assert put.status_code == 200, put.json()
        assert self.coach.get("/api/v1/me/availability/").json() == put.json()

    def slots(self, from_at, to_at, zone):
        asked = {"offer": "mock", "from": instant_json(from_at), "to": instant_json(to_at), "timezone": zone}
        answer = self.visitor.get(f"/api/v1/coaches/{self.seller.slug}/slots/", asked)
        assert answer.status_code == 200, answer.json()
        return answer.json()["slots"]

    def why(self, at):
        asked = {"offer": "mock", "at": at.isoformat()}
        answer = self.coach.get("/api/v1/me/availability/why", asked, follow=True).json()
        assert answer["bookable"] is (answer["reason"] is None)
        return answer["reason"]

    def is_listed(self, **asked):
        answer = self.visitor.get("/api/v1/coaches/", asked)
        assert answer.status_code == 200, answer.json()
        return bool(answer.json()["results"])

    def next_free_at(self):
        [row] = self.visitor.get("/api/v1/coaches/").json()["results"]
        return row["next_free_at"]


@pytest.fixture(autouse=True)
def _own_clock(settings, tmp_path):
    settings.CLOCK_FILE = tmp_path / "clock.json"


@seldom
@given(world=worlds(), zone=zones, data=st.data())
def test_slots_why_and_the_directory_agree_with_the_reference(world, zone, data):
    with clock.frozen_at(world.now), transaction.atomic():
        house, reference = Site(world), Coach(world.body)
        from_at, to_at = world.now - 2 * DAY, world.now + 9 * DAY
        expected = reference.slots(world.minutes, from_at, to_at, world.now)

        shown = house.slots(from_at, to_at, zone)

        assert [slot["starts_at"] for slot in shown] == [instant_json(at) for at in expected]
        assert [slot["starts_at_local"] for slot in shown] == [
            at.astimezone(ZoneInfo(zone)).isoformat() for at in expected
        ]
        assert house.next_free_at() == (instant_json(expected[0]) if expected else None)
        for at in data.draw(
            st.lists(st.sampled_from([*expected[:2], *expected[-2:], world.now]), max_size=5)
        ):
            edge = at + data.draw(st.sampled_from([0, 1, -1, 15])) * MINUTE
            assert house.why(edge) == reference.why(edge, world.minutes, world.now)
            asked = {"free_from": instant_json(edge), "free_to": instant_json(edge + 10 * MINUTE)}
            assert house.is_listed(**asked) is any(edge <= start < edge + 10 * MINUTE for start in expected)
        transaction.set_rollback(True)


@seldom
@given(world=worlds(), zone=zones, data=st.data())
def test_chips_mean_what_they_say_in_the_viewers_zone(world, zone, data):
    with clock.frozen_at(world.now), transaction.atomic():
        house, reference = Site(world), Coach(world.body)
        slots = reference.slots(world.minutes, world.now, world.now + 15 * DAY, world.now)
        for _ in range(6):
            chips = data.draw(st.sets(st.sampled_from(CHIPS), min_size=1, max_size=3))

            listed = house.is_listed(free=sorted(chips), timezone=zone)

            assert listed is any(_satisfies(at, chips, ZoneInfo(zone), world.now) for at in slots), chips
        transaction.set_rollback(True)


def _satisfies(at, chips, zone, now):
    local, today = at.astimezone(zone), now.astimezone(zone).date()
    says_how_far = chips & {"today", "48h", "week"}
    answers = {
        "today": local.date() == today,
        "48h": at < now + timedelta(hours=48),
        "week": at < now + timedelta(hours=7 * 24),
        "evenings": 18 <= local.hour < 22,
        "weekend": local.weekday() >= 5,
    }
    return all(answers[chip] for chip in chips) and (bool(says_how_far) or answers["week"])
