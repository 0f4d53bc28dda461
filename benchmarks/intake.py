"""Webhooks over real HTTP into a running site, with the work done behind them, beside the same inserts."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from http.client import HTTPConnection
from multiprocessing import get_context
from pathlib import Path
from signal import SIGINT
from statistics import median
from typing import Any

from benchmarks.measure import Measure, once
from benchmarks.site import LONGEST_STOP_SECONDS, set_up
from tests.site import Site

EVENTS, PAGES, CLIENTS, RUNS = 1_200, 100, 4, 5
LONGEST_SECONDS = 120
INSERT = """
INSERT INTO stripe_integration_stripeevent
    (id, type, object_type, object_id, account, created, payload, received_at, due_at, handled_at, attempts,
     error)
VALUES (%s, %s, %s, %s, '', now(), %s, now(), now(), now(), 1, '') ON CONFLICT (id) DO NOTHING
"""
Knock = tuple[str, str]
"""A body and its signature."""


def measures() -> Iterator[Measure]:
    """Starts a site in a folder of its own and ends it."""
    var = Path("var/bench-intake").resolve()
    shutil.rmtree(var, ignore_errors=True)
    var.parent.mkdir(exist_ok=True)
    site = Site(var)
    spawn = get_context("spawn")
    try:
        site.wait_until_healthy(LONGEST_SECONDS)
        # One for what needs the site's settings, another that knocks.
        with ProcessPoolExecutor(1, spawn) as inside, ProcessPoolExecutor(1, spawn) as outside:
            pages = inside.submit(_pages, var).result()
            rates, plain, done = [], [], []
            for run in range(RUNS + 1):
                knocks = inside.submit(_knocks, var, run, pages).result()
                rates.append(EVENTS / outside.submit(_knock_all, site.port, knocks).result())
                done.append(inside.submit(_followed, run).result())
                inside.submit(_wait_until_followed, run).result()
                plain.append(EVENTS / inside.submit(_insert_all, run, pages).result())
    finally:
        site.process.send_signal(SIGINT)
        site.process.wait(LONGEST_STOP_SECONDS)
    rate, inserts, followed = median(rates[1:]), median(plain[1:]), median(done[1:])
    about = f"{CLIENTS} clients, {EVENTS:,} events about {PAGES} payments, {followed:.0f} followed by the end"
    yield Measure("webhook_intake", rate, "events/s", 300, "higher", about)
    detail = f"the same inserts by plain SQL, one connection, a commit each: {inserts:.0f} a second"
    yield Measure("webhook_intake_ratio", inserts / rate, "times", 20, "lower", detail)


def _pages(var: Path) -> list[str]:
    """Payments that the site knows."""
    set_up(var)
    from benchmarks import inbox  # noqa: PLC0415  (after setup)

    inbox.PAGES = PAGES
    return inbox.pages(datetime.now(UTC))


def _knocks(_var: Path, run: int, pages: list[str]) -> list[Knock]:
    from django.conf import settings  # noqa: PLC0415
    from stripe import WebhookSignature  # noqa: PLC0415

    bodies = [json.dumps(_event(run, number, pages)) for number in range(EVENTS)]
    sign = WebhookSignature.generate_signature_header
    return [(body, sign(body, settings.STRIPE_WEBHOOK_SECRET)) for body in bodies]


def _event(run: int, number: int, pages: list[str]) -> dict[str, Any]:
    page = pages[number % len(pages)]
    return {
        "id": f"evt_{run}_{number}",
        "object": "v2.core.event",
        "type": "v1.checkout.session.completed",
        "created": datetime.now(UTC).isoformat(),
        "livemode": False,
        "related_object": {
            "id": page,
            "type": "checkout.session",
            "url": f"/v1/checkout/sessions/{page}",
        },
    }


def _knock_all(port: int, knocks: list[Knock]) -> float:
    """Seconds until all are answered."""
    hands = [knocks[client::CLIENTS] for client in range(CLIENTS)]
    with ThreadPoolExecutor(CLIENTS) as clients:
        return once(lambda: list(clients.map(partial(_knock, port), hands))) / 1000


def _knock(port: int, knocks: list[Knock]) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    for body, signature in knocks:
        headers = {"Content-Type": "application/json", "Stripe-Signature": signature}
        connection.request("POST", "/stripe/webhooks/", body, headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise AssertionError(answer.status)
    connection.close()


def _followed(run: int) -> int:
    from integrations.stripe.models import StripeEvent  # noqa: PLC0415

    return StripeEvent.objects.filter(pk__startswith=f"evt_{run}_", handled_at__isnull=False).count()


def _wait_until_followed(run: int) -> None:
    deadline = time.monotonic() + LONGEST_SECONDS
    while _followed(run) < EVENTS:
        if time.monotonic() > deadline:
            raise AssertionError(f"{_followed(run)} of {EVENTS} events were followed")
        time.sleep(0.2)


def _insert_all(run: int, pages: list[str]) -> float:
    from django.db import connection  # noqa: PLC0415

    events = [_event(run, number, pages) for number in range(EVENTS)]
    rows = [
        (
            f"sql_{event['id']}",
            event["type"],
            "checkout.session",
            event["related_object"]["id"],
            json.dumps(event),
        )
        for event in events
    ]
    connection.ensure_connection()
    plain = connection.connection

    def insert() -> None:
        with plain.cursor() as cursor:
            for row in rows:
                cursor.execute(INSERT, row)

    return once(insert) / 1000


if __name__ == "__main__":
    for measure in measures():
        print(measure.line(), flush=True)
