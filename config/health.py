"""Is the site able to work? Database, broker and jobs."""

from __future__ import annotations

from collections.abc import Callable

from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache

from config.celery import app
from core.log import get_logger

log = get_logger(__name__)

HEARTBEAT = "jobs.heartbeat"
# Beat sends one every five seconds; six missed in a row are no hiccup.
HEARTBEAT_SECONDS = 30


def beat() -> None:
    """The worker lives and beat reached it. A cache entry that dies by itself needs no clock to be read."""
    cache.set(HEARTBEAT, True, HEARTBEAT_SECONDS)


@never_cache
def healthz(_request: HttpRequest) -> JsonResponse:
    """``GET /healthz``: 200 ``{"status": "ok"}``, or 503 ``{"status": "down", "down": [name]}``."""
    down = [name for name, works in PARTS.items() if not _works(name, works)]
    if down:
        return JsonResponse({"status": "down", "down": down}, status=503)
    return JsonResponse({"status": "ok"})


def _works(name: str, works: Callable[[], bool]) -> bool:
    try:
        return works()
    except Exception:  # whatever a driver raises, the part does not work
        log.exception("health.down", part=name)
        return False


def _database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone())


def _broker() -> bool:
    with app.connection_for_write() as broker:
        broker.ensure_connection(max_retries=1, interval_start=0, timeout=2)
        return bool(broker.connected)


def _jobs() -> bool:
    return bool(cache.get(HEARTBEAT))


PARTS: dict[str, Callable[[], bool]] = {"database": _database, "broker": _broker, "jobs": _jobs}
