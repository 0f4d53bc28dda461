"""One order with everything that explains its cents, and how it is found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.models import User
from core.audit import name_of
from core.errors import NotFoundError
from core.models import AuditLine
from core.money import Money
from integrations.stripe.models import StripeOperation
from marketplace.models import Session
from operations.models import Motion
from payments.models import Adjustment, CheckoutSession, Dispute, FraudWarning, Order, OrderLine, Refund
from payments.queries import Amounts, amounts, line_amounts
from payouts.domain.by_hand import CAUSE
from payouts.models import JournalEntry, Netting, Posting, Release, Reversal, Share, Transfer
from payouts.rules import AccountKind
from payouts.states import ShareState

LONGEST = 25
"""Orders that a search shows: who finds more has to say more."""

ENTRIES = {
    "pay": "Paid",
    "fee": "Stripe kept its fee",
    "rate": "The platform’s rate was settled",
    "refund": "Given back",
    "refund_failed": "The card did not take it: on the balance instead",
    "refund_by_bank": "The bank gave back what was going back anyway",
    "surplus": "Paid a second time",
    "compensation": "Compensation",
    "release": "Sent to the coach",
    "release_refused": "Stripe refused to send it",
    "reversal": "Taken back from the coach",
    "netting": "Kept for a debt",
    "dispute_opened": "The bank took it for a dispute",
    "dispute_won": "The bank gave it back: the dispute was won",
    "dispute_lost": "The dispute was lost",
    "dispute_fee": "Stripe’s fee for a dispute",
}

ACCOUNTS = {
    AccountKind.STRIPE_PLATFORM: "our account at Stripe",
    AccountKind.STRIPE_CONNECTED: "the coach’s account at Stripe",
    AccountKind.STRIPE_FEES: "Stripe’s fees",
    AccountKind.PAYEE_HELD: "held for the coach",
    AccountKind.PAYEE_AVAILABLE: "the coach’s, at Stripe",
    AccountKind.PAYEE_IN_TRANSIT: "the coach’s, on the way to his bank",
    AccountKind.PAYEE_DEBT: "owed by the coach",
    AccountKind.PLATFORM_REVENUE: "the platform’s fee",
    AccountKind.GOODWILL: "the platform’s goodwill",
    AccountKind.LOSSES: "lost",
    AccountKind.CUSTOMER_BALANCE: "the candidate’s balance",
    AccountKind.UNUSED_CREDITS: "unused credits",
    AccountKind.TAX_PAYABLE: "tax owed",
    AccountKind.DISPUTE_SUSPENSE: "with the bank until it decides",
}


@dataclass(frozen=True)
class Leg:
    """One posting in words: debit positive, as the ledger has it."""

    where: str
    amount: Money


@dataclass(frozen=True)
class Entry:
    at: datetime
    says: str
    source: str
    legs: list[Leg]


@dataclass(frozen=True)
class LineFile:
    """A line of an order, the session it paid for, and what became of its share."""

    line: OrderLine
    amounts: Amounts
    session: Session | None
    share: Share | None
    transfers: list[Transfer]
    reversals: list[Reversal]
    nettings: list[Netting]

    def _of_share(self, minor: int) -> Money:
        return Money(minor, self.amounts.paid.currency)

    @property
    def sums(self) -> list[tuple[str, Money]]:
        """Of the share, what is not nothing."""
        share = self.share
        if share is None:
            return []
        named = {
            "Share": share.amount,
            "Not sent yet": share.unreleased,
            "Sent": share.released,
            "Taken back": share.reversed,
            "Kept for debts": share.netted,
            "Owed": share.owed,
        }
        return [(name, self._of_share(minor)) for name, minor in named.items() if minor]

    @property
    def sent(self) -> list[tuple[Money, Transfer]]:
        return [(self._of_share(row.amount), row) for row in self.transfers]

    @property
    def asked_back(self) -> list[tuple[Money, Reversal]]:
        return [(self._of_share(row.amount), row) for row in self.reversals]

    @property
    def _is_held(self) -> bool:
        return self.share is not None and self.share.state == ShareState.HELD

    @property
    def kept_back_by_hand(self) -> bool:
        """Whether somebody of operations froze the share."""
        holds = self.share.holds.all() if self.share else []
        return any(hold.ended_at is None and hold.cause.startswith(CAUSE) for hold in holds)

    @property
    def may_be_kept_back(self) -> bool:
        return self._is_held and not self.transfers

    @property
    def waits_for_retry(self) -> bool:
        return self._is_held and self.share is not None and self.share.retry_at is not None


@dataclass(frozen=True)
class OrderFile:
    """An order with all that happened to its money."""

    order: Order
    amounts: Amounts
    lines: list[LineFile]
    checkouts: list[CheckoutSession]
    refunds: list[Refund]
    adjustments: list[Adjustment]
    disputes: list[Dispute]
    warnings: list[FraudWarning]
    motions: list[Motion]
    entries: list[Entry]
    operations: list[StripeOperation]
    audit: list[AuditLine]


def order_file(order_id: UUID) -> OrderFile:
    """Everything about an order. As many queries for ten lines as for one.

    Raises:
        NotFoundError: there is none.
    """
    order = Order.objects.select_related("buyer").filter(pk=order_id).first()
    if order is None:
        raise NotFoundError
    lines = _lines(order)
    checkouts = list(order.checkouts.select_related("operation").order_by("attempt"))
    refunds = list(
        order.refunds.select_related("order", "operation", "by", "line").order_by("created_at", "pk")
    )
    adjustments = list(order.adjustments.select_related("order", "by", "seconded_by").order_by("pk"))
    disputes = list(order.disputes.select_related("operation").order_by("opened_at"))
    return OrderFile(
        order=order,
        amounts=amounts(order),
        lines=lines,
        checkouts=checkouts,
        refunds=refunds,
        adjustments=adjustments,
        disputes=disputes,
        warnings=list(order.fraud_warnings.order_by("warned_at")),
        motions=list(Motion.objects.filter(order=order).with_people().order_by("-moved_at")),
        entries=_entries(
            {f"order:{order.pk}", *_payments(checkouts), *_gifts(refunds, adjustments), *_earnings(lines)},
            [*(f"refund:{row.pk}" for row in refunds), *(row.stripe_id for row in disputes)],
        ),
        operations=_operations(lines, [*checkouts, *refunds, *disputes]),
        audit=_audit(order, lines),
    )


def _lines(order: Order) -> list[LineFile]:
    rows = list(order.lines.select_related("order", "payee__user").order_by("pk"))
    named = Share.objects.filter(source__in=[line.share_source for line in rows])
    shares = {share.source: share for share in named.prefetch_related("holds")}
    sessions = Session.objects.with_people().filter(line__in=rows)
    by_line = {session.line_id: session for session in sessions}
    releases = Release.objects.filter(share__in=shares.values())
    transfers = list(
        Transfer.objects.filter(release__in=releases)
        .select_related("release", "payout", "operation")
        .order_by("release__number", "-source_transaction")
    )
    reversals = list(
        Reversal.objects.filter(transfer__in=transfers).select_related("operation").order_by("pk")
    )
    nettings = list(Netting.objects.filter(share__in=shares.values()).order_by("pk"))
    files = []
    for line in rows:
        share = shares.get(line.share_source)
        sent = [row for row in transfers if share is not None and row.release.share_id == share.pk]
        ids = {row.pk for row in sent}
        files.append(
            LineFile(
                line=line,
                amounts=line_amounts(line),
                session=by_line.get(line.pk),
                share=share,
                transfers=sent,
                reversals=[row for row in reversals if row.transfer_id in ids],
                nettings=[row for row in nettings if share is not None and row.share_id == share.pk],
            )
        )
    return files


def _payments(checkouts: list[CheckoutSession]) -> set[str]:
    """What the entries about payments are called."""
    return {name for row in checkouts for name in (f"checkout:{row.pk}", f"charge:{row.charge}")}


def _gifts(refunds: list[Refund], adjustments: list[Adjustment]) -> set[str]:
    """And those about what was given."""
    return {f"refund:{row.pk}" for row in refunds} | {f"adjustment:{row.pk}" for row in adjustments}


def _earnings(lines: list[LineFile]) -> set[str]:
    """And those about what was sold, and its shares."""
    names: set[str] = set()
    for file in lines:
        names |= {file.line.source, file.line.share_source}
        names |= {row.stripe_id for row in file.transfers if row.stripe_id}
        names |= {row.stripe_id for row in file.reversals if row.stripe_id}
        names |= {f"release:{row.release_id}" for row in file.transfers}
        names |= {f"netting:{row.pk}" for row in file.nettings}
    return names


def _entries(names: set[str], prefixes: list[str]) -> list[Entry]:
    """Those called so, and those called after one thing and another, ``dispute:movement``."""
    called = Q(source__in=names | set(prefixes))
    for prefix in prefixes:
        called |= Q(source__startswith=f"{prefix}:")
    entries = JournalEntry.objects.filter(called).order_by("occurred_at", "pk")
    return [_entry(entry) for entry in entries.prefetch_related("postings__account")]


def _entry(entry: JournalEntry) -> Entry:
    says = ENTRIES.get(entry.kind, entry.kind.replace("_", " ").capitalize())
    legs = [_leg(posting) for posting in entry.postings.all()]
    return Entry(at=entry.occurred_at, says=says, source=entry.source, legs=legs)


def _leg(posting: Posting) -> Leg:
    kind = AccountKind(posting.account.kind)
    where = ACCOUNTS.get(kind, str(kind.label))
    return Leg(where, Money(posting.amount, posting.account.currency))


def _operations(
    lines: list[LineFile], rows: Iterable[CheckoutSession | Refund | Dispute]
) -> list[StripeOperation]:
    """Every call that was made for an order, or is to be made."""
    made = [
        *(row.operation for row in rows),
        *(transfer.operation for file in lines for transfer in file.transfers),
        *(reversal.operation for file in lines for reversal in file.reversals),
    ]
    calls = [operation for operation in made if operation is not None]
    return sorted(calls, key=lambda operation: (operation.planned_at, operation.pk))


def _audit(order: Order, lines: list[LineFile]) -> list[AuditLine]:
    shares = [file.share for file in lines if file.share is not None]
    bookings = [file.session.booking for file in lines if file.session is not None]
    names = [name_of(row) for row in [order, *shares, *bookings]]
    found = AuditLine.objects.filter(subject__in=names).select_related("by")
    return list(found.order_by("at", "id"))


def find_orders(text: str) -> QuerySet[Order]:
    """Orders by any name they have here or at Stripe, or by their buyer's address; the newest first."""
    text = text.strip().replace("\x00", "")
    found = Order.objects.filter(_called(text)) if text else Order.objects.all()
    return found.select_related("buyer").order_by("-opened_at", "pk")


