"""The schedule editor, without JavaScript."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from django.urls import reverse

from core import clock
from scheduling.domain.schedules import read_availability, replace_availability
from scheduling.models import Schedule
from scheduling.rules.availability_input import parse_availability
from tests.scheduling.test_availability_api import EVERYTHING

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
NUMBERS = {
    "slot_interval_minutes": "30",
    "buffer_before_minutes": "0",
    "buffer_after_minutes": "0",
    "minimum_notice_minutes": "720",
    "booking_window_days": "60",
    "max_per_day": "",
    "max_per_week": "",
}
EMPTY = {"timezone": "Europe/London", "paused_until": "", **NUMBERS}
MONDAY = {"weekly.monday.0.start": "09:00", "weekly.monday.0.end": "12:00"}


@pytest.fixture(autouse=True)
def _today():
    with clock.frozen_at(NOW):
        yield


@pytest.fixture
def editor(client, ada):
    client.force_login(ada)

    class Editor:
        def get(self):
            return client.get(reverse("desk_availability"))

        def post(self, **fields):
            return client.post(reverse("desk_availability"), {**EMPTY, **fields})

    return Editor()


class _Fields(HTMLParser):
    """What a browser would send of the page's form, without its buttons."""

    def __init__(self, html):
        super().__init__()
        self.found = {}
        self.feed(html[html.index('id="hours"') : html.index("</form>", html.index('id="hours"'))])

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        is_ticked = given.get("type") != "checkbox" or "checked" in given
        if tag == "select":
            self.select = given["name"]
        elif tag == "option" and "selected" in given:
            self.found[self.select] = given["value"]
        elif tag == "input" and is_ticked:
            self.found[given["name"]] = given.get("value") or ""


def fields_of(page):
    found = _Fields(page.content.decode()).found
    beside = ("csrfmiddlewaretoken", "preview_zone", "preview_minutes", "month", "paint_")
    return {name: value for name, value in found.items() if not name.startswith(beside)}


def errors(page):
    return re.findall(r'<p class="error".*?<span>(.*?)</span></p>', page.content.decode(), flags=re.DOTALL)


def test_who_is_not_signed_in_is_sent_to_sign_in(client, db):
    answer = client.get(reverse("desk_availability"))

    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_login"))


def test_what_was_saved_is_what_the_form_shows_and_saving_that_changes_nothing(editor, ada):
    stated = parse_availability(
        {
            **EVERYTHING,
            "time_off": [{"starts_at": "2026-12-07T08:00:00Z", "ends_at": "2026-12-08T08:00:00Z"}],
        },
        default_timezone="UTC",
    )
    replace_availability(ada, stated, by=ada, now=NOW)

    answer = editor.post(**fields_of(editor.get()))

    assert answer.status_code == 302
    assert read_availability(ada) == stated


def test_weekly_windows_are_saved_midnight_as_an_end_included(editor, ada):
    answer = editor.post(
        **MONDAY,
        **{
            "weekly.monday.3.start": "22:00",
            "weekly.monday.3.end": "00:00",
            "weekly.sunday.0.start": "",
            "weekly.sunday.0.end": "",
        },
    )

    assert answer["Location"] == reverse("desk_availability")
    weekly = read_availability(ada).as_json()["weekly"]
    assert weekly["monday"] == [["09:00", "12:00"], ["22:00", "24:00"]]
    assert weekly["sunday"] == []


def test_add_and_remove_change_the_form_and_save_nothing(editor):
    page = editor.post(**MONDAY, add="weekly.monday")

    assert page.status_code == 200
    assert fields_of(page) == {
        **EMPTY,
        **MONDAY,
        "weekly.monday.1.start": "",
        "weekly.monday.1.end": "",
    }
    page = editor.post(**fields_of(page), remove="weekly.monday.0")
    assert fields_of(page) == EMPTY
    assert not Schedule.objects.exists()


@pytest.mark.parametrize(
    ("path", "added"),
    [
        (
            "overrides",
            {"overrides.0.date": "", "overrides.0.windows.0.start": "", "overrides.0.windows.0.end": ""},
        ),
        ("time_off", {"time_off.0.starts": "", "time_off.0.ends": ""}),
        ("travel", {"travel.0.from": "", "travel.0.to": "", "travel.0.timezone": ""}),
    ],
)
def test_lists_grow_by_empty_rows_that_saving_drops_again(editor, ada, path, added):
    page = editor.post(add=path)

    assert fields_of(page) == {**EMPTY, **added}
    assert editor.post(**fields_of(page)).status_code == 302
    assert read_availability(ada).as_json()[path] == []


