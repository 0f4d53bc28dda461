"""A site whose one socket asks a job for messages: the embedded worker, layer and server, and nothing else.

A number makes as many jobs. Each sends the instant it was sent at, in seconds, from its own thread.
"""

# ruff: noqa: E402  (Django is set up before what needs it)

from __future__ import annotations

import argparse
import json
import os
import signal
import time

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.development"
django.setup()

from asgiref.sync import async_to_sync, sync_to_async
from celery import shared_task
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.layers import get_channel_layer

from config.embedded.jobs import jobs
from config.embedded.ports import claim
from config.embedded.web import Web


@shared_task
def send(number):
    message = {"type": "measured", "text": json.dumps({"number": number, "sent_at": time.time()})}
    async_to_sync(get_channel_layer().group_send)("measure", message)


class Measure(AsyncWebsocketConsumer):  # type: ignore[misc]
    async def connect(self):
        await self.channel_layer.group_add("measure", self.channel_name)
        await self.accept()

    async def receive(self, text_data):
        for number in range(int(text_data)):
            await sync_to_async(send.delay)(number)

    async def measured(self, message):
        await self.send(message["text"])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int)
    parser.add_argument("--emulator-port", type=int)
    with jobs():
        web = Web(Measure.as_asgi(), claim(parser.parse_args().port, "--port"), ready=lambda: None)
        signal.signal(signal.SIGTERM, lambda *_: web.stop())
        web.run()


if __name__ == "__main__":
    main()
