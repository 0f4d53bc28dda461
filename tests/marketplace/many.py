"""A coach with thousands of sessions, made in bulk: every state, payouts, and the ledger behind them."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from marketplace.models import Session
from payments.models import Order, OrderLine
from payouts.domain.payees import payee_of
from payouts.models import JournalEntry, LedgerAccount, Payout, Posting, Release, Share, Transfer
from scheduling.models import Booking, CancellationPolicy
from tests.marketplace.cast import NOW, TOMORROW

PRICE, NET = 12_000, 9_600
BATCH = 1_000
STATES = ["held", "frozen", "transferred", "in_transit", "paid", "paid", "paid", "paid", "paid", "paid"]


def sell_many(offer, candidate, count, *, per_payout=20):
    """``count`` paid sessions, one every two hours back from tomorrow; most of them are paid out."""
    payee = payee_of(offer.coach.user, now=NOW)
    payee.account, payee.transfers = "acct_many", "active"
    payee.save()
    bookings = _bookings(offer, candidate, count)
    lines = _lines(bookings, candidate, payee)
    Session.objects.bulk_create(
        [
            Session(booking=booking, offer=offer, order=line.order, line=line)
            for booking, line in zip(bookings, lines, strict=True)
        ],
        BATCH,
    )
    _shares(lines, payee, per_payout)
    return payee


def _bookings(offer, candidate, count):
    policy, _ = CancellationPolicy.objects.get_or_create(
        digest="many", defaults={"tiers": [], "grace_minutes": 0, "grace_from_hours": 0, "created_at": NOW}
    )
    starts = [TOMORROW - timedelta(hours=2 * each) for each in range(count)]
    return Booking.objects.bulk_create(
        [
            Booking(
                id=uuid4(), coach=offer.coach.user, candidate=candidate, state="completed", starts_at=start,
                ends_at=start + timedelta(hours=1), period=DateTimeTZRange(start, start + timedelta(hours=1)),
                blocked=DateTimeTZRange(start, start + timedelta(hours=1)), offer=str(offer.pk), terms="",
                timezone="UTC", policy=policy, created_at=start, confirmed_at=start,
                completed_at=start + timedelta(hours=1),
            )
            for start in starts
        ],
        BATCH,
    )  # fmt: skip


def _lines(bookings, candidate, payee):
    orders = Order.objects.bulk_create(
        [
            Order(
                buyer=candidate, subject=f"booking:{booking.pk}", currency="usd", state="paid", price=PRICE,
                card=PRICE, opened_at=booking.created_at, paid_at=booking.created_at,
            )
            for booking in bookings
        ],
        BATCH,
    )  # fmt: skip
    return OrderLine.objects.bulk_create(
        [
            OrderLine(
                order=order, kind="session", source=order.subject, amount=PRICE, payee=payee, rate_bp=2_000,
                rate_frozen_at=order.paid_at, paid=PRICE, share=NET, fee=PRICE - NET,
            )
            for order in orders
        ],
        BATCH,
    )  # fmt: skip


def _shares(lines, payee, per_payout):
    shares = Share.objects.bulk_create(
        [
            Share(
                payee=payee, source=line.share_source, currency="usd", amount=NET,
                state=STATES[each % len(STATES)], opened_at=line.order.paid_at,
                release_at=line.order.paid_at + timedelta(days=7),
                released=NET if each % len(STATES) > 1 else 0,
            )
            for each, line in enumerate(lines)
        ],
        BATCH,
    )  # fmt: skip
    sent = [share for share in shares if share.released]
    releases = Release.objects.bulk_create(
        [
            Release(
                share=share, number=1, state="done", planned_at=share.release_at, settled_at=share.release_at
            )
            for share in sent
        ],
        BATCH,
    )
    carried = _payouts(sent, payee, per_payout)
    Transfer.objects.bulk_create(
        [
            Transfer(
                release=release, amount=NET, stripe_id=f"tr_{release.pk}",
                transferred_at=release.share.release_at, payout=carried.get(release.share_id),
            )
            for release in releases
        ],
        BATCH,
    )  # fmt: skip
    _entries(shares, payee)


def _payouts(sent, payee, per_payout):
    carried = {}
    for state in ("in_transit", "paid"):
        inside = [share for share in sent if share.state == state]
        for start in range(0, len(inside), per_payout):
            some = inside[start : start + per_payout]
            made_at = some[0].release_at
            payout = Payout.objects.create(
                payee=payee, stripe_id=f"po_{some[0].pk}", amount=NET * len(some), currency="usd",
                state=state, made_at=made_at, arrives_on=made_at.date(),
                paid_at=made_at if state == "paid" else None,
            )  # fmt: skip
            carried |= {share.pk: payout for share in some}
    return carried


def _entries(shares, payee):
    """What each share's payment and release wrote; the payouts of these are left out."""
    kinds = ["payee_held", "payee_available", "stripe_connected"]
    his = [LedgerAccount(kind=kind, owner=f"payee:{payee.pk}", currency="usd") for kind in kinds]
    ours = [
        LedgerAccount(kind=kind, owner="platform", currency="usd")
        for kind in ("stripe_platform", "platform_revenue")
    ]
    LedgerAccount.objects.bulk_create([*his, *ours], ignore_conflicts=True)
    account = {account.kind: account for account in LedgerAccount.objects.filter(
        owner__in=["platform", f"payee:{payee.pk}"])}  # fmt: skip
    pay = {"stripe_platform": PRICE, "payee_held": -NET, "platform_revenue": NET - PRICE}
    release = {"payee_held": NET, "payee_available": -NET, "stripe_connected": NET, "stripe_platform": -NET}
    told = [("pay", f"test-pay:{share.pk}", share.opened_at, pay) for share in shares]
    told += [
        ("release", f"test-release:{share.pk}", share.release_at, release)
        for share in shares
        if share.released
    ]
    entries = JournalEntry.objects.bulk_create(
        [JournalEntry(kind=kind, source=source, occurred_at=at) for kind, source, at, _ in told], BATCH
    )
    Posting.objects.bulk_create(
        [
            Posting(entry=entry, account=account[kind], amount=amount)
            for entry, (*_, legs) in zip(entries, told, strict=True)
            for kind, amount in legs.items()
        ],
        BATCH,
    )
