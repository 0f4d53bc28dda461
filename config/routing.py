"""Live addresses: every app with a ``routing.py`` offers its own ``websocket_urlpatterns``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from django.urls import re_path

from config.discovery import patterns


async def nowhere(_scope: Any, _receive: Any, send: Callable[[dict[str, Any]], Awaitable[None]]) -> None:
    """An address nobody offers is refused, not an error."""
    await send({"type": "websocket.close"})


websocket_urlpatterns = [*patterns("routing", "websocket_urlpatterns"), re_path("", nowhere)]  # type: ignore[arg-type]  # stubs know views only
