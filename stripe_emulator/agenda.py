"""What will happen by itself: work with a due time, kept in the store, run in order at its own time."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime

from stripe_emulator.store import Record
from stripe_emulator.world import World

KIND = "emulator.due"
Job = Callable[[World, str], None]
"""Gets the world and the subject it was planned for; must be harmless when there is nothing left to do."""

JOBS: dict[str, Job] = {}
LAST = {"automatic_payout"}
"""Done after everything else that is due at the same instant.

Monday's payout takes along what settles on Monday.
"""


def job(name: str) -> Callable[[Job], Job]:
    """Registers the function that does the work planned under `name`."""

    def register(function: Job) -> Job:
        JOBS[name] = function
        return function

    return register


def plan(world: World, name: str, subject: str, at: int) -> None:
    """Do `name` for `subject` at the instant `at` (Unix seconds); planning it again moves it."""
    cancel(world, name, subject)
    world.store.add(KIND, _id(name, subject), {"job": name, "subject": subject, "at": at})


def cancel(world: World, name: str, subject: str) -> None:
    if planned(world, name, subject):
        world.store.remove(_id(name, subject))


def planned(world: World, name: str, subject: str) -> bool:
    return world.store.find(_id(name, subject)) is not None


def _id(name: str, subject: str) -> str:
    return f"due:{name}:{subject}"


class Agenda:
    """The heap of due work of one world, filled by the store as steps commit."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._heap: list[tuple[int, bool, int, str]] = []
        world.store.listeners.append(self._note)
        for record in list(world.store.all(KIND)):
            self._note(record)

    def _note(self, record: Record) -> None:
        if record.type == KIND:
            heapq.heappush(self._heap, (record.body["at"], record.body["job"] in LAST, record.seq, record.id))

    def clear(self) -> None:
        self._heap.clear()

    def run(self, until: int) -> Counter[str]:
        """Do everything due by `until`, each in its own step and at its own time; how often each job ran."""
        ran: Counter[str] = Counter()
        while self._heap and self._heap[0][0] <= until:
            _, _, seq, id = heapq.heappop(self._heap)
            record = self._world.store.get(KIND, id)
            if record is not None and record.seq == seq:
                self._run(record)
                ran[record.body["job"]] += 1
        return ran

    def _run(self, record: Record) -> None:
        at = datetime.fromtimestamp(record.body["at"], UTC)
        with self._world.clock.pinned(at), self._world.store.step():
            self._world.store.remove(record.id)
            JOBS[record.body["job"]](self._world, record.body["subject"])
