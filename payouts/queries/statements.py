"""What happened to a payee's money in a period, and where it lay before and after: from the ledger alone.

An entry belongs to the period of its ``occurred_at``, in the zone of the payee's books, and no entry is ever
changed: what was stated once is stated so for ever. Amounts are minor units as the payee sees them: what is
his is above zero, what he owes below.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import reduce
from itertools import groupby
from operator import add
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Min

from core.errors import NotFoundError
from core.instants import EARLIEST
from core.money import Money
from payouts.models import JournalEntry, Netting, Payee, Release, Reversal, Share, Transfer
from payouts.queries.words import words_of
from payouts.rules import AccountKey, AccountKind, Movement, movement_of

# An entry is as old as the moment its transaction began: the last ones of a month commit a little later.
SETTLES_AFTER = timedelta(hours=1)
DECEMBER = 12


@dataclass(frozen=True)
class Places:
    """A payee's money by place, or what an entry did to it. ``debt`` is below zero while he owes."""

    held: int = 0
    available: int = 0
    in_transit: int = 0
    debt: int = 0

    def __add__(self, other: Places) -> Places:
        return Places(
            self.held + other.held,
            self.available + other.available,
            self.in_transit + other.in_transit,
            self.debt + other.debt,
        )

    @property
    def total(self) -> int:
        return self.held + self.available + self.in_transit + self.debt

    @property
    def is_nothing(self) -> bool:
        return self == Places()


@dataclass(frozen=True)
class Line:
    """An entry as it concerns one payee. ``fee`` is what the platform took with it, or gave back.

    ``what`` it is about in the words of its owner; ``share_id`` where that is one share.
    """

    at: datetime
    kind: str
    source: str
    moved: Places
    fee: int
    what: str = ""
    share_id: int | None = None

    @property
    def movement(self) -> Movement:
        return movement_of(self.kind)

    @property
    def net(self) -> int:
        return self.moved.total

    @property
    def gross(self) -> int:
        """Before the fee: what was paid, or given back, without tax."""
        return self.net + self.fee

    @property
    def size(self) -> int:
        """How much moved: what was added to some place, or taken from one where nothing was added."""
        moved = astuple(self.moved)
        return sum(amount for amount in moved if amount > 0) or sum(moved)


@dataclass(frozen=True)
class Sums:
    """A period: ``opening + earned + refunded + lost + other − fees + paid_out = closing``."""

    opening: int
    earned: int
    refunded: int
    lost: int
    other: int
    fees: int
    paid_out: int
    closing: int


@dataclass(frozen=True)
class Statement:
    """``start`` and ``end`` (exclusive) are days in ``zone``, the zone of the payee's books."""

    payee: Payee
    start: date
    end: date
    zone: ZoneInfo
    opening: Places
    lines: Sequence[Line]

    @property
    def closing(self) -> Places:
        return reduce(add, (line.moved for line in self.lines), self.opening)

    @property
    def sums(self) -> Sums:
        gross = dict.fromkeys(Movement, 0)
        for line in self.lines:
            gross[line.movement] += line.gross
        earned, refunded, lost = gross[Movement.EARNED], gross[Movement.REFUND], gross[Movement.DISPUTE]
        paid_out = gross[Movement.PAYOUT]
        return Sums(
            opening=self.opening.total,
            earned=earned,
            refunded=refunded,
            lost=lost,
            other=sum(gross.values()) - earned - refunded - lost - paid_out,
            fees=sum(line.fee for line in self.lines),
            paid_out=paid_out,
            closing=self.closing.total,
        )

    @property
    def movements(self) -> list[tuple[Movement, Places]]:
        """What each kind of movement did to each place; together they lead from opening to closing."""
        moved = {movement: Places() for movement in Movement}
        for line in self.lines:
            moved[line.movement] += line.moved
        return [(movement, places) for movement, places in moved.items() if not places.is_nothing]

    @property
    def earnings(self) -> list[Line]:
        """What changed what is his: sales, fees, refunds, disputes."""
        return [line for line in self.lines if (line.net or line.fee) and line.movement != Movement.PAYOUT]

    @property
    def payouts(self) -> list[Line]:
        return [line for line in self.lines if line.movement == Movement.PAYOUT]

    @property
    def transfers(self) -> list[Line]:
        """What only moved from one place to another."""
        inside = [line for line in self.lines if line.movement != Movement.PAYOUT]
        return [line for line in inside if not line.net and not line.fee]

    def money(self, minor: int) -> Money:
        return Money(minor, self.payee.currency)

    def has_begun(self, now: datetime) -> bool:
        return self.start <= now.astimezone(self.zone).date()

    def is_final(self, now: datetime) -> bool:
        """Whether nothing can be added to it any more."""
        return now >= _midnight(self.end, self.zone) + SETTLES_AFTER


