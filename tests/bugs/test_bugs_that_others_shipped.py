"""The list *Bugs that others shipped*, bug by bug.

Each test brings about the situation in which the bug did its harm: real threads, a real PostgreSQL, a Stripe
that loses answers. Where a guard is taken away, its test fails.
"""

from __future__ import annotations

import ast
import json
from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Event

import pytest
from django.db import IntegrityError, connection, transaction

from core.errors import InvalidError
from core.money import part_of
from integrations.stripe import inbox
from integrations.stripe.errors import DeclinedError
from integrations.stripe.gateway import get_gateway
from integrations.stripe.inbox import handle, handle_due, receive
from integrations.stripe.models import StripeEvent, StripeOperation
from integrations.stripe.operations import perform, repeat_unknown
from integrations.stripe.stripe_gateway import StripeGateway
from payments.domain import checkout
from payments.domain.arithmetic import Standing, cut
from payments.domain.balances import compensate
from payments.domain.refunds import refund_percent, refund_up_to
from payments.models import CheckoutSession, Dispute, Order, Refund
from payouts.domain.comparing import compare_with_stripe
from payouts.domain.ledger import OverdrawnError, post
from payouts.domain.payouts import sync_payout
from payouts.domain.releases import release_due, release_share
from payouts.domain.shares import freeze
from payouts.models import JournalEntry, Payout, Posting, Release, Share, Transfer
from payouts.queries.invariants import check
from payouts.rules import AccountKey, AccountKind
from tests.architecture.rules import ROOT
from tests.beside import at_once, beside, somebody_waits, until
from tests.stripe.fixtures import into_our_view
from tests.stripe.trade import URLS, deposit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("holds")]
on_real_connections = pytest.mark.django_db(transaction=True)

HELD = AccountKind.PAYEE_HELD
PLATFORM, REVENUE = AccountKey(AccountKind.STRIPE_PLATFORM), AccountKey(AccountKind.PLATFORM_REVENUE)
TIMES_ONLY = {"delivery.py", "charts.py"}
MONEY = ("core", "integrations", "marketplace", "payments", "payouts", "stripe_emulator")


@pytest.fixture
def holds(db):
    """Every invariant, whatever the test did."""
    yield
    assert check() == []


@pytest.fixture
def kept_back(trade):
    """What Stripe delivers from now on: address, body and headers, for ``into_our_view``."""
    knocks = []

    def keep(*knock):
        knocks.append(knock)
        return 200

    trade.stripe.emulator.deliveries.sender = keep
    return knocks


def entries(kind):
    return JournalEntry.objects.filter(kind=kind).count()


# A job read the payout without a lock and paid one that was cancelled.


@on_real_connections
def test_a_job_that_looked_before_the_lock_looks_again_inside_it(trade):
    line, frozen = trade.sell(), Event()
    trade.make_due(line)

    def freeze_and_linger():
        with transaction.atomic():
            freeze(line.share_source, cause="report:1", by=None, reason="a report", now=trade.now)
            frozen.set()
            until(somebody_waits)

    with beside(freeze_and_linger) as lingering:
        frozen.wait()
        # The job sees a share that is held still, and waits for whoever has it.
        assert release_due(trade.now) == 0
    lingering.result()
    repeat_unknown(trade.now)
    assert (trade.transfers(), Release.objects.count(), trade.share(line).state) == ([], 0, "frozen")


# Guards per caller: put them in the lowest function.

OVERSTEPPING = {
    "more refunded than paid": "UPDATE payments_orderline SET refunded = paid + 1",
    "an order refunded beyond its payment": "UPDATE payments_order SET refunded = card + balance + 1",
    "more released than earned": "UPDATE payouts_share SET released = amount + 1",
    "more back than was sent": "UPDATE payouts_share SET reversed = released + 1",
    "two releases of one share": """
        INSERT INTO payouts_release (share_id, number, state, planned_at)
        SELECT share_id, 2, 'planned', now() FROM payouts_release
    """,
    "one object at Stripe for two operations": """
        UPDATE stripe_integration_stripeoperation SET stripe_id = 'one'
    """,
    "an entry changed": "UPDATE payouts_posting SET amount = 0",
    "an entry forgotten": "DELETE FROM payouts_posting",
    "one payment twice": """
        INSERT INTO payouts_journalentry (kind, source, occurred_at)
        SELECT kind, source, now() FROM payouts_journalentry WHERE kind = 'pay'
    """,
}


