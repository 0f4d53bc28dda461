"""The two ports of the embedded default, known to every process that works on the same ``var/``."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

SITE = 8000
EMULATOR = 12111


@dataclass(frozen=True)
class Ports:
    """Where the site and the Stripe emulator listen on 127.0.0.1."""

    site: int = SITE
    emulator: int = EMULATOR

    @classmethod
    def current(cls, var: Path) -> Ports:
        """What the environment says, else what the running site wrote down, else the defaults."""
        remembered = cls._remembered(var)
        return cls(
            int(os.environ.get("NORTHSTAR_PORT") or remembered.site),
            int(os.environ.get("NORTHSTAR_EMULATOR_PORT") or remembered.emulator),
        )

    @classmethod
    def _remembered(cls, var: Path) -> Ports:
        try:
            return cls(**json.loads(_file(var).read_text()))
        except FileNotFoundError:
            return cls()

    def remember(self, var: Path) -> None:
        """Let commands given in another terminal make links that lead here."""
        draft = _file(var).with_suffix(".draft")
        draft.write_text(json.dumps(asdict(self)))
        draft.replace(_file(var))


def forget(var: Path) -> None:
    _file(var).unlink(missing_ok=True)


def _file(var: Path) -> Path:
    return var / "ports.json"
