from __future__ import annotations

import threading
from datetime import timedelta
from io import StringIO
from typing import ClassVar

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from integrations.stripe import inbox
from integrations.stripe.client import client
from integrations.stripe.errors import RetryableError
from integrations.stripe.inbox import (
    MOST_SILENCES,
    SYNCS,
    UnknownObjectError,
    handle,
    handle_due,
    receive,
)
from integrations.stripe.models import StripeEvent
from integrations.stripe.patience import MOST_ATTEMPTS, delay_after
from integrations.stripe.tasks import fetch_missed_events, handle_waiting_events

pytestmark = pytest.mark.django_db


@pytest.fixture
def read(monkeypatch):
    """Objects that were followed, in order; put a failure into ``read.failures`` to meet it next."""

    class Reader(list[tuple[str, str]]):
        failures: ClassVar[list[Exception]] = []

    reader = Reader()

    def sync(object_id, account, *, now):
        if Reader.failures:
            raise Reader.failures.pop(0)
        reader.append((object_id, account))

    monkeypatch.setitem(SYNCS, "checkout.session", sync)
    return reader


@pytest.fixture
def event(thin, now):
    receive(thin(context="acct_ada"), now=now)
    return StripeEvent.objects.get()


def test_an_event_is_followed_once(event, read, now):
    assert (handle("evt_1", now=now), handle("evt_1", now=now), handle_due(now)) == (True, False, 0)
    event.refresh_from_db()
    assert (list(read), event.handled_at) == ([("cs_test_1", "acct_ada")], now)


def test_several_events_of_one_object_read_it_once(thin, read, now):
    for number in range(3):
        receive(thin(id=f"evt_{number}"), now=now)
    receive(thin(id="evt_other", context="acct_ada"), now=now)
    assert (handle("evt_2", now=now), handle("evt_0", now=now)) == (True, False)
    assert list(read) == [("cs_test_1", "")]
    assert handle_due(now) == 1
    assert StripeEvent.objects.filter(handled_at=now).count() == 4


def test_several_events_of_one_object_wait_each_for_its_own_next_try(thin, read, now):
    receive(thin(), now=now)
    read.failures.extend([RuntimeError("broken")] * 2)
    handle("evt_1", now=now)
    receive(thin(id="evt_2"), now=now)
    handle("evt_2", now=now + timedelta(seconds=5))
    waits = StripeEvent.objects.order_by("pk").values_list("attempts", "due_at")
    assert list(waits) == [(2, now + timedelta(seconds=15)), (1, now + timedelta(seconds=10))]


def test_an_old_stranger_is_let_go_and_a_young_one_waits(thin, read, now):
    receive(thin(), now=now - timedelta(days=1))
    receive(thin(id="evt_2"), now=now)
    read.failures.append(UnknownObjectError("cs_test_1"))
    assert handle_due(now) == 0
    assert list(StripeEvent.objects.order_by("pk").values_list("handled_at", flat=True)) == [now, None]


def test_while_stripe_is_away_the_rest_is_not_tried(thin, read, now):
    for number in range(9):
        receive(thin(id=f"evt_{number}", context=f"acct_{number}"), now=now)
    read.failures.extend([RetryableError("No answer.")] * 9)
    assert handle_due(now) == 0
    assert StripeEvent.objects.filter(attempts=1).count() == MOST_SILENCES
    read.failures.clear()
    assert handle_due(now) == 9 - MOST_SILENCES


def test_an_object_nobody_follows_is_handled_at_once(thin, now):
    related = {"id": "x_1", "type": "unheard_of", "url": "/"}
    receive(thin(related_object=related), now=now)
    assert handle_due(now) == 1


def test_a_failure_waits_longer_each_time_and_ends_as_a_dead_letter(event, read, now):
    read.failures.extend(RuntimeError("broken") for _ in range(MOST_ATTEMPTS))
    for attempt in range(1, MOST_ATTEMPTS + 1):
        assert handle("evt_1", now=now) is False
        event.refresh_from_db()
        assert (event.attempts, event.due_at, event.error) == (
            attempt,
            now + delay_after(attempt),
            "RuntimeError: broken",
        )
        assert handle("evt_1", now=event.due_at - timedelta(seconds=1)) is False
        now = event.due_at
    assert (event.dead_at is not None, handle("evt_1", now=now), list(StripeEvent.objects.dead())) == (
        True,
        False,
        [event],
    )


def test_the_pause_doubles_up_to_a_day():
    assert [delay_after(attempts).total_seconds() for attempts in (1, 2, 3, 15, 16, 40)] == [
        5,
        10,
        20,
        81920,
        86400,
        86400,
    ]


def test_an_unknown_object_is_looked_for_again_and_let_go_after_a_day(event, read, now):
    read.failures.extend(UnknownObjectError("cs_test_1") for _ in range(3))
    handle("evt_1", now=now)
    event.refresh_from_db()
    assert (event.handled_at, event.error) == (None, "unknown object: cs_test_1")
    handle("evt_1", now=now + timedelta(days=1))
    event.refresh_from_db()
    assert (event.handled_at, event.error) == (now + timedelta(days=1), "not ours: cs_test_1")


