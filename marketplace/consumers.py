"""``/ws/coaches/<slug>/slots/``: whoever looks at a coach's times hears when they change."""

from __future__ import annotations

from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer

from marketplace.models import Coach


class SlotsConsumer(AsyncJsonWebsocketConsumer):  # type: ignore[misc]
    """Open to everybody, as the times are; a coach who is not live has none."""

    async def connect(self) -> None:
        coach_id = await _user_of(self.scope["url_route"]["kwargs"]["slug"])
        if coach_id is None:
            await self.close()
            return
        self.group = f"slots.{coach_id}"
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()

    async def disconnect(self, _code: int) -> None:
        if hasattr(self, "group"):
            await self.channel_layer.group_discard(self.group, self.channel_name)

    async def receive(self, **_: Any) -> None:
        """Nothing is expected from the browser; what comes is ignored, malformed or not."""

    async def relay(self, event: dict[str, Any]) -> None:
        await self.send_json(event["message"])


@database_sync_to_async  # type: ignore[untyped-decorator]
def _user_of(slug: str) -> int | None:
    return Coach.objects.live().filter(slug=slug).values_list("user_id", flat=True).first()
