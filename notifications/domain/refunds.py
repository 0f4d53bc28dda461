"""What a buyer is told of money that goes back to him, in the words of every page that shows it."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse

from core.locales import written_for
from core.money import Money
from core.templatetags.formats import money
from notifications.domain.inbox import News, tell
from notifications.domain.letters import Letter
from notifications.models import Notification
from payments.domain.printing import told
from payments.models import Refund
from payments.queries.going_back import Stage, going_back
from payments.queries.wares import Ware, wares

KIND = "payments/refund"

TITLES = {
    Stage.NONE: "{balance} is back on your balance",
    Stage.DISPUTED: "{card} goes back to you once your bank has decided",
    Stage.LEAVING: "{card} goes back to you",
    Stage.WAITING: "{card} goes back to you",
    Stage.SENT: "{card} is on its way to your {to}",
    Stage.DUE: "{card} is on its way to your {to}",
    Stage.FAILED: "{card} is on your balance: your bank did not take it",
}


def tell_of_decision(refund_id: int, *, now: datetime) -> None:
    """Tell the buyer of a refund that neither side nor a deadline caused: those have letters of their own."""
    refund = _refund(refund_id)
    seller = refund.line.payee.user_id if refund.line and refund.line.payee else None
    if refund.by_id not in {None, refund.order.buyer_id, seller}:
        _tell(refund, now=now)


def tell_of_end(refund_id: int, *, now: datetime) -> None:
    """Tell the buyer that his money was sent, or came back."""
    _tell(_refund(refund_id), now=now)


def refund_letter(line: Notification, now: datetime) -> Letter | None:
    """None where the refund has gone on since: what came of it is told, too."""
    pk, _, state = line.source.partition(":")
    refund = _refund(int(pk))
    if refund.state != state:
        return None
    facts = [("For", _ware(refund).title), ("Amount", money(Money(refund.amount, refund.order.currency)))]
    return Letter(facts=facts, context={"refunds": [going_back(refund, now=now)]})


def _tell(refund: Refund, *, now: datetime) -> None:
    # A refund of nothing changed what is whose; nothing goes back to anybody.
    if not refund.amount:
        return
    back = going_back(refund, now=now)
    with written_for(refund.order.buyer.locale):
        values = {"card": money(back.card), "balance": money(back.balance), "to": back.to}
        news = News(
            kind=KIND,
            source=f"{refund.pk}:{refund.state}",
            title=TITLES[back.stage].format(**values),
            body=f"{_ware(refund).title}. {told(back)}",
            url=reverse("purchase", args=[refund.order_id]),
        )
    tell(refund.order.buyer, news, now=now)


def _refund(refund_id: int) -> Refund:
    refunds = Refund.objects.select_related("payment", "order__buyer", "line__payee")
    return refunds.get(pk=refund_id)


def _ware(refund: Refund) -> Ware:
    """What it was for; a surplus payment was for the order as a whole."""
    line = refund.line or refund.order.lines.order_by("pk")[0]
    return wares([line.source])[line.source]
