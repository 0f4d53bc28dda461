"""Where a payee is paid out to: read after a bank refused a payout, so that he hears when it is put right."""

from __future__ import annotations

from datetime import datetime

from core.periodic import each
from integrations.stripe.errors import GatewayError
from integrations.stripe.gateway import get_gateway
from payouts.domain.payees import StripeUnavailableError
from payouts.models import Payee


def dashboard_link(payee: Payee) -> str:
    """Stripe's own page of his account, where he changes his bank; good for one visit.

    Raises:
        StripeUnavailableError: no account yet, or no link for now.
    """
    if not payee.account:
        raise StripeUnavailableError("Set up your payouts first: you have no account at Stripe yet.")
    try:
        return get_gateway().dashboard_link(payee.account)
    except GatewayError as error:
        raise StripeUnavailableError from error


def sync_banks(_now: datetime) -> int:
    """Read the bank of everybody whose newest payout came back. How many are another."""
    return each(Payee.objects.with_refused_payout().order_by("pk"), sync_bank)


def sync_bank(payee: Payee) -> bool:
    """Read where a payee is paid out to now. Whether that is another bank."""
    try:
        bank = get_gateway().read_bank(payee.account)
    except GatewayError:
        return False
    seen = (bank.id, bank.label) if bank else ("", "")
    if seen == (payee.bank, payee.bank_label):
        return False
    Payee.objects.filter(pk=payee.pk).update(bank=seen[0], bank_label=seen[1])
    return True
