"""Numbers and names of the desk."""

from __future__ import annotations

from datetime import timedelta

MOTION_LASTS = timedelta(days=7)
"""How long a motion waits for a second person."""

MESSAGE = "message-"
"""What our own dead letters are called, with a number; Stripe's have the names Stripe gave them."""
