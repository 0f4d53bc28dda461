"""Rows that the admin shows and never edits: what happened is not changed by a form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin
from django.http import HttpRequest

if TYPE_CHECKING:
    from accounts.models import User


def staff(request: HttpRequest) -> User:
    """Who works an action; the admin lets nobody else in."""
    return cast("User", request.user)


class ReadOnlyAdmin(admin.ModelAdmin[Any]):
    """Look, search, filter; actions are verbs of the domain."""

    def has_add_permission(self, _request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False
