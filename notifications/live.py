"""What a browser hears while it is open: sent after the commit that made it true, lost without harm."""

from __future__ import annotations

from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction


def person_group(user_id: int) -> str:
    return f"person.{user_id}"


def slots_group(coach_id: int) -> str:
    """Everybody who looks at this coach's times, signed in or not."""
    return f"slots.{coach_id}"


def push(group: str, message: dict[str, Any]) -> None:
    """Send ``message`` to every socket of ``group`` once the running transaction has committed."""
    transaction.on_commit(lambda: _send(group, message))


def _send(group: str, message: dict[str, Any]) -> None:
    async_to_sync(get_channel_layer().group_send)(group, {"type": "relay", "message": message})
