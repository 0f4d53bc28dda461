"""The house's own periodic job."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from celery.signals import beat_init

from config import health
from core.periodic import periodic
from core.tasks import run_periodic


@periodic(every=timedelta(seconds=5))
def heartbeat(_now: datetime) -> int:
    """Tell ``/healthz`` that beat, broker and worker reach each other; no row is ever due."""
    health.beat()
    return 0


@beat_init.connect
def beat_at_once(**_: Any) -> None:
    """A site that just started need not wait for beat's first turn to be called healthy."""
    run_periodic.delay(heartbeat.__name__)