@pytest.mark.parametrize("statement", OVERSTEPPING.values(), ids=list(OVERSTEPPING))
def test_a_guard_holds_for_a_caller_nobody_thought_of(trade, statement):
    trade.sell_and_release()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_guard_stands_in_the_lowest_function(trade):
    """Each verb is called as its lowest caller would, past every view, job and button."""
    line = trade.sell()
    trade.make_due(line)
    freeze(line.share_source, cause="report:1", by=None, reason="a report", now=trade.now)
    assert release_share(line.share_source, now=trade.now) is False
    with pytest.raises(InvalidError):
        refund_up_to(line.pk, 12_001, reason="too much", by=trade.ben, now=trade.now)
    with pytest.raises(InvalidError):
        refund_percent(line.pk, 101, reason="too much", by=None, now=trade.now)
    with pytest.raises(OverdrawnError):
        post(
            "release",
            "tr_none",
            {AccountKey.of_payee(HELD, trade.payee.pk): 9601, PLATFORM: -9601},
            currency="usd",
            now=trade.now,
        )
    assert (trade.transfers(), Refund.objects.count(), entries("release")) == ([], 0, 0)


# A reversal was marked paid by the next payout: it belongs to what it reverses.


def test_a_reversal_is_not_taken_for_what_the_next_payout_pays(trade):
    """The first payout carries the sale, the next one its reversal; and we read the next one first."""
    first, second = trade.sell(), trade.sell()
    trade.make_due(first)
    trade.release()
    trade.go_on(days=8)
    trade.refund(first, 50)
    trade.make_due(second)
    trade.release()
    trade.go_on(days=5)
    account = trade.payee.account
    later, earlier = (seen.id for seen in get_gateway().list_payouts(account))

    sync_payout(later, account, now=trade.now)
    lines = Payout.objects.get().lines.values_list("amount", flat=True)
    assert sorted(lines) == [-4800, 9600]
    assert (trade.share(first).state, trade.share(second).state) == ("transferred", "in_transit")

    sync_payout(earlier, account, now=trade.now)
    assert (trade.share(first).state, trade.share(second).state) == ("paid", "in_transit")
    carried = Transfer.objects.order_by("pk").values_list("payout__stripe_id", flat=True)
    assert list(carried) == [earlier, later]


# *Paid* then *failed* sends only `payout.failed`: paid is not final.


def test_paid_is_not_final_and_only_payout_failed_says_so(trade):
    line = trade.sell_and_release()
    trade.go_on(days=8)
    trade.stripe.work()
    payout = Payout.objects.get()
    assert (payout.state, trade.share(line).state) == ("paid", "paid")
    told = set(StripeEvent.objects.values_list("pk", flat=True))

    trade.stripe.control("POST", f"payouts/{payout.stripe_id}/fail", code="account_closed")
    trade.stripe.deliver()
    news = StripeEvent.objects.filter(object_type="payout").exclude(pk__in=told)
    assert [event.type for event in news] == ["v1.payout.failed"]
    handle_due(trade.now)

    payout.refresh_from_db()
    assert (payout.state, trade.share(line).state) == ("failed", "transferred")
    assert compare_with_stripe() == []


# SELECT-then-INSERT dedupe raced: insert-on-conflict and act only if inserted.


@on_real_connections
def test_an_event_that_arrives_twice_at_once_is_one_row_and_handed_on_once(trade, kept_back, monkeypatch):
    trade.stripe.pay(trade.page(trade.order()))
    trade.stripe.deliver()
    [knock], stored, handed_over = kept_back, Event(), []
    monkeypatch.setattr("celery.current_app.send_task", lambda _name, args, **_: handed_over.append(args))
    known = StripeEvent.objects.count()

    def knock_and_linger():
        with transaction.atomic():
            assert into_our_view(*knock) == 200
            stored.set()
            until(somebody_waits)

    with beside(knock_and_linger) as first:
        stored.wait()
        # The first one's row cannot be seen yet: no look beforehand would find it.
        assert into_our_view(*knock) == 200
    first.result()
    assert into_our_view(*knock) == 200
    assert (StripeEvent.objects.count() - known, len(handed_over)) == (1, 1)


