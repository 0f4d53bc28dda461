"""Celery's worker and beat as threads of this process, over the broker in memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

from celery import beat
from celery.platforms import EX_OK
from celery.worker import WorkController, state
from celery.worker.consumer import Consumer

from config.celery import app
from config.tasks import heartbeat
from core.tasks import run_periodic

THREADS = 4
START_SECONDS = 20
STOP_SECONDS = 3


class Worker(WorkController):
    """A worker without signal handlers, remote control and gossip: the process it lives in has its own."""

    def __init__(self) -> None:
        self.ready = Event()
        super().__init__(
            app=app,
            pool="threads",
            concurrency=THREADS,
            loglevel="WARNING",
            without_heartbeat=True,
            without_mingle=True,
            without_gossip=True,
        )

    def on_consumer_ready(self, _consumer: Consumer) -> None:
        self.ready.set()


@contextmanager
def jobs() -> Iterator[None]:
    """Messages are worked on and periodic jobs are sent while inside."""
    app.set_default()
    state.should_stop = None
    worker = Worker()
    scheduler = beat.Service(app, max_interval=1, scheduler_cls=beat.Scheduler)
    threads = [
        Thread(target=worker.start, name="worker", daemon=True),
        Thread(target=scheduler.start, name="beat", daemon=True),
    ]
    threads[0].start()
    if not worker.ready.wait(START_SECONDS):
        raise RuntimeError("the worker did not start")
    threads[1].start()
    try:
        yield
    finally:
        scheduler.stop()
        # The consumer looks at this after each message, or every two seconds: one more message wakes it.
        state.should_stop = EX_OK  # type: ignore[assignment]  # an exit code, to celery
        run_periodic.delay(heartbeat.__name__)
        for thread in threads:
            thread.join(STOP_SECONDS)
