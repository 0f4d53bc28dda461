import re
from datetime import timedelta
from html import unescape

import pytest
from django.utils.html import strip_tags

from config.settings import product
from pages.policy import NUMBERS

SHAPED = {"CANCELLATION_TIERS", "SECOND_PERSON_ABOVE"}
CONFIGURED = sorted(name for name in vars(product) if name.isupper())

# Each number set to one that stands nowhere else on the page, and how the page then says it.
ODD = {
    "HOLD_LENGTH": (timedelta(minutes=11), "held for 11 minutes"),
    "HOLD_EXTENSION": (timedelta(minutes=7), "extend it once by 7 minutes"),
    "MOST_UNPAID_ORDERS": (4, "4 unpaid holds"),
    "MOST_IN_A_SERIES": (27, "series of up to 27 sessions"),
    "GRACE": (timedelta(minutes=47), "back within 47 minutes after booking"),
    "GRACE_FROM_HOURS": (31, "more than 31 hours away"),
    "PLATFORM_RATE_BP": (2150, "The coach pays 21.5 %"),
    "EXPERIENCED_RATE_BP": (1300, "13 % once"),
    "EXPERIENCED_AFTER_SESSIONS": (51, "once 51 sessions"),
    "PRIVATE_LINK_RATE_BP": (600, "6 % for people"),
    "PRIVATE_LINK_DAYS": (33, "remember for 33 days"),
    "RELEASE_DELAY": (timedelta(hours=73), "73 hours after the later"),
    "RELEASE_LATEST": (timedelta(days=8), "at most 8 days after the end"),
    "COMPENSATION_BP": (1200, "12 % on top"),
    "COMPENSATION_INSIDE": (timedelta(hours=71), "Inside 71 hours"),
    "COMPENSATION_ONCE_PER_PAIR": (timedelta(days=91), "once per pair of people in 91 days"),
    "REQUEST_LENGTH": (timedelta(hours=49), "ends after 49 hours"),
    "REQUEST_LATEST_BEFORE_START": (timedelta(minutes=125), "or 125 minutes before its start"),
    "MENTOR_SESSIONS_PER_CANDIDATE": (9, "9 sessions per person"),
    "MENTOR_CANDIDATE_PERIOD": (timedelta(days=29), "in 29 days"),
    "MOST_OPEN_INTRO_CALLS": (6, "at most 6 open"),
    "JOIN_OPENS_BEFORE": (timedelta(minutes=13), "opens 13 minutes before"),
    "REVIEW_BLIND_WINDOW": (timedelta(days=6), "or 6 days have passed"),
    "FREE_RESCHEDULES": (8, "after that 8 times per booking"),
    "PROPOSAL_UNTIL": (timedelta(minutes=135), "ask for another time, until 135 minutes before the start"),
    "NO_SHOW_FROM": (timedelta(minutes=16), "From 16 minutes after the start"),
    "NO_SHOW_UNTIL": (timedelta(hours=25), "until 25 hours after the end"),
    "NO_SHOW_STANDS_AFTER": (timedelta(hours=26), "The report stands 26 hours later"),
    "DISPUTE_UNTIL": (timedelta(hours=74), "Until 74 hours after the end"),
    "PREP_ANSWERS_UNTIL": (timedelta(hours=3), "until 3 hours before the start"),
    "REMINDERS_BEFORE": ([timedelta(hours=26), timedelta(hours=5)], "26 hours and 5 hours before"),
    "MINIMUM_NOTICE_MINUTES": (780, "at least 13 hours from now"),
    "BOOKING_WINDOW_DAYS": (61, "at most 61 days ahead"),
    "SLOT_INTERVAL_MINUTES": (35, "every 35 minutes"),
    "CALENDAR_STALE_AFTER": (timedelta(hours=19), "could not be read for 19 hours"),
    "PACKAGE_SIZES": ([3, 17], "3 or 17 sessions"),
    "PACKAGE_LASTS_MONTHS": (14, "within 14 months"),
    "INTRO_CALL_MINUTES": (18, "18 minutes, free"),
    "WAITLIST_HOLD_LENGTH": (timedelta(minutes=32), "held for 32 minutes for the first"),
    "WAITLIST_MOST_TURNS": (4, "After 4 people"),
    "SECOND_PERSON_ABOVE": (51_500, "above $515 needs"),
    "CANCELLATION_TIERS": (
        [
            {"from_hours": 36, "refund_percent": 100},
            {"from_hours": 4, "refund_percent": 45},
            {"from_hours": 0, "refund_percent": 2},
        ],
        "45 % back When you cancel 4 hours or more before the start. 2 % back When you cancel less than 4",
    ),
}


def words(response):
    return re.sub(
        r"\s+", " ", unescape(strip_tags(re.sub(r"<(dt|dd|li|p|b)\b", r" <\1", response.content.decode())))
    )


def test_the_page_is_made_from_every_configured_number():
    assert set(NUMBERS) | SHAPED == set(CONFIGURED)


@pytest.mark.django_db
@pytest.mark.parametrize("name", CONFIGURED)
def test_a_changed_number_changes_the_page(name, client, settings):
    value, sentence = ODD[name]
    assert sentence not in words(client.get("/policy/"))
    setattr(settings, name, value)
    assert sentence in words(client.get("/policy/"))
