"""What is going on right now in the demo: sessions ahead, a request, a hold."""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts.models import User
from core import clock, outbox
from core.errors import DomainError
from integrations.stripe import emulation
from marketplace.domain.booking import Wish, book, payment_page
from marketplace.management.demo.history import CARD
from marketplace.management.demo.words import PREP
from marketplace.models import Coach, Offer, Session
from payments.domain.checkout import sync_by_id
from scheduling.queries.slots import open_starts


def make_present(*, now: datetime) -> None:
    """Book what lies ahead of the people one signs in as; who has something ahead is left alone."""
    _ahead("ben@demo.test", "priya@demo.test", timedelta(days=2), now=now)
    _ahead("cleo@demo.test", "ada@demo.test", timedelta(days=1), now=now)
    _ahead("farah@demo.test", "ada@demo.test", timedelta(days=3), now=now)
    _ahead("george@demo.test", "marek@demo.test", timedelta(days=4), now=now)
    _ahead("ingrid@demo.test", "mia@demo.test", timedelta(days=2), now=now)
    _ahead("keiko@demo.test", "ada@demo.test", timedelta(days=6), now=now, pays=False)


def _ahead(candidate: str, coach: str, after: timedelta, *, now: datetime, pays: bool = True) -> None:
    person, guide = User.objects.get(email=candidate), Coach.objects.get(user__email=coach)
    both = Session.objects.as_candidate(person).as_coach(guide.user)
    if both.filter(booking__starts_at__gt=now).exists():
        return
    session = _book(person, guide, now + after, now=now)
    if session is None or not pays:
        return
    page = payment_page(session, now=now)
    if page is not None:
        emulation.control(f"checkout/{page.stripe_id}/pay", card=CARD)
        sync_by_id(page.stripe_id, now=now)
    outbox.drain(session.subject, now=clock.now())


def _book(person: User, guide: Coach, not_before: datetime, *, now: datetime) -> Session | None:
    offer = Offer.objects.filter(coach=guide).active().sessions().last()
    if offer is None:
        return None
    starts = open_starts(
        guide.user_id,
        duration_minutes=offer.duration_minutes,
        from_at=not_before,
        to_at=not_before + timedelta(days=5),
        now=now,
    )
    for start in starts[2::3]:
        try:
            return book(Wish(offer.pk, start, person.timezone, PREP[0]), candidate=person, now=now).session
        except DomainError:
            continue  # busy then
    return None
