"""The audit log: every verb that a person can cause writes its own line."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Model, QuerySet

from core.models import AuditLine

if TYPE_CHECKING:
    from accounts.models import User


def record(action: str, subject: Model, *, by: User | None, now: datetime, reason: str = "") -> AuditLine:
    """Write that ``by`` (None: the system) did ``action`` to ``subject``."""
    return AuditLine.objects.create(at=now, by=by, action=action, subject=name_of(subject), reason=reason)


def trail(subject: Model) -> QuerySet[AuditLine]:
    """What happened to ``subject``, oldest first, with the people who did it."""
    return AuditLine.objects.filter(subject=name_of(subject)).select_related("by").order_by("at", "id")


def name_of(subject: Model) -> str:
    """``app.model:pk``."""
    return f"{subject._meta.label_lower}:{subject.pk}"
