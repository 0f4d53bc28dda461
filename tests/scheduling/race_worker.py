"""Many processes that use the booking verbs at once: a race read from standard input, results as JSON.

One process sets Django up and forks the racers, which start together at a barrier.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import datetime, timedelta
from multiprocessing import get_context
from threading import Thread

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
django.setup()

from django.db import connection, connections  # noqa: E402  (needs the set-up)

from accounts.models import User  # noqa: E402
from core.errors import DomainError  # noqa: E402
from scheduling.domain import cancelling, completing, confirming, holds, moving, tries  # noqa: E402
from scheduling.domain.terms import SessionTerms  # noqa: E402
from scheduling.models import Booking  # noqa: E402

TERMS = SessionTerms("mock", duration_minutes=60, paid=True, needs_approval=False, terms="mock")


def race(plan):
    """Deal the turns to ``processes`` × ``threads`` racers; their results in no particular order."""
    forked = get_context("fork")
    racers = plan["processes"] * plan["threads"]
    barrier, results = forked.Barrier(racers), forked.Queue()
    hands = [plan["turns"][racer::racers] for racer in range(racers)]
    processes = [
        forked.Process(
            target=_process, args=(hands[first :: plan["processes"]], plan["patience"], barrier, results)
        )
        for first in range(plan["processes"])
    ]
    for process in processes:
        process.start()
    told = [result for _ in range(racers) for result in results.get()]
    for process in processes:
        process.join()
    return told


def _process(hands, patience, barrier, results):
    threads = [Thread(target=_racer, args=(hand, patience, barrier, results)) for hand in hands]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _racer(hand, patience, barrier, results):
    told = []
    try:
        with connection.cursor() as cursor:
            # The database itself keeps time: whoever waits longer is thrown out, and the race is lost.
            cursor.execute("SET statement_timeout = %s", [f"{patience}s"])
        barrier.wait(timeout=60)
        told = [_turn(turn) for turn in hand]
    finally:
        results.put(told)
        connections.close_all()


def _turn(turn):
    outcome, alternatives = _outcome(turn)
    return {"verb": turn["verb"], "outcome": outcome, "alternatives": alternatives}


def _outcome(turn):
    try:
        return VERBS[turn["verb"]](turn, datetime.fromisoformat(turn["now"])), []
    except DomainError as refusal:
        return refusal.code, refusal.extra.get("alternatives", [])


def _hold(turn, now):
    return holds.hold_slot(
        coach_id=turn["coach"],
        candidate=User.objects.get(pk=turn["candidate"]),
        starts_at=datetime.fromisoformat(turn["starts_at"]),
        terms=TERMS,
        timezone="UTC",
        now=now,
    ).booking.state


def _confirm(turn, now):
    return confirming.confirm_booking(_newest(turn).pk, now=now).state


def _confirm_late(turn, now):
    return confirming.confirm_late(_newest(turn).pk, now=now).state


def _cancel(turn, now):
    booking = _newest(turn)
    return cancelling.cancel_booking(booking.pk, by=booking.candidate, now=now).booking.state


def _move(turn, now):
    booking = _newest(turn)
    moving.move_booking(booking.pk, datetime.fromisoformat(turn["starts_at"]), by=booking.candidate, now=now)
    return "moved"


def _propose(turn, now):
    booking = _newest(turn)
    moving.propose_move(booking.pk, datetime.fromisoformat(turn["starts_at"]), by=booking.coach, now=now)
    return "asked"


def _accept(turn, now):
    booking = _newest(turn)
    moving.accept_move(booking.pk, by=booking.candidate, now=now)
    return "accepted"


def _sweep(_turn, now):
    return f"swept {completing.expire_due(now)}"


def _newest(turn):
    own = Booking.objects.filter(candidate_id=turn["candidate"]).order_by("-created_at", "pk")
    booking = own.first()
    if booking is None:
        raise DomainError
    return booking


VERBS = {
    "hold": _hold,
    "confirm": _confirm,
    "confirm_late": _confirm_late,
    "cancel": _cancel,
    "move": _move,
    "propose": _propose,
    "accept": _accept,
    "sweep": _sweep,
}


def main():
    plan = json.load(sys.stdin)
    connection.settings_dict["NAME"] = plan["database"]
    if plan["patience"] > 1:
        # A try that does not give up by itself: a circle of waiting is then PostgreSQL's to find.
        tries.LONGEST_WAIT = timedelta(seconds=plan["patience"])
    json.dump(race(plan), sys.stdout)


if __name__ == "__main__":
    main()