def test_windows_of_a_date_can_be_added_and_removed(editor, ada):
    typed = {"overrides.0.date": "2026-12-24"}

    page = editor.post(**typed, add="overrides.0.windows")

    typed |= {"overrides.0.windows.0.start": "10:00", "overrides.0.windows.0.end": "11:00"}
    assert fields_of(page).keys() == {**EMPTY, **typed}.keys()
    page = editor.post(**typed, remove="overrides.0.windows.0")
    assert fields_of(page) == {**EMPTY, "overrides.0.date": "2026-12-24"}
    editor.post(**fields_of(page))
    assert read_availability(ada).as_json()["overrides"] == [{"date": "2026-12-24", "windows": []}]


def test_buttons_with_nonsense_change_nothing(editor):
    for nonsense in (
        "",
        "weekly",
        "weekly.funday",
        "overrides.7.windows",
        "overrides.x.windows",
        "a.b.c",
        "travel.0.x",
    ):
        assert fields_of(editor.post(**MONDAY, add=nonsense)) == {**EMPTY, **MONDAY}
        assert fields_of(editor.post(**MONDAY, remove=f"{nonsense}.0")) == {**EMPTY, **MONDAY}


def test_time_off_and_pause_are_wall_time_of_the_coachs_zone(editor, ada):
    editor.post(
        **{
            "timezone": "America/New_York",
            "time_off.0.starts": "2026-12-24T09:00",
            "time_off.0.ends": "2026-12-26T09:00",
            "paused_until": "2026-11-25T00:00",
        }
    )

    stated = read_availability(ada).as_json()
    assert stated["time_off"] == [{"starts_at": "2026-12-24T14:00:00Z", "ends_at": "2026-12-26T14:00:00Z"}]
    assert stated["paused_until"] == "2026-11-25T05:00:00Z"


def test_mistakes_are_told_beside_their_fields_and_everything_typed_stays(editor):
    typed = {
        **MONDAY,
        "timezone": "Mars/Olympus",
        "weekly.friday.0.start": "12:00",
        "weekly.friday.0.end": "11:00",
        "overrides.0.date": "2026-12-24",
        "overrides.1.date": "2026-12-24",
        "rules.0.every": "own",
        "rules.0.rrule": "FREQ=HOURLY",
        "rules.0.until": "",
        "rules.0.from": "",
        "time_off.0.starts": "2026-12-24T09:00",
        "time_off.0.ends": "",
        "travel.0.from": "2026-12-09",
        "travel.0.to": "2026-12-01",
        "travel.0.timezone": "UTC",
        "slot_interval_minutes": "four",
        "booking_window_days": "731",
        "paused_until": "soon",
    }

    page = editor.post(**typed)

    assert page.status_code == 400
    assert fields_of(page) == {**EMPTY, **typed}
    assert errors(page) == [
        "There is no such time zone. Use an IANA name such as Europe/London.",
        "The end has to come after the start.",
        "This date is overridden twice.",
        "Choose a date and a time.",
        "Choose a date and a time.",
        "The last day has to come on or after the first.",
        "Give a date such as 2026-12-24.",
        "FREQ is DAILY, WEEKLY, MONTHLY or YEARLY.",
        "Give at least one window.",
        "A whole number from 5 to 120.",
        "A whole number from 1 to 730.",
        "Choose a date and a time.",
    ]
    assert not Schedule.objects.exists()


def test_the_preview_shows_what_is_typed_in_any_zone_and_saves_nothing(editor):
    page = editor.post(**MONDAY, preview="1", preview_zone="Asia/Tokyo")

    assert page.status_code == 200
    shown = [
        (f"{on}", [f"{at:%d %H:%M}" for at in starts])
        for on, starts in ((day.on, day.starts) for day in page.context["preview"])
    ]
    hours = ["09:00", "09:30", "10:00", "10:30", "11:00"]
    assert shown == [
        ("2026-11-30", [f"30 {hour}" for hour in hours]),
        ("2026-12-07", [f"07 {hour}" for hour in hours]),
    ]
    html = page.content.decode()
    assert "Monday 30 November" in html
    assert '<time class="figure" datetime="2026-11-30T09:00:00Z">18:00</time>' in html
    assert not Schedule.objects.exists()


def test_the_preview_says_when_nothing_is_free_and_when_the_clocks_change(editor):
    assert "No free time in the next 14 days" in editor.get().content.decode()

    page = editor.post(booking_window_days="200", timezone="Europe/London", preview="1")

    assert [(f"{on}", minutes) for on, minutes in page.context["clock_changes"]] == [("2027-03-28", 60)]
    assert "Sunday 28 March" in page.content.decode()


def test_a_strangers_form_is_his_own(editor, client, ada, cleo):
    editor.post(**MONDAY)
    client.force_login(cleo)

    editor.post(timezone="Asia/Tokyo")

    assert read_availability(ada).as_json()["weekly"]["monday"] == [["09:00", "12:00"]]
    assert Schedule.objects.get(coach=cleo).timezone == "Asia/Tokyo"
