"""What was delivered or answered long ago goes; what still matters stays."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import User
from core.models import IdempotencyRecord, OutboxMessage
from core.tasks import KEPT, forget_what_is_done

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
LONG_AGO = NOW - KEPT - timedelta(seconds=1)
pytestmark = pytest.mark.django_db


def message(name, **fields):
    OutboxMessage.objects.create(
        event=name, subscriber="tea.pour", payload={}, created_at=LONG_AGO, due_at=LONG_AGO, **fields
    )


def answer(key, created_at, status):
    IdempotencyRecord.objects.create(
        user=User.objects.get(),
        key=key,
        fingerprint="f",
        claimed_until=created_at,
        created_at=created_at,
        status=status,
    )


def test_delivered_messages_go_and_dead_and_waiting_ones_stay():
    message("delivered long ago", delivered_at=LONG_AGO)
    message("delivered lately", delivered_at=NOW - KEPT)
    message("dead", dead_at=LONG_AGO)
    message("waiting")
    assert forget_what_is_done(NOW) == 1
    left = set(OutboxMessage.objects.values_list("event", flat=True))
    assert left == {"delivered lately", "dead", "waiting"}
    assert forget_what_is_done(NOW) == 0


def test_old_answers_go_and_what_still_runs_stays():
    User.objects.create_user("ben@demo.test")
    answer("old", LONG_AGO, 201)
    answer("new", NOW, 201)
    answer("still running", LONG_AGO, None)
    assert forget_what_is_done(NOW) == 1
    assert set(IdempotencyRecord.objects.values_list("key", flat=True)) == {"new", "still running"}
