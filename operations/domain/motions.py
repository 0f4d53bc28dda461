"""The second person: what is above one person's limit waits as a motion until another one seconds it.

The limit itself is in the verbs below (``payments.domain.second_person``), whoever calls them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from core.audit import record
from core.errors import DomainError, ForbiddenError, InvalidError, NotFoundError
from core.money import Money
from marketplace.domain.amends import decide_compensation, give_back
from marketplace.models import Compensation, Session
from operations.models import Motion
from operations.rules import MOTION_LASTS
from operations.states import MotionKind, MotionState
from payments.domain.adjustments import adjust, adjusted
from payments.domain.second_person import Seconded, SecondPersonNeededError
from payments.models import Order

if TYPE_CHECKING:
    from accounts.models import User


class MotionDecidedError(DomainError):
    code = "motion_decided"
    message = "This was decided before. Load the page again and see how."


class MotionLapsedError(DomainError):
    code = "motion_lapsed"
    message = "Nobody agreed in time. It has to be asked for anew."


@dataclass(frozen=True)
class Wish:
    """What somebody wants: ``amount`` for the session, order or compensation whose key is ``target``."""

    kind: MotionKind
    target: str
    amount: Money


@dataclass(frozen=True)
class Act:
    """How a kind is done, and how what it changes stands now: its order, and the money it is taken from."""

    perform: Callable[..., Any]
    standing: Callable[[str], tuple[Order, int]]


def _give_back(wish: Wish, **said: Any) -> None:
    give_back(UUID(wish.target), wish.amount, **said)


def _adjust(wish: Wish, **said: Any) -> None:
    adjust(UUID(wish.target), wish.amount, **said)


def _compensate(wish: Wish, **said: Any) -> None:
    decide_compensation(int(wish.target), granted=True, **said)


def _kept_of_session(target: str) -> tuple[Order, int]:
    session = Session.objects.select_related("order", "line").get(pk=UUID(target))
    return session.order, session.line.kept


def _adjusted_of_order(target: str) -> tuple[Order, int]:
    order = Order.objects.get(pk=target)
    return order, adjusted(order)


def _nothing_of_compensation(target: str) -> tuple[Order, int]:
    return Compensation.objects.select_related("session__order").get(pk=target).session.order, 0


ACTS: dict[MotionKind, Act] = {
    MotionKind.REFUND: Act(_give_back, _kept_of_session),
    MotionKind.ADJUSTMENT: Act(_adjust, _adjusted_of_order),
    MotionKind.COMPENSATION: Act(_compensate, _nothing_of_compensation),
}


def carry_out(wish: Wish, *, by: User, reason: str, now: datetime) -> None:
    """Do what is wished, where one person may; else it waits for a second one.

    Raises:
        SecondPersonNeededError: it waits; ``motion`` is its id. The same wish again is the same motion.
        DomainError: whatever the verb refuses.
    """
    act = ACTS[wish.kind]
    try:
        act.perform(wish, by=by, reason=reason, now=now)
    except SecondPersonNeededError as needed:
        motion = _move(wish, act, by=by, reason=reason, now=now)
        raise SecondPersonNeededError(
            "An amount this high needs a second person. It waits for one now.",
            **needed.extra,
            motion=str(motion.pk),
        ) from needed


@transaction.atomic
def _move(wish: Wish, act: Act, *, by: User, reason: str, now: datetime) -> Motion:
    order, before = act.standing(wish.target)
    # What nobody can second any more, as time or the money went on, must not stand in for the new one.
    others = Motion.objects.open().filter(kind=wish.kind, target=wish.target)
    others.filter(Q(expires_at__lte=now) | ~Q(before=before)).update(state=MotionState.LAPSED, decided_at=now)
    motion, is_new = Motion.objects.get_or_create(
        kind=wish.kind,
        target=wish.target,
        amount=wish.amount.minor,
        moved_by=by,
        state=MotionState.OPEN,
        defaults={
            "order": order,
            "currency": wish.amount.currency,
            "before": before,
            "reason": reason,
            "moved_at": now,
            "expires_at": now + MOTION_LASTS,
        },
    )
    if is_new:
        record("motion.moved", motion, by=by, now=now, reason=reason)
    return motion


@transaction.atomic
def second(motion_id: int, *, by: User, reason: str, now: datetime) -> Motion:
    """Agree, and it happens: everything is asked again under the locks. Twice is once.

    Raises:
        NotFoundError: there is none, or this person does not work for operations.
        ForbiddenError: his own motion, or he is a side of what it is about.
        InvalidError: no reason.
        MotionDecidedError, MotionLapsedError: too late.
        ChangedSinceError: the money does not stand any more as it did when it was moved.
    """
    motion = _locked(motion_id, by)
    if motion.moved_by_id == by.pk:
        raise ForbiddenError("Nobody is his own second person.")
    if motion.state == MotionState.SECONDED and motion.decided_by_id == by.pk:
        return motion
    _decide(motion, MotionState.SECONDED, by=by, reason=reason, now=now)
    wish = Wish(MotionKind(motion.kind), motion.target, motion.money)
    seconded = Seconded(by, motion.before)
    ACTS[wish.kind].perform(wish, by=motion.moved_by, reason=motion.reason, seconded=seconded, now=now)
    return motion


@transaction.atomic
def reject(motion_id: int, *, by: User, reason: str, now: datetime) -> Motion:
    """Refuse a motion; whoever moved it may withdraw it so. Twice is once.

    Raises:
        NotFoundError: there is none, or this person does not work for operations.
        InvalidError: no reason.
        MotionDecidedError, MotionLapsedError: too late.
    """
    motion = _locked(motion_id, by)
    if motion.state == MotionState.REJECTED and motion.decided_by_id == by.pk:
        return motion
    return _decide(motion, MotionState.REJECTED, by=by, reason=reason, now=now)


def _locked(motion_id: int, by: User) -> Motion:
    motions = Motion.objects.select_for_update(of=("self",)).select_related("moved_by", "order")
    motion = motions.filter(pk=motion_id).first()
    if motion is None or not by.is_staff:
        raise NotFoundError
    return motion


def _decide(motion: Motion, state: MotionState, *, by: User, reason: str, now: datetime) -> Motion:
    if not reason.strip():
        raise InvalidError(fields={"reason": ["Say why."]})
    if motion.state == MotionState.LAPSED or (motion.is_open and motion.expires_at <= now):
        raise MotionLapsedError
    if not motion.is_open:
        raise MotionDecidedError
    motion.move_to(state)
    motion.decided_by, motion.decided_at, motion.decision = by, now, reason
    motion.save(update_fields=["state", "decided_by", "decided_at", "decision"])
    record(f"motion.{state}", motion, by=by, now=now, reason=reason)
    return motion


def lapse_overdue(now: datetime) -> int:
    """Let go of what nobody seconded in time. How many."""
    return Motion.objects.overdue(now).update(state=MotionState.LAPSED, decided_at=now)
