"""The cast of scheduling's tests."""

from __future__ import annotations

import pytest

import core.events
from accounts.models import User
from core.models import OutboxMessage
from scheduling import events

EVENTS = [
    events.BookingHeld,
    events.BookingRequested,
    events.BookingConfirmed,
    events.BookingDeclined,
    events.BookingExpired,
    events.BookingCancelled,
    events.BookingCompleted,
    events.BookingMissed,
    events.ReportMade,
    events.ReportContested,
    events.ReportDecided,
    events.BookingMoved,
    events.MoveProposed,
    events.MoveSettled,
    events.HoldWanted,
    events.SessionNear,
    events.TimeFreed,
    events.SlotsChanged,
]


def _person(name, **fields):
    return User.objects.create(email=f"{name.lower()}@demo.test", name=name, timezone="UTC", **fields)


@pytest.fixture
def ada(db):
    """A coach."""
    return _person("Ada")


@pytest.fixture
def bo(db):
    """Another coach."""
    return _person("Bo")


@pytest.fixture
def ben(db):
    """A candidate."""
    return _person("Ben")


@pytest.fixture
def cleo(db):
    """A stranger, or another candidate."""
    return _person("Cleo")


@pytest.fixture
def olu(db):
    """Operations."""
    return _person("Olu", is_staff=True)


@pytest.fixture
def announced(monkeypatch):
    """The types of the events that were announced and committed since the last call, in order."""
    listening = {event: [_deaf(event)] for event in EVENTS}
    monkeypatch.setattr(core.events, "_LISTENING", listening)
    by_name = {event.__name__: event for event in EVENTS}
    told = 0

    def since_last():
        nonlocal told
        messages = list(OutboxMessage.objects.filter(pk__gt=told).order_by("pk"))
        told = messages[-1].pk if messages else told
        return [by_name[message.event] for message in messages]

    return since_last


def _deaf(event):
    return core.events.Subscriber(f"tests.{event.__name__}", event, react=lambda _: None, network=False)
