"""Random histories, whatever goes wrong in them, end with books that are right."""

from __future__ import annotations

import os
from collections import Counter

import pytest
from hypothesis import HealthCheck, example, given, note, seed, settings

from tests.flows import chaos, plots
from tests.marketplace.cast import offer

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

HISTORIES = int(os.environ.get("CHAOS_HISTORIES", "50"))
USUAL_SEED = 20261124
SEED = int(os.environ.get("CHAOS_SEED", str(USUAL_SEED)))
# A few histories, or fifty others, need not have everything in them.
HAS_EVERYTHING = (50 if SEED == USUAL_SEED else 500) <= HISTORIES


@pytest.fixture
def cast(ada, ben, cleo, olu, hour, now):
    """Everybody, and what Ada sells."""
    chat = offer(ada.coach, price=1_500, minutes=30, name="Chat", now=now)
    people = {"ben": ben.user, "cleo": cleo.user, "olu": olu.user}
    return {**people, "hour": hour, "chat": chat}


@pytest.fixture
def stage(cast, stripe, now, monkeypatch):
    """A story that has not begun."""
    door = chaos.prepare(monkeypatch, stripe)
    stripe.work()
    stripe.control("POST", "snapshot", name="the beginning")
    return chaos.Story(cast, stripe, now, crash=chaos.Crash(), door=door)


def test_whatever_happens_the_books_are_right(stage, monkeypatch):
    print(f"CHAOS_SEED={SEED} CHAOS_HISTORIES={HISTORIES}")  # noqa: T201  (to tell it again)
    happened: Counter[str] = Counter()
    for name, (opening, troubles) in plots.OPENINGS.items():
        with chaos.retelling(stage.stripe, "the beginning"):
            begun = stage.retold(luck=(0, 0.0))
            chaos.tell(begun, opening)
            stage.stripe.control("POST", "snapshot", name=name)
            tell_many(begun, name, troubles, happened, monkeypatch)
    print(dict(sorted(happened.items())))  # noqa: T201
    assert not HAS_EVERYTHING or plots.EVERYTHING - set(happened) == set()


def tell_many(begun, name, troubles, happened, monkeypatch):
    """Histories that go on from there: each trouble by itself, then at random."""

    @seed(SEED)
    @settings(
        max_examples=max(1, -(-HISTORIES // len(plots.OPENINGS)) - len(troubles)),
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )
    @given(plots.steps(troubles), plots.LUCK)
    def tell(steps, luck):
        with chaos.retelling(begun.stripe, name):
            story = begun.retold(luck=luck)
            try:
                with chaos.crashing(monkeypatch, story.crash_at):
                    chaos.tell(story, steps)
                    story.end()
                    story.expect_right_books()
                happened.update(plots.occurred(story))
            finally:
                note("\n".join(story.sentences))

    for trouble in troubles:
        tell = example(trouble, (0, 0.0))(tell)
    tell()
