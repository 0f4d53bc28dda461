from __future__ import annotations

from datetime import date, datetime, time, timedelta
from unittest.mock import patch

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.rules.recurrence import DAYS, parse_rrule

TUESDAY = date(2026, 12, 1)


def dates(text, *, starts_on=TUESDAY, first=TUESDAY, last=date(2027, 3, 1)):
    return [on.isoformat() for on in parse_rrule(text).dates(starts_on, first, last)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;COUNT=3", ["2026-12-01", "2026-12-15", "2026-12-29"]),
        ("FREQ=WEEKLY;COUNT=2", ["2026-12-01", "2026-12-08"]),
        ("FREQ=WEEKLY;BYDAY=MO,TH;UNTIL=20261210", ["2026-12-03", "2026-12-07", "2026-12-10"]),
        ("FREQ=MONTHLY;BYDAY=2TU", ["2026-12-08", "2027-01-12", "2027-02-09"]),
        ("FREQ=MONTHLY;BYDAY=-1FR", ["2026-12-25", "2027-01-29", "2027-02-26"]),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", ["2026-12-31", "2027-01-29", "2027-02-26"]),
        ("FREQ=MONTHLY;BYMONTHDAY=-1,31", ["2026-12-31", "2027-01-31", "2027-02-28"]),
        ("FREQ=YEARLY;BYMONTH=2;BYDAY=1MO", ["2027-02-01"]),
        ("FREQ=DAILY;INTERVAL=30;COUNT=3", ["2026-12-01", "2026-12-31", "2027-01-30"]),
        ("rrule:freq=daily;until=20261202;", ["2026-12-01", "2026-12-02"]),
    ],
)
def test_a_rule_falls_on_its_dates(text, expected):
    assert dates(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=31",
        "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=300",
        "FREQ=MONTHLY;INTERVAL=12;BYMONTH=5",
        "FREQ=DAILY;INTERVAL=7;BYDAY=WE;COUNT=5",
    ],
)
def test_a_rule_that_never_matches_ends(text):
    assert dates(text, starts_on=date(2000, 1, 4), first=date(2000, 1, 4), last=date(2199, 12, 31)) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "FREQ=HOURLY",
        "FREQ=WEEKLY;BYHOUR=3",
        "FREQ=WEEKLY;FREQ=DAILY",
        "FREQ",
        "FREQ=",
        "FREQ=WEEKLY;INTERVAL=0",
        "FREQ=WEEKLY;INTERVAL=99999",
        "FREQ=WEEKLY;INTERVAL=1,2",
        "FREQ=DAILY;COUNT=1000000",
        "FREQ=DAILY;COUNT=3;UNTIL=20270101",
        "FREQ=DAILY;UNTIL=20270101T100000Z",
        "FREQ=DAILY;UNTIL=20271301",
        "FREQ=WEEKLY;BYDAY=2TU",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=WEEKLY;BYMONTHDAY=1",
        "FREQ=WEEKLY;BYDAY=MO;BYSETPOS=1",
        "FREQ=WEEKLY;WKST=XX",
        "FREQ=MONTHLY;BYDAY=1MO,2TU",
        "FREQ=MONTHLY;BYDAY=1MO,MO",
        "FREQ=MONTHLY;BYDAY=0MO",
        "FREQ=MONTHLY;BYDAY=1MO;BYSETPOS=1",
        "FREQ=MONTHLY;BYSETPOS=1",
        "FREQ=MONTHLY;BYMONTH=13",
        "FREQ=MONTHLY;BYMONTHDAY=0",
        "FREQ=YEARLY;BYMONTH=1,2;BYDAY=1MO",
        "FREQ=MONTHLY;BYMONTHDAY=" + ",".join(["1"] * 200),
    ],
)
def test_a_rule_that_is_not_of_dates_or_without_measure_is_refused_with_a_sentence(text):
    with pytest.raises(ValueError, match=r"\.$"):
        parse_rrule(text)


def _joined(values):
    return ",".join(str(value) for value in values)


MONTH_DAYS = st.integers(-31, 31).filter(bool)


@st.composite
def rules(draw):
    frequency = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    parts = [f"FREQ={frequency}"]
    if draw(st.booleans()):
        parts.append(f"INTERVAL={draw(st.integers(1, 5))}")
    if draw(st.booleans()):
        parts.append(f"BYDAY={_joined(draw(st.lists(st.sampled_from(DAYS), min_size=1, max_size=3)))}")
    if draw(st.booleans()) and frequency != "WEEKLY":
        parts.append(f"BYMONTHDAY={_joined(draw(st.lists(MONTH_DAYS, min_size=1, max_size=4)))}")
    if draw(st.booleans()):
        parts.append(f"BYMONTH={_joined(draw(st.lists(st.integers(1, 12), min_size=1, max_size=6)))}")
    if draw(st.booleans()):
        parts.append(f"WKST={draw(st.sampled_from(DAYS))}")
    if (
        frequency in {"MONTHLY", "YEARLY"}
        and len(parts) > 2
        and "BY" in "".join(parts)
        and draw(st.booleans())
    ):
        parts.append(f"BYSETPOS={_joined(draw(st.lists(MONTH_DAYS, min_size=1, max_size=2)))}")
    ending = draw(st.sampled_from(["", "COUNT", "UNTIL"]))
    if ending == "COUNT":
        parts.append(f"COUNT={draw(st.integers(1, 40))}")
    return ";".join(parts), ending == "UNTIL"


@settings(max_examples=300, derandomize=True, deadline=None)
@given(
    rule=rules(),
    starts_on=st.dates(date(2020, 1, 1), date(2028, 12, 31)),
    ahead=st.integers(-100, 1500),
    length=st.integers(0, 200),
    until=st.dates(date(2021, 1, 1), date(2030, 1, 1)),
)
def test_dates_are_those_of_dateutil_within_any_span(rule, starts_on, ahead, length, until):
    text, has_until = rule
    text += f";UNTIL={until:%Y%m%d}" if has_until else ""
    first = starts_on + timedelta(days=ahead)
    last = first + timedelta(days=length)

    found = list(parse_rrule(text).dates(starts_on, first, last))

    reference = rrulestr(text, dtstart=datetime.combine(starts_on, time()))
    # dateutil walks an impossible rule to the end of time; for these dates it may end sooner.
    with patch("datetime.MAXYEAR", 2040):
        expected = [at.date() for at in _between(reference, first, last)]
    assert found == expected


def _between(reference, first, last):
    begin, end = datetime.combine(first, time()), datetime.combine(last, time())
    for at in reference:
        if at > end:
            return
        if at >= begin:
            yield at


@settings(max_examples=100, derandomize=True, deadline=None)
@given(
    rule=rules(),
    starts_on=st.dates(date(2020, 1, 1), date(2026, 12, 31)),
    days=st.sets(st.dates(date(2019, 1, 1), date(2029, 1, 1)), max_size=30),
)
def test_the_dates_hit_are_those_that_are_dates_of_the_rule(rule, starts_on, days):
    recurrence = parse_rrule(rule[0])

    all_dates = set(recurrence.dates(starts_on, date(2019, 1, 1), date(2029, 1, 1)))

    assert recurrence.hits(starts_on, days) == all_dates & days
