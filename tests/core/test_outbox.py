"""Events reach their subscribers at least once, and their effects once."""

import threading
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction

from core import events, outbox
from core.events import Event, OutsideTransactionError, announce, decode, encode, subscribe
from core.models import AuditLine, OutboxMessage

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@dataclass(frozen=True)
class KettleBoiled(Event):
    kettle_id: UUID
    on: date
    note: str | None = None
    cups: int = 0

    @property
    def about(self):
        return f"kettle:{self.kettle_id}"


@pytest.fixture
def boiled():
    return KettleBoiled(at=NOW, kettle_id=uuid4(), on=date(2026, 11, 24), cups=3)


@pytest.fixture
def listener(monkeypatch):
    """A subscriber of this test alone; it writes an audit line, and fails as often as it is told to."""
    monkeypatch.setattr(events, "SUBSCRIBERS", {})
    monkeypatch.setattr(events, "_LISTENING", {})
    monkeypatch.setattr(outbox, "SUBSCRIBERS", events.SUBSCRIBERS)

    class Listener:
        failures = 0
        network = False

    def pour_tea(event):
        AuditLine.objects.create(at=event.at, action="pour_tea", subject=event.about)
        if Listener.failures:
            Listener.failures -= 1
            raise ValueError("no cups")

    Listener.bind = staticmethod(lambda *, network=False: subscribe(KettleBoiled, network=network)(pour_tea))
    return Listener


def test_an_event_survives_its_journey_through_json(boiled):
    assert decode(KettleBoiled, encode(boiled)) == boiled


@pytest.mark.django_db(transaction=True)
def test_announcing_outside_a_transaction_is_refused(boiled):
    with pytest.raises(OutsideTransactionError):
        announce(boiled)


@pytest.mark.django_db
def test_without_listeners_nothing_is_written(listener, boiled):
    announce(boiled)
    assert not OutboxMessage.objects.exists()


@pytest.mark.django_db
def test_effect_and_mark_are_one_and_happen_once(listener, boiled):
    listener.bind()
    announce(boiled)
    message = OutboxMessage.objects.get()
    later = message.due_at
    assert outbox.deliver(message.pk, now=later)
    assert not outbox.deliver(message.pk, now=later)
    assert AuditLine.objects.filter(action="pour_tea").count() == 1


@pytest.mark.django_db
def test_a_failure_leaves_no_effect_and_is_tried_again_later(listener, boiled):
    listener.bind()
    listener.failures = 1
    announce(boiled)
    message = OutboxMessage.objects.get()
    first = message.due_at
    assert not outbox.deliver(message.pk, now=first)
    message.refresh_from_db()
    assert not AuditLine.objects.filter(action="pour_tea").exists()
    assert (message.attempts, message.error) == (1, "ValueError: no cups")
    assert message.due_at == first + outbox.FIRST_DELAY
    assert outbox.due(first) == []
    assert outbox.due(message.due_at) == [message.pk]
    assert outbox.deliver(message.pk, now=message.due_at)


@pytest.mark.django_db
def test_what_fails_for_ever_dies_and_can_be_replayed(listener, boiled):
    listener.bind()
    listener.failures = outbox.MOST_ATTEMPTS
    announce(boiled)
    message = OutboxMessage.objects.get()
    for _ in range(outbox.MOST_ATTEMPTS):
        message.refresh_from_db()
        outbox.deliver(message.pk, now=message.due_at)
    message.refresh_from_db()
    assert message.dead_at is not None
    assert outbox.due(message.due_at + timedelta(days=30)) == []
    outbox.replay(message, now=message.due_at)
    assert outbox.deliver(message.pk, now=message.due_at)


@pytest.mark.django_db
def test_a_message_of_a_subscriber_that_left_the_code_waits_with_its_reason(listener, boiled):
    listener.bind()
    announce(boiled)
    message = OutboxMessage.objects.get()
    events.SUBSCRIBERS.clear()
    assert not outbox.deliver(message.pk, now=message.due_at)
    message.refresh_from_db()
    assert message.error.startswith("no subscriber")


