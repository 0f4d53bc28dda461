from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from core.money import Money
from integrations.stripe.gateway import get_gateway
from integrations.stripe.inbox import UnknownObjectError
from payouts.domain.banks import sync_banks
from payouts.domain.comparing import compare_with_stripe
from payouts.domain.payouts import sync_payout, sync_payouts
from payouts.models import Payee, Payout, PayoutLine, Transfer
from payouts.queries.earnings import Refused, below_zero, earnings, refused_payout, share_lines
from payouts.queries.statements import Places, month_statement
from tests.payouts.conftest import perform_due, share
from tests.payouts.test_releases import release

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("holds")]

MONDAY = timedelta(days=6)
"""From the Tuesday the tests begin on, at noon."""
ARRIVED = MONDAY + timedelta(days=2)


@pytest.fixture
def paid_out(shop, local_stripe, now):
    """Two released shares, and the instant of the Monday when Stripe pays them out."""
    sources = [shop.sell(12000), shop.sell(6000)]
    release(now)
    local_stripe.at(now + MONDAY)
    return sources


def states(sources):
    return [share(source).state for source in sources]


def test_a_payout_is_the_sum_of_its_lines(paid_out, payee, now):
    assert sync_payouts(now + MONDAY) == 1

    payout = Payout.objects.get()
    assert (payout.amount, payout.state) == (14400, "in_transit")
    lines = payout.lines.order_by("amount").values_list("amount", "transfer__release__share__source")
    assert list(lines) == [(4800, paid_out[1]), (9600, paid_out[0])]
    assert states(paid_out) == ["in_transit", "in_transit"]
    assert earnings(payee).in_transit == 14400


def test_a_paid_payout_pays_its_shares(paid_out, local_stripe, payee, now):
    sync_payouts(now + MONDAY)
    local_stripe.at(now + ARRIVED)

    assert sync_payouts(now + ARRIVED) == 1

    assert (Payout.objects.get().state, states(paid_out)) == ("paid", ["paid", "paid"])
    assert (earnings(payee).paid, earnings(payee).in_transit) == (14400, 0)
    assert {line.payout for line in share_lines(payee)} == {Payout.objects.get().stripe_id}
    assert sync_payouts(now + ARRIVED) == 0


def test_a_payout_first_seen_when_it_was_paid_is_booked_whole(paid_out, local_stripe, payee, now):
    local_stripe.at(now + ARRIVED)

    sync_payouts(now + ARRIVED)

    assert states(paid_out) == ["paid", "paid"]
    assert earnings(payee).paid == 14400


def test_syncing_twice_is_syncing_once(paid_out, payee, now):
    [seen] = get_gateway().list_payouts(payee.account)

    for _ in range(2):
        sync_payout(seen.id, payee.account, now=now)

    assert (Payout.objects.count(), PayoutLine.objects.count()) == (1, 2)


def test_an_old_answer_that_comes_late_changes_nothing(paid_out, local_stripe, payee, now, monkeypatch):
    gateway = get_gateway()
    [early] = gateway.list_payouts(payee.account)
    local_stripe.at(now + ARRIVED)
    sync_payouts(now + ARRIVED)

    monkeypatch.setattr(type(gateway), "read_payout", lambda *_: early)
    sync_payout(early.id, payee.account, now=now + ARRIVED)

    assert (early.status, Payout.objects.get().state) == ("in_transit", "paid")
    assert states(paid_out) == ["paid", "paid"]


def test_a_payout_that_fails_after_it_was_paid_goes_back_and_out_again(paid_out, local_stripe, payee, now):
    local_stripe.at(now + ARRIVED)
    sync_payouts(now + ARRIVED)
    first = Payout.objects.get()
    local_stripe.fail_payout(first.stripe_id)

    sync_payouts(now + ARRIVED)
    first.refresh_from_db()
    assert (first.state, states(paid_out)) == ("failed", ["transferred", "transferred"])
    assert (earnings(payee).available, earnings(payee).paid) == (14400, 0)

    for days in (14, 16):
        local_stripe.at(now + timedelta(days=days))
        sync_payouts(now + timedelta(days=days))
    second = Payout.objects.exclude(pk=first.pk).get()
    assert [(line.kind, line.amount, line.returned) for line in second.lines.all()] == [
        ("payout_failure", 14400, first)
    ]
    assert (second.state, states(paid_out)) == ("paid", ["paid", "paid"])