def test_a_claimed_event_is_left_alone_until_the_lease_ends(event, read, now):
    inbox._claim("evt_1", now=now)
    assert handle("evt_1", now=now + timedelta(seconds=59)) is False
    assert handle("evt_1", now=now + timedelta(seconds=60)) is True


def test_what_came_before_the_clock_went_back_does_not_wait_for_it(event, read, now):
    yesterday, next_month = now - timedelta(days=1), now + timedelta(days=30)
    read.failures.append(RuntimeError("no cups"))
    assert not handle(event.pk, now=next_month)
    assert handle_due(next_month) == 0
    assert handle(event.pk, now=yesterday)
    assert list(read) == [("cs_test_1", "acct_ada")]


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_follow_an_event_once(event, monkeypatch, now):
    together = threading.Barrier(2)
    followed = []

    def sync(object_id, account, *, now):
        followed.append(object_id)

    monkeypatch.setitem(SYNCS, "checkout.session", sync)

    def work():
        together.wait()
        handle("evt_1", now=now)
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert followed == ["cs_test_1"]


@pytest.mark.django_db(transaction=True)
def test_a_committed_event_is_handed_to_a_worker(thin, monkeypatch, now):
    sent = []

    def send_task(name, *, args, retry):
        sent.append((name, args))

    monkeypatch.setattr("integrations.stripe.inbox.current_app.send_task", send_task)
    assert (receive(thin(), now=now), receive(thin(), now=now)) == (True, False)
    assert sent == [(inbox.HANDLE, ["evt_1"])]


def replay(*words):
    said = StringIO()
    call_command("stripe_replay", *words, stdout=said)
    return said.getvalue()


@pytest.mark.django_db(transaction=True)
def test_a_burst_about_one_object_is_one_message_until_it_is_taken_or_lost(thin, read, monkeypatch, now):
    sent = []

    def send_task(name, *, args, retry):
        sent.extend(args)

    monkeypatch.setattr("integrations.stripe.inbox.current_app.send_task", send_task)
    other = {"id": "cs_test_2", "type": "checkout.session", "url": "/v1/checkout/sessions/cs_test_2"}
    receive(thin(), now=now)
    receive(thin(id="evt_2"), now=now)
    receive(thin(id="evt_of_another", related_object=other), now=now)
    receive(thin(id="evt_elsewhere", context="acct_ada"), now=now)
    assert sent == ["evt_1", "evt_of_another", "evt_elsewhere"]

    handle("evt_1", now=now)
    receive(thin(id="evt_3"), now=now)
    assert sent[3:] == ["evt_3"]
    receive(thin(id="evt_4"), now=now + 2 * inbox.MESSAGE_LIVES)
    assert sent[4:] == ["evt_4"]


def test_replay_follows_a_handled_event_again(event, read, now):
    handle("evt_1", now=now)
    assert replay("evt_1") == "evt_1 v1.checkout.session.completed: handled\n"
    assert len(read) == 2


@pytest.mark.parametrize("is_ours_good", [False, True])
def test_two_workers_with_one_event_end_in_handled_once_one_of_them_could(
    event, monkeypatch, is_ours_good, now
):
    """Ours outlives its lease; the other one ends first."""
    StripeEvent.objects.update(attempts=MOST_ATTEMPTS - 1)

    def sync(*_, now):
        StripeEvent.objects.update(**{"dead_at" if is_ours_good else "handled_at": now})
        if not is_ours_good:
            raise RuntimeError("broken")

    monkeypatch.setitem(SYNCS, "checkout.session", sync)
    assert handle("evt_1", now=now) is is_ours_good
    event.refresh_from_db()
    assert (event.handled_at, event.dead_at) == (now, None)


def test_replay_revives_dead_letters(event, read):
    StripeEvent.objects.update(dead_at=event.received_at, attempts=MOST_ATTEMPTS)
    read.failures.append(RuntimeError("still broken"))
    assert replay("--dead") == "evt_1 v1.checkout.session.completed: put off\n"
    event.refresh_from_db()
    assert (event.dead_at, event.attempts) == (None, 1)


@pytest.mark.parametrize("words", [[], ["evt_1", "--dead"], ["evt_unknown"]])
def test_replay_says_what_it_cannot_do(event, words):
    with pytest.raises(CommandError):
        replay(*words)


def test_events_whose_delivery_failed_are_fetched_and_followed(stripe, read, now):
    stripe.fault("drop_webhook", times=99)
    session = client().v1.checkout.sessions.create(
        {
            "mode": "payment",
            "success_url": "https://northstar.test/",
            "line_items": [
                {
                    "quantity": 1,
                    "price_data": {"currency": "usd", "unit_amount": 500, "product_data": {"name": "A"}},
                }
            ],
        }
    )
    stripe.pay(session.id)
    stripe.deliver()
    assert not StripeEvent.objects.exists()
    assert fetch_missed_events(now) == 1
    assert fetch_missed_events(now) == 0
    assert handle_waiting_events(now) == 1
    assert list(read) == [(session.id, "")]


def test_when_stripe_is_away_nothing_is_fetched(stripe, now):
    stripe.fault("reset", times=3)
    assert fetch_missed_events(now) == 0
