"""Reviews are blind: nobody reads the other's before he wrote his own, or a week has passed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.periodic import JOBS
from marketplace.domain.booking import Wish, book
from marketplace.domain.reviews import review_session
from marketplace.models import Coach
from scheduling.domain.completing import complete_due
from tests.marketplace.cast import HOUR, NOW, TOMORROW, offer

pytestmark = pytest.mark.django_db
END = TOMORROW + HOUR
WEEK = timedelta(days=7)


@pytest.fixture
def session(mia, ben):
    """An hour with Mia that took place."""
    free = offer(mia, price=0)
    made = book(Wish(free.pk, TOMORROW, "UTC", {}), candidate=ben, now=NOW).session
    complete_due(END)
    return made


@pytest.fixture
def read(client, mia):
    """What everybody reads of Mia: the texts on her page, her rating, how many rated her."""

    def reading():
        page = client.get(mia.get_absolute_url()).context["reviews"]
        rating, number = Coach.objects.values_list("rating", "review_count").get(pk=mia.pk)
        return [review.text for review in page], rating and str(rating), number

    return reading


NOTHING: tuple[list[str], str | None, int] = ([], None, 0)
KIND = (["Kind."], "4.00", 1)


def say(session, by, text="Kind.", rating=4, now=END):
    return review_session(session.pk, rating=rating, text=text, by=by, now=now)


def publish(now):
    return JOBS["publish_due_reviews"].run(now)


def test_a_review_is_read_once_both_have_written(session, read, ben, mia):
    say(session, ben)
    assert read() == NOTHING
    say(session, mia.user, "Prepared.", rating=2)
    assert read() == KIND


def test_a_review_of_one_side_is_read_a_week_after_the_end(session, read, ben):
    say(session, ben)
    assert publish(END + WEEK - timedelta.resolution) == 0
    assert read() == NOTHING
    assert publish(END + WEEK) == 1
    assert publish(END + WEEK) == 0
    assert read() == KIND


def test_what_is_written_after_the_week_is_read_at_once(session, read, ben):
    say(session, ben, now=END + WEEK)
    assert read() == KIND


def test_a_coachs_review_says_nothing_of_the_coach(session, read, mia):
    say(session, mia.user)
    assert publish(END + WEEK) == 1
    assert read() == NOTHING


@pytest.mark.parametrize(("name", "author"), [("Ben Adler", "Ben"), ("", "A member")])
def test_who_gave_no_name_is_not_named_by_his_address(client, session, ben, mia, name, author):
    ben.name = name
    ben.save()
    say(session, ben, now=END + WEEK)
    page = client.get(mia.get_absolute_url())
    assert [review.author for review in page.context["reviews"]] == [author]
    assert f"· {author} ·" in page.content.decode()
