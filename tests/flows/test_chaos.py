"""Random histories, whatever goes wrong in them, end with books that are right."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, given, note, seed, settings

from tests.flows import chaos
from tests.marketplace.cast import offer

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

HISTORIES = int(os.environ.get("CHAOS_HISTORIES", "50"))
SEED = int(os.environ.get("CHAOS_SEED", "20261124"))


@pytest.fixture
def cast(ada, ben, cleo, olu, hour, now):
    """Everybody, and what Ada sells."""
    chat = offer(ada.coach, price=1_500, minutes=30, name="Chat", now=now)
    people = {"ben": ben.user, "cleo": cleo.user, "olu": olu.user}
    return {**people, "hour": hour, "chat": chat}


def test_whatever_happens_the_books_are_right(cast, stripe, now, monkeypatch):
    print(f"CHAOS_SEED={SEED} CHAOS_HISTORIES={HISTORIES}")  # noqa: T201  (to tell it again)
    chaos.prepare(monkeypatch, stripe)
    stripe.work()
    stripe.control("POST", "snapshot", name="before")

    @seed(SEED)
    @settings(
        max_examples=HISTORIES,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )
    @given(chaos.STEPS, chaos.LUCK)
    def tell(steps, luck):
        crash = chaos.Crash()
        with chaos.undone():
            stripe.control("POST", "restore", name="before")
            stripe.set_clock(now)
            story = chaos.Story(cast, stripe, now, luck=luck, crash=crash)
            try:
                with chaos.crashing(monkeypatch, crash):
                    chaos.tell(story, steps)
            finally:
                note("\n".join(story.sentences))
                stripe.control("DELETE", "chaos")
                stripe.lift_faults()

    tell()
