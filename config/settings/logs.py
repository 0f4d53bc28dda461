"""Structured logs on standard error, one line per event."""

from __future__ import annotations

from config.settings.environment import env

LOG_LEVEL = env.str("LOG_LEVEL", default="WARNING")
LOGGING_CONFIG = "config.logs.configure"
LOGGING = {"level": LOG_LEVEL}
