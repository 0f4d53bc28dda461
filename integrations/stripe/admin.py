"""For operations: what Stripe told us and what we asked of it. The money desk replays dead events."""

from __future__ import annotations

from django.contrib import admin

from core.reading import ReadOnlyAdmin
from integrations.stripe.models import StripeEvent, StripeOperation


@admin.register(StripeEvent)
class StripeEventAdmin(ReadOnlyAdmin):
    list_display = [
        "id",
        "type",
        "object_id",
        "account",
        "received_at",
        "attempts",
        "handled_at",
        "dead_at",
        "error",
    ]
    list_filter = [
        "type",
        ("dead_at", admin.EmptyFieldListFilter),
        ("handled_at", admin.EmptyFieldListFilter),
    ]
    search_fields = ["id", "object_id", "account"]
    ordering = ["-received_at"]


@admin.register(StripeOperation)
class StripeOperationAdmin(ReadOnlyAdmin):
    list_display = ["key", "kind", "state", "stripe_id", "attempts", "planned_at", "finished_at", "error"]
    list_filter = ["state", "kind"]
    search_fields = ["key", "stripe_id"]
    ordering = ["-planned_at"]
