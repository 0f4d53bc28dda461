"""The editor's month of dates, and rhythms in words."""

from __future__ import annotations

from datetime import date

import pytest

from scheduling.forms.months import month_of
from scheduling.forms.rhythm import EMPTY, rhythm_of, rrule_of
from tests.scheduling.test_editor_buttons import MONDAY, press

TODAY = date(2026, 11, 24)


def cells(draft, wanted, **more):
    month = month_of(draft, wanted, today=TODAY, **more)
    return {cell.on.day: cell for week in month.weeks for cell in week if cell}


def test_the_month_says_what_each_date_offers():
    draft, _ = press(
        {
            **MONDAY,
            "weekly.monday.1.start": "18:30",
            "weekly.monday.1.end": "00:00",
            "overrides.0.date": "2026-12-14",
            "overrides.1.date": "2026-12-20",
            "overrides.1.windows.0.start": "10:00",
            "overrides.1.windows.0.end": "11:00",
            "time_off.0.starts": "2026-12-21T12:00",
            "time_off.0.ends": "2026-12-22T00:00",
            "time_off.1.starts": "2026-12-22T12:00",
            "travel.0.from": "2026-12-28",
            "travel.0.timezone": "Asia/Tokyo",
            "rules.0.every": "1",
            "rules.0.TH": "on",
            "rules.0.until": "2026-12-10",
            "rules.0.from": "2026-12-01",
            "rules.0.windows.0.start": "07:00",
            "rules.0.windows.0.end": "08:15",
            "rules.1.every": "first",
        }
    )
    shown = {on: (cell.kind, cell.short, cell.words) for on, cell in cells(draft, "2026-12").items()}

    usual = ("usual", "9–17 +1", "09:00 to 17:00, 18:30 to 24:00")
    thursday = ("usual", "7–8:15", "07:00 to 08:15")
    assert {on: what for on, what in shown.items() if what[0] != "closed"} == {
        3: thursday,
        7: usual,
        10: thursday,
        14: ("off", "off", "day off"),
        20: ("hours", "10–11", "other hours, 10:00 to 11:00"),
        21: ("away", "away", "time off"),
        28: usual,
    }
    assert shown[1] == ("closed", "–", "closed")
    trips = {on for on, cell in cells(draft, "2026-12").items() if cell.trip == "Asia/Tokyo"}
    assert trips == {28, 29, 30, 31}


def test_the_month_begins_on_a_monday_and_stays_near_today():
    draft, _ = press({})
    december = month_of(draft, "2026-12", chosen=["2026-12-24"], today=TODAY)

    assert [len(week) for week in december.weeks] == [7] * 5
    assert [cell and cell.on.day for cell in december.weeks[0]] == [None, 1, 2, 3, 4, 5, 6]
    assert [cell.on.day for week in december.weeks for cell in week if cell and cell.chosen] == [24]
    assert (december.earlier, december.later) == (date(2026, 11, 1), date(2027, 1, 1))
    first, last = (month_of(draft, wanted, today=TODAY) for wanted in ("2000-01", "2199-01"))
    assert (first.first, first.earlier) == (date(2026, 10, 1), None)
    assert (last.first, last.later) == (date(2028, 11, 1), None)
    for nonsense in ("", "soon", "2026-13"):
        assert month_of(draft, nonsense, today=TODAY).first == date(2026, 11, 1)
    today = [
        cell.on for week in month_of(draft, "", today=TODAY).weeks for cell in week if cell and cell.is_today
    ]
    assert today == [TODAY]


@pytest.mark.parametrize(
    ("fields", "rrule"),
    [
        ({"every": "1"}, "FREQ=WEEKLY"),
        ({"every": "2", "TU": "on"}, "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU"),
        ({"every": "4", "SU": "on", "MO": "on"}, "FREQ=WEEKLY;INTERVAL=4;BYDAY=MO,SU"),
        ({"every": "1", "FR": "on", "until": "2026-12-31"}, "FREQ=WEEKLY;BYDAY=FR;UNTIL=20261231"),
        ({"every": "first", "SA": "on"}, "FREQ=MONTHLY;BYDAY=1SA"),
        ({"every": "last", "WE": "on", "until": "2027-01-31"}, "FREQ=MONTHLY;BYDAY=-1WE;UNTIL=20270131"),
        ({"every": "own", "rrule": "FREQ=DAILY;COUNT=3"}, "FREQ=DAILY;COUNT=3"),
    ],
)
def test_a_rhythm_in_words_is_an_rrule_and_the_same_words_again(fields, rrule):
    row = {**EMPTY, **fields}

    assert rrule_of(row) == rrule
    assert rhythm_of(rrule) == row


@pytest.mark.parametrize(
    "rrule",
    [
        "FREQ=WEEKLY;BYDAY=SU,MO",
        "freq=weekly",
        "FREQ=WEEKLY;INTERVAL=5;BYDAY=TU",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=MONTHLY;BYDAY=-2FR",
        "FREQ=MONTHLY;BYDAY=2TH,-1TH;COUNT=9",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;WKST=SU",
        "RRULE:FREQ=DAILY",
    ],
)
def test_a_rule_that_these_words_cannot_say_stays_as_it_was_written(rrule):
    assert rhythm_of(rrule) == {**EMPTY, "every": "own", "rrule": rrule}
    assert rrule_of(rhythm_of(rrule)) == rrule
