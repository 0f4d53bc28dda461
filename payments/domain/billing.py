"""Whom invoices are made out to."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from payments.models import BillingDetails

if TYPE_CHECKING:
    from accounts.models import User


def billing_details_of(person: User) -> BillingDetails:
    """A person's billing details; blank ones, not saved yet, where none were given."""
    found = BillingDetails.objects.filter(person=person).first()
    return found or BillingDetails(person=person)


def save_billing_details(
    person: User, *, company: str, address: str, tax_id: str, now: datetime
) -> BillingDetails:
    """Keep them for the invoices to come. What is issued says what it said."""
    details, _ = BillingDetails.objects.update_or_create(
        person=person,
        defaults={"company": company, "address": address, "tax_id": tax_id, "updated_at": now},
    )
    return details
