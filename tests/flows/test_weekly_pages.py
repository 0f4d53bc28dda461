"""The same time every week, on pages: each date before anything is held, then one payment for all."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from core.instants import instant_json
from marketplace.models import Session
from scheduling.domain.schedules import replace_availability
from scheduling.rules.availability import Availability, WallWindow
from tests.marketplace.cast import AROUND_THE_CLOCK, coach, offer, person

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)


@pytest.fixture
def browser(ben):
    client = Client()
    client.force_login(ben.user)
    return client


@pytest.fixture
def weekly(hour, ada, at):
    """The address of four weeks of Ada's hour from a Tuesday on."""

    def address(times=4, first=None, what=hour):
        return (
            f"{reverse('weekly', args=[ada.coach.slug])}"
            f"?offer={what.slug}&start={instant_json(first or at(days=7))}&times={times}"
        )

    return address


@pytest.fixture
def take(ada, hour, at):
    """Somebody's browser ticks dates and presses the button."""

    def post(who, starts, *, what=hour):
        form = {"offer": what.slug, "start": instant_json(at(days=7)), "times": len(starts) or 2}
        form["starts"] = [instant_json(start) for start in starts]
        return who.post(reverse("weekly_hold", args=[ada.coach.slug]), form)

    return post


def test_the_picker_leads_to_the_dates(browser, ada, hour, at, weekly):
    begin = reverse("weekly_begin", args=[ada.coach.slug])
    assert begin in browser.get(ada.coach.get_absolute_url()).content.decode()
    form = {"offer": hour.slug, "starts_at": instant_json(at(days=7))}
    assert browser.post(begin, form).headers["Location"] == weekly().replace(":", "%3A")
    unchosen = browser.post(begin, {"offer": hour.slug})
    assert unchosen.headers["Location"] == ada.coach.get_absolute_url()
    assert browser.post(begin, {"offer": "no-such"}).status_code == 404


def test_each_date_is_shown_with_what_stands_in_its_way(browser, ben, cleo, hour, at, weekly):
    cleo.book(hour, at(days=14))
    page = browser.get(weekly())
    said = [(date.starts_at, date.refusal) for date in page.context["dates"]]
    assert said == [
        (at(days=7), ""),
        (at(days=14), "Taken"),
        (at(days=21), ""),
        (at(days=28), ""),
    ]
    assert page.context["sum"].total.minor == 36_000
    text = page.content.decode()
    assert text.count("disabled") == 1
    assert "3 × $120.00" in text
    assert "$360.00" in text
    assert Session.objects.filter(booking__candidate=ben.user).count() == 0


def test_ones_own_session_elsewhere_is_in_the_way_too(browser, ben, hour, at, weekly, now):
    other = coach(person("Bo Chen"), **AROUND_THE_CLOCK, now=now)
    ben.book(offer(other, price=0, now=now), at(days=21))
    refusals = [date.refusal for date in browser.get(weekly()).context["dates"]]
    assert refusals == ["", "", "You have another session then", ""]


def test_what_lies_too_far_ahead_says_so(browser, weekly):
    refusals = [date.refusal for date in browser.get(weekly(times=12)).context["dates"]]
    assert refusals == [*[""] * 8, *["Bookings are not open so far ahead"] * 4]


def test_where_the_clocks_change_the_reader_is_told(browser, ada, hour, weekly, at):
    # Ada's clocks go forward on 14 March, Ben's on 28 March.
    hours = Availability(
        timezone="America/New_York",
        weekly=((WallWindow(0, 1440),),) * 7,
        minimum_notice_minutes=0,
        booking_window_days=200,
    )
    replace_availability(ada.user, hours, by=ada.user, now=at())
    first = at(days=105)
    dates = browser.get(weekly(first=first)).context["dates"]
    assert [date.shift for date in dates] == [timedelta(0), *[-timedelta(hours=1)] * 2, timedelta(0)]
    assert [date.refusal for date in dates] == [""] * 4
    assert dates[1].starts_at == first + WEEK - timedelta(hours=1)


