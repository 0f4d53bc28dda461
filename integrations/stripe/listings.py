"""What there is at Stripe, a page at a time: for comparing it with what we have. Reads only.

Each call is one page, newest first; ``after`` is the ``then`` of the page before. An object that names one of
our keys in ``operation`` was made by us, whether we still know of it or not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol

from integrations.stripe import reading
from integrations.stripe.answers import Answer, Checkout, Dispute, Payout, Refund, Reversal, Transfer
from integrations.stripe.calls import AnswerT, outside
from integrations.stripe.client import client
from integrations.stripe.errors import GatewayError

PAGE = 100
MOST_PAGES = 2_000


@dataclass(frozen=True)
class Page(Generic[AnswerT]):
    """Some of a list; ``then`` leads to the next page and is empty on the last one."""

    items: list[AnswerT]
    then: str = ""


@dataclass(frozen=True, kw_only=True)
class Payment(Answer):
    """A PaymentIntent; ``received`` is what of it has arrived."""

    received: int
    currency: str
    status: str


class Listing(Protocol[AnswerT]):
    """Objects made since an instant, one page of them."""

    def __call__(self, since: datetime, /, *, after: str = "") -> Page[AnswerT]: ...


class TooLongError(GatewayError):
    """A list went on and on: whoever asked does not know the end of it."""


def whole(listing: Listing[AnswerT], since: datetime) -> Iterator[list[AnswerT]]:
    """All pages of a list, one after another.

    Raises:
        GatewayError: Stripe did not answer, or it is longer than anybody should read.
    """
    after = ""
    for _ in range(MOST_PAGES):
        page = listing(since, after=after)
        yield page.items
        after = page.then
        if not after:
            return
    raise TooLongError(f"More than {MOST_PAGES * PAGE} objects since {since.isoformat()}.")


@outside
def checkouts(since: datetime, *, after: str = "") -> Page[Checkout]:
    """Checkout Sessions of every status."""
    asked = _asked(since, after, expand=["data.payment_intent"])
    return _page(client().v1.checkout.sessions.list(asked), reading.checkout)


@outside
def payments(since: datetime, *, after: str = "") -> Page[Payment]:
    """PaymentIntents, paid or not."""
    return _page(client().v1.payment_intents.list(_asked(since, after)), _payment)


@outside
def refunds(since: datetime, *, after: str = "") -> Page[Refund]:
    return _page(client().v1.refunds.list(_asked(since, after)), reading.refund)


@outside
def transfers(since: datetime, *, after: str = "") -> Page[Transfer]:
    return _page(client().v1.transfers.list(_asked(since, after)), reading.transfer)


@outside
def reversals(since: datetime, *, after: str = "") -> Page[Reversal]:
    """Of transfers made whenever. Stripe lists them by transfer only, so they are read off the balance."""
    asked = _asked(since, after, type="transfer_refund", expand=["data.source"])
    return _page(client().v1.balance_transactions.list(asked), lambda line: reading.reversal(line.source))


@outside
def disputes(since: datetime, *, after: str = "") -> Page[Dispute]:
    """Chargebacks and inquiries, decided or not."""
    return _page(client().v1.disputes.list(_asked(since, after)), reading.dispute)


def payouts_of(account: str) -> Listing[Payout]:
    """The payouts of a connected account."""

    @outside
    def payouts(since: datetime, *, after: str = "") -> Page[Payout]:
        found = client().v1.payouts.list(_asked(since, after), {"stripe_account": account})
        return _page(found, lambda payout: reading.payout(payout, account))

    return payouts


def _asked(since: datetime, after: str, **more: Any) -> Any:
    cursor = {"starting_after": after} if after else {}
    return {"created": {"gte": int(since.timestamp())}, "limit": PAGE, **cursor, **more}


def _page(found: Any, read: Callable[[Any], AnswerT]) -> Page[AnswerT]:
    listed: Iterable[Any] = found.data
    then = str(found.data[-1].id) if found.has_more else ""
    return Page([read(obj) for obj in listed], then)


def _payment(intent: Any) -> Payment:
    return Payment(
        id=intent.id,
        operation=reading.operation_of(intent),
        received=intent.amount_received,
        currency=intent.currency,
        status=intent.status,
    )
