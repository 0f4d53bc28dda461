"""Behind the webhook and behind the intents: each job finds its own rows, so a lost message loses nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

from celery import shared_task

from core import clock
from core.periodic import periodic
from integrations.stripe import inbox, operations
from integrations.stripe.errors import GatewayError
from integrations.stripe.gateway import get_gateway

# Stripe keeps events for thirty days and stops delivering after three.
_LOOK_BACK = timedelta(days=4)


@shared_task(name=inbox.HANDLE, ignore_result=True)
def handle_event(event_id: str) -> None:
    inbox.handle(event_id, now=clock.now())


@shared_task(name=operations.PERFORM, ignore_result=True)
def perform_operation(operation_id: int) -> None:
    operations.perform(operation_id, now=clock.now())


@periodic(every=timedelta(seconds=10))
def repeat_unknown(now: datetime) -> int:
    """Send what was planned and not sent, and ask again what has no answer yet."""
    return operations.repeat_unknown(now)


@periodic(every=timedelta(minutes=5))
def handle_waiting_events(now: datetime) -> int:
    """Follow events whose message was lost or whose first handling failed."""
    return inbox.handle_due(now)


@periodic(every=timedelta(hours=1))
def fetch_missed_events(now: datetime) -> int:
    """Ask Stripe which deliveries failed and take those events in."""
    try:
        missed = get_gateway().missed_events(made_after=now - _LOOK_BACK)
    except GatewayError:
        return 0
    return sum(inbox.receive_missed(event, now=now) for event in missed)
