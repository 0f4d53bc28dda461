"""One site per ``var/``: a lock the kernel gives back however its holder ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.embedded.refusal import CannotStartError


@contextmanager
def alone(var: Path) -> Iterator[None]:
    """Hold the lock of ``var``, or say in one line who does."""
    var.mkdir(parents=True, exist_ok=True)
    with (var / "run.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise CannotStartError(
                f"{var} is in use by process {file.read().strip()}: stop it with Ctrl-C there first."
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
