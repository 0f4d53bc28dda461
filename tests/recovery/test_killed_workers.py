"""``kill -9`` at every point between intent, call, answer, commit and webhook; then a restart and a tick.

Whatever was being done is done once at Stripe, the books say so, and nothing is left unknown.
"""

from __future__ import annotations

import os
import signal

import pytest

from integrations.stripe.models import StripeEvent
from tests.beside import until
from tests.recovery.errands import ERRANDS, begun, expect_done_once, expect_peace
from tests.stripe.trade import Trade

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.backend]

POINTS = [
    "the intent is committed",
    "the call is about to leave",
    "the call was sent",
    "stripe has done it",
    "the answer was read",
    "the outcome is written, not committed",
    "the outcome is committed",
]


def kill_at(worker, errand, point, stripe):
    if point == "the call was sent":
        stripe.fault("timeout_before", errand.path, seconds=60)
        with worker.at_work(errand.act, errand.about) as pid:
            until(lambda: stripe.control("GET", "faults")["data"][0]["struck"])
            os.kill(pid, signal.SIGKILL)
    elif point == "stripe has done it":
        there = len(errand.made())
        stripe.fault("slow", errand.path, seconds=60)
        with worker.at_work(errand.act, errand.about) as pid:
            until(lambda: len(errand.made()) > there)
            os.kill(pid, signal.SIGKILL)
    else:
        worker.die(point, errand.act, errand.about)
    stripe.lift_faults()


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("kind", ERRANDS)
def test_a_worker_killed_when(stripe, worker, now, kind, point):
    errand = begun(kind, stripe, now)
    kill_at(worker, errand, point, stripe)

    errand.trade.go_on(minutes=2)
    errand.again()
    stripe.work()

    expect_done_once(errand)


@pytest.mark.parametrize("point", ["the event is claimed", "the event was followed"])
@pytest.mark.parametrize("about", ["checkout.session", "refund", "payout", "v2.core.account"])
def test_a_worker_killed_while_it_follows_an_event(stripe, worker, now, about, point):
    trade = Trade(stripe, now)
    trade.onboard()
    line = trade.sell_and_release()
    trade.go_on(days=6)
    stripe.work()
    if about == "checkout.session":
        stripe.pay(trade.page(trade.order()))
    elif about == "refund":
        trade.refund(line, 50)
        trade.release()
    elif about == "payout":
        trade.go_on(days=2)
    else:
        stripe.control("POST", f"accounts/{trade.payee.account}/capability", status="restricted")
    stripe.deliver()
    event = StripeEvent.objects.unhandled().filter(object_type=about).first()
    worker.die(point, "handle", event.pk)

    trade.go_on(minutes=2)
    stripe.work()
    event.refresh_from_db()
    assert (event.handled_at, event.attempts) == (trade.now, 2)
    expect_peace()
