"""Everything that is due, now: rounds of emulator and jobs until a whole round has nothing to do.

A running site works on the same rows at the same moment. What its worker has claimed or locked is waited for,
so that the end of a run is the end of the work, whoever did it.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from time import monotonic, sleep

from core import outbox
from core.models import OutboxMessage
from core.periodic import JOBS
from integrations.stripe import emulation, inbox
from integrations.stripe.models import StripeEvent, StripeOperation

QUIET_ROUNDS = 2
PAUSE_SECONDS = 0.1
PATIENCE_SECONDS = 20.0
MOST_ROUNDS = 1_000


class NeverQuietError(RuntimeError):
    """Some job finds something to do in every round: it does not mark what it did."""


def run_until_quiet(now: datetime) -> Counter[str]:
    """What each job did, and the emulator; jobs that did nothing count 0."""
    done = _until_quiet(now)
    if inbox.look_again(now):
        # News of a dispute may be read before that of its payment, and time does not pass in here.
        done.update(_until_quiet(now))
    done.update({name: job.run(now) for name, job in JOBS.items() if job.when_quiet})
    return done


def _until_quiet(now: datetime) -> Counter[str]:
    done: Counter[str] = Counter()
    deadline = monotonic() + PATIENCE_SECONDS
    quiet = 0
    for _ in range(MOST_ROUNDS):
        round_ = _round(now)
        done.update(round_)
        if any(round_.values()):
            quiet, deadline = 0, monotonic() + PATIENCE_SECONDS
            continue
        quiet = 0 if _is_busy(now) else quiet + 1
        if quiet == QUIET_ROUNDS or monotonic() > deadline:
            return done
        sleep(PAUSE_SECONDS)
    raise NeverQuietError(", ".join(sorted(name for name, count in round_.items() if count)))


def _round(now: datetime) -> Counter[str]:
    counts = Counter({"emulator": emulation.advance(now)})
    counts.update({name: job.run(now) for name, job in JOBS.items() if not job.when_quiet})
    return counts


def _is_busy(now: datetime) -> bool:
    """Whether somebody else holds rows that are due, or waits for an answer of Stripe's."""
    return (
        bool(outbox.due(now, limit=1))
        or OutboxMessage.objects.filter(
            claimed_until__gt=now, delivered_at__isnull=True, dead_at__isnull=True
        ).exists()
        or StripeEvent.objects.waiting(now).exists()
        or StripeEvent.objects.claimed(now).exists()
        or StripeOperation.objects.in_flight().exists()
    )
