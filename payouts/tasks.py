"""What happens without anybody asking. Each job finds its own rows, so a lost message loses nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

from core.log import get_logger
from core.periodic import periodic
from payouts.domain import payees, payouts, releases
from payouts.queries.invariants import check

log = get_logger(__name__)


@periodic(every=timedelta(minutes=1))
def release_due(now: datetime) -> int:
    """Send the shares whose time has come."""
    return releases.release_due(now)


@periodic(every=timedelta(hours=1))
def sync_accounts(now: datetime) -> int:
    """Ask Stripe about payees who cannot be paid yet."""
    return payees.sync_accounts(now)


@periodic(every=timedelta(hours=1))
def sync_payouts(now: datetime) -> int:
    """Ask Stripe about payouts of everybody who has money on the way."""
    return payouts.sync_payouts(now)


@periodic(every=timedelta(days=1))
def check_books(_now: datetime) -> int:
    """Ask whether every invariant holds, and say so when one does not. Moves nothing, so answers 0."""
    for difference in check():
        log.error("ledger.difference", difference=str(difference))
    return 0
