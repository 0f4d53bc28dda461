"""A running site over HTTP: slots beside a million bookings, the directory, holds of two clients."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, date, datetime, timedelta
from functools import partial
from http.client import HTTPConnection
from multiprocessing import get_context
from pathlib import Path
from signal import SIGINT
from statistics import median
from time import perf_counter
from typing import Any, NamedTuple

from benchmarks.measure import Measure, milliseconds, once, p95
from tests.site import Site, environment

COACHES, BOOKINGS = 500, 1_000_000
CLIENTS, HOLDS, RUNS = 2, 60, 5
LONGEST_STOP_SECONDS = 120  # PostgreSQL writes a million rows out first
HEADERS = {"Content-Type": "application/json"}


class Person(NamedTuple):
    email: str
    token: str


Try = tuple[Person, dict[str, Any]]


def measures() -> Iterator[Measure]:
    """Starts a site in a folder of its own and ends it."""
    var = Path("var/bench").resolve()
    shutil.rmtree(var, ignore_errors=True)
    site = Site(var).wait_until_healthy()
    try:
        _manage(var, "seed_load", "--coaches", str(COACHES), "--bookings", str(BOOKINGS))
        yield from _reading(site)
        yield from _holding(site, var)
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


def _holding(site: Site, var: Path) -> Iterator[Measure]:
    """Two clients hold different slots, a candidate for each; Stripe's page is opened with every hold."""
    many = CLIENTS * HOLDS * RUNS
    people = _people(var, 2 * many)
    tries = [*zip(people, _wishes(site, 2 * many), strict=True)]
    over_http, alone = _hands(tries[:many]), _hands(tries[many:])
    with ProcessPoolExecutor(CLIENTS, mp_context=get_context("spawn")) as clients:
        http = [max(clients.map(partial(_hold_all, site.port), hand)) for hand in over_http]
        sent = [[*clients.map(partial(_statements, var), hand)] for hand in alone]
        plain = [max(clients.map(partial(_send_all, var), hand)) for hand in sent]
    held = CLIENTS * HOLDS
    detail = f"{CLIENTS} clients, median of {RUNS} times {held} holds, each with its Checkout Session"
    yield Measure("http_holds", held / median(http), "holds/s", 20, "higher", detail)
    detail = f"seconds over HTTP / of the same statements by psycopg2 alone ({held / median(plain):.0f}/s)"
    yield Measure("http_holds_ratio", median(http) / median(plain), "times", 20, "lower", detail)


def _hands(tries: list[Try]) -> list[list[list[Try]]]:
    """For each run what each client tries."""
    return [
        [tries[run * CLIENTS * HOLDS :][client : CLIENTS * HOLDS : CLIENTS] for client in range(CLIENTS)]
        for run in range(RUNS)
    ]


def _statements(var: Path, hand: list[Try]) -> list[list[bytes]]:
    """What each hold sends to the database; taken back, so that it can be sent once more."""
    set_up(var)
    from django.db import connection, transaction  # noqa: PLC0415  (after setup)

    from accounts.models import User  # noqa: PLC0415
    from core.instants import parse_instant  # noqa: PLC0415
    from marketplace.domain.booking import Wish, book  # noqa: PLC0415
    from marketplace.models import Offer  # noqa: PLC0415
    from payouts.domain.payees import payee_of  # noqa: PLC0415

    sent: list[list[bytes]] = []
    for (email, _), wish in hand:
        log: list[bytes] = []
        candidate = User.objects.get(email=email)
        # A first sale would make the payee, and take him back again.
        payee_of(Offer.objects.get(pk=wish["offer"]).coach.user, now=datetime.now(UTC))
        asked = Wish(int(wish["offer"]), parse_instant(wish["starts_at"]), "UTC", {})
        with transaction.atomic(), connection.execute_wrapper(partial(_note, log)):
            book(asked, candidate=candidate, now=datetime.now(UTC))
            transaction.set_rollback(True)
        sent.append(log)
    return sent


def _note(log: list[bytes], execute: Any, sql: str, values: Any, many: bool, context: Any) -> Any:  # noqa: FBT001, PLR0917  (Django's signature)
    log.append(context["cursor"].cursor.mogrify(sql, values))
    return execute(sql, values, many, context)


def _send_all(var: Path, sent: list[list[bytes]]) -> float:
    """Seconds for the same statements by psycopg2 alone, a commit for each hold."""
    set_up(var)
    from django.db import connection  # noqa: PLC0415

    connection.ensure_connection()
    plain = connection.connection
    plain.autocommit = False
    begun = perf_counter()
    with plain.cursor() as cursor:
        for statements in sent:
            for statement in statements:
                cursor.execute(statement)
                if cursor.description:
                    cursor.fetchall()
            plain.commit()
    return perf_counter() - begun


def set_up(var: Path) -> None:
    """Django as the site in that folder has it, for a process of the benchmark's own."""
    os.environ.update(environment(var, DJANGO_SETTINGS_MODULE="config.settings.development"))
    import django  # noqa: PLC0415

    django.setup()


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


def _hold_all(port: int, hand: list[Try]) -> float:
    """Seconds for all of them."""
    begun = perf_counter()
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    for (_, token), wish in hand:
        answer = _call(connection, "POST", "/api/v1/bookings/", wish, Authorization=f"Token {token}")
        if answer.get("state") != "held" or not answer["checkout_url"]:
            raise AssertionError(answer)
    return perf_counter() - begun


def _call(connection: HTTPConnection, method: str, path: str, body: Any = None, **headers: str) -> Any:
    connection.request(method, path, body and json.dumps(body), {**HEADERS, **headers})
    return json.load(connection.getresponse())


def _people(var: Path, many: int) -> list[Person]:
    emails = [f"holder{n}@load.test" for n in range(many)]
    return [Person(*line.split()) for line in _manage(var, "api_token", *emails, "--create").splitlines()]


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
