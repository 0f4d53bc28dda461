"""For operations: the outbox with its dead letters, and who did what. The money desk replays them."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from core.models import AuditLine, OutboxMessage
from core.reading import ReadOnlyAdmin


class DeadFilter(admin.SimpleListFilter):
    """Dead letters first: they are what a person has to look at."""

    title = "state"
    parameter_name = "state"

    def lookups(self, _request: HttpRequest, _admin: object) -> list[tuple[str, str]]:
        return [("dead", "dead letters"), ("waiting", "waiting"), ("delivered", "delivered")]

    def queryset(self, _request: HttpRequest, rows: QuerySet[OutboxMessage]) -> QuerySet[OutboxMessage]:
        match self.value():
            case "dead":
                return rows.filter(dead_at__isnull=False)
            case "waiting":
                return rows.filter(dead_at__isnull=True, delivered_at__isnull=True)
            case "delivered":
                return rows.filter(delivered_at__isnull=False)
        return rows


@admin.register(OutboxMessage)
class OutboxAdmin(ReadOnlyAdmin):
    list_display = [
        "event",
        "subscriber",
        "about",
        "created_at",
        "attempts",
        "delivered_at",
        "dead_at",
        "error",
    ]
    list_filter = [DeadFilter, "event"]
    search_fields = ["about", "error"]
    ordering = ["-id"]


@admin.register(AuditLine)
class AuditAdmin(ReadOnlyAdmin):
    list_display = ["at", "action", "subject", "by", "reason"]
    list_filter = ["action"]
    search_fields = ["subject", "by__email", "reason"]
    list_select_related = ["by"]
    ordering = ["-id"]
