"""What a coach earned, session by session: the order's side from payments, the share's side from payouts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Sum
from django.db.models.functions import TruncWeek

from core.charts import Chart, Series, stacked_chart
from core.money import Money
from core.templatetags.formats import money_short
from marketplace.models import Session
from payments.models import OrderLine
from payments.models.order import OrderLineQuerySet
from payments.queries import EarningLine, earning_lines
from payouts.models import Payee, Share
from payouts.queries.earnings import Earnings, ShareLine, earnings, share_lines
from payouts.states import ShareState

WEEKS = 12
WEEK = timedelta(days=7)
PAID_OUT = {ShareState.PAID, ShareState.IN_TRANSIT}


@dataclass(frozen=True)
class EarningRow:
    """One session's line: ``gross − refunded − lost = fee + net``; ``share`` says where the net is now."""

    session: Session
    line: EarningLine
    share: ShareLine

    def money(self, name: str) -> Money:
        return Money(getattr(self.line, name), self.line.currency)

    @property
    def gross(self) -> Money:
        return self.money("gross")

    @property
    def refunded(self) -> Money:
        return self.money("refunded")

    @property
    def fee(self) -> Money:
        return self.money("fee")

    @property
    def net(self) -> Money:
        return self.money("net")


def sold_by(payee: Payee) -> OrderLineQuerySet:
    """What a coach sold and was paid for, newest first: each line has its row."""
    return OrderLine.objects.sold_by(payee.pk)


def earning_rows(payee: Payee, sold: Iterable[OrderLine]) -> list[EarningRow]:
    """The rows of what was ``sold``, or of a page of it; five queries however many there are."""
    lines = earning_lines(sold)
    shares = {share.source: share for share in share_lines(payee, [line.share for line in lines])}
    sessions = _sessions([line.source for line in lines])
    return [EarningRow(sessions[line.source], line, shares[line.share]) for line in lines]


@dataclass(frozen=True)
class EarningsSummary:
    """Money by place, and how it moved over the last twelve weeks."""

    currency: str
    sums: Earnings
    chart: Chart
    spoken: str

    def place(self, name: str) -> Money:
        return Money(getattr(self.sums, name), self.currency)

    @property
    def held(self) -> Money:
        return self.place("held") + self.place("frozen")

    @property
    def available(self) -> Money:
        return self.place("available")

    @property
    def in_transit(self) -> Money:
        return self.place("in_transit")

    @property
    def paid(self) -> Money:
        return self.place("paid")

    @property
    def debt(self) -> Money:
        return self.place("debt")


def earnings_summary(payee: Payee, *, zone: ZoneInfo, now: datetime) -> EarningsSummary:
    """What the earnings page shows beside the rows; two queries."""
    chart, spoken = _by_week(payee, zone, now)
    return EarningsSummary(payee.currency, earnings(payee), chart, spoken)


def _sessions(sources: list[str]) -> dict[str, Session]:
    ids = [UUID(source.partition(":")[2]) for source in sources]
    sessions = Session.objects.select_related("booking__candidate", "offer").filter(pk__in=ids)
    return {session.subject: session for session in sessions}


def _by_week(payee: Payee, zone: ZoneInfo, now: datetime) -> tuple[Chart, str]:
    today = now.astimezone(zone).date()
    this = today - timedelta(days=today.weekday())
    mondays = [this - WEEK * back for back in reversed(range(WEEKS))]
    sums = _sums_by_week(payee, mondays[0], this + WEEK, zone)
    series = [
        Series("paid or on its way", [sums[monday, True] for monday in mondays]),
        Series("held or available", [sums[monday, False] for monday in mondays]),
    ]
    total = sum(sums.values())
    labels = [f"W{monday.isocalendar().week}" for monday in mondays]
    chart = stacked_chart(labels, series, write=lambda minor: _short(minor, payee.currency))
    return chart, f"{_short(total, payee.currency)} earned with sessions of the last twelve weeks."


def _sums_by_week(payee: Payee, first: date, after: date, zone: ZoneInfo) -> Counter[tuple[date, bool]]:
    """Minor units by the Monday of a session's week and by whether its share is on its way to a bank."""
    starts = "session__booking__starts_at"
    held_then = {
        f"{starts}__gte": datetime.combine(first, time(), zone),
        f"{starts}__lt": datetime.combine(after, time(), zone),
    }
    is_out = Share.objects.filter(source=OuterRef("named_share"), state__in=PAID_OUT)
    sold = sold_by(payee).filter(**held_then).naming_their_shares().order_by()
    sums = sold.annotate(week=TruncWeek(starts, tzinfo=zone), is_out=Exists(is_out))
    found = sums.values_list("week", "is_out").annotate(Sum("share"))
    return Counter({(week.date(), out): amount for week, out, amount in found})


def _short(minor: int, currency: str) -> str:
    return money_short(Money(minor, currency)) if minor else "0"
