from datetime import timedelta

import pytest

from core.models import AuditLine
from scheduling.domain.feeds import open_feed, revoke_feed
from scheduling.models import CalendarFeed
from scheduling.queries.feeds import feed_of, owner_of
from tests.scheduling.stage import NOW

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)


def test_an_address_opens_its_owners_sessions_only(ada, ben):
    adas, bens = open_feed(ada, now=NOW), open_feed(ben, now=NOW)
    assert (owner_of(adas), owner_of(bens), owner_of("guessed")) == (ada, ben, None)
    assert str(feed_of(ada)) == f"feed of {ada.pk}"


def test_only_a_digest_of_it_is_stored(ada):
    secret = open_feed(ada, now=NOW)
    stored = CalendarFeed.objects.values_list("secret_hash", flat=True).get()
    assert (len(secret), len(stored), secret in stored) == (43, 64, False)


def test_a_new_address_closes_the_old_one(ada):
    old, new = open_feed(ada, now=NOW), open_feed(ada, now=LATER)
    assert (owner_of(old), owner_of(new), feed_of(ada).created_at) == (None, ada, LATER)


def test_a_closed_address_opens_nothing_and_closing_twice_is_once(ada, ben):
    secret, bens = open_feed(ada, now=NOW), open_feed(ben, now=NOW)
    revoke_feed(ada, now=LATER)
    revoke_feed(ada, now=LATER + timedelta(hours=1))
    assert (owner_of(secret), feed_of(ada), owner_of(bens)) == (None, None, ben)
    assert CalendarFeed.objects.get(owner=ada).revoked_at == LATER
    lines = AuditLine.objects.filter(by=ada).order_by("pk")
    assert list(lines.values_list("action", flat=True)) == ["opened", "revoked"]


def test_who_may_not_sign_in_any_more_is_not_read_either(ada):
    secret = open_feed(ada, now=NOW)
    ada.is_active = False
    ada.save()
    assert owner_of(secret) is None
