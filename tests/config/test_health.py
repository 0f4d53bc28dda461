"""``/healthz`` names what does not work."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.core.cache import cache
from django.db import connection

from config import celery_app, health
from core.periodic import JOBS

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_beat_yet():
    cache.delete(health.HEARTBEAT)


def test_a_site_at_work_says_so(client):
    JOBS["heartbeat"].run(datetime(2026, 11, 24, 18, 30, tzinfo=UTC))
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert "no-store" in answer["Cache-Control"]


def test_without_a_recent_heartbeat_the_jobs_are_down(client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (503, {"status": "down", "down": ["jobs"]})


@pytest.mark.django_db(transaction=True)
def test_a_database_that_does_not_answer_is_named(client, monkeypatch):
    health.beat()
    monkeypatch.setitem(connection.settings_dict, "HOST", "/nowhere")
    connection.close()
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (503, {"status": "down", "down": ["database"]})


def test_a_broker_that_does_not_answer_is_named(client, monkeypatch):
    health.beat()
    monkeypatch.setattr(celery_app.conf, "broker_write_url", "redis://127.0.0.1:1")
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (503, {"status": "down", "down": ["broker"]})
