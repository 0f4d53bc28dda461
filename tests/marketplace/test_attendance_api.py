"""Who may say what about who came, over the API, where no money moves."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core import clock
from core.periodic import JOBS
from marketplace.domain import attendance
from marketplace.domain.booking import Wish, book
from marketplace.domain.cancelling import cancel
from scheduling.models import Booking, Report
from tests.marketplace.cast import HOUR, NOW, TOMORROW, offer, person

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def session(mia, ben):
    chat = offer(mia, price=0)
    return book(Wish(chat.pk, TOMORROW, "UTC", {}), candidate=ben, now=NOW).session


@pytest.fixture
def says(api, session):
    """``says(ben, "here", at=instant)``: what the API answers."""

    def say(who, what, body=None, *, at=TOMORROW, booking=session):
        with clock.frozen_at(at):
            return api(who).post(f"/api/v1/bookings/{booking.pk}/{what}/", body or {})

    return say


def code(answer, status):
    assert answer.status_code == status, answer.json()
    return answer.json()["error"]["code"]


def test_i_am_here_is_said_once_and_shown_to_both(says, api, session, mia, ben):
    first = says(ben, "here")
    assert first.status_code == 200
    assert first.json()["side"] == "candidate"
    assert says(ben, "here", at=TOMORROW + MINUTE).json()["here"] == {
        "candidate_at": "2026-11-03T10:00:00Z",
        "coach_at": None,
    }
    seen = api(mia.user).get(f"/api/v1/bookings/{session.pk}/").json()
    assert (seen["side"], seen["here"]["candidate_at"]) == ("coach", "2026-11-03T10:00:00Z")


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (TOMORROW - 11 * MINUTE, "too_early"),
        (TOMORROW + HOUR, "too_late"),
    ],
)
def test_here_has_its_time(says, ben, at, expected):
    assert code(says(ben, "here", at=at), 409) == expected


def test_nobody_is_here_for_what_was_cancelled(says, session, ben):
    cancel(session.pk, by=ben, now=NOW)
    assert code(says(ben, "here"), 409) == "illegal_state"


@pytest.mark.parametrize("what", ["here", "no-show", "no-show/contest", "dispute"])
def test_strangers_and_operations_find_nothing(says, cleo, what):
    body = {"reason": "x", "comment": ""} if what == "dispute" else None
    assert code(says(cleo, what, body), 404) == "not_found"
    olu = person("Olu Adeyemi", is_staff=True)
    assert code(says(olu, what, body), 404) == "not_found"
    assert says(None, what, body).status_code == 401


@pytest.mark.parametrize(
    ("what", "body", "field"),
    [
        ("no-show", {"comment": "x", "why": "y"}, "why"),
        ("no-show", {"comment": "x" * 4001}, "comment"),
        ("no-show/contest", {"reason": "y"}, "reason"),
        ("dispute", {"comment": "x"}, "reason"),
        ("dispute", {"reason": "", "comment": "x"}, "reason"),
        ("dispute", {"reason": "x"}, "comment"),
        ("dispute", {"reason": "x", "comment": "y", "z": 1}, "z"),
    ],
)
def test_what_is_sent_is_checked(says, ben, what, body, field):
    refused = says(ben, what, body)
    assert code(refused, 400) == "invalid"
    assert list(refused.json()["error"]["fields"]) == [field]
    assert not Report.objects.exists()


def test_a_no_show_has_its_evidence_and_its_time(says, ben):
    assert code(says(ben, "no-show", at=TOMORROW + 20 * MINUTE), 409) == "not_here"
    says(ben, "here")
    assert code(says(ben, "no-show", at=TOMORROW + 14 * MINUTE), 409) == "too_early"
    assert code(says(ben, "no-show", at=TOMORROW + 25 * HOUR), 409) == "too_late"
    made = says(ben, "no-show", at=TOMORROW + 15 * MINUTE)
    assert [(it["side"], it["state"]) for it in made.json()["reports"]] == [("candidate", "open")]


def test_one_objects_to_the_others_report_and_to_nothing_else(says, mia, ben):
    assert code(says(mia.user, "no-show/contest"), 409) == "nothing_reported"
    says(ben, "here")
    says(ben, "no-show", at=TOMORROW + 15 * MINUTE)
    assert code(says(ben, "no-show/contest", at=TOMORROW + HOUR), 403) == "forbidden"
    contested = says(mia.user, "no-show/contest", {"comment": "I was."}, at=TOMORROW + HOUR)
    assert [(it["state"], it["objection"]) for it in contested.json()["reports"]] == [("contested", "I was.")]


def test_a_free_session_is_missed_without_any_money(says, session, mia, ben):
    says(mia.user, "here")
    says(mia.user, "no-show", at=TOMORROW + 15 * MINUTE)
    settle = JOBS["settle_reports"]
    standing = TOMORROW + 15 * MINUTE + 24 * HOUR
    assert (settle.run(standing - MINUTE), settle.run(standing), settle.run(standing)) == (0, 1, 0)
    assert Booking.objects.get(pk=session.pk).state == "no_show_candidate"


def test_a_report_that_cannot_be_settled_holds_up_no_other(says, session, mia, ben, cleo, monkeypatch):
    other = book(Wish(session.offer_id, TOMORROW + HOUR, "UTC", {}), candidate=cleo, now=NOW).session
    for who, row, shift in ((ben, session, 0), (cleo, other, 1)):
        says(who, "here", at=TOMORROW + shift * HOUR, booking=row)
        says(who, "no-show", at=TOMORROW + shift * HOUR + 15 * MINUTE, booking=row)
    conclude = attendance._conclude

    def stuck(found, *args, **kwargs):
        if found.pk == session.pk:
            raise ValueError("stuck")
        conclude(found, *args, **kwargs)

    monkeypatch.setattr(attendance, "_conclude", stuck)
    assert JOBS["settle_reports"].run(TOMORROW + 30 * HOUR) == 1
    states = [Booking.objects.get(pk=row.pk).state for row in (session, other)]
    # Booking and money move together, or neither does.
    assert states == ["confirmed", "no_show_coach"]
