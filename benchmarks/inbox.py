"""Ten thousand events that nobody followed yet, and an emulator over HTTP: how long until none waits."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from statistics import median
from typing import Any

from benchmarks.measure import Measure, once
from benchmarks.scratch import scratch_database
from tests.site import free_port

EVENTS, PAGES, RUNS = 10_000, 1_000, 5

FILL = """
INSERT INTO stripe_integration_stripeevent
    (id, type, object_type, object_id, account, created, payload, received_at, due_at, attempts, error)
SELECT 'evt_' || %(run)s || '_' || n, 'v1.checkout.session.completed', 'checkout.session',
       (%(pages)s::text[])[1 + n %% %(count)s], '', %(now)s, '{}', %(now)s, %(now)s, 0, ''
FROM generate_series(1, %(events)s) n
"""
PLAIN = "UPDATE stripe_integration_stripeevent SET handled_at = now(), attempts = 1 WHERE id = %s"


def measures() -> Iterator[Measure]:
    """Run against an empty database."""
    now = datetime.now(UTC)
    with _stripe():
        made = pages(now)
        times, plain = [], []
        for run in range(RUNS):
            _fill(run, made, now)
            times.append(once(partial(_drain, now)) / 1000)
            plain.append(once(partial(_update, run)) / 1000)
    seconds, updates = median(times), median(plain)
    about = f"{EVENTS:,} events about {PAGES:,} payments, read at Stripe over HTTP"
    yield Measure("inbox_drain", seconds, "s", 60, "lower", f"{about}: {EVENTS / seconds:.0f} a second")
    ratio = seconds / updates
    detail = f"beside marking each of them by plain SQL, {updates:.1f} s"
    yield Measure("inbox_drain_ratio", ratio, "times", 20, "lower", detail)


@contextmanager
def _stripe() -> Iterator[None]:
    """An emulator in a process of its own, and our client pointed at it."""
    from django.conf import settings  # noqa: PLC0415

    from integrations.stripe.client import client  # noqa: PLC0415
    from tests.beside import until  # noqa: PLC0415

    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "stripe_emulator", "--port", str(port)])  # noqa: S603
    settings.STRIPE_API_BASE = f"http://127.0.0.1:{port}"
    client.cache_clear()
    try:
        until(_answers)
        yield
    finally:
        process.terminate()
        process.wait(10)


def _answers() -> bool:
    from integrations.stripe.errors import GatewayError  # noqa: PLC0415
    from integrations.stripe.gateway import get_gateway  # noqa: PLC0415

    try:
        get_gateway().balance()
    except GatewayError:
        return False
    return True


def pages(now: datetime) -> list[str]:
    """So many payments, each on its own page."""
    from accounts.models import User  # noqa: PLC0415
    from integrations.stripe.emulation import control  # noqa: PLC0415
    from payments.domain.checkout import open_checkout  # noqa: PLC0415
    from payments.domain.orders import NewLine, open_order  # noqa: PLC0415

    ben = User.objects.create_user("ben@bench.test", name="Ben")
    urls = {"success_url": "http://testserver/paid", "cancel_url": "http://testserver/"}
    made = []
    for number in range(PAGES):
        line = NewLine("session", f"sale:{number}", 12_000, None, 2_000)
        order = open_order(buyer=ben, subject=line.source, lines=[line], use_balance=False, now=now)
        page = open_checkout(order.pk, title="An hour", now=now, **urls)
        control(f"checkout/{page.stripe_id}/pay")
        made.append(page.stripe_id)
    return made


def _fill(run: int, pages: list[str], now: datetime) -> None:
    given = {"run": run, "pages": pages, "count": len(pages), "now": now, "events": EVENTS}
    _execute(FILL, given)


def _drain(now: datetime) -> None:
    from integrations.stripe.inbox import handle_due  # noqa: PLC0415

    if handle_due(now) != EVENTS:
        raise AssertionError("some event was not settled")


def _update(run: int) -> None:
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        for number in range(1, EVENTS + 1):
            cursor.execute(PLAIN, [f"evt_{run}_{number}"])


def _execute(sql: str, given: Any) -> None:
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        cursor.execute("ANALYZE stripe_integration_stripeevent")


if __name__ == "__main__":
    with scratch_database():
        for measure in measures():
            print(measure.line(), flush=True)
