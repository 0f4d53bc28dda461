"""Payees: who is paid, his account at Stripe, and what Stripe still wants to know about him."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import OuterRef, Q, Subquery

from core.errors import DomainError
from core.events import announce
from core.periodic import each
from integrations.stripe import answers, operations
from integrations.stripe.errors import GatewayError
from integrations.stripe.gateway import get_gateway
from integrations.stripe.inbox import UnknownObjectError, syncs
from integrations.stripe.kinds import RECIPIENT
from integrations.stripe.models import StripeOperation
from integrations.stripe.states import OperationState
from payouts.domain.schedules import set_schedule
from payouts.events import PayeeChanged
from payouts.models import Payee
from payouts.states import TransfersStatus

if TYPE_CHECKING:
    from accounts.models import User


class StripeUnavailableError(DomainError):
    """Stripe did not answer, or not yet."""

    code = "stripe_unavailable"
    status = 503
    message = "Stripe did not answer. Nothing is lost: try again in a minute."


@transaction.atomic
def payee_of(user: User, *, now: datetime) -> Payee:
    """The payee a person is, made at the first asking. Asks nothing of Stripe."""
    payee, _ = Payee.objects.get_or_create(
        user=user, defaults={"currency": settings.CURRENCY, "created_at": now}
    )
    return payee


def fix_zones() -> int:
    """Give the books of whoever earned something the zone he has now, for good. How many."""
    new = Payee.objects.filter(zone="", shares__isnull=False).exclude(user__timezone="")
    zones = Payee.objects.filter(pk=OuterRef("pk")).values("user__timezone")
    return Payee.objects.filter(pk__in=new.values("pk")).update(zone=Subquery(zones))


def start_onboarding(payee: Payee, *, return_url: str, refresh_url: str, now: datetime) -> str:
    """The address of Stripe's own form, good for one visit; the account is made at the first asking.

    Raises:
        StripeUnavailableError: no account or no link for now.
    """
    account = payee.account or _make_account(payee, now=now)
    try:
        return get_gateway().onboarding_link(account=account, return_url=return_url, refresh_url=refresh_url)
    except GatewayError as error:
        raise StripeUnavailableError from error


def _make_account(payee: Payee, *, now: datetime) -> str:
    operation = _plan_account(payee, now=now)
    operations.perform(operation.pk, now=now)
    payee.refresh_from_db()
    if not payee.account:
        raise StripeUnavailableError
    return payee.account


@transaction.atomic
def _plan_account(payee: Payee, *, now: datetime) -> StripeOperation:
    """One account per person: the key says so. Only a definitive refusal allows another key.

    With the moment he joined, as a restored database may give his number to somebody else.
    """
    joined = payee.user.joined_at.isoformat()
    key = f"account:{payee.user_id}:{joined}"
    refused = StripeOperation.objects.filter(key__startswith=key, state=OperationState.FAILED).count()
    return operations.plan(
        RECIPIENT,
        f"{key}:{refused + 1}" if refused else key,
        {
            "email": payee.user.email,
            "name": payee.user.display_name,
            "country": settings.COUNTRY,
            "currency": payee.currency,
            "metadata": {"payee": str(payee.pk)},
        },
        now=now,
        soon=False,
    )


@operations.settles(RECIPIENT)
def settle_account(operation: StripeOperation, *, now: datetime) -> None:
    """Remember the account that was made. After a refusal the next asking tries again."""
    if not operation.succeeded:
        return
    pk = operation.parameters["metadata"]["payee"]
    payee = Payee.objects.select_for_update(no_key=True).get(pk=pk)
    payee.account = operation.stripe_id
    payee.save(update_fields=["account"])
    set_schedule(payee.pk, now=now)
    announce(PayeeChanged(at=now, payee_id=payee.pk))


@syncs("v2.core.account")
def sync_account(account: str, _context: str = "", *, now: datetime) -> Payee:
    """Read what Stripe lets this account do and still needs from its owner.

    Raises:
        UnknownObjectError: no payee has this account.
        GatewayError: Stripe did not answer.
    """
    if not Payee.objects.filter(account=account).exists():
        raise UnknownObjectError(account)
    return _apply(get_gateway().read_recipient(account), now=now)


@transaction.atomic
def _apply(seen: answers.Recipient, *, now: datetime) -> Payee:
    payee = Payee.objects.select_for_update(no_key=True).get(account=seen.id)
    if payee.synced_at is not None and now < payee.synced_at:
        # Read before the answer that is on record already.
        return payee
    before = (payee.transfers, payee.requirements, payee.requirements_due_at)
    payee.transfers = TransfersStatus(seen.transfers)
    payee.requirements = sorted(seen.requirements)
    payee.requirements_due_at = seen.deadline
    payee.synced_at = now
    payee.save(update_fields=["transfers", "requirements", "requirements_due_at", "synced_at"])
    if before != (payee.transfers, payee.requirements, payee.requirements_due_at):
        announce(PayeeChanged(at=now, payee_id=payee.pk))
    return payee


def sync_accounts(now: datetime) -> int:
    """Read the accounts that are not ready, or whose transfers were refused. How many became another."""
    is_worth_asking = ~Q(transfers=TransfersStatus.ACTIVE) | Q(shares__retry_at__isnull=False)
    waiting = Payee.objects.connected().filter(is_worth_asking).order_by("pk").distinct()
    return each(waiting, lambda payee: _has_changed(payee, now=now))


def _has_changed(payee: Payee, *, now: datetime) -> bool:
    try:
        return sync_account(payee.account, now=now).transfers != payee.transfers
    except GatewayError:
        return False
