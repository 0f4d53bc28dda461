"""What can be chosen about an emulator, once, when it starts."""

from __future__ import annotations

from dataclasses import dataclass

API_VERSION = "2026-10-28.endive"


@dataclass(frozen=True)
class Settings:
    """The choices.

    `seed`: where identifiers come from; empty means a random one per store. `check`: compare every answer
    with the SDK's types. `allow_negative_balance`: a transfer reversal may take more than the connected
    account has. `public_url`: our address in links; empty means the one a request came to.
    """

    seed: str = ""
    check: bool = False
    allow_negative_balance: bool = True
    public_url: str = "http://127.0.0.1:12111"
    country: str = "US"
    currency: str = "usd"
    platform_name: str = "The platform"
    retry_days: tuple[int, ...] = (3, 5, 7)
    after_retries: str = "cancel"
