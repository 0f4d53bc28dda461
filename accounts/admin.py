from __future__ import annotations

from django.contrib import admin

from accounts.models import User
from core.reading import ReadOnlyAdmin


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    list_display = ["email", "name", "timezone", "is_active", "is_staff", "joined_at"]
    list_filter = ["is_staff", "is_active"]
    search_fields = ["email", "name"]
    exclude = ["password"]
    ordering = ["-joined_at"]