@on_real_connections
def test_an_entry_posted_twice_at_once_is_booked_once(trade):
    legs = {PLATFORM: 500, REVENUE: -500}
    booked = at_once(*[lambda: post("deposit", "pi_1", legs, currency="usd", now=trade.now)] * 4)
    assert (sum(entry is not None for entry in booked), entries("deposit")) == (1, 1)


# Stripe charged inside an open transaction; the webhook could not see the order: commit first, unknown object
# means retry.


@on_real_connections
def test_nothing_is_asked_of_stripe_inside_an_open_transaction(trade):
    order = trade.order()
    for ask in (lambda: trade.page(order), get_gateway().balance):
        with transaction.atomic(), pytest.raises(RuntimeError):
            ask()
    assert trade.stripe.objects("checkout.session") == []


@on_real_connections
def test_a_payment_whose_order_nobody_can_see_yet_is_looked_for_again(trade):
    """The bug itself, with the guard passed by: the page is made while its order is not committed."""
    paid, seen = Event(), Event()

    def charge_inside_a_transaction():
        with transaction.atomic():
            order = trade.order()
            urls = {"title": "An hour", "urls": URLS, "now": trade.now}
            operation = checkout._intend(order.pk, **urls).operation
            make = StripeGateway.create_checkout.__wrapped__
            page = make(get_gateway(), key=operation.key, **operation.parameters)
            trade.stripe.pay(page.id)
            paid.set()
            seen.wait()
            return order

    with beside(charge_inside_a_transaction) as charging:
        paid.wait()
        trade.stripe.deliver()
        assert handle_due(trade.now) == 0
        seen.set()
    # Its row was planned, never sent as far as we know: the page is asked for again, and is the same one.
    repeat_unknown(trade.now + timedelta(minutes=1))
    assert handle_due(trade.now + timedelta(minutes=1)) == 1
    order = Order.objects.get(pk=charging.result().pk)
    assert (order.state, len(trade.stripe.objects("checkout.session"))) == ("paid", 1)


def test_a_webhook_that_overtakes_the_answer_settles_what_it_is_about(trade):
    refund = trade.refund(trade.sell(), 50)
    trade.stripe.emulator.deliveries.sender = _into_our_view_and_followed(trade)
    trade.stripe.fault("early_webhook", "POST /v1/refunds")
    assert perform(refund.operation_id, now=trade.now).state == "succeeded"
    refund.refresh_from_db()
    assert (refund.state, [found["id"] for found in trade.stripe.objects("refund")]) == (
        "succeeded",
        [refund.stripe_id],
    )
    assert not StripeEvent.objects.unhandled().exists()


def _into_our_view_and_followed(trade):
    def sender(*knock):
        status = into_our_view(*knock)
        handle(json.loads(knock[1])["id"], now=trade.now)
        return status

    return sender


# Two events inserted one charge twice: unique on the provider's id, no backward moves.


@on_real_connections
def test_two_events_about_one_payment_at_once_book_it_once(trade, monkeypatch):
    page = trade.page(trade.order())
    trade.stripe.pay(page)
    # Both have read that it is paid before either says so here.
    both, read = Barrier(2, timeout=20), StripeGateway.read_checkout

    def read_together(self, *given):
        answer = read(self, *given)
        both.wait()
        return answer

    monkeypatch.setattr(StripeGateway, "read_checkout", read_together)
    _told_of(page.stripe_id, "evt_completed", trade)
    with beside(lambda: handle("evt_completed", now=trade.now)) as first:
        until(lambda: StripeEvent.objects.claimed(trade.now).exists())
        _told_of(page.stripe_id, "evt_succeeded", trade)
        assert handle("evt_succeeded", now=trade.now) is True
    assert first.result() is True
    assert (entries("pay"), entries("fee"), Share.objects.count()) == (1, 1, 1)
    assert compare_with_stripe() == []


def test_an_answer_from_before_the_payment_takes_nothing_back(trade):
    page = trade.page(trade.order())
    before = get_gateway().read_checkout(page.stripe_id)
    trade.stripe.pay(page)
    trade.stripe.work()
    for late in (before, replace(before, status="expired")):
        checkout.apply(late, now=trade.now, closing=True)
    assert (CheckoutSession.objects.get().state, Order.objects.get().state) == ("paid", "paid")


