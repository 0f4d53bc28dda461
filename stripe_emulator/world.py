"""The emulated Stripe behind its API.

Store, clock, identifiers, settings. Resources are functions of a world.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from stripe_emulator import ids, schema
from stripe_emulator.clock import Clock
from stripe_emulator.errors import Broken, Missing
from stripe_emulator.settings import Settings
from stripe_emulator.store import Body, Record, Store


class World:
    """What a resource needs to know and to change. Everything in it is guarded by the emulator's one lock."""

    def __init__(self, store: Store, clock: Clock, settings: Settings) -> None:
        self.store = store
        self.clock = clock
        self.settings = settings
        self.base_url = settings.public_url
        self.request: Body = {"id": None, "idempotency_key": None}
        self.complaints: list[str] = []
        self.test_clock: tuple[str, int] | None = None
        with store.step():
            self.seed = store.meta("seed") or settings.seed or secrets.token_hex(8)
            store.set_meta("seed", self.seed)
            self.platform = store.meta("platform") or self.new_id("acct", 16)
            store.set_meta("platform", self.platform)

    def now(self) -> int:
        """What time it is, for customers on a test clock by that."""
        return self.clock.timestamp() if self.test_clock is None else self.test_clock[1]

    @contextmanager
    def on_test_clock(self, id: str, moment: int) -> Iterator[None]:
        """What is done meanwhile happens at `moment`; what it plans for itself is due by that test clock."""
        before = self.test_clock
        self.test_clock = (id, moment)
        try:
            yield
        finally:
            self.test_clock = before

    def token(self, length: int = ids.LENGTH) -> str:
        number = self.store.meta("number", 0) + 1
        self.store.set_meta("number", number)
        return ids.token(self.seed, number, length)

    def new_id(self, prefix: str, length: int = ids.LENGTH) -> str:
        return f"{prefix}_{self.token(length)}"

    def verify(self, body: Body) -> Body:
        """The body itself; with `check` on, only if the SDK's types agree with it."""
        if self.settings.check:
            found = schema.complaints(body)
            if found:
                self.complaints += found
                raise Broken("The emulator's answer does not fit the SDK: " + "; ".join(found[:8]))
        return body

    def get(self, kind: str, id: str, account: str, *, param: str = "id") -> Record:
        """An object of one account; `Missing` for anybody else's."""
        found = self.store.get(kind, id)
        if found is None or found.account != account:
            raise Missing(kind.rpartition(".")[2].replace("_", " "), id, param)
        return found

    def add(self, body: Body, account: str, **hidden: Any) -> Record:
        """A new object, with its id and type taken from its body."""
        return self.store.add(body["object"], body["id"], body, account=account, hidden=hidden)


def blank(names: str) -> Body:
    """Fields Stripe sends as null."""
    return dict.fromkeys(names.split())


def merged_metadata(current: Body, given: Any) -> Body:
    """Stripe's metadata merge.

    An empty string deletes a key, an empty string for the whole deletes them all.
    """
    if given is None:
        return current
    if given == "":
        return {}
    kept = current | given
    return {key: value for key, value in kept.items() if value not in ("", None)}
