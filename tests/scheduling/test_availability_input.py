"""Whatever is sent is understood or refused in the project's form; nothing else can happen."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InvalidError
from scheduling.rules.availability import NUMBERS, WEEKDAYS
from scheduling.rules.availability_input import parse_availability

NAMES = [
    "weekly",
    "rules",
    "overrides",
    "time_off",
    "travel",
    "timezone",
    "paused_until",
    *NUMBERS,
    *WEEKDAYS,
]
INNER = ["rrule", "from", "windows", "date", "starts_at", "ends_at", "to", "timezone", "0", "x"]
WORDS = ["09:00", "24:00", "2026-12-01", "2026-12-02T00:00:00Z", "UTC", "FREQ=DAILY", "", "\x00", "9" * 400]

plain = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(),
    st.sampled_from(WORDS),
    st.text(max_size=5),
)
json = st.recursive(
    plain,
    lambda inside: st.one_of(
        st.lists(inside, max_size=4), st.dictionaries(st.sampled_from(INNER), inside, max_size=4)
    ),
    max_leaves=8,
)
bodies = st.dictionaries(st.one_of(st.sampled_from(NAMES), st.text(max_size=3)), json, max_size=6)


@settings(max_examples=400, derandomize=True, deadline=None)
@given(body=st.one_of(bodies, json))
def test_any_body_is_an_availability_or_invalid(body):
    availability, fields = read(body)

    assert bool(fields) is (availability is None)
    if availability:
        assert read(availability.as_json()) == (availability, None)


def read(body):
    try:
        return parse_availability(body, default_timezone="UTC"), None
    except InvalidError as refusal:
        return None, refusal.extra["fields"]
