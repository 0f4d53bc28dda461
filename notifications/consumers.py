"""``/ws/me/``: the signed-in person's own news. Strangers are refused before the handshake ends."""

from __future__ import annotations

from typing import Any

from channels.generic.websocket import AsyncJsonWebsocketConsumer

from notifications.live import person_group


class MeConsumer(AsyncJsonWebsocketConsumer):  # type: ignore[misc]
    async def connect(self) -> None:
        person = self.scope["user"]
        if not person.is_authenticated:
            await self.close()
            return
        self.group = person_group(person.pk)
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()

    async def disconnect(self, _code: int) -> None:
        if hasattr(self, "group"):
            await self.channel_layer.group_discard(self.group, self.channel_name)

    async def receive(self, **_: Any) -> None:
        """Nothing is expected from the browser; what comes is ignored, malformed or not."""

    async def relay(self, event: dict[str, Any]) -> None:
        await self.send_json(event["message"])
