from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from core import clock
from tests.marketplace.cast import NOW, coach, offer, person


@pytest.fixture(autouse=True)
def _monday_morning(settings, tmp_path):
    """The clock is this test's own: another run on this machine may move the shared one."""
    settings.CLOCK_FILE = tmp_path / "clock.json"
    with clock.frozen_at(NOW):
        yield


@pytest.fixture
def ada(db):
    """A coach in London who sells an hour."""
    return coach(person("Ada Okafor"), timezone="Europe/London", companies=["google"])


@pytest.fixture
def hour(ada):
    return offer(ada)


@pytest.fixture
def mia(db):
    """A mentor."""
    return coach(person("Mia Lindqvist"), kind="mentor", interview_types=["behavioural"])


@pytest.fixture
def ben(db):
    """A candidate."""
    return person("Ben Adler")


@pytest.fixture
def cleo(db):
    """A stranger, or another candidate."""
    return person("Cleo Moreau")


@pytest.fixture
def api():
    """``api(ben)`` speaks for Ben, ``api()`` for nobody."""

    def client(user=None):
        speaker = APIClient()
        if user is not None:
            speaker.force_authenticate(user)
        return speaker

    return client