def _called(text: str) -> Q:
    """Each name is looked for where it stands: joined, every order would be multiplied by all it has."""
    people = User.objects.filter(Q(email__icontains=text) | Q(name__icontains=text))
    paid = CheckoutSession.objects.filter(Q(payment_intent=text) | Q(charge=text))
    wanted = Q(buyer__in=people) | Q(pk__in=paid.values("order")) | Q(pk__in=_orders_of_transfer(text))
    for model in (CheckoutSession, Refund, Dispute, FraudWarning):
        wanted |= Q(pk__in=model.objects.filter(stripe_id=text).values("order"))
    key = _key(text)
    if key is None:
        return wanted
    return wanted | Q(pk=key) | Q(pk__in=Session.objects.filter(pk=key).values("order"))


def _orders_of_transfer(stripe_id: str) -> list[UUID]:
    """Whose share a transfer, or what came back of it, belongs to: both are in the group of their order."""
    if not stripe_id.startswith("tr"):
        return []
    sent = Transfer.objects.filter(stripe_id=stripe_id).values_list("release__share__transfer_group")
    back = Reversal.objects.filter(stripe_id=stripe_id).values_list(
        "transfer__release__share__transfer_group"
    )
    return [key for (group,) in [*sent, *back] if (key := _key(group)) is not None]


def _key(text: str) -> UUID | None:
    try:
        return UUID(text.removeprefix("order_").removeprefix("booking:"))
    except ValueError:
        return None
