"""Questions about refunds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Sum

from payments.models import OrderLine, Refund

if TYPE_CHECKING:
    from accounts.models import User


def given_by(person: User, line: OrderLine) -> int:
    """Minor units of a line that this person has decided to give back so far."""
    total: int | None = Refund.objects.filter(line=line, by=person).aggregate(total=Sum("amount"))["total"]
    return total or 0