@dataclass(frozen=True)
class YearStatement:
    """A year and its months; their sums add up to its own."""

    whole: Statement
    months: list[Statement] = field(default_factory=list)


def books_zone(payee: Payee) -> ZoneInfo:
    """The zone whose midnights bound his months."""
    return ZoneInfo(payee.zone) if payee.zone else payee.user.zone


def refuse_the_future(payee: Payee, year: int, month: int, *, now: datetime) -> None:
    """Let only months pass that have begun on his calendar.

    Raises:
        NotFoundError: no month at all, one to come, or one before anybody could have earned.
    """
    today = now.astimezone(books_zone(payee)).date()
    is_month = EARLIEST.year <= year <= today.year and 1 <= month <= DECEMBER
    if not is_month or date(year, month, 1) > today:
        raise NotFoundError


def month_statement(payee: Payee, year: int, month: int) -> Statement:
    """One month, each line with what it is about. At most ten queries, however many lines."""
    start = date(year, month, 1)
    return _stated(payee, start, _next_month(start), worded=True)


def year_statement(payee: Payee, year: int) -> YearStatement:
    """A year, and each of its months. Two queries."""
    whole = _stated(payee, date(year, 1, 1), date(year + 1, 1, 1), worded=False)
    return YearStatement(whole, list(_months_of(whole)))


def stated_months(payee: Payee, *, now: datetime) -> list[date]:
    """The first day of every month since something first happened, newest first."""
    owner = AccountKey.of_payee(AccountKind.PAYEE_HELD, payee.pk).owner
    earliest = JournalEntry.objects.filter(postings__account__owner=owner).aggregate(at=Min("occurred_at"))
    if earliest["at"] is None:
        return []
    zone = books_zone(payee)
    month, months = earliest["at"].astimezone(zone).date().replace(day=1), []
    while month <= now.astimezone(zone).date():
        months.append(month)
        month = _next_month(month)
    return months[::-1]


def _stated(payee: Payee, start: date, end: date, *, worded: bool) -> Statement:
    zone = books_zone(payee)
    first, after = _midnight(start, zone), _midnight(end, zone)
    lines = _as_lines(_asked(_DURING, payee, start=first, end=after))
    return Statement(
        payee=payee,
        start=start,
        end=end,
        zone=zone,
        opening=_places_before(payee, first),
        lines=_worded(lines) if worded else lines,
    )


def _months_of(year: Statement) -> Iterator[Statement]:
    def month_of(line: Line) -> int:
        return line.at.astimezone(year.zone).month

    by_month = {month: list(lines) for month, lines in groupby(year.lines, month_of)}
    opening = year.opening
    for month in range(1, DECEMBER + 1):
        start = year.start.replace(month=month)
        stated = Statement(year.payee, start, _next_month(start), year.zone, opening, by_month.get(month, []))
        yield stated
        opening = stated.closing


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


def _next_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


