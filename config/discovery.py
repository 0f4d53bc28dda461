"""What the apps bring along by having a module of an agreed name."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.conf import settings


def modules(name: str) -> list[str]:
    """Dotted paths of ``name`` (``urls``, ``api.urls``, ``routing``) in those of our apps that have it."""
    return [f"{app}.{name}" for app in settings.OWN_APPS if app != "config" and _exists(f"{app}.{name}")]


def patterns(name: str, attribute: str) -> list[Any]:
    """All lists called ``attribute`` in the modules called ``name``, joined."""
    return [pattern for path in modules(name) for pattern in getattr(import_module(path), attribute)]


def _exists(path: str) -> bool:
    try:
        return find_spec(path) is not None
    except ModuleNotFoundError:
        return False