def _told_of(stripe_id, name, trade, kind="checkout.session", account=""):
    """An event of that name about an object, stored."""
    notification = {
        "id": name,
        "type": f"v1.{kind}.updated",
        "created": trade.now.isoformat(),
        "context": account,
        "related_object": {"id": stripe_id, "type": kind},
    }
    receive(notification, now=trade.now)


# Concurrent dispute events, the stale one last: fetch the current object.


@on_real_connections
def test_of_two_readers_of_a_dispute_the_stale_one_comes_last_and_changes_nothing(trade, monkeypatch):
    line = trade.sell()
    stripes = trade.disputed(line)
    read, has_read, may_go_on = StripeGateway.read_dispute, Event(), Event()

    def linger(self, *given):
        answer = read(self, *given)
        if not has_read.is_set():
            has_read.set()
            may_go_on.wait()
        return answer

    monkeypatch.setattr(StripeGateway, "read_dispute", linger)
    _told_of(stripes, "evt_opened", trade, "dispute")
    with beside(lambda: handle("evt_opened", now=trade.now)) as stale:
        has_read.wait()
        trade.stripe.control("POST", f"disputes/{stripes}/close", outcome="lost")
        trade.stripe.deliver()
        handle_due(trade.now)
        assert Dispute.objects.get().state == "lost"
        may_go_on.set()
    assert stale.result() is True
    line.refresh_from_db()
    assert (Dispute.objects.get().state, line.lost, trade.share(line).state) == ("lost", 12_000, "void")
    assert compare_with_stripe() == []


def test_dispute_events_in_the_wrong_order_end_with_what_the_dispute_is(trade):
    line = trade.sell()
    stripes = trade.disputed(line)
    trade.stripe.control("POST", f"disputes/{stripes}/close", outcome="won")
    trade.stripe.deliver()
    events = StripeEvent.objects.filter(object_type="dispute").order_by("-created", "-pk")
    assert len(events) >= 3
    for event in events:
        inbox.replay(event, now=trade.now)
        handle(event.pk, now=trade.now)
        assert Dispute.objects.get().state == "won"
    assert (line.lost, trade.share(line).state, entries("dispute_won")) == (0, "held", 1)
    assert compare_with_stripe() == []


@on_real_connections
def test_of_two_readers_of_a_payout_the_stale_one_comes_last_and_changes_nothing(trade, monkeypatch):
    line = trade.sell_and_release()
    trade.go_on(days=6)
    trade.stripe.work()
    payout = Payout.objects.get()
    read, has_read, may_go_on = StripeGateway.read_payout, Event(), Event()

    def linger(self, *given):
        answer = read(self, *given)
        if not has_read.is_set():
            has_read.set()
            may_go_on.wait()
        return answer

    monkeypatch.setattr(StripeGateway, "read_payout", linger)
    _told_of(payout.stripe_id, "evt_early", trade, "payout", trade.payee.account)
    with beside(lambda: handle("evt_early", now=trade.now)) as stale:
        has_read.wait()
        trade.go_on(days=2)
        trade.stripe.deliver()
        handle_due(trade.now)
        assert trade.share(line).state == "paid"
        may_go_on.set()
    assert stale.result() is True
    payout.refresh_from_db()
    assert (payout.state, trade.share(line).state) == ("paid", "paid")


# A cumulative refunded amount used as a delta: keep refunds as objects.


def test_a_cumulative_amount_is_never_taken_for_a_delta(trade):
    line = trade.sell()
    for percent in (30, 50, 100):
        trade.refund(line, percent)
        trade.stripe.work()
    assert [refund["amount"] for refund in reversed(trade.stripe.objects("refund"))] == [3600, 2400, 6000]
    assert trade.stripe.objects("charge")[0]["amount_refunded"] == 12_000
    for event in StripeEvent.objects.filter(object_type="refund"):
        inbox.replay(event, now=trade.now)
    handle_due(trade.now)
    line.refresh_from_db()
    assert (line.refunded, sum(Refund.objects.values_list("card", flat=True))) == (12_000, 12_000)
    assert (entries("refund"), compare_with_stripe()) == (3, [])


# N transfers in the request, partial failure, users retried: worker, deterministic key.


