"""The editor's buttons: they change what stands in the form, say where the focus goes, and save nothing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.http import QueryDict
from django.urls import reverse

from core import clock
from scheduling.domain.schedules import read_availability
from scheduling.forms.availability import read_draft
from scheduling.forms.edits import edit
from scheduling.models import Schedule
from tests.scheduling.test_editor import EMPTY as EMPTY_FORM

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
MONDAY = {"weekly.monday.0.start": "09:00", "weekly.monday.0.end": "17:00"}


@pytest.fixture(autouse=True)
def _today():
    with clock.frozen_at(NOW):
        yield


def press(fields, **pressed):
    """The draft after a button was pressed, and the id that has the focus."""
    posted = QueryDict(mutable=True)
    posted.update(EMPTY_FORM)
    posted.update(fields)
    for name, value in pressed.items():
        for each in value if isinstance(value, list) else [value]:
            posted.appendlist(name, each)
    draft = read_draft(posted.dict())
    return draft, edit(draft, posted)


def hours(draft, day):
    return [(row["start"], row["end"]) for row in draft.weekly[day]]


def copy(fields, day, *others):
    return press(fields, **{"copy": day, f"to.{day}": list(others)})


def test_no_button_of_the_editor_is_no_edit():
    _, focus = press(MONDAY)

    assert focus is None


def test_a_new_row_gets_the_focus():
    assert press(MONDAY, add="weekly.monday")[1] == "id_weekly_monday_1_start"
    assert press({}, add="rules")[1] == "id_rules_0_every"
    assert press({}, add="travel")[1] == "id_travel_0_from"
    assert press(MONDAY, remove="weekly.monday.0")[1] == "id_add_weekly_monday"
    assert press({"rules.0.every": "2"}, remove="rules.0")[1] == "id_add_rules"
    assert press(MONDAY, remove="weekly.funday.0")[1] == ""


def test_a_list_has_an_end():
    full = {f"time_off.{at}.starts": "2026-12-24T09:00" for at in range(400)}

    draft, focus = press(full, add="time_off")

    assert (len(draft.lists["time_off"]), focus) == (400, "")


def test_a_day_is_copied_over_others_and_nowhere_else():
    typed = {**MONDAY, "weekly.friday.0.start": "12:00", "weekly.friday.0.end": "13:00"}

    draft, focus = copy(typed, "monday", "tuesday", "friday", "monday", "funday")

    shown = {day: hours(draft, day) for day in draft.weekly}
    nine_to_five = [("09:00", "17:00")]
    assert shown == {
        "monday": nine_to_five,
        "tuesday": nine_to_five,
        "wednesday": [],
        "thursday": [],
        "friday": nine_to_five,
        "saturday": [],
        "sunday": [],
    }
    assert focus == "id_copy_monday"
    assert copy(typed, "funday", "tuesday")[0].weekly["tuesday"] == []


def test_what_was_copied_is_its_own():
    draft, _ = copy(MONDAY, "monday", "tuesday")

    draft.weekly["tuesday"][0]["end"] = "12:00"

    assert hours(draft, "monday") == [("09:00", "17:00")]


def test_ticked_dates_become_days_off():
    draft, focus = press(MONDAY, mark="off", dates=["2026-12-25", "2026-12-24", "2026-12-24", "soon"])

    assert draft.lists["overrides"] == [
        {"date": "2026-12-24", "windows": []},
        {"date": "2026-12-25", "windows": []},
    ]
    assert focus == "id_exceptions"


def test_other_hours_begin_with_those_of_the_weekday_or_those_they_had():
    had = {
        "overrides.0.date": "2026-12-24",
        "overrides.0.windows.0.start": "10:00",
        "overrides.0.windows.0.end": "11:00",
    }

    draft, focus = press({**MONDAY, **had}, mark="hours", dates=["2026-12-28", "2026-12-24", "2026-12-29"])

    assert draft.lists["overrides"] == [
        {"date": "2026-12-24", "windows": [{"start": "10:00", "end": "11:00"}]},
        {"date": "2026-12-28", "windows": [{"start": "09:00", "end": "17:00"}]},
        {"date": "2026-12-29", "windows": [{"start": "", "end": ""}]},
    ]
    assert focus == "id_overrides_0_windows_0_start"


def test_dates_are_made_as_usual_again():
    had = {"overrides.0.date": "2026-12-24", "overrides.1.date": "2026-12-25"}

    draft, _ = press(had, mark="usual", dates=["2026-12-25", "2026-12-26"])

    assert draft.lists["overrides"] == [{"date": "2026-12-24", "windows": []}]


def test_time_off_is_from_the_first_midnight_to_the_last_of_dates_that_follow_each_other():
    dates = ["2026-12-24", "2026-12-25", "2026-12-28", "2026-12-31", "2027-01-01"]

    draft, focus = press({}, mark="away", dates=dates)

    assert draft.lists["time_off"] == [
        {"starts": "2026-12-24T00:00", "ends": "2026-12-26T00:00"},
        {"starts": "2026-12-28T00:00", "ends": "2026-12-29T00:00"},
        {"starts": "2026-12-31T00:00", "ends": "2027-01-02T00:00"},
    ]
    assert focus == "id_time_off_2_starts"


@pytest.mark.parametrize(("mark", "dates"), [("off", []), ("off", ["never"]), ("nothing", ["2026-12-24"])])
def test_nothing_ticked_or_nothing_known_changes_nothing(mark, dates):
    draft, focus = press(MONDAY, mark=mark, dates=dates)

    assert (draft.lists["overrides"], draft.lists["time_off"], focus) == ([], [], "id_exceptions")


def paint(fields, how, days, start, end):
    return press(fields, paint=how, paint_days=days, paint_from=str(start), paint_to=str(end))[0]


def test_a_stroke_opens_hours_on_several_days_and_joins_what_it_touches():
    draft = paint(MONDAY, "open", "monday,tuesday", 1020, 1440)

    assert hours(draft, "monday") == [("09:00", "00:00")]
    assert hours(draft, "tuesday") == [("17:00", "00:00")]
    assert hours(draft, "wednesday") == []


def test_a_stroke_closes_hours_and_cuts_a_window_in_two():
    draft = paint({**MONDAY, "weekly.monday.1.start": "oops"}, "close", "monday,funday", 720, 780)

    assert hours(draft, "monday") == [("09:00", "12:00"), ("13:00", "17:00"), ("oops", "")]


@pytest.mark.parametrize(("start", "end"), [("", 60), (60, 60), (0, 1441), ("-1", 60), (60, 10**30)])
def test_a_stroke_that_is_none_changes_nothing(start, end):
    assert hours(paint(MONDAY, "close", "monday", start, end), "monday") == [("09:00", "17:00")]


@pytest.fixture
def post(client, ada):
    client.force_login(ada)
    return lambda headers=None, **fields: client.post(
        reverse("desk_availability"), {**EMPTY_FORM, **fields}, headers=headers
    )


def test_a_rhythm_in_words_is_saved(post, ada):
    every_other_tuesday = {"rules.0.every": "2", "rules.0.TU": "on", "rules.0.from": "2026-12-01"}

    post(**every_other_tuesday, **{"rules.0.windows.0.start": "18:00", "rules.0.windows.0.end": "20:00"})

    assert read_availability(ada).as_json()["rules"] == [
        {"rrule": "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "from": "2026-12-01", "windows": [["18:00", "20:00"]]}
    ]


def test_a_rhythm_of_months_without_a_weekday_is_told_so(post):
    page = post(**{"rules.0.every": "first", "rules.0.from": "2026-12-01"}).content.decode()

    assert "Choose a weekday." in page
    assert "FREQ is" not in page


def test_ticked_dates_stay_ticked_until_something_was_done_with_them(post):
    ticked = 'value="2026-12-24" aria-label="Thursday 24 December, closed" checked'

    assert ticked in post(month="2026-12", dates="2026-12-24", show_month="2026-12").content.decode()
    marked = post(month="2026-12", dates="2026-12-24", mark="off").content.decode()
    assert 'value="2026-12-24" aria-label="Thursday 24 December, day off" >' in marked
    assert "Not saved yet." in marked
    assert not Schedule.objects.exists()


def test_the_focus_stands_on_the_new_row(post):
    page = post(**MONDAY, add="weekly.monday").content.decode()

    assert page.count("autofocus") == 1
    assert 'id="id_weekly_monday_1_start"' in page.partition("autofocus")[0][-250:]


HTMX = {"HX-Request": "true"}


def test_while_one_types_the_preview_alone_is_exchanged(post):
    page = post(HTMX, **MONDAY, preview="1", preview_zone="Asia/Tokyo", preview_minutes="120")

    html = page.content.decode()
    assert html.lstrip().startswith('<div id="preview-times"')
    assert "Times in Asia/Tokyo (UTC+9)" in html
    assert [(f"{day.on}", day.count) for day in page.context["preview"]] == [
        ("2026-11-30", 12),
        ("2026-12-01", 1),
        ("2026-12-07", 12),
        ("2026-12-08", 1),
    ]
    assert not Schedule.objects.exists()


def test_while_something_cannot_be_read_the_preview_says_so(post):
    page = post(HTMX, preview="1", timezone="Mars/Olympus")

    assert page.status_code == 200
    assert "cannot be read yet" in page.content.decode()


def test_a_pause_is_told_in_the_preview(post):
    page = post(HTMX, **MONDAY, preview="1", paused_until="2027-01-01T00:00").content.decode()

    assert "Bookings are paused until" in page
    assert "No free time" not in page


@pytest.mark.parametrize("wall", ["0001-01-01T00:00", "9999-12-31T23:59"])
def test_a_date_out_of_all_bounds_is_refused_like_any_other(post, wall):
    page = post(paused_until=wall)

    assert page.status_code == 400
    assert "Choose a date and a time." in page.content.decode()


def test_the_shortest_session_is_what_the_preview_begins_with(post, ada, client):
    post(**MONDAY)
    Schedule.objects.filter(coach=ada).update(shortest_minutes=20)

    page = client.get(reverse("desk_availability"))

    assert page.context["preview_minutes"] == 20
    assert page.context["lengths"] == [15, 20, 30, 45, 60, 90, 120]
