"""Where random histories begin, what may happen in them, and what has to have happened in fifty."""

from __future__ import annotations

from django.db.models import Exists, F, OuterRef
from hypothesis import strategies as st

from payments.models import CheckoutSession, Dispute, Refund
from payouts.models import JournalEntry, Reversal, Transfer
from scheduling.models import Report
from tests.flows.chaos import CARDS, Crash


def number(first: int, last: int) -> st.SearchStrategy[int]:
    """One of these. Hypothesis' integers would also depend on which numbers stand in our code."""
    return st.sampled_from(range(first, last + 1))


REQUESTS = ("timeout_after", "timeout_before", "reset", "error_500", "conflict_409", "rate_429")
WEBHOOKS = ("reorder_webhooks", "drop_webhook", "duplicate_webhook", "delay_webhook", "bad_signature")
nth = number(0, 5)
who = st.sampled_from(["ben", "cleo"])
what = st.sampled_from(["hour", "chat"])
card = st.sampled_from(sorted(CARDS))
ahead = number(3, 120)
crash = st.tuples(st.just("crash"), st.sampled_from(Crash.KINDS), st.sampled_from([1, 2, 3, 5]))
OFTEN = [
    st.tuples(st.just("buy"), who, ahead, what, card),
    st.tuples(st.just("meet"), nth, st.sampled_from(["both", "candidate", "coach"])),
    st.tuples(st.just("cancel"), nth, st.sampled_from(["candidate", "coach"])),
    st.tuples(st.just("go_to_the_bank"), nth, st.booleans()),
    st.tuples(st.just("give_back"), nth, number(1, 100)),
    st.tuples(st.just("wait"), st.sampled_from([1, 26, 80, 200])),
    st.tuples(st.just("work")),
    crash,
]
SELDOM = [
    st.tuples(st.just("book"), who, ahead, what),
    st.tuples(st.just("pay"), nth, card),
    st.tuples(st.just("pay_twice"), who, ahead, what),
    st.tuples(st.just("write_scorecard"), nth),
    st.tuples(st.just("complain"), nth),
    st.tuples(st.just("object_"), nth),
    st.tuples(st.just("decide"), nth, st.booleans()),
    st.tuples(st.just("answer_the_bank"), nth, st.sampled_from(["winning", "losing", "give up"])),
    st.tuples(st.just("bank_decides"), nth, st.sampled_from(["won", "lost"])),
    st.tuples(st.just("fail_a_payout")),
    st.tuples(st.just("restrict"), st.booleans()),
    st.tuples(st.just("lend_nothing")),
    st.tuples(st.just("shut_the_door"), st.booleans()),
    st.tuples(st.just("strike"), st.sampled_from([*REQUESTS, *WEBHOOKS]), number(1, 3)),
]
ANYTHING = st.sampled_from([*OFTEN, *OFTEN, *SELDOM]).flatmap(lambda step: step)
LUCK = st.tuples(number(0, 9_999), st.sampled_from([0.0, 0.2, 0.4]))
"""The emulator's own chaos: its seed, and how many of its requests and webhooks it strikes."""

