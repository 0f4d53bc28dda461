"""For operations: what Stripe told us and what we asked of it; dead events can be followed again."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from core import audit, clock
from core.reading import ReadOnlyAdmin, staff
from integrations.stripe import inbox
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
    actions = ["replay"]

    @admin.action(description="Follow again", permissions=["view"])
    def replay(self, request: HttpRequest, rows: QuerySet[StripeEvent]) -> None:
        now = clock.now()
        for event in rows:
            audit.record("stripe.replayed", event, by=staff(request), now=now)
            inbox.replay(event, now=now)
        messages.success(request, "They are followed again within five minutes.")


@admin.register(StripeOperation)
class StripeOperationAdmin(ReadOnlyAdmin):
    list_display = ["key", "kind", "state", "stripe_id", "attempts", "planned_at", "finished_at", "error"]
    list_filter = ["state", "kind"]
    search_fields = ["key", "stripe_id"]
    ordering = ["-planned_at"]
