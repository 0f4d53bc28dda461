"""Small words: steps of currencies, jobs by name, rows as the admin shows them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.money import smallest_step
from core.periodic import JOBS
from payouts.domain.payouts import sync_payouts
from payouts.events import PayoutChanged
from payouts.models import JournalEntry, LedgerAccount, Netting, Payout, Posting, Release, Reversal, Transfer
from tests.payouts.conftest import share
from tests.payouts.test_releases import release


@pytest.mark.parametrize(
    ("currency", "step"), [("usd", 1), ("jpy", 1), ("kwd", 10), ("bhd", 10), ("isk", 100), ("ugx", 100)]
)
def test_stripe_moves_money_in_steps(currency, step):
    assert smallest_step(currency) == step


@pytest.mark.django_db
def test_the_jobs_do_what_is_due_and_then_nothing(shop, local_stripe, now):
    source = shop.sell(12000)
    assert JOBS["release_due"].run(now) == 1
    JOBS["repeat_unknown"].run(now)
    assert share(source).state == "transferred"

    later = now + timedelta(days=8)
    local_stripe.at(later)
    assert JOBS["sync_payouts"].run(later) == 1
    assert [JOBS[name].run(later) for name in ("release_due", "sync_payouts", "sync_accounts")] == [0, 0, 0]
    assert share(source).state == "paid"


def test_a_payout_that_changed_is_about_its_payee(now):
    assert PayoutChanged(at=now, payee_id=7, payout_id=1).about == "payee:7"


@pytest.mark.django_db
def test_rows_say_what_they_are(shop, local_stripe, payee, now):
    source = shop.sell(12000)
    release(now)
    local_stripe.at(now + timedelta(days=6))
    sync_payouts(now + timedelta(days=6))
    payout, transfer = Payout.objects.get(), Transfer.objects.get()

    assert str(payee) == "payee ada@demo.test"
    assert str(share(source)) == "order_line:1, in_transit"
    assert str(Release.objects.get()) == "release 1 of order_line:1, in_transit"
    assert (str(payout), str(transfer)) == (payout.stripe_id, transfer.stripe_id)
    assert str(Transfer(pk=3)) == "transfer 3"
    assert str(payout.lines.get()) == f"payment +9600 in {payout}"
    assert str(Reversal(transfer=transfer, amount=5, state="planned")) == f"5 of {transfer}, planned"
    netting = Netting(share=share(source), debtor=share(source), amount=5)
    assert str(netting) == "5 of order_line:1, in_transit for order_line:1, in_transit"
    assert str(JournalEntry.objects.get(kind="pay")) == "pay order:1"
    assert str(Posting.objects.get(amount=-2400)) == "-2400 on platform_revenue of platform in usd"
    assert LedgerAccount.objects.filter(owner=f"payee:{payee.pk}").count() == 4
