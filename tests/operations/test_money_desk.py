"""The money page and the order page: what they show, what their forms do, and whom they let in."""

from __future__ import annotations

import re

import pytest
from django.core.cache import cache

from core.models import AuditLine, OutboxMessage
from integrations.stripe.answers import MissedEvent
from integrations.stripe.inbox import receive_missed
from integrations.stripe.models import StripeEvent, StripeOperation
from payouts.models import Comparison, Difference
from tests.marketplace.cast import HOUR
from tests.operations.conftest import REPORTED

pytestmark = pytest.mark.django_db
LEDGER = "/api/v1/operations/ledger/"


@pytest.fixture
def desk(signed_in, olu):
    cache.clear()
    return signed_in(olu)


def shown(answer, status=200):
    assert answer.status_code == status, answer.content
    return re.sub(r"\s+", " ", answer.content.decode())


@pytest.fixture
def dead_event(db):
    event = MissedEvent("evt_1", "v1.refund.updated", "refund", "re_1", "", REPORTED)
    receive_missed(event, now=REPORTED)
    StripeEvent.objects.update(dead_at=REPORTED, attempts=20, error="KeyError: 'status'")
    return StripeEvent.objects.get()


@pytest.fixture
def dead_message(db):
    return OutboxMessage.objects.create(
        event="OrderPaid", subscriber="marketplace.subscribers.fulfil", payload={}, about="booking:1",
        created_at=REPORTED, due_at=REPORTED, attempts=16, dead_at=REPORTED, error="ValueError: no",
    )  # fmt: skip


@pytest.fixture
def difference(db):
    part = Comparison.objects.create(name="refunds", asked_at=REPORTED, answered_at=REPORTED, found=1)
    return Difference.objects.create(
        comparison=part, kind="missing_here", subject="re_9", stripes="$9.00", found_at=REPORTED,
        message="Stripe has the refund re_9 ($9.00), and nobody here knows it.", last_seen_at=REPORTED,
    )  # fmt: skip


def replay(client, letter, reason="The bug is fixed."):
    return client.post(f"/api/v1/operations/dead-letters/{letter}/replay/", {"reason": reason})


def test_the_first_reader_has_our_own_books_asked(token, olu):
    body = token(olu).get(LEDGER).json()
    assert [(it["number"], it["holds"]) for it in body["invariants"]] == [
        *((number, True) for number in (1, 2, 3, 4, 5)), (6, None), *((number, True) for number in (7, 8, 9)),
    ]  # fmt: skip
    assert {name: body[name]["count"] for name in ("differences", "unknown_operations", "dead_letters")} == {
        "differences": 0,
        "unknown_operations": 0,
        "dead_letters": 0,
    }
    assert (body["balances"], [it["name"] for it in body["comparisons"]]) == ({}, ["books"])


@pytest.mark.parametrize("rows", [1, 3])
def test_the_ledger_asks_as_many_questions_for_one_as_for_many(
    token, olu, rows, difference, dead_message, django_assert_num_queries
):
    for row in range(1, rows):
        Difference.objects.create(
            comparison=difference.comparison, kind="amount", subject=f"re_{row}", message="x",
            found_at=REPORTED, last_seen_at=REPORTED,
        )  # fmt: skip
        dead_message.pk = None
        dead_message.save()
    client = token(olu)
    # Two for the token, one for the second factor, one whether it was ever asked, and those of the proof.
    with django_assert_num_queries(17):
        body = client.get(LEDGER).json()
    assert (body["differences"]["count"], body["dead_letters"]["count"]) == (rows, rows)


def test_a_dead_event_of_stripes_lives_again_once(token, olu, dead_event):
    assert token(olu).get(LEDGER).json()["dead_letters"]["results"][0]["id"] == "evt_1"
    answer = replay(token(olu), "evt_1")
    assert (answer.status_code, answer.json()["id"]) == (200, "evt_1")
    dead_event.refresh_from_db()
    assert (dead_event.dead_at, dead_event.attempts, dead_event.handled_at) == (None, 0, None)
    line = AuditLine.objects.get(action="stripe.replayed")
    assert (line.by, line.reason) == (olu, "The bug is fixed.")
    again = replay(token(olu), "evt_1")
    assert (again.status_code, again.json()["error"]["code"]) == (409, "not_dead")


