"""The in-process transport: the official SDK talks to an emulator without a network."""

from __future__ import annotations

import time
from collections.abc import Mapping
from http.client import HTTPMessage
from typing import Any, cast

import stripe

from stripe_emulator.emulator import Emulator
from stripe_emulator.http import Request, Response

LONGEST_WAIT = 0.05


class InProcessClient(stripe.HTTPClient):
    """For ``StripeClient(key, http_client=InProcessClient(emulator))``.

    Lost connections raise what the SDK raises for them, at once: nobody wants to wait for a simulated time-
    out.
    """

    name = "stripe-emulator"

    def __init__(self, emulator: Emulator) -> None:
        super().__init__()
        self.emulator = emulator

    def request(
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None, **_: Any
    ) -> tuple[str, int, Mapping[str, str]]:
        target = "/" + url.partition("://")[2].partition("/")[2]
        content = post_data.encode() if isinstance(post_data, str) else post_data or b""
        response = self.emulator.handle(Request(method.upper(), target, headers or {}, content))
        if response.lost:
            raise stripe.APIConnectionError(  # type: ignore[no-untyped-call]
                f"The connection was lost ({response.lost}).", should_retry=True
            )
        time.sleep(min(response.wait, LONGEST_WAIT))
        return response.body.decode(), response.status, _headers(response)

    def close(self) -> None:
        """Nothing to close: the emulator belongs to whoever made it."""


def _headers(response: Response) -> Mapping[str, str]:
    """By names in any case, as over a network."""
    found = HTTPMessage()
    for name, value in response.headers.items():
        found[name] = value
    return cast("Mapping[str, str]", found)
