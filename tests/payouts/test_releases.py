from __future__ import annotations

from datetime import timedelta

import pytest

from integrations.stripe.models import StripeOperation
from payouts.domain.releases import release_due
from payouts.domain.shares import freeze
from payouts.models import JournalEntry, Release, Transfer
from payouts.queries.earnings import earnings, share_lines
from payouts.queries.ledger import balance
from payouts.rules import AccountKind
from tests.payouts.conftest import perform_due, share

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("holds")]


def release(now):
    """Everything that is due by ``now``, to the end."""
    while release_due(now) + perform_due(now):
        """Until nothing is due."""


def test_a_due_share_is_transferred_out_of_its_charge(shop, local_stripe, payee, now):
    source = shop.sell(12000)

    assert release_due(now) == 1
    assert share(source).state == "held"
    perform_due(now)

    released = share(source)
    assert (released.state, released.released, released.unreleased) == ("transferred", 9600, 0)
    assert local_stripe.transfers() == [(9600, released.source_transaction)]
    assert earnings(payee).available == 9600
    assert balance(AccountKind.STRIPE_CONNECTED, f"payee:{payee.pk}", currency="usd") == 9600
    assert release_due(now) == 0


def test_the_operation_asks_one_question_for_ever(shop, local_stripe, now):
    source = shop.sell(12000)
    release_due(now)

    operation = StripeOperation.objects.get(kind="transfer")

    assert operation.key == f"release:order:1:{source}:1:sourced"
    assert operation.parameters == {
        "destination": share(source).payee.account,
        "amount": 9600,
        "currency": "usd",
        "transfer_group": "order:1",
        "source_transaction": share(source).source_transaction,
        "metadata": {"share": source},
    }


def test_what_exceeds_the_charge_is_transferred_without_it_second(shop, local_stripe, now):
    local_stripe.charge(50_000, card="pm_card_bypassPending")
    source = shop.sell(12000, balance=6000)

    release(now)

    assert local_stripe.transfers() == [(6000, share(source).source_transaction), (3600, None)]
    assert Release.objects.get().state == "done"
    assert JournalEntry.objects.filter(kind="release").count() == 2
    [line] = share_lines(share(source).payee)
    assert (line.net, line.state, len(line.transfers), line.payout) == (9600, "transferred", 2, None)


def test_a_release_half_done_waits_for_the_platforms_money(shop, local_stripe, payee, now):
    source = shop.sell(12000, balance=6000)

    release(now)
    assert (share(source).state, share(source).released) == ("held", 6000)
    assert (earnings(payee).held, earnings(payee).available) == (3600, 6000)
    assert release_due(now) == 0

    local_stripe.charge(50_000, card="pm_card_bypassPending")
    release(now + timedelta(hours=1))
    assert (share(source).state, share(source).released) == ("transferred", 9600)
    keys = StripeOperation.objects.filter(kind="transfer").order_by("pk").values_list("key", flat=True)
    key = f"release:order:1:{source}:1"
    assert list(keys) == [f"{key}:sourced", key, f"{key}:2"]


def test_a_payee_without_the_capability_keeps_the_share_held(shop, payee, now):
    source = shop.sell(12000)
    payee.transfers = "pending"
    payee.save()

    release(now)
    assert (share(source).state, Release.objects.count()) == ("held", 0)

    payee.transfers = "active"
    payee.save()
    release(now)
    assert share(source).state == "transferred"


def test_a_capability_that_was_lost_unseen_leaves_the_share_held(shop, local_stripe, payee, now):
    source = shop.sell(12000)
    local_stripe.capability(payee.account, "restricted")

    release(now)
    assert (share(source).state, share(source).released) == ("held", 0)
    assert [found.state for found in Release.objects.all()] == ["refused"]
    assert share(source).retry_at == now + timedelta(hours=1)

    local_stripe.capability(payee.account, "active")
    release(now + timedelta(minutes=59))
    assert share(source).state == "held"
    release(now + timedelta(hours=1))
    assert (share(source).state, share(source).retry_at) == ("transferred", None)


def test_a_refund_while_the_transfer_is_on_its_way_is_a_debt_that_comes_back(shop, payee, now):
    source = shop.sell(12000)
    release_due(now)

    shop.refund(source, 4800)
    assert (share(source).amount, share(source).debt) == (4800, 4800)
    release(now)

    assert (share(source).released, share(source).reversed, share(source).debt) == (9600, 4800, 0)
    assert earnings(payee).available == 4800


def test_a_refund_while_the_transfer_is_on_its_way_and_is_refused_holds_less(shop, local_stripe, payee, now):
    source = shop.sell(12000)
    release_due(now)
    shop.refund(source, 4800)
    local_stripe.capability(payee.account, "restricted")

    release(now)

    assert (share(source).state, share(source).amount, share(source).debt) == ("held", 4800, 0)
    assert earnings(payee).held == 4800


def test_a_share_wholly_refunded_while_its_transfer_is_refused_is_void(shop, local_stripe, payee, now):
    source = shop.sell(12000)
    release_due(now)
    shop.refund(source, 9600)
    local_stripe.capability(payee.account, "restricted")

    release(now)

    assert (share(source).state, share(source).released) == ("void", 0)


def test_a_share_frozen_before_its_turn_is_not_released(shop, now):
    source = shop.sell(12000)
    freeze(source, cause="report:1", by=None, reason="dispute", now=now)

    release(now)

    assert (share(source).state, Transfer.objects.count()) == ("frozen", 0)


# Cut in half.


def test_killed_between_intent_and_call_the_sweep_sends_it(shop, local_stripe, now):
    shop.sell(12000)
    release_due(now)  # and the worker dies: nothing was sent
    assert local_stripe.transfers() == []

    perform_due(now)
    perform_due(now)

    assert len(local_stripe.transfers()) == 1


def test_killed_between_call_and_record_the_same_key_is_asked_again(shop, local_stripe, now, monkeypatch):
    source = shop.sell(12000)
    release_due(now)
    with monkeypatch.context() as patch:
        patch.setattr(
            "integrations.stripe.operations._finish",
            lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt),
        )
        with pytest.raises(KeyboardInterrupt):
            perform_due(now)
    assert (len(local_stripe.transfers()), share(source).state) == (1, "held")

    perform_due(now + timedelta(minutes=5))

    assert (len(local_stripe.transfers()), share(source).state) == (1, "transferred")


@pytest.mark.parametrize("fault", ["timeout_after", "timeout_before", "reset", "error_500"])
def test_an_unknown_outcome_is_asked_again_with_the_same_key(shop, local_stripe, now, fault):
    source = shop.sell(12000)
    local_stripe.lose("POST /v1/transfers", fault)
    release(now)
    assert share(source).state == "held"
    assert StripeOperation.objects.get(kind="transfer").state == "unknown"
    assert release_due(now) == 0

    later = now + timedelta(hours=25) if fault == "error_500" else now + timedelta(minutes=5)
    local_stripe.at(later)
    release(later)

    # Stripe keeps a 500 under its key for a day; then the search finds nothing, and it is asked anew.
    assert (len(local_stripe.transfers()), share(source).state) == (1, "transferred")


def test_an_outcome_unknown_for_a_day_is_searched_not_repeated(shop, local_stripe, now):
    source = shop.sell(12000)
    local_stripe.lose("POST /v1/transfers")
    release(now)

    local_stripe.at(now + timedelta(hours=30))
    release(now + timedelta(hours=30))

    assert (len(local_stripe.transfers()), share(source).state) == (1, "transferred")
