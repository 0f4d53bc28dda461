"""A worker is killed while Stripe, having done what it was asked, is about to answer."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta

import pytest
from django.db import connection, transaction

from integrations.stripe import client as our_client
from integrations.stripe.kinds import REFUND
from integrations.stripe.models import StripeOperation
from integrations.stripe.operations import SETTLERS, perform, plan
from stripe_emulator.server import Server

WORKER = """
import json, sys, django
django.setup()
from django.conf import settings
from django.db import connection
settings.STRIPE_API_BASE = sys.argv[1]
connection.settings_dict.update(json.loads(sys.argv[2]))
from core import clock
from integrations.stripe.operations import perform
perform(int(sys.argv[3]), now=clock.now())
"""


@pytest.fixture
def server(transactional_db, stripe):
    """The test's emulator, reachable from another process."""
    server = Server(stripe.emulator, "127.0.0.1", 0)
    server.start()
    yield server
    server.stop()
    # The sender delivered into our view from a thread of its own, which had a connection of its own.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture
def intent(server, now):
    """A refund that is planned, of a payment there is."""
    payment = our_client.client().v1.payment_intents.create(
        {
            "amount": 500,
            "currency": "usd",
            "payment_method": "pm_card_visa",
            "confirm": True,
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
        }
    )
    parameters = {"payment_intent": payment.id, "amount": 500, "metadata": {}}
    with transaction.atomic():
        return plan(REFUND, "test:killed", parameters, now=now, soon=False)


def until(true):
    """Wait for something another process does."""
    deadline, pause = time.monotonic() + 20, threading.Event()
    while not true():
        assert time.monotonic() < deadline
        pause.wait(0.02)


@pytest.mark.slow
def test_a_worker_killed_before_the_answer_leaves_a_row_that_is_asked_again(
    stripe, server, intent, now, monkeypatch
):
    monkeypatch.delitem(SETTLERS, REFUND)
    stripe.fault("slow", "POST /v1/refunds", seconds=60)
    address = {name: connection.settings_dict[name] for name in ("NAME", "HOST", "PORT", "USER", "PASSWORD")}
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER, server.url, json.dumps(address), str(intent.pk)],
        # Any address: the worker is told the test's own database.
        env=os.environ
        | {"DJANGO_SETTINGS_MODULE": "config.settings.test", "DATABASE_URL": "postgres://127.0.0.1/any"},
    )
    until(lambda: stripe.objects("refund"))
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    intent.refresh_from_db()
    assert (intent.state, intent.stripe_id) == ("sent", "")
    done = perform(intent.pk, now=intent.due_at + timedelta(seconds=1))
    assert (done.state, done.stripe_id) == ("succeeded", stripe.objects("refund")[0]["id"])
    assert (len(stripe.objects("refund")), StripeOperation.objects.count()) == (1, 1)
