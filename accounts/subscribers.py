"""allauth's own signals: what the browser tells of its reader is kept when he signs in."""

from __future__ import annotations

from typing import Any

from allauth.account.signals import user_logged_in, user_signed_up
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.domain.people import note_detected_zone, note_locale
from accounts.models import User
from accounts.queries import ZONE_COOKIE
from core.locales import accepted


@receiver([user_signed_up, user_logged_in])
def keep_detected_zone(request: HttpRequest, user: User, **_: Any) -> None:
    note_detected_zone(user, request.COOKIES.get(ZONE_COOKIE, ""))


@receiver([user_signed_up, user_logged_in])
def keep_locale(request: HttpRequest, user: User, **_: Any) -> None:
    note_locale(user, accepted(request.headers.get("Accept-Language", "")))
