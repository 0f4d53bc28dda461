"""``/ws/me/``: one's own news, at once; nothing for strangers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import AnonymousUser

from notifications.consumers import MeConsumer
from notifications.domain.inbox import News, tell
from tests.marketplace.cast import person

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def socket_of(user):
    socket = WebsocketCommunicator(MeConsumer.as_asgi(), "/ws/me/")
    socket.scope["user"] = user
    return socket


@pytest.fixture(autouse=True)
def _one_process(settings):
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}


@pytest.mark.django_db(transaction=True)
def test_news_reach_the_open_browser_of_their_person_only():
    async def scene():
        ben = await sync_to_async(person)("Ben Adler")
        cleo = await sync_to_async(person)("Cleo Moreau")
        bens, cleos = socket_of(ben), socket_of(cleo)
        assert (await bens.connect())[0]
        assert (await cleos.connect())[0]
        news = News("marketplace/booking_confirmed", "b1", "Booked", "An hour.", "/sessions/")
        await sync_to_async(tell)(ben, news, now=NOW)
        heard = await bens.receive_json_from(timeout=2)
        assert (heard["type"], heard["title"], heard["unread"]) == ("notification", "Booked", 1)
        assert await cleos.receive_nothing(timeout=0.1)
        await bens.send_to(text_data="not json")
        assert await bens.receive_nothing(timeout=0.1)
        await bens.disconnect()
        await cleos.disconnect()

    async_to_sync(scene)()


def test_a_stranger_is_refused():
    async def scene():
        connected, _ = await socket_of(AnonymousUser()).connect()
        assert not connected

    async_to_sync(scene)()
