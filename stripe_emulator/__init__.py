"""A stateful local Stripe: the parts of its API that a marketplace with connected accounts needs."""

from stripe_emulator.emulator import Emulator
from stripe_emulator.settings import API_VERSION, Settings

__all__ = ["API_VERSION", "Emulator", "Settings"]
