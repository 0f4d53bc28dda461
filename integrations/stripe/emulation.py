"""The emulator's own clock work: due payouts and expiries, and deliveries that wait."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import datetime
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from django.conf import settings

from core.instants import instant_json

_SECONDS = 60


class EmulatorAwayError(RuntimeError):
    """Nobody answers at the emulator's address."""


def advance(now: datetime) -> int:
    """Let the emulator do everything due by ``now``; how many things it did. 0 where there is no emulator.

    Raises:
        EmulatorAwayError: it is configured, and does not answer.
    """
    if not settings.STRIPE_API_BASE:
        return 0
    address = urlsplit(settings.STRIPE_API_BASE).netloc
    body = json.dumps({"now": instant_json(now)})
    try:
        with closing(HTTPConnection(address, timeout=_SECONDS)) as connection:
            connection.request("POST", "/_emulator/clock", body, {"Content-Type": "application/json"})
            answer = json.load(connection.getresponse())
    except (OSError, HTTPException, ValueError) as error:
        raise EmulatorAwayError(f"The Stripe emulator does not answer at {address}.") from error
    return sum(answer["ran"].values())
