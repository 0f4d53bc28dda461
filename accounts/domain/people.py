"""People: made verified by a command, their zone noted once it is known."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.db import transaction

from accounts.models import User
from core.instants import zone_names


@transaction.atomic
def create_verified_user(email: str, *, password: str | None = None, name: str = "") -> User:
    """A person whose address needs no confirmation; without a password only tokens open the door."""
    user = User.objects.create_user(email, password, name=name)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def note_detected_zone(user: User, zone: str) -> None:
    """Keep the zone that the browser told, unless the person has one already."""
    if zone in zone_names():
        User.objects.filter(pk=user.pk, timezone="").update(timezone=zone)


def note_locale(user: User, locale: str) -> None:
    """Keep how the person reads numbers, as his browser says now."""
    User.objects.filter(pk=user.pk).exclude(locale=locale).update(locale=locale)