SOLD = [
    ("buy", "ben", 3, "hour", "a good card"),
    ("buy", "cleo", 5, "chat", "a card that gives refunds back"),
]
MET = [*SOLD, ("meet", 0, "both"), ("meet", 1, "both"), ("write_scorecard", 0)]
RELEASED = [*MET, ("wait", 80), ("work",), ("wait", 1)]
PAID_OUT = [*RELEASED, ("wait", 200), ("work",), ("wait", 1)]
OPENINGS = {
    "nothing is sold": (
        [],
        [
            [("pay_twice", "ben", 30, "hour")],
            [("shut_the_door", True), ("buy", "ben", 30, "hour", "a good card"), ("work",), ("wait", 26)],
            [("buy", "cleo", 9, "chat", "a card whose owner goes to his bank"), ("wait", 1)],
        ],
    ),
    "two sessions are sold": (
        SOLD,
        [
            [("meet", 0, "candidate"), ("complain", 0), ("object_", 0)],
            [("meet", 0, "coach"), ("complain", 0), ("wait", 200)],
            [("give_back", 1, 40), ("work",), ("wait", 200)],
            [("wait", 1), ("wait", 1), ("cancel", 0, "coach"), ("work",)],
            [*(("strike", kind, 1) for kind in WEBHOOKS), ("give_back", 0, 30), ("work",)],
            [*(("strike", kind, 1) for kind in REQUESTS), *(("give_back", 0, 10), ("work",)) * 3],
            [("restrict", True), ("work",), ("meet", 0, "both"), ("complain", 0), ("wait", 80)],
        ],
    ),
    "a session is released": (
        RELEASED,
        [
            [("go_to_the_bank", 0, False), ("work",), ("bank_decides", 0, "won")],
            [("give_back", 0, 60), ("work",), ("buy", "ben", 9, "hour", "a good card")],
            [("restrict", True), ("give_back", 0, 100), ("work",)],
        ],
    ),
    "a session is paid out": (
        PAID_OUT,
        [
            [("fail_a_payout",), ("work",)],
            [("go_to_the_bank", 0, False), ("work",)],
            [("lend_nothing",), ("give_back", 0, 100), ("work",), ("buy", "ben", 9, "hour", "a good card")],
        ],
    ),
}
"""Told once each, quietly; histories go on with each trouble alone, and with one of them and anything."""


def steps(troubles) -> st.SearchStrategy[list[tuple]]:
    """What happens after an opening; the process may die in the middle of the trouble."""
    parts = st.tuples(
        st.lists(crash, min_size=1, max_size=1) | st.just([("work",)]),
        st.sampled_from(troubles),
        st.lists(ANYTHING, min_size=2, max_size=9),
    )
    return parts.map(lambda parts: [step for part in parts for step in part])


# what happened

CHARGED_BACK = Dispute.objects.exclude(state__startswith="warning")
SENT = Transfer.objects.filter(release__share__source_transaction=OuterRef("payment__charge"))
FACTS = {
    "a second payment": CheckoutSession.objects.filter(surplus=True),
    "a dispute after the release": CHARGED_BACK.filter(
        Exists(SENT.filter(transferred_at__lt=OuterRef("opened_at")))
    ),
    "a dispute after the payout": CHARGED_BACK.filter(
        Exists(SENT.filter(lines__payout__paid_at__lt=OuterRef("opened_at")))
    ),
    "an inquiry": Dispute.objects.filter(state__startswith="warning"),
    "a refused reversal": Reversal.objects.filter(state="refused"),
    "a no-show report": Report.objects.filter(kind="no_show"),
    "a no-show report that was objected to": Report.objects.filter(kind="no_show").exclude(objection=""),
    "a disputed session": Report.objects.filter(kind="dispute"),
    "a part given back by operations": Refund.objects.filter(by__is_staff=True, amount__lt=F("line__paid")),
}


def occurred(story) -> set[str]:
    """Everything that happened in a history, by its kinds: journal entries, facts, faults, crashes."""
    kinds = JournalEntry.objects.values_list("kind", flat=True).distinct()
    facts = {name for name, rows in FACTS.items() if rows.exists()}
    outage = {"a webhook outage"} if story.door.missed else set()
    return {*kinds, *facts, *story.happened, *outage}


EVERYTHING = {
    *FACTS,
    "a webhook outage",
    "an account that is restricted",
    *(f"a crash {kind}" for kind in Crash.KINDS),
    *REQUESTS,
    *WEBHOOKS,
    *("pay", "fee", "surplus", "refund", "refund_failed", "compensation"),
    *("dispute_opened", "dispute_fee", "dispute_lost", "dispute_won"),
    *("release", "reversal", "netting", "payout", "payout_paid", "payout_unpaid", "payout_returned"),
}
"""What fifty histories have in them."""
