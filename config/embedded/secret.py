"""Secrets this installation made for itself, each a file only its owner reads."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

BYTES = 32


def secret(var: Path, name: str) -> str:
    """The secret called ``name``, made at its first use, 64 hexadecimal digits."""
    path = var / "secrets" / name
    if not path.exists():
        _make(path)
    return path.read_text()


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    draft.touch(mode=0o600)
    draft.write_text(secrets.token_hex(BYTES))
    # Two processes or threads may make it at once: a link is made once, and both read the winner's.
    with suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