@pytest.mark.django_db(transaction=True)
def test_a_network_subscriber_runs_outside_a_transaction(listener, boiled):
    seen = []
    subscribe(KettleBoiled, network=True)(lambda _: seen.append(connection.in_atomic_block))
    with transaction.atomic():
        announce(boiled)
    message = OutboxMessage.objects.get()
    assert outbox.deliver(message.pk, now=message.due_at)
    assert seen == [False]


@pytest.mark.django_db(transaction=True)
def test_a_leased_message_is_left_alone_until_the_lease_runs_out(listener, boiled):
    listener.bind(network=True)
    with transaction.atomic():
        announce(boiled)
    message = OutboxMessage.objects.get()
    start = message.due_at
    OutboxMessage.objects.filter(pk=message.pk).update(claimed_until=start + outbox.LEASE)
    assert not outbox.deliver(message.pk, now=start)
    assert outbox.deliver(message.pk, now=start + outbox.LEASE)


@pytest.mark.django_db
def test_a_page_drains_what_concerns_it_and_nothing_else(listener, boiled):
    listener.bind()
    announce(boiled)
    announce(KettleBoiled(at=NOW, kettle_id=uuid4(), on=boiled.on))
    latest = max(OutboxMessage.objects.values_list("due_at", flat=True))
    assert outbox.drain(boiled.about, now=latest) == 1
    assert len(outbox.due(latest)) == 1


@pytest.mark.django_db(transaction=True)
def test_a_page_waits_for_a_worker_that_has_begun(listener, boiled):
    begun, go_on, seen = threading.Event(), threading.Event(), []

    def pour_slowly(event):
        begun.set()
        go_on.wait(10)
        AuditLine.objects.create(at=event.at, action="pour_tea", subject=event.about)

    subscribe(KettleBoiled)(pour_slowly)
    with transaction.atomic():
        announce(boiled)
    message = OutboxMessage.objects.get()

    def work():
        outbox.deliver(message.pk, now=message.due_at)
        connection.close()

    def load_the_page():
        outbox.drain(boiled.about, now=message.due_at)
        seen.append(AuditLine.objects.count())
        connection.close()

    worker, page = threading.Thread(target=work), threading.Thread(target=load_the_page)
    worker.start()
    assert begun.wait(10)
    page.start()
    page.join(0.2)
    assert page.is_alive()
    go_on.set()
    worker.join()
    page.join()
    assert seen == [1]


@pytest.mark.django_db
def test_what_was_announced_before_the_clock_went_back_is_delivered_at_once(listener, boiled):
    listener.bind()
    announce(boiled)
    message = OutboxMessage.objects.get()
    before = message.due_at - timedelta(minutes=5)
    assert outbox.due(before) == [message.pk]
    assert outbox.deliver(message.pk, now=before)


@pytest.mark.django_db
def test_what_failed_next_month_is_tried_again_when_the_clock_goes_back(listener, boiled):
    listener.bind()
    listener.failures = 1
    announce(boiled)
    message = OutboxMessage.objects.get()
    today, next_month = message.due_at, message.due_at + timedelta(days=30)
    assert not outbox.deliver(message.pk, now=next_month)
    assert outbox.due(next_month) == []
    assert outbox.due(today) == [message.pk]
    assert outbox.deliver(message.pk, now=today)


@pytest.mark.django_db(transaction=True)
def test_a_lease_of_next_month_ends_when_the_clock_goes_back(listener, boiled):
    listener.bind(network=True)
    with transaction.atomic():
        announce(boiled)
    message = OutboxMessage.objects.get()
    next_month = message.due_at + timedelta(days=30)
    OutboxMessage.objects.filter(pk=message.pk).update(claimed_until=next_month + outbox.LEASE)
    assert not outbox.deliver(message.pk, now=next_month)
    assert outbox.deliver(message.pk, now=message.due_at)


@pytest.mark.django_db(transaction=True)
def test_a_failure_after_another_worker_delivered_it_changes_nothing(listener, boiled):
    def fail_too_late(_event):
        OutboxMessage.objects.update(delivered_at=NOW, claimed_until=None)
        raise ValueError("too late")

    subscribe(KettleBoiled, network=True)(fail_too_late)
    with transaction.atomic():
        announce(boiled)
    message = OutboxMessage.objects.get()
    assert not outbox.deliver(message.pk, now=message.due_at)
    message.refresh_from_db()
    assert (message.delivered_at, message.attempts, message.error) == (NOW, 0, "")
