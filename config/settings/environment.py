"""Where this installation lives and what its environment says."""

from __future__ import annotations

from pathlib import Path

import environ

env = environ.Env()

BASE_DIR = Path(__file__).resolve().parents[2]
# Everything a running installation writes lies here: database, uploads, mail, secrets, clock.
VAR_DIR = Path(env.str("NORTHSTAR_VAR", default="") or BASE_DIR / "var").resolve()
