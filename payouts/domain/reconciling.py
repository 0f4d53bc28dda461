"""The nightly proof: what we have beside what Stripe has, in both directions. It looks and never puts right.

A comparer looks over the network, so no transaction is open while it does; what it found is stored in one.
Apps above add theirs with ``@reconciles``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from django.db import transaction
from django.db.models import Min

from core.audit import record
from core.errors import DomainError, InvalidError, NotFoundError
from core.locks import alone
from core.log import get_logger
from integrations.stripe.errors import GatewayError
from payouts.models import Comparison, Difference

if TYPE_CHECKING:
    from accounts.models import User

log = get_logger(__name__)

LOOK_BACK = timedelta(days=14)
"""How far back we compare; what changes later is listed by what changed it."""

LONGEST_SILENCE = timedelta(hours=25)
"""A night and what it takes: a part that was last known before is asked again by the hour."""


@dataclass(frozen=True)
class Finding:
    """A difference as it was seen: named by ``kind`` and ``subject``, with its two sides."""

    kind: str
    subject: str
    message: str
    ours: str = ""
    stripes: str = ""

    @property
    def name(self) -> tuple[str, str]:
        return self.kind, self.subject


Compare = Callable[[datetime, datetime], Iterable[Finding]]
"""``compare(since, now)``: everything that differs of what came to be since then, or is still under way.

Raises a ``GatewayError`` where Stripe does not answer: then nobody knows.
"""

CompareT = TypeVar("CompareT", bound=Compare)
COMPARERS: dict[str, Compare] = {}


def reconciles(name: str) -> Callable[[CompareT], CompareT]:
    """Register a comparer under the name of what it compares."""

    def bind(compare: CompareT) -> CompareT:
        COMPARERS[name] = compare
        return compare

    return bind


class DifferenceGoneError(DomainError):
    """It is not there any more: put right, gone by itself, or another by now."""

    code = "difference_gone"
    message = "This difference is not there any more. Load the page again and see what is there now."


def reconcile(now: datetime, *, names: Iterable[str] | None = None, since: datetime | None = None) -> int:
    """Compare everything, or the parts called ``names``. How many differences are new, or gone.

    Whoever comes while another compares a part leaves that to him. Calls Stripe.
    """
    moved = 0
    for name in COMPARERS if names is None else names:
        with alone("reconcile", name) as is_mine:
            moved += _ask(name, now=now, since=since) if is_mine else 0
    return moved


def missed(now: datetime) -> list[str]:
    """The parts of which nobody knows how they stood last night."""
    known = Comparison.objects.filter(trouble="", answered_at__gt=now - LONGEST_SILENCE)
    names = set(known.values_list("name", flat=True))
    return [name for name in COMPARERS if name not in names]


def _ask(name: str, *, now: datetime, since: datetime | None) -> int:
    try:
        found = _seen_twice(COMPARERS[name], since or _reach(name, now), now)
    except GatewayError as error:
        log.warning("reconcile.unknown", part=name, error=str(error))
        _remember_trouble(name, str(error), now=now)
        return 0
    return _store(name, found, now=now)


def _reach(name: str, now: datetime) -> datetime:
    """As far back as what was found before, or it would seem to be gone just because it is old."""
    waiting = Difference.objects.open().filter(comparison__name=name)
    oldest: datetime | None = waiting.aggregate(oldest=Min("found_at"))["oldest"]
    return min(oldest or now, now) - LOOK_BACK


def _seen_twice(compare: Compare, since: datetime, now: datetime) -> list[Finding]:
    """What two looks in a row see: between them whatever was on its way has arrived."""
    first = {finding.name for finding in compare(since, now)}
    second = list(compare(since, now)) if first else []
    return _merged(finding for finding in second if finding.name in first)


def _merged(findings: Iterable[Finding]) -> list[Finding]:
    """One of each name: two complaints about one thing are one difference."""
    by_name: dict[tuple[str, str], Finding] = {}
    for finding in findings:
        other = by_name.get(finding.name)
        together = replace(other, message=f"{other.message}; {finding.message}") if other else finding
        by_name[finding.name] = together
    return list(by_name.values())


def _remember_trouble(name: str, trouble: str, *, now: datetime) -> None:
    Comparison.objects.update_or_create(name=name, defaults={"asked_at": now, "trouble": trouble})


@transaction.atomic
def _store(name: str, found: list[Finding], *, now: datetime) -> int:
    answer = {"asked_at": now, "answered_at": now, "found": len(found), "trouble": ""}
    comparison, _ = Comparison.objects.update_or_create(name=name, defaults=answer)
    standing = {(row.kind, row.subject): row for row in comparison.differences.standing().select_for_update()}
    counts: Counter[str] = Counter()
    for finding in found:
        row = standing.pop(finding.name, None)
        if row is not None and _see_again(row, finding, now=now):
            continue
        _find(comparison, finding, now=now)
        counts["new"] += 1
    for row in standing.values():
        _let_go(row, now=now)
        counts["gone"] += row.closed_at is None
    return counts.total()


def _find(comparison: Comparison, finding: Finding, *, now: datetime) -> None:
    row = Difference.objects.create(
        comparison=comparison,
        kind=finding.kind,
        subject=finding.subject,
        ours=finding.ours,
        stripes=finding.stripes,
        message=finding.message,
        found_at=now,
        last_seen_at=now,
    )
    log.error("ledger.difference", part=comparison.name, difference=str(row))


def _see_again(row: Difference, finding: Finding, *, now: datetime) -> bool:
    """False where a person closed another one than this: it has other values by now."""
    if row.closed_at is not None and (row.ours, row.stripes) != (finding.ours, finding.stripes):
        _let_go(row, now=now)
        return False
    row.ours, row.stripes, row.message = finding.ours, finding.stripes, finding.message
    row.last_seen_at = now
    row.save(update_fields=["ours", "stripes", "message", "last_seen_at"])
    return True


def _let_go(row: Difference, *, now: datetime) -> None:
    row.gone_at = now
    row.save(update_fields=["gone_at"])


@transaction.atomic
def close_difference(difference_id: int, *, by: User, note: str, now: datetime) -> Difference:
    """Say why a difference is none, or who puts it right. The first one to say so is kept.

    Raises:
        NotFoundError: there is none, or this person does not work for operations.
        InvalidError: no note.
        DifferenceGoneError: it has gone by itself.
    """
    row = Difference.objects.select_for_update().filter(pk=difference_id).first()
    if row is None or not by.is_staff:
        raise NotFoundError
    if not note.strip():
        raise InvalidError(fields={"note": ["Say why it may be closed."]})
    if row.closed_at is not None:
        return row
    if row.gone_at is not None:
        raise DifferenceGoneError
    row.closed_at, row.closed_by, row.note = now, by, note
    row.save(update_fields=["closed_at", "closed_by", "note"])
    record("difference.closed", row, by=by, now=now, reason=note)
    return row
