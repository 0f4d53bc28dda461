"""Whom django-axes counts."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest


def axes_username(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """The address of a sign-in, however the form in front of it calls the field, in lower case."""
    given = credentials or {}
    posted = request.POST
    name = given.get("email") or given.get("username") or posted.get("login") or posted.get("username") or ""
    return str(name).strip().lower()
