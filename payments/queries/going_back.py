"""How far a refund is, as its buyer wants to know it: how much, where to, when."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from core.money import Money
from payments.models import Refund
from payments.rules import CARD_SHOWS_A_REFUND
from payments.states import RefundState

_SATURDAY = 5


class Stage(StrEnum):
    """Where the card's part is."""

    NONE = "none"  # nothing of it was the card's
    LEAVING = "leaving"  # decided; not yet with Stripe, as far as we know
    DISPUTED = "disputed"  # the bank decides first who has the money
    WAITING = "waiting"  # Stripe has it and holds it
    SENT = "sent"  # on its way to the bank
    DUE = "due"  # the bank has had the time it takes
    FAILED = "failed"  # the bank did not take it: it lies on the balance


@dataclass(frozen=True)
class GoingBack:
    """A refund as people are told of it. The days are those of the buyer's zone.

    ``card`` is ours to send, to what ``to`` names; ``by_bank`` is what its bank gave back by itself after a
    dispute; ``balance`` came back there at once. ``on`` is the day it was sent, or failed; between
    ``earliest`` and ``latest`` the card's bank is expected to show it.
    """

    refund: Refund
    to: str
    card: Money
    by_bank: Money
    balance: Money
    stage: Stage
    on: date | None = None
    earliest: date | None = None
    latest: date | None = None

    @property
    def business_days(self) -> str:
        """How long a bank takes."""
        return "{} to {}".format(*CARD_SHOWS_A_REFUND)


def going_back(refund: Refund, *, now: datetime) -> GoingBack:
    """Reads the refund's payment, its order and the order's buyer: select them for a list."""
    zone, currency = refund.order.buyer.zone, refund.order.currency
    card, by_bank, balance = (
        Money(minor, currency) for minor in (refund.to_send, refund.by_bank, refund.balance)
    )
    told = GoingBack(
        refund, refund.payment.method if refund.payment else "", card, by_bank, balance, _stage(refund)
    )
    if refund.settled_at is None or told.stage == Stage.NONE:
        return told
    on = refund.settled_at.astimezone(zone).date()
    earliest, latest = (business_days_after(on, days) for days in CARD_SHOWS_A_REFUND)
    is_due = told.stage == Stage.SENT and now.astimezone(zone).date() > latest
    stage = Stage.DUE if is_due else told.stage
    return replace(told, stage=stage, on=on, earliest=earliest, latest=latest)


def going_back_of(source: str, *, now: datetime) -> list[GoingBack]:
    """All refunds of what a seller calls ``source``, the first one first."""
    refunds = Refund.objects.filter(line__source=source, amount__gt=0).select_related(
        "payment", "order__buyer"
    )
    return [going_back(refund, now=now) for refund in refunds.order_by("pk")]


def business_days_after(on: date, days: int) -> date:
    """The day that is so many Mondays to Fridays after ``on``; holidays differ by bank and are not known."""
    while days:
        on += timedelta(days=1)
        days -= on.weekday() < _SATURDAY
    return on


def _stage(refund: Refund) -> Stage:
    if not refund.to_send:
        return Stage.NONE
    if refund.awaits_verdict:
        return Stage.DISPUTED
    if refund.state == RefundState.PENDING:
        return Stage.WAITING if refund.stripe_id else Stage.LEAVING
    return Stage.SENT if refund.state == RefundState.SUCCEEDED else Stage.FAILED
