"""What a payee is told of his money."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse

from core.locales import written_for
from core.templatetags.formats import day, money
from notifications.domain.inbox import News, tell
from notifications.domain.letters import Letter
from notifications.models import Notification
from payouts.models import Payout
from payouts.states import PayoutState

WORDING = {
    PayoutState.PAID: (
        "{amount} is at your bank",
        "The payout of {made} has arrived. Each session in it has its line.",
    ),
    PayoutState.FAILED: (
        "Your payout of {amount} came back",
        "Your bank sent it back. Check the account at Stripe.",
    ),
}


def tell_of_payout(payout_id: int, *, now: datetime) -> None:
    """Tell when it arrived, or came back; what is on its way is seen on the page."""
    payout = Payout.objects.select_related("payee__user").get(pk=payout_id)
    words = WORDING.get(PayoutState(payout.state))
    if words is None:
        return
    person = payout.payee.user
    with written_for(person.locale):
        values = {"amount": money(payout.total), "made": day(payout.made_at, person.zone)}
    title, body = (text.format(**values) for text in words)
    source = f"{payout.stripe_id}:{payout.state}"
    tell(person, News("payouts/payout", source, title, body, reverse("desk_earnings")), now=now)


def payout_letter(line: Notification, _now: datetime) -> Letter:
    payout = Payout.objects.get(stripe_id=line.source.partition(":")[0])
    return Letter(facts=[("Payout", payout.stripe_id), ("Amount", money(payout.total))])
