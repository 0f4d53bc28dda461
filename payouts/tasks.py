"""What happens without anybody asking. Each job finds its own rows, so a lost message loses nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

from core.periodic import periodic
from payouts.domain import banks, invoicing, payees, payouts, reconciling, releases, schedules


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


@periodic(every=timedelta(hours=1))
def set_payout_schedules(now: datetime) -> int:
    """Tell Stripe when to pay whom out, where it does not know yet."""
    return schedules.set_schedules(now)


@periodic(every=timedelta(hours=1))
def fix_zones(_now: datetime) -> int:
    """Let the months of those who begin to earn begin at their own midnight, for good."""
    return payees.fix_zones()


@periodic(every=timedelta(hours=1))
def sync_banks(now: datetime) -> int:
    """Ask Stripe about the banks that sent money back."""
    return banks.sync_banks(now)


@periodic(every=timedelta(minutes=10))
def invoice_payouts(now: datetime) -> int:
    """Write the invoices of payouts that arrived, and cancel those of payouts that came back."""
    return invoicing.invoice_payouts(now)


@periodic(every=timedelta(days=1), when_quiet=True)
def reconcile(now: datetime) -> int:
    """Compare our books with each other and with Stripe. How many differences are new, or gone."""
    return reconciling.reconcile(now)


@periodic(every=timedelta(hours=1), when_quiet=True)
def reconcile_what_was_missed(now: datetime) -> int:
    """The parts that were not compared last night: Stripe was away, or the site was."""
    return reconciling.reconcile(now, names=reconciling.missed(now))
