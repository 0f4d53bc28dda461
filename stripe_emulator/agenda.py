"""What will happen by itself: work with a due time, kept in the store, run in order at its own time."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime

from stripe_emulator.store import Body, Record
from stripe_emulator.world import World

KIND = "emulator.due"
Job = Callable[[World, str], None]
"""Gets the world and the subject it was planned for; must be harmless when there is nothing left to do."""

JOBS: dict[str, Job] = {}
ON_TEST_CLOCKS: set[str] = set()
"""Jobs that follow the test clock of what they are about, if it has one; the others follow the world's."""
LAST = {"automatic_payout"}
"""Done after everything else that is due at the same instant.

Monday's payout takes along what settles on Monday.
"""


def job(name: str, *, on_test_clocks: bool = False) -> Callable[[Job], Job]:
    """Registers the function that does the work planned under `name`."""

    def register(function: Job) -> Job:
        JOBS[name] = function
        if on_test_clocks:
            ON_TEST_CLOCKS.add(name)
        return function

    return register


def plan(world: World, name: str, subject: str, at: int) -> None:
    """Do `name` for `subject` at the instant `at` (Unix seconds); planning it again moves it."""
    cancel(world, name, subject)
    work: Body = {"job": name, "subject": subject, "at": at}
    if world.test_clock is not None and name in ON_TEST_CLOCKS:
        work["test_clock"] = world.test_clock[0]
    world.store.add(KIND, _id(name, subject), work)


def run_test_clock(world: World, id: str, until: int) -> None:
    """Do what is due by a test clock until then, each thing at its own time, within the current step."""
    while True:
        due = [r for r in world.store.all(KIND) if r.body.get("test_clock") == id and r.body["at"] <= until]
        if not due:
            return
        first = min(due, key=lambda record: (record.body["at"], record.seq))
        world.store.remove(first.id)
        with world.on_test_clock(id, first.body["at"]):
            JOBS[first.body["job"]](world, first.body["subject"])


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

    def reload(self) -> None:
        """Read all that is planned from the store."""
        self._heap.clear()
        for record in list(self._world.store.all(KIND)):
            self._note(record)

    def _note(self, record: Record) -> None:
        if record.type == KIND and "test_clock" not in record.body:
            heapq.heappush(self._heap, (record.body["at"], record.body["job"] in LAST, record.seq, record.id))

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
