"""What a coach earned, session by session: the order's side from payments, the share's side from payouts."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from core.charts import Chart, Series, stacked_chart
from core.money import Money
from core.templatetags.formats import money_short
from marketplace.models import Session
from payments.queries import EarningLine, earning_lines
from payouts.models import Payee
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


def earning_rows(payee: Payee) -> list[EarningRow]:
    """A row per share, newest first; a constant number of queries."""
    lines = {line.share: line for line in earning_lines(payee.pk)}
    shares = [share for share in share_lines(payee) if share.source in lines]
    sessions = _sessions([lines[share.source].source for share in shares])
    return [
        EarningRow(sessions[line.source], line, share)
        for share in shares
        if (line := lines[share.source]).source in sessions
    ]


@dataclass(frozen=True)
class EarningsSummary:
    """Money by place, and how it moved over the last twelve weeks."""

    currency: str
    sums: Earnings
    rows: list[EarningRow]
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

    @property
    def waiting(self) -> list[EarningRow]:
        return [row for row in self.rows if row.share.state in {ShareState.HELD, ShareState.FROZEN}]

    @property
    def next_release_at(self) -> datetime | None:
        due = [row.share.release_at for row in self.waiting if row.share.release_at and row.net]
        return min(due, default=None)


def earnings_summary(payee: Payee, *, zone: ZoneInfo, now: datetime) -> EarningsSummary:
    """All that the earnings page shows of a coach."""
    rows = earning_rows(payee)
    chart, spoken = _by_week(rows, payee.currency, zone, now)
    return EarningsSummary(payee.currency, earnings(payee), rows, chart, spoken)


def _sessions(sources: list[str]) -> dict[str, Session]:
    ids = [UUID(source.partition(":")[2]) for source in sources]
    sessions = Session.objects.with_people().filter(pk__in=ids)
    return {session.subject: session for session in sessions}


def _by_week(rows: list[EarningRow], currency: str, zone: ZoneInfo, now: datetime) -> tuple[Chart, str]:
    this = _monday(now, zone)
    mondays = [this - WEEK * back for back in reversed(range(WEEKS))]
    paid: dict[date, int] = defaultdict(int)
    waiting: dict[date, int] = defaultdict(int)
    for row in rows:
        bucket = paid if row.share.state in PAID_OUT else waiting
        bucket[_monday(row.session.booking.starts_at, zone)] += row.line.net
    series = [
        Series("paid or on its way", [paid[monday] for monday in mondays]),
        Series("held or available", [waiting[monday] for monday in mondays]),
    ]
    total = sum(sum(part.values) for part in series)
    labels = [f"W{monday.isocalendar().week}" for monday in mondays]
    chart = stacked_chart(labels, series, write=lambda minor: _short(minor, currency))
    return chart, f"{_short(total, currency)} earned with sessions of the last twelve weeks."


def _short(minor: int, currency: str) -> str:
    return money_short(Money(minor, currency)) if minor else "0"


def _monday(instant: datetime, zone: ZoneInfo) -> date:
    day = instant.astimezone(zone).date()
    return day - timedelta(days=day.weekday())
