"""Identifiers that look like Stripe's and are the same again for the same seed and the same history."""

from __future__ import annotations

import hashlib

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
LENGTH = 24


def token(seed: str, number: int, length: int = LENGTH) -> str:
    """`length` characters of base 62 that depend on `seed` and `number` only."""
    digest = hashlib.shake_256(f"{seed}/{number}".encode()).digest(length)
    return "".join(ALPHABET[byte % 62] for byte in digest)
