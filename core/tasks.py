"""What Celery runs: one message of the outbox, or one periodic job."""

from __future__ import annotations

from datetime import datetime, timedelta

from celery import shared_task

from core import clock, outbox
from core.periodic import JOBS, periodic


@shared_task(name="core.tasks.deliver_outbox", ignore_result=True)
def deliver_outbox(message_id: int) -> None:
    outbox.deliver(message_id, now=clock.now())


@shared_task(name="core.tasks.run_periodic", ignore_result=True)
def run_periodic(name: str) -> int:
    return JOBS[name].run(clock.now())


@periodic(every=timedelta(seconds=1))
def sweep_outbox(now: datetime) -> int:
    """Deliver what a crash, another process or a broker's absence left behind."""
    return sum(outbox.deliver(pk, now=now) for pk in outbox.due(now))
