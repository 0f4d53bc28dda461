"""What waits for operations, over the API, and how they decide it."""

from __future__ import annotations

from uuid import uuid4

import pytest

from core import clock
from core.models import AuditLine
from scheduling.models import Booking
from tests.marketplace.cast import HOUR, TOMORROW, person
from tests.operations.conftest import later, reported

pytestmark = pytest.mark.django_db
QUEUES = "/api/v1/operations/queues/"


def decide(client, session, **said):
    body = {"report": "upheld", "reason": "The log shows it.", **said}
    return client.post(f"/api/v1/operations/bookings/{session.pk}/decide/", body)


def test_the_queue_tells_what_was_said_and_who_was_there(token, olu, session):
    body = token(olu).get(QUEUES).json()
    assert body["compensations"] == {"count": 0, "results": []}
    assert body["reports"]["count"] == 1
    (case,) = body["reports"]["results"]
    assert {name: case[name] for name in ("id", "state", "starts_at", "ends_at")} == {
        "id": str(session.pk),
        "state": "confirmed",
        "starts_at": "2026-11-03T10:00:00Z",
        "ends_at": "2026-11-03T11:00:00Z",
    }
    assert case["candidate"] == {"name": "Ben Adler", "here_at": "2026-11-03T10:00:00Z"}
    assert case["coach"] == {"name": "Mia Lindqvist", "here_at": "2026-11-03T10:00:00Z"}
    assert [(it["kind"], it["side"], it["state"], it["comment"]) for it in case["reports"]] == [
        ("no_show", "candidate", "contested", "Silence.")
    ]
    assert case["order"]["paid"] == {"amount": 0, "currency": "usd"}


@pytest.mark.parametrize("rows", [1, 3])
def test_the_queue_asks_as_many_questions_for_one_as_for_many(
    token, olu, mia, ben, cleo, rows, django_assert_num_queries
):
    for row, candidate in enumerate([ben, cleo, person("Dan Roy")][:rows]):
        reported(mia, candidate, TOMORROW + row * HOUR)
    client = token(olu)
    # Two for the token, one for the second factor, six for the queues.
    with django_assert_num_queries(9):
        body = client.get(QUEUES).json()
    assert body["reports"]["count"] == rows


def test_what_waits_for_people_comes_before_what_may_stand_by_itself(token, olu, mia, ben, cleo):
    stands = reported(mia, cleo, both=False)
    waits = reported(mia, ben, TOMORROW + HOUR)
    cases = token(olu).get(QUEUES).json()["reports"]["results"]
    assert [case["id"] for case in cases] == [str(waits.pk), str(stands.pk)]


@pytest.mark.parametrize(("outcome", "state"), [("upheld", "no_show_coach"), ("rejected", "completed")])
def test_a_decision_is_made_once_and_written_down(token, olu, session, outcome, state):
    with clock.frozen_at(later(2)):
        answer = decide(token(olu), session, report=outcome)
        assert answer.status_code == 200, answer.json()
        body = answer.json()
        assert (body["state"], body["reports"][0]["state"]) == (state, outcome)
        assert body["reports"][0]["decision"] == "The log shows it."
        assert decide(token(olu), session, report=outcome).json() == body
        other = {"upheld": "rejected", "rejected": "upheld"}[outcome]
        refused = decide(token(olu), session, report=other)
        assert (refused.status_code, refused.json()["error"]["code"]) == (409, "nothing_reported")
        assert token(olu).get(QUEUES).json()["reports"] == {"count": 0, "results": []}
    line = AuditLine.objects.get(by=olu)
    assert (line.reason, line.subject) == ("The log shows it.", f"scheduling.booking:{session.pk}")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"report": "maybe"}, "report"),
        ({"report": None}, "report"),
        ({"reason": ""}, "reason"),
        ({"reason": None}, "reason"),
        ({"why": "x"}, "why"),
    ],
)
def test_what_is_sent_is_checked(token, olu, session, body, field):
    refused = decide(token(olu), session, **body)
    assert (refused.status_code, list(refused.json()["error"]["fields"])) == (400, [field])
    assert Booking.objects.get(pk=session.pk).state == "confirmed"


def test_there_is_no_case_of_what_is_not_there(token, olu):
    class Nothing:
        pk = uuid4()

    assert decide(token(olu), Nothing).status_code == 404
    path = f"/api/v1/operations/bookings/{Nothing.pk}/refund/"
    assert token(olu).post(path, {"amount": 1, "reason": "x"}).status_code == 404
    assert token(olu).post("/api/v1/operations/compensations/1/grant/", {"reason": "x"}).status_code == 404


def test_nobody_decides_about_his_own_session(token, olu, mia):
    own = reported(mia, olu)
    refused = decide(token(olu), own)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "forbidden")
    assert Booking.objects.get(pk=own.pk).state == "confirmed"
