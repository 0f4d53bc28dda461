"""``/ws/coaches/<slug>/slots/``: whoever looks at a coach's times hears when they change."""

from __future__ import annotations

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator

from core import outbox
from core.models import OutboxMessage
from marketplace.domain.booking import Wish, book
from marketplace.routing import websocket_urlpatterns
from tests.marketplace.cast import NOW, TOMORROW, coach, offer, person


@pytest.fixture(autouse=True)
def _one_process(settings):
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}


def socket_at(slug):
    return WebsocketCommunicator(URLRouter(websocket_urlpatterns), f"/ws/coaches/{slug}/slots/")


def book_and_deliver(what, candidate):
    book(Wish(what.pk, TOMORROW, "UTC", {}), candidate=candidate, now=NOW)
    for pk in OutboxMessage.objects.filter(event="SlotsChanged").values_list("pk", flat=True):
        outbox.deliver(pk, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_a_taken_time_is_heard_by_those_who_look_at_this_coach():
    async def scene():
        mia = await sync_to_async(coach)(await sync_to_async(person)("Mia Lindqvist"), kind="mentor")
        bo = await sync_to_async(coach)(await sync_to_async(person)("Bo Chen"))
        chat = await sync_to_async(offer)(mia, price=0, minutes=30)
        ben = await sync_to_async(person)("Ben Adler")
        await sync_to_async(OutboxMessage.objects.all().delete)()
        here, elsewhere = socket_at(mia.slug), socket_at(bo.slug)
        assert (await here.connect())[0]
        assert (await elsewhere.connect())[0]
        await here.send_to(text_data="not json")
        await sync_to_async(book_and_deliver)(chat, ben)
        heard = await here.receive_json_from(timeout=2)
        assert heard["type"] == "slots.changed"
        assert heard["from"] < "2026-11-03T10:00:00Z" < heard["to"]
        assert await elsewhere.receive_nothing(timeout=0.1)
        await here.disconnect()
        await elsewhere.disconnect()

    async_to_sync(scene)()


@pytest.mark.django_db(transaction=True)
def test_a_coach_who_is_not_live_has_no_times_to_hear_of():
    async def scene():
        gone = await sync_to_async(coach)(await sync_to_async(person)("Kenji Sato"), state="suspended")
        for slug in (gone.slug, "nobody"):
            connected, _ = await socket_at(slug).connect()
            assert not connected

    async_to_sync(scene)()
