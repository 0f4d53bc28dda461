"""Holding a time on the pages: refused with a reason and what is near, extended in place."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.messages import get_messages

from core import clock
from marketplace.models import Session
from scheduling.domain.cancelling import cancel_booking
from tests.marketplace.cast import NOW, offer

pytestmark = pytest.mark.django_db

PAGE = "/coaching/ada-okafor/"


@pytest.fixture
def held(client, ben, hour):
    client.force_login(ben)
    client.post(f"{PAGE}hold/", {"offer": hour.slug, "starts_at": "2026-11-03T10:00:00Z"})
    return Session.objects.get()


def extend(client, held, **more):
    return client.post(f"/sessions/{held.pk}/extend/", **more)


@pytest.mark.parametrize(("step", "name"), [("2", "prepare"), ("3", "pay"), ("", "prepare")])
def test_five_more_minutes_leave_one_on_the_step_where_one_is(client, held, step, name):
    answer = extend(client, held, data={"step": step})
    assert answer["Location"] == f"/sessions/{held.pk}/{name}/"
    held.booking.refresh_from_db()
    assert held.booking.hold_expires_at == NOW + timedelta(minutes=15)


def test_htmx_gets_the_countdown_alone_and_the_focus_with_it(client, held):
    page = extend(client, held, headers={"HX-Request": "true"}).content.decode()
    assert page.count("<count-down") == 1
    assert "<h1" not in page
    assert 'until="2026-11-02T09:15:00Z"' in page
    assert "autofocus" in page
    assert "Five more minutes" not in page


def test_a_second_extension_changes_nothing(client, held):
    extend(client, held)
    page = extend(client, held, headers={"HX-Request": "true"}).content.decode()
    assert 'until="2026-11-02T09:15:00Z"' in page


def test_what_is_no_hold_any_more_is_told_on_the_whole_page(client, held, ben):
    cancel_booking(held.pk, by=ben, now=NOW)
    answer = extend(client, held, headers={"HX-Request": "true"})
    assert answer["HX-Redirect"] == f"/sessions/{held.pk}/prepare/"
    assert len(get_messages(answer.wsgi_request)) == 1


def test_a_hold_that_ran_out_meanwhile_shows_what_is_free_now(client, held):
    with clock.frozen_at(NOW + timedelta(minutes=11)):
        answer = extend(client, held, headers={"HX-Request": "true"})
        assert answer["HX-Redirect"] == f"/sessions/{held.pk}/prepare/"
        over = client.get(answer["HX-Redirect"])
    assert over.status_code == 410
    assert "Nearest free times" in over.content.decode()


def test_strangers_extend_nothing(client, cleo, held):
    client.force_login(cleo)
    assert extend(client, held).status_code == 404
    held.booking.refresh_from_db()
    assert held.booking.hold_expires_at == NOW + timedelta(minutes=10)


def test_a_refusal_says_why_and_what_is_near(client, ben, hour):
    client.force_login(ben)
    asked = {"offer": hour.slug, "starts_at": "2026-11-02T18:00:00Z"}
    answer = client.post(f"{PAGE}hold/", asked)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "It starts too soon to be booked." in page
    nearest = re.findall(r'<button class="slot" name="starts_at" value="([^"]+)"', page)
    assert nearest == ["2026-11-03T09:00:00Z", "2026-11-03T09:30:00Z", "2026-11-03T10:00:00Z"]
    assert page.count("is not free") == 0


def test_no_other_time_is_offered_where_none_would_help(client, ben, ada):
    intro = offer(ada, price=0, minutes=15, kind="intro")
    client.force_login(ben)
    client.post(f"{PAGE}hold/", {"offer": intro.slug, "starts_at": "2026-11-03T10:00:00Z"})
    answer = client.post(f"{PAGE}hold/", {"offer": intro.slug, "starts_at": "2026-11-04T10:00:00Z"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "You have had your free call" in page
    assert '<button class="slot"' not in page