@pytest.mark.parametrize("order", ["oldest first", "newest first"])
def test_failed_and_repeated_payouts_may_be_read_in_any_order(paid_out, local_stripe, payee, now, order):
    [first] = get_gateway().list_payouts(payee.account)
    local_stripe.fail_payout(first.id)
    local_stripe.at(now + timedelta(days=16))
    seen = [payout.id for payout in get_gateway().list_payouts(payee.account)]
    assert len(seen) == 2

    for stripe_id in seen if order == "newest first" else reversed(seen):
        sync_payout(stripe_id, payee.account, now=now + timedelta(days=16))

    assert states(paid_out) == ["paid", "paid"]
    assert set(Transfer.objects.values_list("payout__stripe_id", flat=True)) == {seen[0]}


def test_a_line_that_names_its_own_payout_is_in_no_circle(paid_out, payee, now, monkeypatch):
    gateway = get_gateway()
    [seen] = gateway.list_payouts(payee.account)
    lines = gateway.payout_lines(seen.id, payee.account)
    odd = [replace(lines[0], source=seen.id, transfer=""), *lines[1:]]
    monkeypatch.setattr(type(gateway), "payout_lines", lambda *_: odd)

    payout = sync_payout(seen.id, payee.account, now=now + MONDAY)

    assert (payout.total.minor, payout.lines.filter(returned=None).count()) == (14400, 2)
    with pytest.raises(IntegrityError, match="payout_is_not_in_itself"), transaction.atomic():
        payout.lines.update(returned=payout)


def test_a_transfer_whose_answer_came_late_finds_its_payout(shop, local_stripe, now):
    source = shop.sell(12000)
    local_stripe.lose("POST /v1/transfers")
    release(now)
    local_stripe.at(now + ARRIVED)
    payee = share(source).payee
    [seen] = get_gateway().list_payouts(payee.account)
    sync_payout(seen.id, payee.account, now=now + ARRIVED)
    assert share(source).state == "held"

    release(now + ARRIVED)

    assert share(source).state == "paid"


def test_a_share_sent_in_two_parts_is_as_far_as_the_later_one(shop, local_stripe, now):
    local_stripe.charge(50_000, card="pm_card_bypassPending")
    local_stripe.at(now + timedelta(days=5))
    source = shop.sell(12000, balance=6000)
    later = now + timedelta(days=5)
    release(later)

    local_stripe.at(now + MONDAY)
    sync_payouts(now + MONDAY)
    assert [payout.amount for payout in Payout.objects.all()] == [3600]
    assert share(source).state == "transferred"

    for days in (13, 15):
        local_stripe.at(now + timedelta(days=days))
        sync_payouts(now + timedelta(days=days))
    assert share(source).state == "paid"


def test_the_first_of_two_parts_whose_answer_came_late_finds_its_payout_too(shop, local_stripe, payee, now):
    shop.deposit(50_000)
    source = shop.sell(12000, balance=6000)
    local_stripe.lose("POST /v1/transfers")
    release(now)
    local_stripe.at(now + MONDAY)
    [seen] = get_gateway().list_payouts(payee.account)
    sync_payout(seen.id, payee.account, now=now + MONDAY)

    release(now + MONDAY)
    assert (share(source).state, share(source).released) == ("transferred", 9600)
    assert share_lines(payee)[0].payout == seen.id

    for days in (13, 15):
        local_stripe.at(now + timedelta(days=days))
        sync_payouts(now + timedelta(days=days))
    assert share(source).state == "paid"


def test_the_platforms_own_payouts_are_not_ours_to_mirror(payee, now):
    assert sync_payout("po_platform", "", now=now) is None


def test_a_payout_of_an_unknown_account_is_looked_at_later(payee, now):
    with pytest.raises(UnknownObjectError):
        sync_payout("po_1", "acct_stranger", now=now)


