"""What Django asks before it starts anything: the settings of money, and the rows beside them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import FieldDoesNotExist
from django.db import ProgrammingError, models
from moneyed import CurrencyDoesNotExist

from core.money import exponent

TAX_MODES = ("none", "stripe")


@register
def money_settings_are_possible(**_options: Any) -> list[CheckMessage]:
    """A currency that exists, in lower case as Stripe writes it, and a tax mode we know."""
    found: list[CheckMessage] = []
    if not settings.CURRENCY.islower() or not _exists(settings.CURRENCY):
        found.append(Error(f"CURRENCY is {settings.CURRENCY!r}, not a code such as usd.", id="core.E001"))
    if settings.TAX_MODE not in TAX_MODES:
        found.append(Error(f"TAX_MODE is {settings.TAX_MODE!r}, not none or stripe.", id="core.E002"))
    return found


@register(Tags.database)
def money_is_in_the_settlement_currency(
    *, databases: Sequence[str] | None = None, **_options: Any
) -> list[CheckMessage]:
    """Amounts are counted in the currency they were made in: it is chosen once, before the first row."""
    kinds = sorted(set(_rows_in_others())) if databases else []
    if not kinds:
        return []
    return [
        Error(
            f"CURRENCY is {settings.CURRENCY}, but there are rows in other currencies: {', '.join(kinds)}.",
            hint="Set CURRENCY to what it was. A site in another currency begins with an empty database.",
            id="core.E003",
        )
    ]


def _exists(code: str) -> bool:
    try:
        exponent(code)
    except CurrencyDoesNotExist:
        return False
    return True


def _rows_in_others() -> Iterator[str]:
    for model in apps.get_models():
        if not _has_currency(model):
            continue
        rows = model._base_manager.exclude(currency=settings.CURRENCY)  # noqa: SLF001
        try:
            found = rows.values_list("currency", flat=True).first()
        except ProgrammingError:
            # Not migrated yet: there is no row to be wrong.
            continue
        if found is not None:
            yield f"{model._meta.verbose_name_plural} in {found}"


def _has_currency(model: type[models.Model]) -> bool:
    try:
        model._meta.get_field("currency")
    except FieldDoesNotExist:
        return False
    return True
