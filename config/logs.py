"""Standard logging and structlog write the same lines to standard error."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog


def configure(options: dict[str, Any]) -> None:
    """Django's ``LOGGING_CONFIG``: ``options`` is ``{"level": NAME}``."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processors=_ending(), foreign_pre_chain=shared))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(options["level"])
    for name in ("django.server", "daphne", "celery", "kombu", "asyncio", "axes", "stripe"):
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))


def _ending() -> list[Any]:
    """From an event to its line. Its traceback is one of the fields; the console draws it itself."""
    tidy = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    if sys.stderr.isatty():
        return [tidy, structlog.dev.ConsoleRenderer()]
    fields = structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "logger", "event"])
    return [tidy, structlog.processors.format_exc_info, fields]