def test_stripe_not_answering_leaves_the_payouts_for_the_next_time(paid_out, local_stripe, now):
    local_stripe.lose("GET /v1/payouts", "timeout_before")

    assert sync_payouts(now + MONDAY) == 0
    assert sync_payouts(now + MONDAY) == 1


def test_the_ledger_is_what_stripe_has(shop, local_stripe, now):
    shop.sell(12000)
    assert compare_with_stripe() == []
    release(now)
    assert compare_with_stripe() == []
    local_stripe.at(now + MONDAY)
    sync_payouts(now + MONDAY)
    assert compare_with_stripe() == []
    local_stripe.at(now + ARRIVED)
    sync_payouts(now + ARRIVED)
    assert compare_with_stripe() == []


def test_money_that_stripe_has_and_the_ledger_has_not_is_told(shop, local_stripe, payee):
    charge = local_stripe.charge(1000)

    [difference] = compare_with_stripe()

    assert str(difference) == f"6. platform: the ledger says 0, Stripe {1000 - local_stripe.fee(charge)}"


def test_what_was_taken_back_is_a_line_of_its_share_too(shop, local_stripe, payee, now):
    first, second = shop.sell(12000), shop.sell(6000)
    release(now)
    shop.refund(first, 4800)
    perform_due(now)

    local_stripe.at(now + ARRIVED)
    sync_payouts(now + ARRIVED)

    payout = Payout.objects.get()
    lines = payout.lines.order_by("amount").values_list("kind", "amount", "transfer__release__share__source")
    assert list(lines) == [
        ("payment_refund", -4800, first),
        ("payment", 4800, second),
        ("payment", 9600, first),
    ]
    assert (payout.amount, states([first, second])) == (9600, ["paid", "paid"])


def test_an_account_below_zero_is_filled_by_the_next_transfers(shop, local_stripe, payee, now):
    first = shop.sell(12000)
    release(now)
    local_stripe.at(now + ARRIVED)
    sync_payouts(now + ARRIVED)
    shop.now = now + ARRIVED
    shop.refund(first, 9600)
    perform_due(now + ARRIVED)
    assert below_zero(Payee.objects.with_overdraft().get()) == Money(9600, "usd")
    assert month_statement(payee, 2026, 12).closing == Places(available=-9600)

    second = shop.sell(18000)
    release(now + ARRIVED)
    assert below_zero(Payee.objects.with_overdraft().get()) is None

    for days in (13, 15):
        local_stripe.at(now + timedelta(days=days))
        sync_payouts(now + timedelta(days=days))
    newest = Payout.objects.newest_first()[0]
    assert (newest.amount, states([first, second])) == (14400 - 9600, ["void", "paid"])
    assert compare_with_stripe() == []


def refused(payee):
    return refused_payout(payee, payee.payouts.newest_first().first())


def test_a_bank_that_refused_is_seen_until_it_is_changed(paid_out, local_stripe, payee, now):
    sync_payouts(now + MONDAY)
    first = Payout.objects.get()
    assert (refused(payee), first.bank[:3]) == (None, "ba_")
    local_stripe.fail_payout(first.stripe_id)
    sync_payouts(now + MONDAY)

    assert refused(payee) == Refused(first, is_bank_changed=False)
    assert (sync_banks(now), sync_banks(now)) == (1, 0)
    payee.refresh_from_db()
    assert payee.bank_label == "STRIPE TEST BANK ending 6789"
    assert not refused(payee).is_bank_changed

    local_stripe.stripe.control("POST", f"accounts/{payee.account}/bank", account_number="000123456789")
    assert sync_banks(now) == 1
    payee.refresh_from_db()
    assert refused(payee).is_bank_changed

    for days in (13, 15):
        local_stripe.at(now + timedelta(days=days))
        sync_payouts(now + timedelta(days=days))
    assert refused(payee) is None
    assert states(paid_out) == ["paid", "paid"]


def test_stripe_not_answering_leaves_the_bank_as_it_was(paid_out, local_stripe, payee, now):
    sync_payouts(now + MONDAY)
    local_stripe.fail_payout(Payout.objects.get().stripe_id)
    sync_payouts(now + MONDAY)
    local_stripe.lose("GET /v1/accounts*", "timeout_before")

    assert (sync_banks(now), sync_banks(now)) == (0, 1)
