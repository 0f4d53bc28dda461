from __future__ import annotations

from typing import Any, ClassVar
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Concat, Substr
from django.db.models.lookups import StartsWith

from core.money import BASIS, Money
from core.states import MovesByTable, Transitions
from payments.states import ORDER_MOVES, OrderState


class OrderQuerySet(models.QuerySet["Order"]):
    """The words for sets of orders."""

    def open(self) -> OrderQuerySet:
        return self.filter(state=OrderState.OPEN)

    def paid(self) -> OrderQuerySet:
        return self.filter(state=OrderState.PAID)


class Order(MovesByTable, models.Model):
    """One purchase: what it costs, what was paid, what of it is kept. Amounts are minor units.

    ``price − discount = card + balance_wanted`` is frozen when it is opened. ``discount`` is the platform's
    own; ``balance`` what of the buyer's balance is taken right now. ``goodwill``, ``refunded`` and ``lost``
    (to disputes) are the sums of its lines'.
    """

    TRANSITIONS: ClassVar[Transitions] = ORDER_MOVES

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    buyer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="orders")
    subject = models.CharField(max_length=100, unique=True)
    currency = models.CharField(max_length=3)
    state = models.CharField(
        max_length=10, choices=OrderState.choices, default=OrderState.OPEN, editable=False
    )
    price = models.BigIntegerField()
    discount = models.BigIntegerField(default=0)
    card = models.BigIntegerField()
    balance_wanted = models.BigIntegerField(default=0)
    balance = models.BigIntegerField(default=0)
    goodwill = models.BigIntegerField(default=0)
    refunded = models.BigIntegerField(default=0)
    lost = models.BigIntegerField(default=0)
    opened_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    objects: ClassVar[OrderQuerySet] = OrderQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.CheckConstraint(name="order_state", condition=Q(state__in=sorted(OrderState.values))),
            models.CheckConstraint(
                name="order_amounts_not_negative",
                condition=Q(card__gte=0, balance__gte=0, goodwill__gte=0, refunded__gte=0, lost__gte=0),
            ),
            models.CheckConstraint(
                name="order_adds_up", condition=Q(price=F("discount") + F("card") + F("balance_wanted"))
            ),
            models.CheckConstraint(
                name="order_balance_is_all_or_nothing", condition=Q(balance__in=[0, F("balance_wanted")])
            ),
            models.CheckConstraint(
                name="order_gives_back_what_it_got",
                condition=Q(refunded__lte=F("card") + F("balance") - F("lost")),
            ),
            models.CheckConstraint(
                name="order_goodwill_within_discount", condition=Q(goodwill__lte=F("discount"))
            ),
            models.CheckConstraint(
                name="order_paid_pair",
                condition=Q(state=OrderState.PAID, paid_at__isnull=False)
                | (~Q(state=OrderState.PAID) & Q(paid_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="order_closed_pair",
                condition=~Q(state=OrderState.CLOSED) | Q(closed_at__isnull=False, balance=0),
            ),
        ]
        indexes = [
            models.Index(
                name="order_taken_balance",
                fields=["buyer"],
                condition=Q(state=OrderState.OPEN, balance__gt=0),
            ),
        ]

    def __str__(self) -> str:
        return f"order for {self.subject}"

    @property
    def cost(self) -> Money:
        """What all of it costs."""
        return Money(self.price, self.currency)

    @property
    def to_pay(self) -> Money:
        """What the card is asked for."""
        return Money(self.card, self.currency)

    @property
    def is_paid(self) -> bool:
        return bool(self.state == OrderState.PAID)

    @property
    def paid(self) -> int:
        """P of money.md: card and balance together; nothing before it is paid."""
        return self.card + self.balance if self.is_paid else 0

    @property
    def kept(self) -> int:
        """P − r − l, as shown to people."""
        return self.paid - self.refunded - self.lost

    @property
    def is_short(self) -> bool:
        """Paid late, when the balance that should have helped was spent elsewhere: cannot be fulfilled."""
        return self.is_paid and self.balance < self.balance_wanted

    @property
    def transfer_group(self) -> str:
        """What ties payment and transfers together at Stripe."""
        return f"order_{self.pk.hex}"


_SHARE = "order_line:"


def share_source(line_id: int) -> str:
    """The name in payouts of the share that a line's payee has."""
    return f"{_SHARE}{line_id}"


def line_of_share(source: Combinable) -> Case:
    """The key of the line whose share is called what the expression ``source`` says; null for others."""
    key = Cast(Substr(source, len(_SHARE) + 1), models.BigIntegerField())
    return Case(When(StartsWith(source, _SHARE), then=key))


class OrderLineQuerySet(models.QuerySet["OrderLine"]):
    """The words for sets of lines."""

    def sold_by(self, payee_id: int) -> OrderLineQuerySet:
        """A payee's lines of paid orders, with their orders, newest first."""
        paid = self.filter(payee=payee_id, order__state=OrderState.PAID)
        return paid.select_related("order").order_by("-order__paid_at", "-order", "pk")

    def of_shares(self, sources: QuerySet[Any, Any]) -> OrderLineQuerySet:
        """Those whose shares payouts calls so: a query of one column, their sources."""
        named = self.annotate(named_share=Concat(Value(_SHARE), Cast("pk", models.CharField())))
        return named.filter(named_share__in=sources)


class OrderLine(models.Model):
    """A part of an order, sold by one payee (or by the platform itself), at a rate. Amounts are minor units.

    ``paid`` is its part of what was paid; ``refunded`` and ``lost`` (to disputes) together never exceed it.
    ``tax`` is in ``paid``, ``tax_kept`` what of it is in what is kept: owed to a state, cut for nobody.
    ``refunded_percent`` is null until somebody decided on a refund, also on one of nothing. ``goodwill`` is
    what of its discount is used by what is kept; ``share`` and ``fee`` are what of both belongs to the payee
    and to the platform now. ``source`` is the seller's own word for what was sold.
    """

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="lines")
    kind = models.CharField(max_length=30)
    source = models.CharField(max_length=100)
    amount = models.BigIntegerField()
    discount = models.BigIntegerField(default=0)
    tax = models.BigIntegerField(default=0)
    tax_kept = models.BigIntegerField(default=0, db_default=0)
    payee = models.ForeignKey(
        "payouts.Payee", null=True, on_delete=models.PROTECT, related_name="order_lines"
    )
    rate_bp = models.PositiveIntegerField()
    rate_frozen_at = models.DateTimeField(null=True)
    paid = models.BigIntegerField(default=0)
    refunded = models.BigIntegerField(default=0)
    refunded_percent = models.PositiveSmallIntegerField(null=True)
    lost = models.BigIntegerField(default=0)
    goodwill = models.BigIntegerField(default=0)
    share = models.BigIntegerField(default=0)
    fee = models.BigIntegerField(default=0)

    objects: ClassVar[OrderLineQuerySet] = OrderLineQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="order_line_amounts_not_negative",
                condition=Q(
                    amount__gte=0,
                    discount__gte=0,
                    tax__gte=0,
                    tax_kept__gte=0,
                    paid__gte=0,
                    refunded__gte=0,
                    lost__gte=0,
                    goodwill__gte=0,
                    share__gte=0,
                    fee__gte=0,
                ),
            ),
            models.CheckConstraint(
                name="order_line_paid_within_its_price", condition=Q(paid__lte=F("amount") - F("discount"))
            ),
            models.CheckConstraint(
                name="order_line_gives_back_what_it_got", condition=Q(refunded__lte=F("paid") - F("lost"))
            ),
            models.CheckConstraint(name="order_line_tax_within_paid", condition=Q(tax__lte=F("paid"))),
            models.CheckConstraint(
                name="order_line_tax_kept_within_kept",
                condition=Q(tax_kept__lte=F("paid") - F("refunded") - F("lost")),
            ),
            models.CheckConstraint(
                name="order_line_goodwill_within_discount", condition=Q(goodwill__lte=F("discount"))
            ),
            models.CheckConstraint(
                name="order_line_percent_is_one",
                condition=Q(refunded_percent__gte=0, refunded_percent__lte=100),
            ),
            models.CheckConstraint(name="order_line_rate", condition=Q(rate_bp__lte=BASIS)),
            models.CheckConstraint(
                name="order_line_without_payee_has_no_share", condition=Q(payee__isnull=False) | Q(share=0)
            ),
            models.UniqueConstraint(name="order_line_once", fields=["order", "kind", "source"]),
        ]
        indexes = [models.Index(name="order_line_source", fields=["source"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.source}"

    @property
    def to_pay(self) -> int:
        """What the buyer is asked for it, card and balance together."""
        return self.amount - self.discount

    @property
    def kept(self) -> int:
        """P − r − l of this line, as shown to people."""
        return self.paid - self.refunded - self.lost

    @property
    def share_source(self) -> str:
        """The share's name in payouts."""
        return share_source(self.pk)