@on_real_connections
def test_a_release_of_many_that_broke_half_way_and_is_tried_again_pays_each_once(trade):
    lines = [trade.sell(amount) for amount in (12_000, 6_000, 3_000)]
    trade.make_due(*lines)
    release_due(trade.now)
    first, *_ = StripeOperation.objects.filter(kind="transfer").order_by("pk")
    perform(first.pk, now=trade.now)
    trade.lose("POST /v1/transfers")
    for _ in range(3):
        at_once(*[trade.release] * 2)
        trade.go_on(minutes=10)
    assert sorted(trade.transfers()) == [2_400, 4_800, 9_600]
    assert {trade.share(line).state for line in lines} == {"transferred"}
    assert compare_with_stripe() == []


# One key with two amounts: freeze the parameters.


@pytest.mark.parametrize("kind", ["timeout_before", "timeout_after"])
def test_a_key_keeps_the_amount_it_was_first_asked_with(trade, kind):
    line = trade.sell()
    trade.make_due(line)
    trade.lose("POST /v1/transfers", kind)
    trade.release()
    trade.refund(line, 50)
    trade.go_on(minutes=10)
    trade.release()
    operation = StripeOperation.objects.get(kind="transfer")
    assert (operation.state, operation.parameters["amount"], trade.transfers()) == ("succeeded", 9600, [9600])
    assert [back["amount"] for back in trade.stripe.objects("transfer_reversal")] == [4800]
    assert (trade.share(line).released, trade.share(line).reversed) == (9600, 4800)
    assert compare_with_stripe() == []


def test_a_page_asked_for_again_is_asked_for_as_the_first_time(trade):
    order = trade.order()
    trade.lose("POST /v1/checkout/sessions")
    with pytest.raises(checkout.CheckoutUnavailableError):
        trade.page(order)
    trade.go_on(minutes=1)
    page = checkout.open_checkout(order.pk, title="Another title", now=trade.now, **URLS)
    assert page.state == "open"
    [made] = trade.stripe.objects("checkout.session")
    assert (made["id"], StripeOperation.objects.get(kind="checkout").parameters["title"]) == (
        page.stripe_id,
        "An hour with Ada",
    )


# *Unknown* marked *failed* and paid again.


def test_an_unknown_outcome_is_no_failure_and_nobody_is_paid_again(trade):
    line = trade.sell()
    trade.make_due(line)
    trade.lose("POST /v1/transfers")
    trade.release()
    assert StripeOperation.objects.get(kind="transfer").state == "unknown"
    for _ in range(3):
        assert release_due(trade.now) == 0
        assert trade.share(line).state == "held"
    trade.go_on(hours=2)
    trade.release()
    assert (trade.transfers(), trade.share(line).state) == ([9600], "transferred")
    assert StripeOperation.objects.filter(kind="transfer").count() == 1


# A lost dispute refunded an already refunded charge.


@pytest.mark.parametrize("refunded_first", [True, False])
def test_a_refund_and_a_lost_dispute_of_one_payment_take_the_money_once(trade, refunded_first):
    line = trade.sell()
    if refunded_first:
        trade.refund(line, 50)
        trade.stripe.work()
    stripes = trade.disputed(line, amount=12_000)
    trade.stripe.work()
    if not refunded_first:
        trade.refund(line, 50)
        trade.stripe.work()
    trade.stripe.control("POST", f"disputes/{stripes}/close", outcome="lost")
    trade.stripe.work()
    trade.go_on(days=1)
    trade.stripe.work()

    line.refresh_from_db()
    assert line.refunded + line.lost <= line.paid == 12_000
    assert (line.refunded, line.lost, line.share, trade.share(line).state) == (6_000, 6_000, 0, "void")
    assert trade.refund(line, 100) is None
    assert compare_with_stripe() == []


# Double entry outside one SQL transaction.


def test_an_entry_is_one_transaction_with_what_it_tells_of(trade, monkeypatch):
    """The worker dies between the entry and its legs: neither is there, nor what they were about."""

    def dies(*_):
        raise KeyboardInterrupt

    line = trade.sell()
    before = (JournalEntry.objects.count(), Posting.objects.count())
    with monkeypatch.context() as patch:
        patch.setattr(type(Posting.objects), "bulk_create", dies)
        with pytest.raises(KeyboardInterrupt):
            trade.refund(line, 50)
    line.refresh_from_db()
    assert (JournalEntry.objects.count(), Posting.objects.count()) == before
    assert (line.refunded, Refund.objects.count(), StripeOperation.objects.filter(kind="refund").count()) == (
        0,
        0,
        0,
    )


