"""A running site over HTTP: slots beside a million bookings, the directory, holds of two clients."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import date, timedelta
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from signal import SIGINT
from statistics import median
from time import perf_counter
from typing import Any

from benchmarks.measure import Measure, milliseconds, once, p95
from tests.site import Site, environment

COACHES, BOOKINGS = 500, 1_000_000
CLIENTS, HOLDS, RUNS = 2, 60, 5
LONGEST_STOP_SECONDS = 120  # PostgreSQL writes a million rows out first
HEADERS = {"Content-Type": "application/json"}


def measures() -> Iterator[Measure]:
    """Starts a site in a folder of its own and ends it."""
    var = Path("var/bench").resolve()
    shutil.rmtree(var, ignore_errors=True)
    site = Site(var).wait_until_healthy()
    try:
        _manage(var, "seed_load", "--coaches", str(COACHES), "--bookings", str(BOOKINGS))
        yield from _reading(site)
        yield from _holding(site, _tokens(var, CLIENTS * HOLDS * RUNS))
    finally:
        site.process.send_signal(SIGINT)
        site.process.wait(LONGEST_STOP_SECONDS)


def _reading(site: Site) -> Iterator[Measure]:
    get = partial(_call, HTTPConnection("127.0.0.1", site.port, timeout=30), "GET")
    coach = get("/api/v1/coaches/?kind=coach&page_size=1")["results"][0]
    slug, next_free = coach["slug"], coach["next_free_at"]
    offer = get(f"/api/v1/coaches/{slug}/")["offers"][0]["slug"]
    until = next_free.replace(next_free[:10], _plus(next_free[:10], 30))
    address = f"/api/v1/coaches/{slug}/slots/?offer={offer}&from={next_free}&to={until}"
    found = len(get(address)["slots"])
    slots = milliseconds(partial(get, address), runs=41)
    yield Measure("http_slots", slots, "ms", 25, "lower", f"{found} slots in 30 days, {BOOKINGS:,} bookings")
    day = _plus(next_free[:10], 3)
    search = f"/api/v1/coaches/?free_from={day}T08:00:00Z&free_to={day}T12:00:00Z"
    times = [once(partial(get, search)) for _ in range(41)][1:]
    detail = f"free between over {COACHES} coaches, median {median(times):.1f} ms"
    yield Measure("http_directory_p95", p95(times), "ms", 100, "lower", detail)


def _holding(site: Site, tokens: list[str]) -> Iterator[Measure]:
    """Two clients hold different slots, a candidate for each; Stripe's page is opened with every hold."""
    wishes = _wishes(site, len(tokens))
    hands = [list(zip(tokens[n::CLIENTS], wishes[n::CLIENTS], strict=True)) for n in range(CLIENTS)]
    rates = []
    with ProcessPoolExecutor(CLIENTS) as clients:
        for run in range(RUNS):
            parts = [hand[run * HOLDS : (run + 1) * HOLDS] for hand in hands]
            begun = perf_counter()
            held = sum(clients.map(partial(_hold_all, site.port), parts))
            rates.append(held / (perf_counter() - begun))
    detail = (
        f"{CLIENTS} clients, median of {RUNS} times {CLIENTS * HOLDS} holds, each with its Checkout Session"
    )
    yield Measure("http_holds", median(rates), "holds/s", 20, "higher", detail)


def _wishes(site: Site, many: int) -> list[dict[str, Any]]:
    get = partial(_call, HTTPConnection("127.0.0.1", site.port, timeout=30), "GET")
    wishes: list[dict[str, Any]] = []
    page = "/api/v1/coaches/?kind=coach&page_size=100"
    while page and len(wishes) < many:
        answer = get(page)
        for coach in answer["results"]:
            offer = get(f"/api/v1/coaches/{coach['slug']}/")["offers"][0]
            start = coach["next_free_at"]
            until = f"{_plus(start[:10], 14)}T00:00:00Z"
            slots = get(
                f"/api/v1/coaches/{coach['slug']}/slots/?offer={offer['slug']}&from={start}&to={until}"
            )
            hours = [slot["starts_at"] for slot in slots["slots"][::3]]
            wishes += [{"offer": offer["id"], "starts_at": hour, "timezone": "UTC"} for hour in hours]
        page = (answer["next"] or "").partition("/api")[2] and "/api" + answer["next"].partition("/api")[2]
    if len(wishes) < many:
        raise AssertionError(f"Only {len(wishes)} slots for {many} holds.")
    return wishes[:many]


def _hold_all(port: int, hand: list[tuple[str, dict[str, Any]]]) -> int:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    for token, wish in hand:
        answer = _call(connection, "POST", "/api/v1/bookings/", wish, Authorization=f"Token {token}")
        if answer.get("state") != "held" or not answer["checkout_url"]:
            raise AssertionError(answer)
    return len(hand)


def _call(connection: HTTPConnection, method: str, path: str, body: Any = None, **headers: str) -> Any:
    connection.request(method, path, body and json.dumps(body), {**HEADERS, **headers})
    return json.load(connection.getresponse())


def _tokens(var: Path, many: int) -> list[str]:
    emails = [f"holder{n}@load.test" for n in range(many)]
    printed = _manage(var, "api_token", *emails, "--create")
    return [line.split()[1] for line in printed.splitlines()]


def _manage(var: Path, *arguments: str) -> str:
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(command, env=environment(var), capture_output=True, text=True, check=True)  # noqa: S603
    return done.stdout


def _plus(day: str, days: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


if __name__ == "__main__":
    os.chdir(Path(__file__).resolve().parents[1])
    for measure in measures():
        print(measure.line(), flush=True)
