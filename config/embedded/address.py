"""Where the embedded PostgreSQL of one ``var/`` is reached.

A Unix socket in a folder only its owner may enter. A socket's path has at most 107 bytes (103 on macOS):
below a longer ``var/`` it is a port of 127.0.0.1 with a password instead.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.embedded.secret import secret

LONGEST_SOCKET_PATH = 103
SOCKET_NAME = ".s.PGSQL.5432"
NAME = "northstar"
USER = "postgres"


@dataclass(frozen=True)
class Address:
    """``folder`` holds the server; ``port`` is ``None`` where its socket lies in that folder."""

    folder: Path
    port: int | None
    password: str

    @classmethod
    def below(cls, var: Path) -> Address:
        """The address of the database of ``var``, the same in every process; it need not run."""
        folder = var / "postgres"
        # A comma separates hosts for PostgreSQL's clients.
        fits = len(bytes(folder / SOCKET_NAME)) <= LONGEST_SOCKET_PATH and "," not in str(folder)
        return cls(folder, None if fits else _port(var), secret(var, "postgres"))

    @property
    def settings(self) -> dict[str, Any]:
        """As Django's ``DATABASES`` says it."""
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": NAME,
            "USER": USER,
            "PASSWORD": self.password,
            "HOST": "127.0.0.1" if self.port else str(self.folder),
            "PORT": str(self.port or ""),
        }


def _port(var: Path) -> int:
    """A port that was free when it was first asked for, and is kept."""
    path = var / "postgres.port"
    if not path.exists():
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(str(probe.getsockname()[1]))
    return int(path.read_text())
