from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from notifications.domain.inbox import News, mark_read, tell, unread_count
from tests.marketplace.cast import person

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def news(number=1):
    return News("marketplace/booking_confirmed", f"b{number}", f"Booked {number}", "An hour.", "/sessions/")


@pytest.fixture
def ben():
    return person("Ben Adler")


@pytest.fixture
def cleo():
    return person("Cleo Moreau")


@pytest.fixture
def browser(client, ben):
    client.force_login(ben)
    return client


def test_a_line_is_told_once(ben):
    assert tell(ben, news(), now=NOW)
    assert not tell(ben, news(), now=NOW)
    assert unread_count(ben) == 1


def test_reading_counts_down_and_reading_twice_is_reading_once(ben):
    for number in range(3):
        tell(ben, news(number), now=NOW)
    mark_read(ben, now=NOW, pk=ben.notifications.first().pk)
    assert unread_count(ben) == 2
    mark_read(ben, now=NOW)
    mark_read(ben, now=NOW)
    assert unread_count(ben) == 0


@pytest.mark.parametrize("rows", [1, 3])
def test_the_inbox_asks_the_same_questions_for_any_number_of_lines(
    browser, ben, rows, django_assert_num_queries
):
    for number in range(rows):
        tell(ben, news(number), now=NOW)
    browser.get(reverse("inbox"))
    with django_assert_num_queries(6):
        page = browser.get(reverse("inbox"))
    assert page.content.decode().count("Booked ") >= rows


def test_an_empty_inbox_says_what_will_be_here(browser):
    assert "Nothing new" in browser.get(reverse("inbox")).content.decode()


def test_opening_a_line_marks_it_and_leads_on(browser, ben):
    tell(ben, news(), now=NOW)
    line = ben.notifications.get()
    assert browser.post(reverse("inbox_open", args=[line.pk])).url == "/sessions/"
    assert unread_count(ben) == 0


def test_another_persons_line_is_not_there(browser, cleo):
    tell(cleo, news(), now=NOW)
    line = cleo.notifications.get()
    assert browser.post(reverse("inbox_open", args=[line.pk])).status_code == 404
    browser.post(reverse("inbox_read_all"))
    assert unread_count(cleo) == 1


def test_a_stranger_signs_in_first(client):
    assert client.get(reverse("inbox")).status_code == 302
