"""The emulator's controls, for what only Stripe's side can do: let its time pass, let a buyer pay."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import datetime
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from core.instants import instant_json

_SECONDS = 60


class EmulatorAwayError(RuntimeError):
    """Nobody answers at the emulator's address."""


def control(path: str, **given: object) -> dict[str, Any]:
    """Work a control of the emulator's (api.md): ``control("checkout/cs_1/pay", card="4242…")``.

    Raises:
        EmulatorAwayError: there is none, or it does not answer.
    """
    if not settings.STRIPE_API_BASE:
        raise EmulatorAwayError("There is no emulator here: payments are real.")
    address = urlsplit(settings.STRIPE_API_BASE).netloc
    headers = {"Content-Type": "application/json"}
    try:
        with closing(HTTPConnection(address, timeout=_SECONDS)) as connection:
            connection.request("POST", f"/_emulator/{path}", json.dumps(given), headers)
            answer: dict[str, Any] = json.load(connection.getresponse())
    except (OSError, HTTPException, ValueError) as error:
        raise EmulatorAwayError(f"The Stripe emulator does not answer at {address}.") from error
    return answer


def advance(now: datetime) -> int:
    """Let the emulator do everything due by ``now``; how many things it did. 0 where there is no emulator."""
    if not settings.STRIPE_API_BASE:
        return 0
    return sum(control("clock", now=instant_json(now))["ran"].values())
