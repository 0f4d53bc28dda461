"""A worker that dies where it is told to: a process of its own, real PostgreSQL, Stripe over HTTP.

It reads jobs, one JSON object a line, and forks for each; the fork is killed by SIGKILL at ``point``, or does
its work to the end. For each it prints the fork's id, then how it ended.
"""

# ruff: noqa: E402, T201  (Django is set up before what needs it; it speaks by lines)

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from uuid import UUID

import django

django.setup()

from django.conf import settings
from django.db import connection

from core import clock
from integrations.stripe import client, inbox, kinds, operations
from payments.domain.checkout import open_checkout
from payouts.domain.payees import start_onboarding
from payouts.models import Payee
from tests.stripe.trade import LINKS, URLS


def die(*_args, **_named):
    os.kill(os.getpid(), signal.SIGKILL)


def before(owner, name):
    setattr(owner, name, die)


def after(owner, name):
    whole = getattr(owner, name)

    def cut(*args, **named):
        whole(*args, **named)
        die()

    setattr(owner, name, cut)


def after_each(table):
    """Whatever is looked up in it does its work, and then the process dies."""
    for name, whole in list(table.items()):

        def cut(*args, whole=whole, **named):
            whole(*args, **named)
            die()

        table[name] = cut


POINTS = {
    "": lambda: None,
    "the intent is committed": lambda: before(operations, "_claim"),
    "the call is about to leave": lambda: before(kinds.Kind, "call"),
    "the answer was read": lambda: before(operations, "_finish"),
    "the outcome is written, not committed": lambda: after_each(operations.SETTLERS),
    "the outcome is committed": lambda: after(operations, "_finish"),
    "the event is claimed": lambda: before(inbox, "_follow"),
    "the event was followed": lambda: after_each(inbox.SYNCS),
}

ACTS = {
    "perform": lambda pk: operations.perform(int(pk), now=clock.now()),
    "page": lambda pk: open_checkout(UUID(pk), title="An hour with Ada", now=clock.now(), **URLS),
    "onboard": lambda pk: start_onboarding(Payee.objects.get(pk=pk), **LINKS, now=clock.now()),
    "handle": lambda pk: inbox.handle(pk, now=clock.now()),
}


def work(job):
    settings.STRIPE_API_BASE, settings.CLOCK_FILE = job["stripe"], Path(job["clock"])
    connection.settings_dict.update(job["database"])
    client.client.cache_clear()
    POINTS[job["point"]]()
    ACTS[job["act"]](job["about"])


def main():
    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            work(json.loads(line))
            os._exit(0)
        print(pid, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


main()
