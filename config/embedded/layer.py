"""Live messages inside one process.

Channels' own in-memory layer wakes a waiting socket only from its own event loop: what a thread with
another loop sends (`async_to_sync` in a job or a view) is found a second later or lost.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from channels.layers import InMemoryChannelLayer


class ServingLoopLayer(InMemoryChannelLayer):  # type: ignore[misc]  # untyped package
    """The in-memory layer, whose every step is done on the loop that serves the sockets."""

    serving: asyncio.AbstractEventLoop | None = None

    async def receive(self, channel: str) -> dict[str, Any]:
        # Sockets receive, nobody else does: where they wait is the serving loop.
        self.serving = asyncio.get_running_loop()
        message: dict[str, Any] = await super().receive(channel)
        return message

    async def send(self, channel: str, message: dict[str, Any]) -> None:
        await self._on_serving_loop(super().send(channel, message))

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        await self._on_serving_loop(super().group_send(group, message))

    async def group_add(self, group: str, channel: str) -> None:
        await self._on_serving_loop(super().group_add(group, channel))

    async def group_discard(self, group: str, channel: str) -> None:
        await self._on_serving_loop(super().group_discard(group, channel))

    async def _on_serving_loop(self, step: Coroutine[Any, Any, None]) -> None:
        loop = self.serving
        if loop is None or loop is asyncio.get_running_loop() or not loop.is_running():
            await step
        else:
            await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(step, loop))
