"""The audit log: every verb that a person can cause writes its own line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Max, Model, QuerySet

from core.models import AuditLine

if TYPE_CHECKING:
    from accounts.models import User


def record(action: str, subject: Model, *, by: User | None, now: datetime, reason: str = "") -> AuditLine:
    """Write that ``by`` (None: the system) did ``action`` to ``subject``."""
    return AuditLine.objects.create(at=now, by=by, action=action, subject=name_of(subject), reason=reason)


def trail(subject: Model) -> QuerySet[AuditLine]:
    """What happened to ``subject``, oldest first, with the people who did it."""
    return AuditLine.objects.filter(subject=name_of(subject)).select_related("by").order_by("at", "id")


def last_changes(subjects: Sequence[Model]) -> dict[str, datetime]:
    """When something last happened to each of ``subjects``, by its key as text. One query."""
    keys = {name_of(subject): str(subject.pk) for subject in subjects}
    lines = AuditLine.objects.filter(subject__in=list(keys)).values_list("subject").annotate(Max("at"))
    return {keys[subject]: at for subject, at in lines}


def name_of(subject: Model) -> str:
    """``app.model:pk``."""
    return f"{subject._meta.label_lower}:{subject.pk}"
