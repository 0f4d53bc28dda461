"""What a payee is told when a buyer's bank takes his payment back, and when it has decided."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse

from accounts.models import User
from core.money import Money
from core.templatetags.formats import money
from notifications.domain.inbox import News, tell
from notifications.domain.letters import Letter
from notifications.models import Notification
from payments.models import Dispute, OrderLine
from payments.queries.wares import wares
from payments.states import DisputeState

KIND = "payments/dispute"
FROZEN = "frozen"

Words = tuple[str, str]
WORDING: dict[str, Words] = {
    FROZEN: (
        "A bank has taken back {amount} that you share in",
        "The buyer disputes his payment. Your share waits until the bank decides; we answer for both of us.",
    ),
    DisputeState.WON: (
        "The bank decided for us about {amount}",
        "Your share goes its way again, as if nothing had happened.",
    ),
    DisputeState.LOST: (
        "The bank decided against us about {amount}",
        "The buyer has his money back. What is left of your share is on your earnings page.",
    ),
}


def tell_of_dispute(dispute_id: int, *, now: datetime) -> None:
    """Tell those whose shares wait, once that they do and once how it ended. An inquiry is no news."""
    dispute = Dispute.objects.select_related("payment").get(pk=dispute_id)
    news = FROZEN if dispute.is_charged_back else dispute.state
    if dispute.payment.surplus or news not in WORDING:
        return
    title, body = WORDING[news]
    title = title.format(amount=money(dispute.total))
    for person in _payees(dispute):
        url = reverse("desk_earnings")
        tell(person, News(KIND, f"{dispute.stripe_id}:{news}", title, body, url), now=now)


def dispute_letter(line: Notification, _now: datetime) -> Letter | None:
    """None for what is old news by now: how it ended is told, too."""
    stripe_id, _, news = line.source.rpartition(":")
    dispute = Dispute.objects.get(stripe_id=stripe_id)
    if news == FROZEN and not dispute.is_charged_back:
        return None
    lines = list(dispute.order.lines.filter(payee__user=line.person).order_by("pk"))
    sold = wares(each.source for each in lines)
    shares = [(sold[each.source].title, _share(each, dispute)) for each in lines]
    return Letter(facts=[*shares, ("Disputed", money(dispute.total))])


def _share(line: OrderLine, dispute: Dispute) -> str:
    return f"your share is {money(Money(line.share, dispute.currency))}"


def _payees(dispute: Dispute) -> list[User]:
    return list(User.objects.filter(payee__order_lines__order=dispute.order_id).order_by("pk").distinct())