@on_real_connections
def test_the_database_takes_no_entry_with_one_leg(trade):
    trade.sell()
    entry, account = JournalEntry.objects.first(), Posting.objects.first().account
    with pytest.raises(IntegrityError):
        Posting.objects.create(entry=entry, account=account, amount=1)


# `round()` on yen; seconds read as milliseconds.


def test_no_amount_goes_through_round():
    """Which rounds a half to the even neighbour, and a large float to anything."""
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for app in MONEY
        for path in sorted((ROOT / app).rglob("*.py"))
        if path.name not in TIMES_ONLY
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "round"
    ]
    assert found == []


@pytest.mark.parametrize(
    ("yen", "rate_bp", "fee"), [(50, 1500, 8), (30, 1500, 5), (70, 1500, 11), (90, 500, 5), (50, 500, 3)]
)
def test_half_a_yen_goes_up(yen, rate_bp, fee):
    assert part_of(yen, rate_bp) == fee
    assert cut(Standing(paid=yen).commissionable, rate_bp).fee == fee


def test_seconds_are_seconds(trade):
    page = trade.page(trade.order())
    assert get_gateway().read_checkout(page.stripe_id).expires_at == page.expires_at
    assert page.expires_at - trade.now == timedelta(minutes=40)
    trade.sell_and_release()
    trade.go_on(days=6)
    trade.stripe.work()
    payout = Payout.objects.get()
    assert timedelta(0) <= trade.now - payout.made_at < timedelta(days=1)
    assert 1 <= (payout.arrives_on - trade.now.date()).days <= 3


# A dedupe row that survived a compensation.


def test_a_release_that_was_taken_back_does_not_stand_in_the_way_of_the_next(trade):
    """Stripe refuses while Ada's account is restricted; the refused release is no release."""
    line = trade.sell()
    trade.make_due(line)
    trade.stripe.control("POST", f"accounts/{trade.payee.account}/capability", status="restricted")
    trade.release()
    assert (trade.transfers(), trade.share(line).state, Release.objects.get().state) == (
        [],
        "held",
        "refused",
    )
    trade.stripe.control("POST", f"accounts/{trade.payee.account}/capability", status="active")
    trade.go_on(hours=1)
    trade.release()
    assert (trade.transfers(), trade.share(line).state) == ([9600], "transferred")
    assert list(Release.objects.order_by("number").values_list("number", "state")) == [
        (1, "refused"),
        (2, "done"),
    ]


def test_a_release_reversed_for_a_dispute_is_made_again_when_the_dispute_is_won(trade):
    line = trade.sell_and_release()
    stripes = trade.disputed(line)
    trade.stripe.work()
    assert (trade.share(line).state, trade.share(line).reversed) == ("frozen", 9600)
    trade.stripe.control("POST", f"disputes/{stripes}/close", outcome="won")
    deposit(50_000, now=trade.now)
    trade.stripe.work()
    trade.go_on(days=1)
    trade.release()
    share = trade.share(line)
    assert (share.state, share.released, share.reversed) == ("transferred", 19_200, 9_600)
    assert trade.transfers() == [9_600, 9_600]
    assert compare_with_stripe() == []


# A cached 4xx replayed for 24 h: attempt number in the key after a definitive failure.


def test_a_refusal_that_stripe_keeps_for_a_day_does_not_hold_a_share_for_a_day(trade):
    compensate(trade.ben, 6_000, currency="usd", source="a session", now=trade.now)
    line = trade.sell()
    trade.make_due(line)
    trade.release()
    refused = StripeOperation.objects.get(kind="transfer", state="failed")
    assert (refused.error_code, trade.share(line).released) == ("balance_insufficient", 6_000)

    deposit(50_000, now=trade.now)
    trade.go_on(hours=1)
    with pytest.raises(DeclinedError, match="insufficient"):
        get_gateway().transfer(key=refused.key, **refused.parameters)
    trade.release()
    assert (trade.transfers(), trade.share(line).state) == ([6_000, 3_600], "transferred")
    again = StripeOperation.objects.get(kind="transfer", parameters__amount=3_600, state="succeeded")
    assert again.key == f"{refused.key}:2"
