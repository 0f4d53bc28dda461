"""What Celery runs: one message of the outbox, or one periodic job; and the house's own jobs."""

from __future__ import annotations

from datetime import datetime, timedelta

from celery import shared_task

from core import clock, outbox
from core.models import IdempotencyRecord, OutboxMessage
from core.periodic import JOBS, periodic

KEPT = timedelta(days=30)
"""How long we remember what was delivered and what was answered: a client repeats itself sooner."""


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


@periodic(every=timedelta(hours=1))
def forget_what_is_done(now: datetime) -> int:
    """Delivered messages and old answers go; dead letters and what still runs stay."""
    delivered = OutboxMessage.objects.filter(delivered_at__lt=now - KEPT)
    answered = IdempotencyRecord.objects.filter(created_at__lt=now - KEPT, status__isnull=False)
    return delivered.delete()[0] + answered.delete()[0]
