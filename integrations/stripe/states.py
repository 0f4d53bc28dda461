"""The life of one write to Stripe. *Unknown* is no failure: it is asked again with the same key."""

from __future__ import annotations

from django.db import models


class OperationState(models.TextChoices):
    PLANNED = "planned"
    SENT = "sent"
    UNKNOWN = "unknown"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


S = OperationState

TRANSITIONS: dict[OperationState, frozenset[OperationState]] = {
    # Planned and withdrawn before it was ever sent: a failure that reached nobody.
    S.PLANNED: frozenset({S.SENT, S.FAILED}),
    S.SENT: frozenset({S.SUCCEEDED, S.FAILED, S.UNKNOWN}),
    # Sent again, or settled by a search or by a webhook that names our key.
    S.UNKNOWN: frozenset({S.SENT, S.SUCCEEDED, S.FAILED}),
}

SETTLED = frozenset({S.SUCCEEDED, S.FAILED})
"""The outcome is on record; a failed one allows a new key."""
