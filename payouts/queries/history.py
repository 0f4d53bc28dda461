"""What happened to one share: the ledger's entries about it, oldest first."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q

from payouts.models import Netting, Payee, Payout, Release, Reversal, Share, Transfer
from payouts.queries.statements import Line, lines_about


def share_history(payee: Payee, share: Share, others: Collection[str]) -> list[Line]:
    """The entries of payouts about a share, and those whose sources ``others`` are the seller's; six queries.

    Entries of a payout are about all that is in it, and one of an order about all its lines.
    """
    transfers = Transfer.objects.filter(release__share=share)
    keys = list(transfers.values_list("pk", flat=True))
    payouts = Payout.objects.filter(Q(lines__transfer__in=keys) | Q(transfers__in=keys))
    nettings = Netting.objects.filter(Q(share=share) | Q(debtor=share)).values_list("pk", flat=True)
    releases = Release.objects.filter(share=share).values_list("pk", flat=True)
    own = [
        *transfers.exclude(stripe_id="").values_list("stripe_id", flat=True),
        *Reversal.objects.filter(transfer__in=keys).values_list("stripe_id", flat=True),
        *payouts.values_list("stripe_id", flat=True),
        *(f"netting:{pk}" for pk in nettings),
        *(f"release:{pk}" for pk in releases),
    ]
    return lines_about(payee, {*own, *others})
