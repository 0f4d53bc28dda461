"""The page of connected calendars, for coaches and candidates, and what people are told of them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client

from core import clock
from core.outbox import deliver, due
from notifications.models import Notification
from scheduling.domain.syncing import keep_failure, sync
from scheduling.models import ConnectedCalendar
from tests.integrations.calendars.serving import Answer, serving
from tests.integrations.calendars.written import calendar, event
from tests.marketplace.cast import HOUR, NOW, TOMORROW
from tests.radicale import running_radicale

TWO_HOURS = 2 * HOUR


@pytest.fixture(autouse=True)
def _here(settings):
    settings.ALLOW_PRIVATE_ADDRESSES = True


@pytest.fixture
def feed():
    with serving(lambda _: Answer(calendar(event(TOMORROW, TOMORROW + HOUR), name="Work"))) as server:
        yield server


@pytest.fixture
def page():
    """``page(person)`` is a browser in which somebody is signed in."""

    def browser(person):
        client = Client()
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return browser


def text_of(answer):
    return answer.content.decode()


def connect(browser, url, at="/desk/calendars/", **more):
    return browser.post(at, {"kind": "ics", "url": url, **more}, follow=True)


def deliver_all():
    now = clock.now()
    while ids := due(now):
        assert [deliver(pk, now=now) for pk in ids] == [True] * len(ids)


def test_before_there_is_one_the_page_says_what_it_is_for(page, ada, ben):
    assert "No calendar connected" in text_of(page(ada.user).get("/desk/calendars/"))
    assert "you can hide the times at which you are busy" in text_of(page(ben).get("/calendars/"))
    assert Client().get("/calendars/").status_code == 302


@pytest.mark.parametrize("who", ["coach", "candidate"])
def test_a_calendar_is_connected_read_and_let_go(page, ada, ben, feed, who):
    person, at = (ada.user, "/desk/calendars/") if who == "coach" else (ben, "/calendars/")
    browser = page(person)
    answer = connect(browser, feed.url, at)
    assert answer.redirect_chain == [(at, 302)]
    assert "Work is connected and was read." in text_of(answer)
    assert "1 busy time ahead" in text_of(answer)
    assert feed.url not in text_of(answer)
    row = ConnectedCalendar.objects.get()
    assert "Work was read." in text_of(browser.post(f"/calendars/{row.pk}/read/", follow=True))
    assert "Work is disconnected." in text_of(browser.post(f"/calendars/{row.pk}/disconnect/", follow=True))
    assert ConnectedCalendar.objects.count() == 0


def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(page, ada, feed):
    feed.answer = lambda _: Answer("no calendar")
    answer = connect(page(ada.user), feed.url)
    assert answer.status_code == 400
    assert f'value="{feed.url}"' in text_of(answer)
    assert "What answers at this address is no calendar." in text_of(answer)
    answer = connect(page(ada.user), feed.url, kind="caldav", password="secret-word")
    assert "A calendar on a server needs a user name." in text_of(answer)
    assert "secret-word" not in text_of(answer)


def test_one_of_several_calendars_is_chosen(page, ada, tmp_path):
    with running_radicale(tmp_path) as server:
        server.calendar(name="Work")
        home = server.calendar(name="Home")
        browser = page(ada.user)
        given = {"kind": "caldav", "username": "ada", "password": "ada-secret"}
        asked = connect(browser, server.url, **given)
        assert (asked.status_code, asked["Cache-Control"]) == (400, "no-store")
        assert "Please choose one." in text_of(asked)
        assert (">Home<" in text_of(asked), ">Work<" in text_of(asked)) == (True, True)
        assert 'value="ada-secret"' in text_of(asked)
        assert "Home is connected" in text_of(connect(browser, home.url, **given))


def test_sessions_are_written_where_the_owner_says(page, ada, radicale):
    browser = page(ada.user)
    theirs = radicale.calendar()
    connect(browser, theirs.url, kind="caldav", username=theirs.username, password=theirs.password)
    row = ConnectedCalendar.objects.get()
    assert row.writes
    answer = browser.post(f"/calendars/{row.pk}/writes/", follow=True)
    assert "No more sessions are written to" in text_of(answer)
    answer = browser.post(f"/calendars/{row.pk}/writes/", {"writes": "on"}, follow=True)
    assert "Your sessions are written to" in text_of(answer)


def test_a_stranger_finds_nothing(page, ada, cleo, feed):
    connect(page(ada.user), feed.url)
    pk = ConnectedCalendar.objects.get().pk
    answers = [
        page(cleo).post(f"/calendars/{pk}/{act}/").status_code for act in ("read", "writes", "disconnect")
    ]
    assert answers == [404, 404, 404]
    assert "Work" not in text_of(page(cleo).get("/calendars/"))


def test_a_calendar_that_does_not_answer_says_until_when_it_counts(page, ada, feed):
    browser = page(ada.user)
    connect(browser, feed.url)
    feed.answer = lambda _: Answer(status=401)
    row = ConnectedCalendar.objects.get()
    answer = text_of(browser.post(f"/calendars/{row.pk}/read/", follow=True))
    assert "Work could not be read." in answer
    assert ("Not read" in answer, "after that no times are offered" in answer) == (True, True)


def test_a_stale_calendar_is_told_by_mail_and_in_the_inbox_once(page, ada, feed):
    browser = page(ada.user)
    connect(browser, feed.url)
    feed.answer = lambda _: Answer(status=401)
    row = ConnectedCalendar.objects.get()
    for minutes in (119, 121, 151, 181):
        with clock.frozen_at(NOW + timedelta(minutes=minutes)):
            sync(row.pk, now=clock.now())
            deliver_all()
    line = Notification.objects.get(person=ada.user)
    assert (line.title, line.url) == ("Candidates see no times of yours", "/desk/calendars/")
    assert [letter.subject for letter in mail.outbox] == ["Candidates see no times of yours"]
    assert "does not let us in" in mail.outbox[0].body
    with clock.frozen_at(NOW + timedelta(hours=4)):
        assert "Candidates see no times of yours until this works again." in text_of(
            browser.get("/desk/calendars/")
        )


def test_it_is_told_again_when_it_falls_silent_again(ada, feed, page):
    connect(page(ada.user), feed.url)
    row = ConnectedCalendar.objects.get()
    keep_failure(row.pk, "Away.", now=NOW + 3 * HOUR)
    sync(row.pk, now=NOW + 4 * HOUR)
    keep_failure(row.pk, "Away.", now=NOW + 5 * HOUR)
    keep_failure(row.pk, "Away.", now=NOW + 9 * HOUR)
    deliver_all()
    assert Notification.objects.filter(person=ada.user).count() == 2


def test_news_of_a_calendar_that_is_gone_or_well_again_is_no_news(page, ben, feed):
    connect(page(ben), feed.url, "/calendars/")
    row = ConnectedCalendar.objects.get()
    keep_failure(row.pk, "Away.", now=NOW + 3 * HOUR)
    sync(row.pk, now=NOW + 4 * HOUR)
    deliver_all()
    assert Notification.objects.get(person=ben).title == "Your calendar could not be read"
    assert mail.outbox == []
    keep_failure(row.pk, "Away.", now=NOW + 8 * HOUR)
    row.delete()
    deliver_all()
    assert (Notification.objects.filter(person=ben).count(), mail.outbox) == (1, [])


def test_a_person_with_ten_calendars_is_told_so(page, ben, feed):
    browser = page(ben)
    for number in range(10):
        connect(browser, f"{feed.url}/{number}", "/calendars/")
    assert "You can connect 10 calendars." in text_of(connect(browser, f"{feed.url}/more", "/calendars/"))


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_asks_the_same_few_questions(page, ada, feed, django_assert_num_queries, rows):
    browser = page(ada.user)
    for step in range(rows):
        connect(browser, f"{feed.url}/{step}")
    with django_assert_num_queries(6):
        browser.get("/desk/calendars/")
