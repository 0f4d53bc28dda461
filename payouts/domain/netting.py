"""Debts are netted: what a payee owes is kept from the next share that is due."""

from __future__ import annotations

from datetime import datetime

from payouts.domain.ledger import post
from payouts.models import Netting, Share
from payouts.rules import AccountKey, AccountKind


def net_debts(share: Share, *, now: datetime) -> None:
    """Keep from a due share what its payee owes, oldest debt first. Under the payee's lock.

    What a reversal may still bring back is left out, or it would be taken twice.
    """
    for debtor in Share.objects.owing().filter(payee=share.payee_id).exclude(pk=share.pk):
        part = min(share.unreleased, debtor.owed - debtor.asked_back())
        if part > 0:
            _net(share, debtor, part, now=now)


def _net(share: Share, debtor: Share, amount: int, *, now: datetime) -> None:
    netting = Netting.objects.create(share=share, debtor=debtor, amount=amount, netted_at=now)
    share.netted += amount
    share.save(update_fields=["netted"])
    debtor.recovered += amount
    debtor.save(update_fields=["recovered"])
    legs = {
        AccountKey.of_payee(AccountKind.PAYEE_HELD, share.payee_id): amount,
        AccountKey.of_payee(AccountKind.PAYEE_DEBT, share.payee_id): -amount,
    }
    post("netting", f"netting:{netting.pk}", legs, currency=share.currency, now=now)
