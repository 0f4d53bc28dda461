"""What a lost webhook leaves behind: each job finds its own rows and asks Stripe about them."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from core.periodic import each, periodic
from payments.domain import disputes, refunds, replies, warnings  # noqa: F401  (two for what they bind)
from payments.domain.checkout import close_checkout, sync_checkout_session
from payments.domain.refunds import sync_refund
from payments.models import CheckoutSession, Refund
from payments.states import RefundState

_BATCH = 200


@periodic(every=timedelta(minutes=1))
def close_unwanted_checkouts(now: datetime) -> int:
    """Sessions whose end nobody told us, or that nobody should pay any more: ask, and close them."""
    orders = CheckoutSession.objects.to_close(now).order_by("expires_at").values_list("order_id", flat=True)

    def closed(order_id: UUID) -> bool:
        return close_checkout(order_id, now=now) != "unknown"

    return each(list(orders[:_BATCH]), closed)


@periodic(every=timedelta(hours=1))
def follow_pending_refunds(now: datetime) -> int:
    """Refunds that are still on their way as far as we know."""
    ids = (
        Refund.objects.pending()
        .exclude(stripe_id="")
        .order_by("created_at")
        .values_list("stripe_id", flat=True)
    )

    def settled(stripe_id: str) -> bool:
        return bool(sync_refund(stripe_id, now=now).state != RefundState.PENDING)

    return each(list(ids[:_BATCH]), settled)


@periodic(every=timedelta(minutes=10))
def fetch_missing_fees(now: datetime) -> int:
    """What Stripe kept for itself may be known only some time after the payment."""
    ids = CheckoutSession.objects.without_fee().order_by("paid_at").values_list("stripe_id", flat=True)

    def known(stripe_id: str) -> bool:
        return sync_checkout_session(stripe_id, now=now).fee is not None

    return each(list(ids[:_BATCH]), known)


@periodic(every=timedelta(hours=1))
def follow_undecided_disputes(now: datetime) -> int:
    """Disputes that no bank has decided as far as we know."""
    return disputes.follow_undecided(now)


@periodic(every=timedelta(hours=1))
def ask_again_for_refunds(now: datetime) -> int:
    """Refunds that Stripe refused for a dispute we know nothing of, or that is over."""
    return refunds.ask_again(now)
