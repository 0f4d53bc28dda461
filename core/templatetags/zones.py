"""What people call the place whose clocks they mean."""

from __future__ import annotations

from django import template

from core.zones import countries_by_zone

register = template.Library()


@register.filter
def countries(zone: str) -> str:
    """``Asia/Kolkata`` → ``India``; nothing for a zone that no country keeps by that name."""
    return ", ".join(countries_by_zone().get(zone, []))
