"""The product's numbers (product.md, *Numbers*). The policy page is generated from them."""

from datetime import timedelta

from config.settings import site
from config.settings.environment import env
from payments.rules import least_charge

HOLD_LENGTH = timedelta(minutes=10)
HOLD_EXTENSION = timedelta(minutes=5)
MOST_UNPAID_ORDERS = 3
MOST_IN_A_SERIES = 26

# From the most hours before the start to the fewest: what a candidate's own cancellation gives back.
CANCELLATION_TIERS = [
    {"from_hours": 24, "refund_percent": 100},
    {"from_hours": 2, "refund_percent": 50},
    {"from_hours": 0, "refund_percent": 0},
]
GRACE = timedelta(hours=1)
GRACE_FROM_HOURS = 24

PLATFORM_RATE_BP = 2_000
EXPERIENCED_RATE_BP = 1_500
EXPERIENCED_AFTER_SESSIONS = 50
PRIVATE_LINK_RATE_BP = 500
PRIVATE_LINK_DAYS = 30

RELEASE_DELAY = timedelta(hours=72)
RELEASE_LATEST = timedelta(days=7)

COMPENSATION_BP = 1_000
COMPENSATION_INSIDE = timedelta(hours=72)
COMPENSATION_ONCE_PER_PAIR = timedelta(days=90)

REQUEST_LENGTH = timedelta(hours=48)
REQUEST_LATEST_BEFORE_START = timedelta(hours=2)

MENTOR_SESSIONS_PER_CANDIDATE = 2
MENTOR_CANDIDATE_PERIOD = timedelta(days=30)
MOST_OPEN_INTRO_CALLS = 2

JOIN_OPENS_BEFORE = timedelta(minutes=10)
REVIEW_BLIND_WINDOW = timedelta(days=7)

FREE_RESCHEDULES = 1
PROPOSAL_UNTIL = timedelta(hours=2)
NO_SHOW_FROM = timedelta(minutes=15)
NO_SHOW_UNTIL = timedelta(hours=24)
NO_SHOW_STANDS_AFTER = timedelta(hours=24)
DISPUTE_UNTIL = timedelta(hours=72)
PREP_ANSWERS_UNTIL = timedelta(hours=2)
REMINDERS_BEFORE = [timedelta(hours=24), timedelta(hours=1)]

# What a coach starts with and may change.
MINIMUM_NOTICE_MINUTES = 720
BOOKING_WINDOW_DAYS = 60
SLOT_INTERVAL_MINUTES = 30
CALENDAR_STALE_AFTER = timedelta(hours=2)

PACKAGE_SIZES = [3, 5]
PACKAGE_LASTS_MONTHS = 6
INTRO_CALL_MINUTES = 15
WAITLIST_HOLD_LENGTH = timedelta(minutes=30)
WAITLIST_MOST_TURNS = 3

# Minor units: above this a refund or adjustment by operations needs a second person. A thousand of the least
# charges: $500, and as much, about, in other currencies.
SECOND_PERSON_ABOVE = env.int("SECOND_PERSON_ABOVE", default=1_000 * least_charge(site.CURRENCY))
