"""The cancellation policy in force, kept as rows that never change."""

from __future__ import annotations

import json
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.conf import settings

from scheduling.models import CancellationPolicy


def current_policy(now: datetime) -> CancellationPolicy:
    """The row of the policy that the settings state; equal settings are one row."""
    content = _content()
    policy, _ = CancellationPolicy.objects.get_or_create(
        digest=digest_of(content), defaults={**content, "created_at": now}
    )
    return policy


def digest_of(content: dict[str, Any]) -> str:
    """SHA-256 of the content as canonical JSON."""
    return sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _content() -> dict[str, Any]:
    tiers = sorted(settings.CANCELLATION_TIERS, key=lambda tier: tier["from_hours"], reverse=True)
    return {
        "tiers": tiers,
        "grace_minutes": int(settings.GRACE.total_seconds()) // 60,
        "grace_from_hours": settings.GRACE_FROM_HOURS,
    }
