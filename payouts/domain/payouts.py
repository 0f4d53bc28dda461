"""The mirror of payouts: read at Stripe, booked once, followed when they fail, even after they were paid."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from core.events import announce
from core.periodic import each
from integrations.stripe import answers
from integrations.stripe.errors import GatewayError
from integrations.stripe.gateway import get_gateway
from integrations.stripe.inbox import UnknownObjectError, syncs
from payouts.domain.carrying import carry, take_oldest
from payouts.domain.ledger import post
from payouts.events import PayoutChanged
from payouts.models import Payee, Payout, PayoutLine, Transfer
from payouts.rules import AccountKey, AccountKind
from payouts.states import ON_ITS_WAY, PayoutState, ShareState

# A bank may send a payout back for some days after it was paid.
MAY_FAIL_FOR = timedelta(days=14)


@syncs("payout")
def sync_payout(stripe_id: str, account: str, *, now: datetime) -> Payout | None:
    """Read a payout of a connected account and book what is new. None for the platform's own.

    Raises:
        UnknownObjectError: no payee has this account.
        GatewayError: Stripe did not answer.
    """
    if not account:
        return None
    if not Payee.objects.filter(account=account).exists():
        raise UnknownObjectError(account)
    gateway = get_gateway()
    seen = gateway.read_payout(stripe_id, account)
    # Of one that was asked for by hand Stripe refuses to say what is in it.
    lines = gateway.payout_lines(stripe_id, account) if seen.automatic else []
    return _apply(seen, lines, now=now)


def sync_payouts(now: datetime) -> int:
    """List the payouts of all who have money on the way: a lost webhook loses nothing. How many moved."""
    return each(_waiting_for_payouts(now), lambda payee: _sync_payouts_of(payee, now=now))


def _waiting_for_payouts(now: datetime) -> list[Payee]:
    on_the_way = Q(shares__state__in=[ShareState.TRANSFERRED, ShareState.IN_TRANSIT])
    may_fail = Q(payouts__state__in=[*ON_ITS_WAY, PayoutState.PAID], payouts__made_at__gt=now - MAY_FAIL_FOR)
    return list(Payee.objects.connected().filter(on_the_way | may_fail).order_by("pk").distinct())


def _sync_payouts_of(payee: Payee, *, now: datetime) -> int:
    try:
        seen = get_gateway().list_payouts(payee.account)
        known = dict(payee.payouts.values_list("stripe_id", "state"))
        news = [payout for payout in reversed(seen) if known.get(payout.id) != payout.status]
        for payout in news:
            sync_payout(payout.id, payee.account, now=now)
    except GatewayError:
        return 0
    return len(news)


@transaction.atomic
def _apply(seen: answers.Payout, lines: list[answers.PayoutLine], *, now: datetime) -> Payout:
    payee = Payee.objects.select_for_update(no_key=True).get(account=seen.account)
    payout, is_new = Payout.objects.get_or_create(
        stripe_id=seen.id,
        defaults={
            "payee": payee,
            "amount": seen.amount,
            "currency": seen.currency,
            "made_at": seen.created_at,
            "arrives_on": seen.arrives_at.date(),
            "bank": seen.bank,
            "automatic": seen.automatic,
        },
    )
    if is_new:
        _post(payout, "payout", AccountKind.PAYEE_AVAILABLE, AccountKind.PAYEE_IN_TRANSIT, now=now)
    _store_lines(payout, lines)
    if is_new and not payout.automatic:
        take_oldest(payout)
    has_moved = _follow(payout, seen, now=now)
    carry(payout)
    if is_new or has_moved:
        announce(PayoutChanged(at=now, payee_id=payee.pk, payout_id=payout.pk))
    return payout


def _store_lines(payout: Payout, lines: list[answers.PayoutLine]) -> None:
    """Once, and whole: Stripe may list them some time after it made the payout."""
    if payout.lines.exists() or sum(line.amount - line.fee for line in lines) != payout.amount:
        return
    transfers = _transfers_in(lines)
    earlier = Payout.objects.filter(made_at__lt=payout.made_at)
    came_back = [line.source for line in lines if line.kind != PayoutLine.BY_HAND]
    returned = earlier.in_bulk(came_back, field_name="stripe_id")
    PayoutLine.objects.bulk_create(
        PayoutLine(
            payout=payout,
            stripe_id=line.id,
            kind=line.kind,
            source=line.transfer or line.source,
            amount=line.amount - line.fee,
            transfer=transfers.get(line.transfer or line.refunded),
            returned=returned.get(line.source),
        )
        for line in lines
    )


def _transfers_in(lines: list[answers.PayoutLine]) -> dict[str, Transfer]:
    """Those of ours that lines bring or take from, by their own id and by what the account calls them."""
    sent = Q(stripe_id__in=[line.transfer for line in lines if line.transfer])
    taken = Q(destination_payment__in=[line.refunded for line in lines if line.refunded])
    found: dict[str, Transfer] = {}
    for transfer in Transfer.objects.filter(sent | taken):
        found |= {transfer.stripe_id: transfer, transfer.destination_payment: transfer}
    return found


def _follow(payout: Payout, seen: answers.Payout, *, now: datetime) -> bool:
    """Take the arrow to what Stripe says. No arrow: an older answer that came late."""
    target = PayoutState(seen.status)
    before = PayoutState(payout.state)
    if not payout.can_move_to(target):
        return False
    payout.move_to(target)
    if target == PayoutState.PAID:
        payout.paid_at = now
        _post(payout, "payout_paid", AccountKind.PAYEE_IN_TRANSIT, AccountKind.STRIPE_CONNECTED, now=now)
    if target in {PayoutState.FAILED, PayoutState.CANCELED}:
        _take_back(payout, before, seen, now=now)
    payout.save()
    return True


def _take_back(payout: Payout, before: PayoutState, seen: answers.Payout, *, now: datetime) -> None:
    payout.failed_at = now
    payout.failure = seen.failure_message or seen.failure_code
    if before == PayoutState.PAID:
        _post(payout, "payout_unpaid", AccountKind.STRIPE_CONNECTED, AccountKind.PAYEE_IN_TRANSIT, now=now)
    _post(payout, "payout_returned", AccountKind.PAYEE_IN_TRANSIT, AccountKind.PAYEE_AVAILABLE, now=now)


def _post(payout: Payout, kind: str, debit: AccountKind, credit: AccountKind, *, now: datetime) -> None:
    legs = {
        AccountKey.of_payee(debit, payout.payee_id): payout.amount,
        AccountKey.of_payee(credit, payout.payee_id): -payout.amount,
    }
    post(kind, payout.stripe_id, legs, currency=payout.currency, now=now)