def test_a_dead_message_of_ours_lives_again(token, olu, dead_message):
    (letter,) = token(olu).get(LEDGER).json()["dead_letters"]["results"]
    assert (letter["id"], letter["what"], letter["stripe"]) == (
        f"message-{dead_message.pk}", "OrderPaid for fulfil", False,
    )  # fmt: skip
    assert replay(token(olu), letter["id"]).status_code == 200
    dead_message.refresh_from_db()
    assert (dead_message.dead_at, dead_message.attempts) == (None, 0)
    assert AuditLine.objects.get(action="outbox.replayed").by == olu


@pytest.mark.parametrize("letter", ["evt_2", "message-1", "message-x", "message-99999999999999999999999"])
def test_there_is_no_letter_of_another_name(token, olu, letter):
    assert replay(token(olu), letter).status_code == 404


def test_a_replay_says_why(token, olu, dead_event):
    for body in ({}, {"reason": ""}, {"reason": " "}):
        refused = token(olu).post("/api/v1/operations/dead-letters/evt_1/replay/", body)
        assert (refused.status_code, list(refused.json()["error"]["fields"])) == (400, ["reason"])


def test_a_difference_is_closed_with_a_note_and_stays_closed(token, olu, difference):
    path = f"/api/v1/operations/differences/{difference.pk}/close/"
    assert token(olu).post(path, {"reason": ""}).status_code == 400
    answer = token(olu).post(path, {"reason": "Given back by hand at Stripe."}).json()
    assert (answer["note"], answer["closed_at"]) == ("Given back by hand at Stripe.", "2026-11-03T10:20:00Z")
    assert token(olu).post(path, {"reason": "Again"}).json()["note"] == "Given back by hand at Stripe."
    assert token(olu).get(LEDGER).json()["differences"]["count"] == 0
    assert AuditLine.objects.get(action="difference.closed").by == olu
    assert token(olu).post("/api/v1/operations/differences/0/close/", {"reason": "x"}).status_code == 404


def test_the_money_page_shows_what_waits_and_how_long(desk, difference, dead_event, dead_message):
    operations_planned(REPORTED - 3 * HOUR)
    page = shown(desk.get("/operations/money/"))
    for part in (
        "Stripe has the refund re_9 ($9.00), and nobody here knows it.",
        "v1.refund.updated",
        "OrderPaid for fulfil",
        "KeyError: &#x27;status&#x27;",
        "refund:7",
        "3 hours",
        "Not everything was compared yet".lower(),
    ):
        assert part in page, part


def operations_planned(at):
    StripeOperation.objects.create(
        key="refund:7", kind="refund", parameters={"amount": 1}, planned_at=at, due_at=at
    )


def test_an_empty_money_page_says_what_would_be_there(desk):
    page = shown(desk.get("/operations/money/"))
    for part in ("No dead letter", "Every call has its outcome", "No refund failed", "No dispute is open"):
        assert part in page
    assert "The books are empty" in page


def test_the_page_says_of_which_part_nobody_knows_anything(desk):
    Comparison.objects.create(name="transfers", asked_at=REPORTED, trouble="RetryableError: Timeout")
    page = shown(desk.get("/operations/money/"))
    assert "Nobody knows how transfers stand." in page
    assert "RetryableError: Timeout" in page


def test_the_forms_of_the_page_keep_what_was_written_and_say_what_is_missing(desk, difference, dead_event):
    page = shown(desk.post(f"/operations/money/differences/{difference.pk}/close/", {"why": ""}), 400)
    assert "This field is required" in page
    assert f'id="difference-{difference.pk}-why_error"' in page
    assert "This field is required" in shown(desk.post("/operations/money/letters/evt_1/replay/"), 400)
    said = {"why": "Fixed."}
    assert desk.post("/operations/money/letters/evt_1/replay/", said).url == "/operations/money/"
    again = shown(desk.post("/operations/money/letters/evt_1/replay/", said, follow=True))
    assert "somebody has replayed it" in again
    assert desk.post("/operations/money/letters/evt_2/replay/", said).status_code == 404
    closed = desk.post(f"/operations/money/differences/{difference.pk}/close/", said, follow=True)
    assert "Closed. It comes back only if it becomes another." in shown(closed)


def test_who_asks_is_told_to_come_back(desk):
    assert "Everything is compared now." in shown(desk.post("/operations/money/ask/", follow=True))


def test_there_are_no_accounts_of_a_kind_that_is_none(desk):
    assert "Nothing lies here" in shown(desk.get("/operations/money/accounts/payee_held/"))
    assert desk.get("/operations/money/accounts/treasure/").status_code == 404
