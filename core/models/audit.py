from __future__ import annotations

from django.conf import settings
from django.db import models


class AuditLine(models.Model):
    """Who did what to which row, when and why. Written by the verb itself, never changed.

    ``by`` is null where the system acted (a job, a webhook).
    """

    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    action = models.CharField(max_length=60)
    subject = models.CharField(max_length=100)
    reason = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["subject", "at", "id"], name="audit_subject")]

    def __str__(self) -> str:
        return f"{self.action} {self.subject}"
