"""A letter is a line of the inbox, written out: text and HTML, both zones, the invite where there is one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from notifications.models import Notification


@dataclass(frozen=True)
class Invite:
    """An iCalendar file and the method by which it is sent (RFC 5546)."""

    content: bytes
    method: str


@dataclass(frozen=True)
class Letter:
    """``facts`` are pairs of label and value; ``context`` is what this kind's template needs besides."""

    facts: list[tuple[str, str]] = field(default_factory=list)
    context: dict[str, Any] = field(default_factory=dict)
    invite: Invite | None = None


LetterWriter = Callable[[Notification, datetime], Letter | None]
"""As things are at that instant. None: what the line told is of no use any more."""


def render(line: Notification, letter: Letter) -> EmailMultiAlternatives:
    """The mail of ``line``. Its Message-ID is the line's, so that a mail sent twice is seen as one."""
    context = {
        "subject": line.title,
        "body": line.body,
        "url": settings.SITE_URL + line.url if line.url else "",
        "site_name": settings.SITE_NAME,
        "person": line.person,
        "facts": letter.facts,
        **letter.context,
    }
    domain = urlsplit(settings.SITE_URL).hostname
    mail = EmailMultiAlternatives(
        # A name in it may have come with a line break, which no header can have.
        subject=" ".join(line.title.split()),
        body=render_to_string(f"emails/{line.kind}.txt", context),
        to=[line.person.email],
        headers={"Message-ID": f"<notification-{line.pk}@{domain}>"},
    )
    mail.attach_alternative(render_to_string(f"emails/{line.kind}.html", context), "text/html")
    if letter.invite:
        _enclose(mail, letter.invite)
    return mail


def _enclose(mail: EmailMultiAlternatives, invite: Invite) -> None:
    """Twice: the part that mail programs act on, and the file for people to keep."""
    mail.attach_alternative(invite.content.decode(), f"text/calendar; method={invite.method}")
    mail.attach("invite.ics", invite.content, "application/ics")
