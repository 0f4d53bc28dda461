"""What a coach earned, session by session: the order's side from payments, the share's side from payouts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, Subquery
from django.db.models.functions import TruncDate

from core.charts import Chart, Series, stacked_chart
from core.money import Money
from core.templatetags.formats import money_short
from marketplace.models import Session
from payments.models import OrderLine
from payments.models.order import OrderLineQuerySet, line_of_share
from payments.queries import EarningLine, earning_line
from payouts.models import Payee, Share
from payouts.queries.earnings import Earnings, Group, ShareLine, grouped_earnings, share_lines, together
from payouts.states import ShareState

WEEKS = 12
WEEK = timedelta(days=7)
S = ShareState
SERIES: dict[str, frozenset[ShareState]] = {
    "paid or on its way": frozenset({S.PAID, S.IN_TRANSIT}),
    "available": frozenset({S.TRANSFERRED}),
    "held": frozenset({S.HELD, S.FROZEN}),
}
"""What the chart stacks, from the ground up."""


@dataclass(frozen=True)
class EarningRow:
    """One line: ``gross − refunded − lost = fee + net``; ``share`` says where the net is now.

    ``session`` is what was sold.
    """

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
        """What went back, to the candidate or to his bank."""
        return self.given_back + self.lost

    @property
    def given_back(self) -> Money:
        return self.money("refunded")

    @property
    def lost(self) -> Money:
        return self.money("lost")

    @property
    def fee(self) -> Money:
        return self.money("fee")

    @property
    def net(self) -> Money:
        return self.money("net")


@dataclass(frozen=True)
class EarningsFilter:
    """Which lines: of shares in ``state``, of sessions in the month that begins on ``month`` in ``zone``."""

    zone: ZoneInfo
    state: ShareState | None = None
    month: date | None = None

    def holds(self, group: Group) -> bool:
        return self.state in {None, group.state} and self.holds_day(group.key)

    def holds_day(self, day: date | None) -> bool:
        return self.month is None or (day is not None and day.replace(day=1) == self.month)


def sold_by(payee: Payee, wanted: EarningsFilter | None = None) -> OrderLineQuerySet:
    """What a coach sold and was paid for, newest first: each line has its row."""
    sold = OrderLine.objects.sold_by(payee.pk)
    if wanted and wanted.state:
        shares = Share.objects.filter(payee=payee, state=wanted.state)
        sold = sold.of_shares(shares.values("source"))
    if wanted and wanted.month:
        after = (wanted.month.replace(day=28) + timedelta(days=4)).replace(day=1)
        sold = sold.filter(
            session__booking__starts_at__gte=datetime.combine(wanted.month, time(), wanted.zone),
            session__booking__starts_at__lt=datetime.combine(after, time(), wanted.zone),
        )
    return sold


def earning_rows(payee: Payee, sold: OrderLineQuerySet) -> list[EarningRow]:
    """The rows of what was ``sold``, or of a slice of it; three queries however many there are."""
    lines = list(sold.select_related("order", "session__booking__candidate", "session__offer"))
    shares = {share.source: share for share in share_lines(payee, [line.share_source for line in lines])}
    return [EarningRow(line.session, earning_line(line), shares[line.share_source]) for line in lines]


@dataclass(frozen=True)
class EarningsSummary:
    """Money by place, where each session's is, and how the last twelve weeks went; from one query."""

    currency: str
    groups: Sequence[Group]
    zone: ZoneInfo
    now: datetime

    @cached_property
    def sums(self) -> Earnings:
        return together(self.currency, self.groups)

    def place(self, name: str) -> Money:
        return Money(getattr(self.sums, name), self.currency)

    @property
    def held(self) -> Money:
        return self.place("held")

    @property
    def frozen(self) -> Money:
        return self.place("frozen")

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

    def count(self, wanted: EarningsFilter) -> int:
        """How many lines there are of what is wanted."""
        return sum(group.number for group in self.groups if wanted.holds(group))

    def states(self, wanted: EarningsFilter) -> dict[ShareState, int]:
        """How many lines of the wanted month are in each state, in the order of a share's life."""
        counts = Counter[str]()
        for group in self.groups:
            if wanted.holds_day(group.key):
                counts[group.state] += group.number
        return {state: counts[state] for state in ShareState if counts[state]}

    def months(self, wanted: EarningsFilter) -> dict[date, int]:
        """How many lines of the wanted state each month has, the newest month first."""
        of_state = replace(wanted, month=None)
        counts = Counter[date]()
        for group in self.groups:
            if group.key is not None and of_state.holds(group):
                counts[group.key.replace(day=1)] += group.number
        return dict(sorted(counts.items(), reverse=True))

    @cached_property
    def chart(self) -> Chart:
        series = [
            Series(name, [self._net(monday, states) for monday in self._mondays])
            for name, states in SERIES.items()
        ]
        labels = [f"W{monday.isocalendar().week}" for monday in self._mondays]
        return stacked_chart(labels, series, write=lambda minor: _short(minor, self.currency))

    @property
    def spoken(self) -> str:
        """What the chart shows, said aloud."""
        amounts = [
            (name, sum(self._net(monday, states) for monday in self._mondays))
            for name, states in SERIES.items()
        ]
        total = _short(sum(amount for _, amount in amounts), self.currency)
        parts = [f"{_short(amount, self.currency)} {name}" for name, amount in amounts if amount]
        of_it = f", {', '.join(parts)}" if parts else ""
        return f"{total} earned with sessions of the last twelve weeks{of_it}."

    @cached_property
    def _mondays(self) -> list[date]:
        today = self.now.astimezone(self.zone).date()
        this = today - timedelta(days=today.weekday())
        return [this - WEEK * back for back in reversed(range(WEEKS))]

    @cached_property
    def _by_week(self) -> Counter[tuple[date, str]]:
        nets = Counter[tuple[date, str]]()
        for group in self.groups:
            if group.key is not None:
                nets[group.key - timedelta(days=group.key.weekday()), group.state] += group.net
        return nets

    def _net(self, monday: date, states: frozenset[ShareState]) -> int:
        return sum(self._by_week[monday, state] for state in states)


def earnings_summary(payee: Payee, *, zone: ZoneInfo, now: datetime) -> EarningsSummary:
    """What the earnings page shows beside the rows: shares by their session's day and by state."""
    sessions = Session.objects.filter(line=line_of_share(OuterRef("source")))
    starts_at = Subquery(sessions.values("booking__starts_at")[:1])
    groups = grouped_earnings(payee, TruncDate(starts_at, tzinfo=zone))
    return EarningsSummary(payee.currency, groups, zone, now)


def _short(minor: int, currency: str) -> str:
    return money_short(Money(minor, currency)) if minor else "0"
