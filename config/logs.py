"""Standard logging and structlog write the same lines to standard error."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

# Whoever has the address of a private feed reads it: Django logs the address of what it refuses.
_FEED = re.compile(r"/feeds/[^/\s]+\.ics")


def configure(options: dict[str, Any]) -> None:
    """Django's ``LOGGING_CONFIG``: ``options`` is ``{"level": NAME}``."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_feeds,
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
    # It quotes whole addresses in its warnings; that of a published calendar is a secret.
    logging.getLogger("urllib3").setLevel(max(logging.ERROR, root.level))
    for name in ("django.server", "daphne", "celery", "kombu", "asyncio", "axes", "stripe"):
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))


def _without_feeds(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {**event, "event": _FEED.sub("/feeds/….ics", str(event["event"]))}


def _ending() -> list[Any]:
    """From an event to its line. Its traceback is one of the fields; the console draws it itself."""
    tidy = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    if sys.stderr.isatty():
        return [tidy, structlog.dev.ConsoleRenderer()]
    fields = structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "logger", "event"])
    return [tidy, structlog.processors.format_exc_info, fields]
