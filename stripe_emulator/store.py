"""Where objects live: in memory for reading, written through to SQLite in one transaction per step."""

from __future__ import annotations

import bisect
import json
import marshal
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Body = dict[str, Any]

LOCK_SECONDS = 2
TABLES = """
CREATE TABLE IF NOT EXISTS record (
    id TEXT PRIMARY KEY, type TEXT NOT NULL, account TEXT NOT NULL, seq INTEGER NOT NULL,
    version INTEGER NOT NULL, body TEXT NOT NULL, hidden TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS snapshot (name TEXT PRIMARY KEY, content TEXT NOT NULL);
"""


def copy_of(value: Any) -> Any:
    """A deep copy of plain values, the fastest way there is."""
    return marshal.loads(marshal.dumps(value))  # noqa: S302  (our own bytes)


@dataclass(slots=True)
class Record:
    """One version of an object: `body` is what the API shows, `hidden` what only the emulator knows."""

    type: str
    id: str
    account: str
    seq: int
    version: int
    body: Body
    hidden: Body = field(default_factory=dict)

    def copy(self, versions: int = 0) -> Record:
        body, hidden = copy_of((self.body, self.hidden))
        return Record(self.type, self.id, self.account, self.seq, self.version + versions, body, hidden)


class Store:
    """Records by id.

    Reading hands out the stored record (do not change it); `edit` hands out its next version.

    All writing happens inside `step()`: what it wrote is seen together and survives ``kill -9``, or none of
    it.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._records: dict[str, Record] = {}
        self._index: dict[tuple[str, str | None], list[int]] = {}
        self._by_seq: dict[int, str] = {}
        self._staged: dict[str, Record | None] = {}
        self._meta: dict[str, Any] = {}
        self._staged_meta: dict[str, Any] = {}
        self._snapshots: dict[str, str] = {}
        self._depth = 0
        self._closed = False
        self._seq = 0
        self.listeners: list[Callable[[Record], None]] = []
        self._db = self._open(path) if path else None

    def _open(self, path: Path) -> sqlite3.Connection:
        path.parent.mkdir(parents=True, exist_ok=True)
        db = sqlite3.connect(path, timeout=LOCK_SECONDS, check_same_thread=False, isolation_level=None)
        db.execute("PRAGMA locking_mode=EXCLUSIVE")  # memory is the truth for reading: one process per file
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=NORMAL")
        db.executescript(TABLES)
        rows = db.execute("SELECT type, id, account, seq, version, body, hidden FROM record ORDER BY seq")
        for kind, id, account, seq, version, body, hidden in rows:
            self._keep(Record(kind, id, account, seq, version, json.loads(body), json.loads(hidden)))
        self._meta = {name: json.loads(value) for name, value in db.execute("SELECT name, value FROM meta")}
        self._seq = max(self._by_seq, default=0)
        return db

    def close(self) -> None:
        """Nothing can be written any more: an answer after this would be forgotten."""
        self._closed = True
        if self._db:
            self._db.close()

    # reading

    def find(self, id: str) -> Record | None:
        if id in self._staged:
            return self._staged[id]
        return self._records.get(id)

    def get(self, kind: str, id: str) -> Record | None:
        found = self.find(id)
        return found if found is not None and found.type == kind else None

    def all(
        self, kind: str, account: str | None = None, *, before: int | None = None, after: int | None = None
    ) -> Iterator[Record]:
        """Records of `kind`, of one account or of all, newest first, numbered between the bounds."""
        if before is None:
            yield from self._staged_new(kind, account)
        seqs = self._index.get((kind, account), [])
        high = bisect.bisect_left(seqs, before) if before is not None else len(seqs)
        low = bisect.bisect_right(seqs, after) if after is not None else 0
        for position in range(high - 1, low - 1, -1):
            id = self._by_seq[seqs[position]]
            found = self._staged.get(id, self._records[id])
            if found is not None:
                yield found

    def kinds(self) -> dict[str, int]:
        """How many records there are of each kind."""
        return {
            kind: len(seqs)
            for (kind, account), seqs in sorted(self._index.items(), key=str)
            if seqs and account is None
        }

    def meta(self, name: str, default: Any = None) -> Any:
        value = self._staged_meta.get(name, self._meta.get(name))
        return default if value is None else value

    def metas(self) -> list[str]:
        """The names of what `meta` knows."""
        return sorted(self._meta)

    def _staged_new(self, kind: str, account: str | None) -> Iterator[Record]:
        for id, record in reversed(list(self._staged.items())):
            if record is None or record.type != kind or id in self._records:
                continue
            if account is None or record.account == account:
                yield record

    # writing

    def add(self, kind: str, id: str, body: Body, *, account: str = "", hidden: Body | None = None) -> Record:
        assert self._depth, "writing belongs into a step"
        self._seq += 1
        record = Record(kind, id, account, self._seq, 1, body, hidden or {})
        self._staged[id] = record
        return record

    def edit(self, id: str) -> Record:
        """The next version of a record, to be changed in place within this step."""
        assert self._depth, "writing belongs into a step"
        record = self.find(id)
        assert record is not None, id
        stored = self._records.get(id)
        if stored is record:
            record = self._staged[id] = record.copy(versions=1)
        return record

    def remove(self, id: str) -> None:
        assert self._depth, "writing belongs into a step"
        self._staged[id] = None

    def set_meta(self, name: str, value: Any) -> None:
        assert self._depth, "writing belongs into a step"
        self._staged_meta[name] = value

    @contextmanager
    def step(self) -> Iterator[None]:
        """All or nothing. Steps nest; the outermost one commits."""
        self._depth += 1
        try:
            yield
        except BaseException:
            if self._depth == 1:
                self.forget()
            raise
        else:
            if self._depth == 1:
                self._commit()
        finally:
            self._depth -= 1

    @contextmanager
    def trying(self) -> Iterator[None]:
        """Within a step: what is written meanwhile is seen meanwhile, and forgotten afterwards."""
        staged, meta = self._staged, self._staged_meta
        self._staged = {id: record and record.copy() for id, record in staged.items()}
        self._staged_meta = dict(meta)
        try:
            yield
        finally:
            self._staged, self._staged_meta = staged, meta

    def forget(self) -> None:
        """Drop what this step wrote so far."""
        self._staged.clear()
        self._staged_meta.clear()

    # the whole of it

    def snapshot(self, name: str) -> None:
        """Keep everything as it is now under `name`, in place of what was kept there."""
        self._check_whole()
        rows = [(r.type, r.id, r.account, r.seq, r.version, r.body, r.hidden) for r in self._records.values()]
        content = json.dumps({"records": rows, "meta": self._meta})
        if self._db is None:
            self._snapshots[name] = content
        else:
            self._db.execute("INSERT OR REPLACE INTO snapshot VALUES (?, ?)", (name, content))

    def restore(self, name: str) -> bool:
        """Everything is again as it was kept under `name`; whether there is such a snapshot."""
        self._check_whole()
        content = self._snapshot(name)
        if content is None:
            return False
        whole = json.loads(content)
        records = [Record(*row) for row in whole["records"]]
        if self._db is not None:
            self._write(self._db, records, dict.fromkeys(self._meta) | whole["meta"], self._records)
        self._records, self._index, self._by_seq = {}, {}, {}
        for record in records:
            self._keep(record)
        self._meta = whole["meta"]
        self._seq = max(self._by_seq, default=0)
        return True

    def _snapshot(self, name: str) -> str | None:
        if self._db is None:
            return self._snapshots.get(name)
        row = self._db.execute("SELECT content FROM snapshot WHERE name = ?", (name,)).fetchone()
        return row[0] if row else None

    def _check_whole(self) -> None:
        assert not self._depth, "a step sees half of the world"
        self._check_open()

    def _check_open(self) -> None:
        if self._closed:
            self.forget()
            raise RuntimeError("the store is closed")

    def _commit(self) -> None:
        self._check_open()
        if self._db is not None and (self._staged or self._staged_meta):
            kept = [record for record in self._staged.values() if record is not None]
            removed = [id for id, record in self._staged.items() if record is None]
            self._write(self._db, kept, self._staged_meta, removed)
        for id, record in self._staged.items():
            if record is None:
                self._drop(id)
            else:
                self._keep(record)
                for listener in self.listeners:
                    listener(record)
        self._meta.update(self._staged_meta)
        self.forget()

    def _write(
        self, db: sqlite3.Connection, kept: Iterable[Record], meta: Body, removed: Iterable[str]
    ) -> None:
        """In one transaction: first what goes, then what stays or comes."""
        db.execute("BEGIN")
        try:
            db.executemany("DELETE FROM record WHERE id = ?", [(id,) for id in removed])
            db.executemany(
                "INSERT OR REPLACE INTO record VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    (r.id, r.type, r.account, r.seq, r.version, json.dumps(r.body), json.dumps(r.hidden))
                    for r in kept
                ],
            )
            rows = [(name, json.dumps(value)) for name, value in meta.items()]
            db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", rows)
            db.execute("COMMIT")
        except BaseException:
            db.execute("ROLLBACK")
            raise

    def _keep(self, record: Record) -> None:
        known = self._records.get(record.id)
        if known is not None and known.seq != record.seq:
            self._drop(record.id)
            known = None
        if known is None:
            for account in (None, record.account):
                bisect.insort(self._index.setdefault((record.type, account), []), record.seq)
            self._by_seq[record.seq] = record.id
        self._records[record.id] = record

    def _drop(self, id: str) -> None:
        record = self._records.pop(id, None)
        if record is not None:
            for account in (None, record.account):
                self._index[record.type, account].remove(record.seq)
            del self._by_seq[record.seq]
