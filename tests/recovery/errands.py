"""The five writes to Stripe, each as an errand: how it begins, what is asked, and what is left there."""

from __future__ import annotations

from integrations.stripe.models import StripeEvent, StripeOperation
from payments.models import Order, Refund
from payouts.domain.comparing import compare_with_stripe
from payouts.models import Payee
from payouts.queries.invariants import check
from tests.stripe.trade import Trade


class Errand:
    """Something asked of Stripe: what there is to begin, how it goes on, and what it leaves at Stripe."""

    objects: str
    path: str

    def __init__(self, trade: Trade) -> None:
        self.trade = trade
        self.act, self.about = self.begin()

    def begin(self) -> tuple[str, object]:
        """Up to the moment when a worker is to do it."""
        raise NotImplementedError

    def again(self) -> None:
        """What people do when nothing came of it; jobs do the rest."""

    def is_done(self) -> bool:
        raise NotImplementedError

    def made(self) -> list[dict]:
        return self.trade.stripe.objects(self.objects)


class Page(Errand):
    objects, path = "checkout.session", "POST /v1/checkout/sessions"

    def begin(self):
        self.order = self.trade.order()
        return "page", self.order.pk

    def again(self):
        self.trade.stripe.pay(self.trade.page(self.order))

    def is_done(self):
        return Order.objects.get(pk=self.order.pk).is_paid


class GivingBack(Errand):
    objects, path = "refund", "POST /v1/refunds"

    def begin(self):
        return "perform", self.trade.refund(self.trade.sell(), 50).operation_id

    def is_done(self):
        return Refund.objects.get().state == "succeeded"


class Sending(Errand):
    objects, path = "transfer", "POST /v1/transfers"

    def begin(self):
        self.line = self.trade.sell()
        self.trade.make_due(self.line)
        self.trade.plan_releases()
        return "perform", StripeOperation.objects.get(kind="transfer").pk

    def is_done(self):
        share = self.trade.share(self.line)
        return (share.state, share.released) == ("transferred", 9600)


class TakingBack(Errand):
    objects, path = "transfer_reversal", "POST /v1/transfers/{id}/reversals"

    def begin(self):
        self.line = self.trade.sell_and_release()
        self.trade.refund(self.line, 50)
        return "perform", StripeOperation.objects.get(kind="reversal").pk

    def is_done(self):
        share = self.trade.share(self.line)
        return (share.released, share.reversed, share.debt) == (9600, 4800, 0)


class Account(Errand):
    objects, path = "v2.core.account", "POST /v2/core/accounts"

    def begin(self):
        return "onboard", self.trade.payee.pk

    def again(self):
        self.trade.onboard()

    def is_done(self):
        return Payee.objects.get().transfers == "active"


ERRANDS = [Page, GivingBack, Sending, TakingBack, Account]


def begun(kind: type[Errand], stripe, now) -> Errand:
    """The errand up to where it is asked of Stripe."""
    trade = Trade(stripe, now)
    if kind is not Account:
        trade.onboard()
    return kind(trade)


def expect_done_once(errand: Errand) -> None:
    """It is done, once, nothing is open, and the books say what Stripe has."""
    assert (errand.is_done(), len(errand.made())) == (True, 1)
    expect_peace()


def expect_peace() -> None:
    assert not StripeOperation.objects.unsettled().exists()
    assert not StripeEvent.objects.unhandled().exists()
    assert (check(), compare_with_stripe()) == ([], [])