_PLACES = """
    coalesce(-sum(posting.amount) FILTER (WHERE account.kind = 'payee_held'), 0),
    coalesce(-sum(posting.amount) FILTER (WHERE account.kind = 'payee_available'), 0),
    coalesce(-sum(posting.amount) FILTER (WHERE account.kind = 'payee_in_transit'), 0),
    coalesce(-sum(posting.amount) FILTER (WHERE account.kind = 'payee_debt'), 0)
"""
_HIS = """
    FROM payouts_posting posting
    JOIN payouts_ledgeraccount account ON account.id = posting.account_id
    JOIN payouts_journalentry entry ON entry.id = posting.entry_id
    WHERE account.owner = %(owner)s AND account.currency = %(currency)s
      AND account.kind IN ('payee_held', 'payee_available', 'payee_in_transit', 'payee_debt')
"""
_BEFORE = f"SELECT {_PLACES} {_HIS} AND entry.occurred_at < %(start)s"
# A fee is told to him whose entry it is alone; an order of several payees would tell one the other's.
_ENTRIES = f"""
    WITH moved(id, occurred_at, kind, source, held, available, in_transit, debt) AS (
        SELECT entry.id, entry.occurred_at, entry.kind, entry.source, {_PLACES}
        {_HIS} AND {{which}}
        GROUP BY entry.id
    )
    SELECT moved.*, CASE WHEN cut.payees = 1 THEN coalesce(cut.fee, 0) ELSE 0 END
    FROM moved
    CROSS JOIN LATERAL (
        SELECT -sum(posting.amount) FILTER (WHERE account.kind = 'platform_revenue') AS fee,
               count(DISTINCT account.owner) FILTER (WHERE account.kind LIKE 'payee%%') AS payees
        FROM payouts_posting posting
        JOIN payouts_ledgeraccount account ON account.id = posting.account_id
        WHERE posting.entry_id = moved.id
    ) cut
    ORDER BY moved.occurred_at, moved.id
"""  # noqa: S608  (pieces of our own)


_DURING = _ENTRIES.format(which="entry.occurred_at >= %(start)s AND entry.occurred_at < %(end)s")
_ABOUT = _ENTRIES.format(which="entry.source = ANY(%(sources)s)")


def _asked(sql: str, payee: Payee, **wanted: Any) -> list[tuple[Any, ...]]:
    owner = AccountKey.of_payee(AccountKind.PAYEE_HELD, payee.pk).owner
    with connection.cursor() as cursor:
        cursor.execute(sql, {"owner": owner, "currency": payee.currency, **wanted})
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _places_before(payee: Payee, start: datetime) -> Places:
    [sums] = _asked(_BEFORE, payee, start=start)
    return Places(*map(int, sums))


def lines_about(payee: Payee, sources: Collection[str]) -> list[Line]:
    """The entries with these sources that concern a payee, oldest first."""
    return _as_lines(_asked(_ABOUT, payee, sources=sorted(sources)))


def _as_lines(rows: Iterable[tuple[Any, ...]]) -> list[Line]:
    return [
        Line(at=at, kind=kind, source=source, moved=Places(*map(int, places)), fee=int(fee))
        for _, at, kind, source, *places, fee in rows
    ]


def _worded(lines: list[Line]) -> list[Line]:
    subjects = _subjects(lines)
    about = [subjects.get((line.kind, line.source)) or _named(line) for line in lines]
    words = words_of(about)
    shares = dict(Share.objects.filter(source__in=about).values_list("source", "pk"))
    return [
        replace(line, what=words.get(subject, ""), share_id=shares.get(subject))
        for line, subject in zip(lines, about, strict=True)
    ]


def _named(line: Line) -> str:
    """Its source; one of Stripe's own ids has the entry's kind for a noun."""
    return line.source if ":" in line.source else f"{line.kind}:{line.source}"


def _subjects(lines: Iterable[Line]) -> dict[tuple[str, str], str]:
    """The share that an entry of our own is about, by kind and source; four queries."""
    sources = defaultdict(list)
    for line in lines:
        sources[line.kind].append(line.source)
    transfers = Transfer.objects.filter(stripe_id__in=sources["release"])
    reversals = Reversal.objects.filter(stripe_id__in=sources["reversal"])
    nettings = Netting.objects.filter(pk__in=_keys(sources["netting"]))
    releases = Release.objects.filter(pk__in=_keys(sources["release_refused"]))
    found = {
        "release": transfers.values_list("stripe_id", "release__share__source"),
        "reversal": reversals.values_list("stripe_id", "transfer__release__share__source"),
        "netting": ((f"netting:{pk}", share) for pk, share in nettings.values_list("pk", "share__source")),
        "release_refused": (
            (f"release:{pk}", share) for pk, share in releases.values_list("pk", "share__source")
        ),
    }
    return {(kind, source): share for kind, pairs in found.items() for source, share in pairs}


def _keys(sources: Iterable[str]) -> list[int]:
    return [int(source.partition(":")[2]) for source in sources]
