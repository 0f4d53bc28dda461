"""Yesterday's database is restored: what Stripe did since is found or shown, and nobody is paid twice."""

from __future__ import annotations

from contextlib import closing

import psycopg2
import pytest
from django.db import connection, connections

from integrations.stripe.models import StripeOperation
from payments.models import Order, Refund
from payouts.domain.comparing import compare_with_stripe
from payouts.domain.reconciling import reconcile
from payouts.models import Difference, Payout, Release
from payouts.queries.invariants import check

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.backend]


@pytest.fixture
def backup():
    """``backup.take()`` and ``backup.restore()``: a whole copy of the test's database."""
    backup = Backup()
    yield backup
    backup.forget()


class Backup:
    def __init__(self) -> None:
        self.name = connection.settings_dict["NAME"]
        self.copy = f"{self.name}_yesterday"

    def take(self) -> None:
        self._copy(self.name, self.copy)

    def restore(self) -> None:
        self._copy(self.copy, self.name)

    def forget(self) -> None:
        self._say(f'DROP DATABASE IF EXISTS "{self.copy}"')

    def _copy(self, of: str, to: str) -> None:
        self._say(f'DROP DATABASE IF EXISTS "{to}" WITH (FORCE)', f'CREATE DATABASE "{to}" TEMPLATE "{of}"')

    def _say(self, *statements: str) -> None:
        connections.close_all()
        given = connection.settings_dict
        address = {"host": given["HOST"], "port": given["PORT"] or None, "user": given["USER"]}
        server = psycopg2.connect(dbname="postgres", password=given["PASSWORD"], **address)
        with closing(server):
            server.autocommit = True
            with server.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)


@pytest.fixture
def lost_day(trade, backup):
    """What was due when the copy was made, and was done at Stripe afterwards."""
    due, owed, refunded = trade.sell(), trade.sell_and_release(6_000), trade.sell(8_000)
    trade.make_due(due)
    backup.take()
    trade.release()
    trade.refund(owed, 50)
    trade.refund(refunded, 100)
    trade.stripe.work()
    return due, owed, refunded


@pytest.mark.parametrize("hours", [3, 30], ids=["while Stripe knows the keys", "when the keys are forgotten"])
def test_yesterdays_due_work_done_again_pays_nobody_twice(trade, backup, lost_day, hours):
    due, owed, refunded = lost_day
    backup.restore()
    trade.go_on(hours=hours)
    assert Release.objects.filter(share=trade.share(due)).count() == 0

    # The same decisions are made again, in another order: each gets another number than yesterday.
    trade.refund(refunded, 100)
    trade.refund(owed, 50)
    trade.stripe.work()

    stripe = trade.stripe
    assert sorted(trade.transfers()) == [4_800, 9_600]
    given_back = [refund["amount"] for refund in stripe.objects("refund") if refund["payment_intent"]]
    assert sorted(given_back) == [3_000, 8_000]
    assert [back["amount"] for back in stripe.objects("transfer_reversal")] == [2_400]
    assert (trade.share(due).state, trade.share(owed).reversed) == ("transferred", 2_400)
    assert not StripeOperation.objects.unsettled().exists()
    assert (check(), compare_with_stripe()) == ([], [])


@pytest.mark.parametrize("hours", [3, 30], ids=["while Stripe knows the keys", "when the keys are forgotten"])
def test_a_number_that_is_given_again_takes_nothing_of_the_one_who_had_it(trade, backup, stripe, hours):
    """The refund, the account, the share that had it yesterday belong to somebody else."""
    cleos, bens = trade.sell(7_000), trade.sell(8_000)
    backup.take()
    lost = trade.refund(cleos, 100)
    stripe.work()
    backup.restore()

    trade.go_on(hours=hours)
    again = trade.refund(bens, 50)
    assert again.pk == lost.pk
    stripe.work()
    again.refresh_from_db()
    assert (again.state, again.card) == ("succeeded", 4_000)
    assert [refund["amount"] for refund in reversed(stripe.objects("refund"))] == [7_000, 4_000]
    assert Refund.objects.count() == 1


def test_what_stripe_has_and_we_have_not_is_shown(trade, backup, stripe):
    known = trade.sell_and_release()
    backup.take()
    order = trade.order(5_000)
    stripe.pay(trade.page(order))
    stripe.work()
    trade.refund(known, 50)
    trade.go_on(days=8)
    stripe.work()
    made = {
        kind: stripe.objects(name)[0]["id"]
        for kind, name in [
            ("checkout", "checkout.session"),
            ("payment", "payment_intent"),
            ("refund", "refund"),
            ("reversal", "transfer_reversal"),
        ]
    }
    assert reconcile(trade.now) == 0

    backup.restore()
    stripe.work()
    assert not Order.objects.filter(pk=order.pk).exists()
    reconcile(trade.now)
    shown = set(Difference.objects.values_list("subject", flat=True))
    assert {name for name, stripe_id in made.items() if not any(stripe_id in text for text in shown)} == set()
    # Payouts are a mirror: they are read again.
    assert Payout.objects.get().state == "paid"
