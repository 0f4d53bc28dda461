"""The inbox: a line is written once per person and source, and heard at once in an open browser."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.models import User
from core.events import announce
from notifications.events import MailDue
from notifications.live import person_group, push
from notifications.models import Notification


@dataclass(frozen=True)
class News:
    """What one person is told. ``kind`` is ``app/event`` and names the letter's templates.

    ``source`` is the id of the row it is about; ``title`` is the letter's subject, too.
    """

    kind: str
    source: str
    title: str
    body: str
    url: str


@transaction.atomic
def tell(person: User, news: News, *, now: datetime) -> bool:
    """Write the line and ask for the letter. False when this person was told already."""
    line = Notification(
        person=person,
        kind=news.kind,
        source=news.source,
        title=news.title,
        body=news.body,
        url=news.url,
        created_at=now,
    )
    if not _insert_once(line):
        return False
    announce(MailDue(at=now, line_id=line.pk))
    push(
        person_group(person.pk),
        {"type": "notification", "title": news.title, "url": news.url, "unread": unread_count(person)},
    )
    return True


def mark_read(person: User, *, now: datetime, pk: int | None = None) -> None:
    """Mark one line, or all, as read; reading twice is reading once."""
    lines = person.notifications.unread()
    if pk is not None:
        lines = lines.filter(pk=pk)
    if lines.update(read_at=now):
        push(person_group(person.pk), {"type": "inbox.read", "unread": unread_count(person)})


def unread_count(person: User) -> int:
    return person.notifications.unread().count()


def _insert_once(line: Notification) -> bool:
    # Two deliveries of one event may race: the constraint lets one in. The savepoint keeps the other's
    # transaction alive.
    try:
        with transaction.atomic():
            line.save(force_insert=True)
    except IntegrityError:
        return False
    return True
