"""Structured logs: ``get_logger(__name__).info("event.name", key=value)``. Never a secret, never a card."""

from typing import Any

import structlog


def get_logger(name: str) -> Any:
    return structlog.get_logger(name)
