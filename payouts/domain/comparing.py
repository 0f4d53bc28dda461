"""The ledger beside Stripe's own balances (invariant 6). Asks over the network, changes nothing."""

from __future__ import annotations

from django.conf import settings
from django.db.models import BigIntegerField, Sum
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from integrations.stripe.gateway import get_gateway
from integrations.stripe.kinds import REFUND
from integrations.stripe.models import StripeOperation
from payouts.models import Payee
from payouts.queries.invariants import Difference
from payouts.queries.ledger import balance
from payouts.rules import AccountKey, AccountKind


def compare_with_stripe() -> list[Difference]:
    """Where a balance at Stripe is not what the ledger says.

    Refunds are booked when they are intended: those still under way lie at Stripe yet. Payouts leave a
    connected account when they are made, and the ledger's ``stripe_connected`` when they are paid.

    Raises:
        GatewayError: Stripe did not answer.
    """
    found = [_compare("platform", _platform(), get_gateway().balance().total(settings.CURRENCY))]
    for payee in Payee.objects.connected().order_by("pk"):
        at_stripe = get_gateway().balance(payee.account).total(payee.currency)
        found.append(_compare(f"account {payee.account}", _connected(payee), at_stripe))
    return [difference for difference in found if difference is not None]


def _compare(subject: str, ledger: int, stripe: int) -> Difference | None:
    if ledger == stripe:
        return None
    return Difference(6, subject, f"the ledger says {ledger}, Stripe {stripe}")


def _platform() -> int:
    under_way = StripeOperation.objects.unsettled().filter(kind=REFUND)
    amount = Cast(KeyTextTransform("amount", "parameters"), BigIntegerField())
    refunds = under_way.aggregate(total=Sum(amount))["total"] or 0
    return balance(AccountKind.STRIPE_PLATFORM, currency=settings.CURRENCY) + int(refunds)


def _connected(payee: Payee) -> int:
    """What we have not booked as sent to the bank, less what is on its way there."""
    kinds = (AccountKind.STRIPE_CONNECTED, AccountKind.PAYEE_IN_TRANSIT)
    accounts = (AccountKey.of_payee(kind, payee.pk) for kind in kinds)
    return sum(balance(kind, owner, currency=payee.currency) for kind, owner in accounts)
