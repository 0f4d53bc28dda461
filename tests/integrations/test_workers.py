"""Between the web and the workers: messages, and what happens when they cannot be sent."""

from __future__ import annotations

import pytest
from django.db import transaction
from kombu.exceptions import OperationalError

from integrations.stripe import inbox, operations
from integrations.stripe.kinds import REFUND
from integrations.stripe.models import StripeEvent, StripeOperation
from integrations.stripe.tasks import handle_event, perform_operation

pytestmark = pytest.mark.django_db(transaction=True)
PARAMETERS = {"payment_intent": "pi_none", "amount": 1, "metadata": {}}


def planned(now, **how):
    with transaction.atomic():
        return operations.plan(REFUND, "refund:1", PARAMETERS, now=now, **how)


@pytest.fixture
def sent(monkeypatch):
    messages = []

    def send_task(name, *, args, retry):
        messages.append((name, *args))

    monkeypatch.setattr("celery.current_app.send_task", send_task)
    return messages


def test_an_intent_is_handed_to_a_worker_at_the_commit(sent, now):
    operation = planned(now)
    assert sent == [(operations.PERFORM, operation.pk)]
    planned(now)
    assert len(sent) == 1


def test_an_intent_its_planner_sends_himself_is_not_handed_over(sent, now):
    assert (planned(now, soon=False).due_at - now, sent) == (operations.HEAD_START, [])


def test_without_a_broker_the_rows_wait_for_the_sweep(monkeypatch, thin, now):
    def away(*_args, **_kwargs):
        raise OperationalError

    monkeypatch.setattr("celery.current_app.send_task", away)
    planned(now)
    assert inbox.receive(thin(), now=now) is True
    assert (StripeOperation.objects.due(now).count(), StripeEvent.objects.waiting(now).count()) == (1, 1)


def test_the_workers_do_what_the_messages_say(stripe, thin, monkeypatch, now):
    followed = []

    def settle(operation, *, now):
        followed.append(operation.state)

    def sync(object_id, account, *, now):
        followed.append(object_id)

    monkeypatch.setitem(operations.SETTLERS, REFUND, settle)
    monkeypatch.setitem(inbox.SYNCS, "checkout.session", sync)
    operation = planned(now)
    inbox.receive(thin(), now=now)
    perform_operation(operation.pk)
    handle_event("evt_1")
    assert followed == ["failed", "cs_test_1"]
    assert (str(StripeOperation.objects.get()), str(StripeEvent.objects.get())) == (
        "refund:1",
        "v1.checkout.session.completed evt_1",
    )