def test_the_ticked_dates_are_held_and_paid_together(browser, stripe, hour, at, take, books_are_right):
    starts = [at(days=7), at(days=21), at(days=28)]
    held = take(browser, starts)
    sessions = list(Session.objects.order_by("booking__starts_at"))
    assert [session.booking.starts_at for session in sessions] == starts
    assert held.headers["Location"] == reverse("booking_prepare", args=[sessions[0].pk])
    assert take(browser, starts).headers["Location"] == held.headers["Location"], "pressed twice, it is one"

    prepare = reverse("booking_prepare", args=[sessions[1].pk])
    browser.post(prepare, {"focus": "Metrics"})
    assert set(Session.objects.values_list("focus", flat=True)) == {"Metrics"}
    pay = reverse("booking_pay", args=[sessions[0].pk])
    page = browser.get(pay).content.decode()
    assert "3 sessions from" in page
    assert "$360.00" in page
    browser.post(pay)
    checkout = sessions[0].order.checkouts.get()
    assert stripe.pay(checkout)["amount_total"] == 36_000
    done = browser.get(reverse("booking_paid", args=[sessions[0].pk]), {"checkout": checkout.stripe_id})
    assert "and 2 more" in done.content.decode()
    assert {session.booking.state for session in Session.objects.select_related("booking")} == {"confirmed"}
    own = browser.get(sessions[1].get_absolute_url()).content.decode()
    assert "One of 3 sessions" in own
    assert sessions[0].get_absolute_url() in own
    assert "one of a series" in browser.get(reverse("my_sessions")).content.decode()
    books_are_right()


def test_what_was_lost_meanwhile_is_said_and_nothing_is_held(browser, ben, cleo, hour, at, take):
    cleo.book(hour, at(days=14))
    page = take(browser, [at(days=7), at(days=14)])
    assert page.status_code == 409
    assert "None of the dates is held" in page.content.decode()
    assert page.context["chosen"] == [at(days=7)]
    assert Session.objects.filter(booking__candidate=ben.user).count() == 0


def test_without_a_tick_nothing_is_held(browser, take, weekly):
    answer = take(browser, [])
    assert answer.headers["Location"] == weekly(times=2).replace(":", "%3A")
    assert Session.objects.count() == 0


def test_who_is_not_signed_in_does_that_first(client, hour, at, take, weekly):
    assert client.get(weekly()).status_code == 200
    answer = take(client, [at(days=7), at(days=14)])
    assert answer.status_code == 302
    assert "/weekly/" in answer.headers["Location"].replace("%2F", "/")
    assert Session.objects.count() == 0


@pytest.mark.parametrize("times", ["1", "13", "many", ""])
def test_an_odd_number_of_weeks_is_the_usual_one(browser, weekly, times):
    assert browser.get(weekly(times=times)).context["asked"].times == 4


def test_an_address_without_a_time_leads_back(browser, ada, hour, weekly):
    address = reverse("weekly", args=[ada.coach.slug])
    for start in ("", "noon"):
        answer = browser.get(address, {"offer": hour.slug, "start": start})
        assert answer.headers["Location"] == ada.coach.get_absolute_url()
    assert browser.get(address, {"offer": "no-such"}).status_code == 404


def test_an_intro_call_is_not_repeated(browser, ada, now, weekly):
    intro = offer(ada.coach, price=0, minutes=15, kind="intro", name="Intro call", now=now)
    assert browser.get(weekly(what=intro)).status_code == 404
    page = browser.get(ada.coach.get_absolute_url(), {"offer": intro.slug}).content.decode()
    assert reverse("weekly_begin", args=[ada.coach.slug]) not in page


def test_a_free_series_is_confirmed_at_once(browser, ada, now, at, take):
    chat = offer(ada.coach, price=0, name="Chat", now=now)
    answer = take(browser, [at(days=7), at(days=14)], what=chat)
    first = Session.objects.order_by("booking__starts_at").first()
    assert answer.headers["Location"] == reverse("booking_paid", args=[first.pk])
    assert "and 1 more" in browser.get(answer.headers["Location"]).content.decode()


def test_where_no_date_can_be_had_the_page_has_a_way_on(browser, weekly, at):
    page = browser.get(weekly(times=2, first=at(days=14, minutes=10))).content.decode()
    assert page.count("No session starts at this minute") == 2
    assert "None of these dates can be had" in page
