"""When Stripe pays an account out: told to it once the account is made, and again when we change it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from core.periodic import each
from integrations.stripe import operations
from integrations.stripe.kinds import PAYOUT_SCHEDULE
from integrations.stripe.models import StripeOperation
from integrations.stripe.states import SETTLED, OperationState
from payouts.models import Payee

Schedule = dict[str, Any]


def wanted_schedule(payee: Payee) -> Schedule:
    """Once a week; and what has to stay on the account, in its own currency only."""
    least = settings.PAYOUT_MINIMUMS.get(payee.currency)
    return {
        "weekday": settings.PAYOUT_WEEKDAY,
        "minimums": {payee.currency: least} if least else {},
    }


def set_schedules(now: datetime) -> int:
    """Tell Stripe about every account whose payouts are not as we want them. How many are being told."""
    others = [
        payee
        for payee in Payee.objects.connected().order_by("pk")
        if payee.schedule != wanted_schedule(payee)
    ]
    return each(others, lambda payee: set_schedule(payee.pk, now=now))


@transaction.atomic
def set_schedule(payee_id: int, *, now: datetime) -> bool:
    """Intend to tell Stripe, unless it knows, is being told, or refused just that."""
    payee = Payee.objects.select_for_update(no_key=True).get(pk=payee_id)
    wanted = wanted_schedule(payee)
    if payee.schedule == wanted:
        return False
    parameters = {"account": payee.account, **wanted}
    told = StripeOperation.objects.filter(kind=PAYOUT_SCHEDULE, parameters__account=payee.account)
    is_refused = told.filter(state=OperationState.FAILED, parameters=parameters).exists()
    if is_refused or told.exclude(state__in=sorted(SETTLED)).exists():
        return False
    least = wanted["minimums"].get(payee.currency, 0)
    # Numbered, as the same wish after another one is a new question.
    key = f"schedule:{payee.account}:{told.count() + 1}:{wanted['weekday']}:{least}"
    operations.plan(PAYOUT_SCHEDULE, key, parameters, now=now)
    return True


@operations.settles(PAYOUT_SCHEDULE)
def settle_schedule(operation: StripeOperation, *, now: datetime) -> None:  # noqa: ARG001  (a settler's form)
    """Remember what Stripe was told. Refused: somebody has to look; payouts go on as Stripe has them."""
    if not operation.succeeded:
        return
    told = {name: operation.parameters[name] for name in ("weekday", "minimums")}
    Payee.objects.filter(account=operation.parameters["account"]).update(schedule=told)
