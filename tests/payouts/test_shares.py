from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from core.audit import trail
from payouts.domain.shares import (
    ShareReleasedError,
    freeze,
    open_share,
    resize_share,
    schedule_release,
    unfreeze,
)
from payouts.models import Share
from payouts.queries.earnings import earnings
from payouts.queries.ledger import balance
from payouts.rules import AccountKind
from tests.payouts.conftest import share

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("holds")]


def test_a_share_is_opened_once(books, payee, now):
    source = books.sell(12000)

    again = open_share(payee.pk, source, 1, currency="usd", transfer_group="", now=now)

    assert (again.amount, Share.objects.count()) == (9600, 1)
    assert earnings(payee).held == 9600


def test_a_share_of_nothing_is_void_at_once(payee, now):
    opened = open_share(payee.pk, "order_line:1", 0, currency="usd", transfer_group="", now=now)

    assert opened.state == "void"


def test_a_refund_before_the_release_holds_less(books, payee, now):
    source = books.sell(12000)

    books.refund(source, 4800)

    assert (share(source).amount, share(source).state) == (4800, "held")
    assert balance(AccountKind.PAYEE_HELD, f"payee:{payee.pk}", currency="usd") == -4800
    assert set(resize_share(source, 4800, now=now).values()) == {0}


def test_a_share_may_grow_while_it_is_held(books, payee, now):
    source = books.sell(12000)

    books.refund(source, -600)

    assert earnings(payee).held == 10200


def test_a_share_of_which_nothing_is_kept_is_void(books):
    source = books.sell(12000)

    books.refund(source, 9600)

    assert (share(source).amount, share(source).state) == (0, "void")


def test_a_frozen_share_waits_and_goes_on(books, ada, now):
    source = books.sell(12000)

    freeze(source, cause="report:1", by=ada, reason="no-show reported", now=now)
    freeze(source, cause="report:1", by=ada, reason="pressed twice", now=now)
    assert share(source).state == "frozen"
    assert not Share.objects.due(now).exists()

    unfreeze(source, cause="report:2", by=None, reason="never was", now=now)
    assert share(source).state == "frozen"

    unfreeze(source, cause="report:1", by=None, reason="rejected", now=now)
    unfreeze(source, cause="report:1", by=None, reason="pressed twice", now=now)
    assert list(Share.objects.due(now)) == [share(source)]
    assert [line.action for line in trail(share(source))] == [
        "share.scheduled",
        "share.frozen",
        "share.unfrozen",
    ]


def test_a_share_is_due_from_its_release_on(books, now):
    source = books.sell(12000, release_in=timedelta(hours=72))

    assert not Share.objects.due(now + timedelta(hours=72, seconds=-1)).exists()
    assert Share.objects.due(now + timedelta(hours=72)).exists()
    assert schedule_release(source, now, now=now).release_at == now


def test_a_share_without_a_date_is_never_due(books, now):
    source = books.sell(12000)
    Share.objects.filter(source=source).update(release_at=None)

    assert not Share.objects.due(now + timedelta(days=999)).exists()


def test_a_share_waits_until_its_last_cause_is_decided(books, now):
    source = books.sell(12000)
    for cause in ("report:1", "dispute:du_1"):
        freeze(source, cause=cause, by=None, reason="asked", now=now)

    unfreeze(source, cause="report:1", by=None, reason="rejected", now=now)
    assert share(source).state == "frozen"
    unfreeze(source, cause="dispute:du_1", by=None, reason="won", now=now)
    assert share(source).state == "held"


def test_a_cause_that_was_decided_does_not_come_up_again(books, now):
    source = books.sell(12000)
    freeze(source, cause="dispute:du_1", by=None, reason="opened", now=now)
    unfreeze(source, cause="dispute:du_1", by=None, reason="won", now=now)

    freeze(source, cause="dispute:du_1", by=None, reason="told late", now=now)
    assert share(source).state == "held"


def test_a_released_share_cannot_be_frozen_rescheduled_or_grow(books, payee, now):
    source = books.sell(12000)
    share(source).releases.create(number=1, planned_at=now)

    with pytest.raises(ShareReleasedError):
        freeze(source, cause="report:1", by=None, reason="too late", now=now)
    with pytest.raises(ShareReleasedError):
        resize_share(source, 9601, now=now)
    assert schedule_release(source, now + timedelta(days=1), now=now).release_at == now


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("amount", -1),
        ("released", 9601),
        ("reversed", 1),
        ("recovered", 1),
        ("netted", 9601),
        ("state", "lost"),
        ("state", "void"),
        ("state", "transferred"),
        ("sourced_limit", 5),
    ],
)
def test_the_database_refuses_impossible_shares(books, column, value):
    source = books.sell(12000)

    with pytest.raises(IntegrityError), transaction.atomic():
        Share.objects.filter(source=source).update(**{column: value})
