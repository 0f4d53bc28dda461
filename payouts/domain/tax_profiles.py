"""Tax profiles: what a payee says of himself for the invoices written in his name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from core.audit import record
from payouts.models import Payee, TaxProfile

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def save_tax_profile(payee: Payee, values: Mapping[str, str], *, by: User, now: datetime) -> TaxProfile:
    """Keep what a payee says, all of ``TaxProfile.FIELDS``; with the first time he agrees to self-billing.

    The audit line names what changed and repeats none of it. The same again changes nothing.
    """
    Payee.objects.select_for_update(no_key=True).get(pk=payee.pk)
    profile = TaxProfile.objects.filter(payee=payee).first() or TaxProfile(payee=payee, agreed_at=now)
    changed = [name for name in TaxProfile.FIELDS if getattr(profile, name) != values[name]]
    if profile.pk and not changed:
        return profile
    for name in changed:
        setattr(profile, name, values[name])
    profile.changed_at = now
    profile.save()
    record("tax_profile.saved", profile, by=by, now=now, reason=", ".join(changed))
    return profile
