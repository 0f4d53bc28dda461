"""Where the embedded PostgreSQL is reached."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def socket_dir(var: Path) -> Path:
    return var / "run"


def database_settings(var: Path) -> dict[str, Any]:
    """Django's settings of the embedded database of ``var``; it need not run."""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "northstar",
        "USER": "postgres",
        "HOST": str(socket_dir(var)),
    }
