"""The one writer of the ledger. It only grows: a mistake is undone by another entry."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Q, Sum

from core.errors import DomainError
from payouts.models import JournalEntry, LedgerAccount, Posting
from payouts.rules import NEVER_OVERDRAWN, AccountKey, Legs


class OverdrawnError(DomainError):
    """More was to be taken from an account than lies on it."""

    code = "overdrawn"
    message = "There is not enough money left for this. Load the page again and see what is there now."


class UnbalancedError(ValueError):
    """The legs of an entry do not add up to zero: a programmer's error."""


class OtherLegsError(ValueError):
    """A kind and source were posted before with other legs: a programmer's error."""


@transaction.atomic
def post(kind: str, source: str, legs: Legs, *, currency: str, now: datetime) -> JournalEntry | None:
    """Write one entry: minor units by account, debit positive. None when it was there, or moves nothing.

    Safe for two at once: the unique kind and source let one of them win, the other finds it done.

    Raises:
        UnbalancedError: the legs do not sum to zero.
        OtherLegsError: kind and source were posted with other legs.
        OverdrawnError: held money, money in transit, unused credits or a balance would fall below zero.
    """
    moving = {key: amount for key, amount in legs.items() if amount}
    if sum(moving.values()):
        raise UnbalancedError(f"{kind} {source}: {moving}")
    if not moving:
        return None
    accounts = _accounts(moving, currency)
    entry = _insert(kind, source, now)
    if entry is None:
        _refuse_other_legs(kind, source, {accounts[key].pk: amount for key, amount in moving.items()})
        return None
    guarded = _locked(accounts[key].pk for key, amount in moving.items() if _may_overdraw(key, amount))
    Posting.objects.bulk_create(
        Posting(entry=entry, account=accounts[key], amount=amount) for key, amount in moving.items()
    )
    _refuse_overdrawn(guarded)
    return entry


def _may_overdraw(key: AccountKey, amount: int) -> bool:
    return amount > 0 and key.kind in NEVER_OVERDRAWN


def _accounts(legs: Legs, currency: str) -> dict[AccountKey, LedgerAccount]:
    found = _find_accounts(legs, currency)
    missing = sorted(set(legs) - set(found))
    if not missing:
        return found
    # Sorted: two entries that open the same accounts wait for each other in one order.
    LedgerAccount.objects.bulk_create(
        [LedgerAccount(kind=key.kind, owner=key.owner, currency=currency) for key in missing],
        ignore_conflicts=True,
    )
    return _find_accounts(legs, currency)


def _find_accounts(legs: Legs, currency: str) -> dict[AccountKey, LedgerAccount]:
    wanted = Q(pk__in=[])
    for key in legs:
        wanted |= Q(kind=key.kind, owner=key.owner, currency=currency)
    return {account.key: account for account in LedgerAccount.objects.filter(wanted)}


def _insert(kind: str, source: str, now: datetime) -> JournalEntry | None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO payouts_journalentry (kind, source, occurred_at) VALUES (%s, %s, %s)
            ON CONFLICT (kind, source) DO NOTHING RETURNING id
            """,
            [kind, source, now],
        )
        row = cursor.fetchone()
    return JournalEntry(pk=row[0], kind=kind, source=source, occurred_at=now) if row else None


def _refuse_other_legs(kind: str, source: str, legs: dict[int, int]) -> None:
    posted = Posting.objects.filter(entry__kind=kind, entry__source=source)
    if dict(posted.values_list("account_id", "amount")) != legs:
        raise OtherLegsError(f"{kind} {source}")


def _locked(ids: Iterable[int]) -> list[int]:
    """Lock accounts that are debited, in one order, against each other only.

    A credit needs no lock: it cannot overdraw. ``no_key`` leaves the foreign keys of credits alone.
    """
    wanted = LedgerAccount.objects.filter(pk__in=list(ids))
    return list(wanted.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))


def _refuse_overdrawn(account_ids: list[int]) -> None:
    if not account_ids:
        return
    sums = Posting.objects.filter(account__in=account_ids).values("account").annotate(balance=Sum("amount"))
    if sums.filter(balance__gt=0).exists():
        raise OverdrawnError
