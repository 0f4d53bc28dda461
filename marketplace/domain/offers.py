"""Offers: what a coach sells. Each change is told to the coach's row and to scheduling at once."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.utils.text import slugify

from core import audit
from core.errors import InvalidError
from core.money import Money, smallest_step
from core.templatetags.formats import money
from marketplace.domain.profiles import retell_offers
from marketplace.models import Coach, Offer, Session
from marketplace.models.offer import HIGHEST_PRICE
from marketplace.rules.vocabulary import OfferKind
from payments.rules import is_price, least_charge

if TYPE_CHECKING:
    from accounts.models import User

CHANGEABLE = ("slug", "name", "kind", "duration_minutes", "price", "active", "needs_approval")


@transaction.atomic
def create_offer(coach: Coach, values: dict[str, Any], *, by: User, now: datetime) -> Offer:
    """Put something on sale. ``values`` are fields of ``CHANGEABLE``, the price as Money.

    Raises:
        InvalidError: with ``fields``.
    """
    offer = Offer(coach=coach, currency=settings.CURRENCY, created_at=now)
    _take(offer, {"slug": slugify(values["name"])[:60] or "session", **values})
    offer.save()
    audit.record("offer.created", offer, by=by, now=now)
    retell_offers(coach.pk, now=now)
    return offer


@transaction.atomic
def change_offer(offer_id: int, values: dict[str, Any], *, by: User, now: datetime) -> Offer:
    """Change what is sold from now on; bookings keep the length and the price they were made with."""
    # The offer before its coach: the order in which a booking locks them.
    offer = Offer.objects.select_for_update().get(pk=offer_id)
    _take(offer, values)
    offer.save()
    audit.record("offer.changed", offer, by=by, now=now)
    retell_offers(offer.coach_id, now=now)
    return offer


@transaction.atomic
def remove_offer(offer_id: int, *, by: User, now: datetime) -> None:
    """Take it off the desk; one that was ever booked or waited for is only deactivated."""
    offer = Offer.objects.select_for_update().get(pk=offer_id)
    audit.record("offer.removed", offer, by=by, now=now)
    if Session.objects.filter(offer=offer).exists() or offer.waitlist.exists():
        offer.active = False
        offer.save(update_fields=["active"])
    else:
        offer.delete()
    retell_offers(offer.coach_id, now=now)


def _take(offer: Offer, values: dict[str, Any]) -> None:
    price: Money | None = values.get("price")
    for name in CHANGEABLE:
        if name in values and name != "price":
            setattr(offer, name, values[name])
    if price is not None:
        offer.price = price.minor
    problems = _problems(offer, price)
    if problems:
        raise InvalidError(fields=problems)


def _problems(offer: Offer, price: Money | None) -> dict[str, list[str]]:
    problems: dict[str, list[str]] = {}
    if price is not None and price.currency != offer.currency:
        problems["price"] = [f"Prices are in {offer.currency.upper()}."]
    elif offer.price and offer.coach.is_mentor:
        problems["price"] = ["A mentor's sessions are free."]
    elif offer.price and offer.kind == OfferKind.INTRO:
        problems["price"] = ["An intro call is free."]
    elif not 0 <= offer.price <= HIGHEST_PRICE:
        problems["price"] = [f"A price is between 0 and {_written(HIGHEST_PRICE, offer)}."]
    elif offer.price % smallest_step(offer.currency):
        step = _written(smallest_step(offer.currency), offer)
        problems["price"] = [f"A price is a multiple of {step}: nothing finer can be charged."]
    elif not is_price(offer.price, offer.currency):
        problems["price"] = [f"A price is 0 or at least {_written(least_charge(offer.currency), offer)}."]
    if Offer.objects.filter(coach=offer.coach, slug=offer.slug).exclude(pk=offer.pk).exists():
        problems["slug"] = ["You already have an offer with this address. Choose another one."]
    return problems


def _written(minor: int, offer: Offer) -> str:
    return money(Money(minor, offer.currency))
