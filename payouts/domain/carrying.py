"""Which payout carries which transfer, and where that puts their shares."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import F, Q

from payouts.models import Payout, PayoutLine, Share, Transfer
from payouts.states import CAME_BACK, PayoutState, ShareState

S = ShareState

STEPS: dict[tuple[ShareState, ShareState], tuple[ShareState, ...]] = {
    (S.TRANSFERRED, S.IN_TRANSIT): (S.IN_TRANSIT,),
    (S.TRANSFERRED, S.PAID): (S.IN_TRANSIT, S.PAID),
    (S.IN_TRANSIT, S.PAID): (S.PAID,),
    (S.IN_TRANSIT, S.TRANSFERRED): (S.TRANSFERRED,),
    (S.PAID, S.TRANSFERRED): (S.TRANSFERRED,),
    (S.PAID, S.IN_TRANSIT): (S.TRANSFERRED, S.IN_TRANSIT),
}
"""The arrows from where a share is to where its money was seen; several when we looked late."""


def carry(payout: Payout) -> None:
    """Put the transfers of a payout's lines, and those of the failed payouts in it, into this payout.

    What came back with it and left again later goes on into the later one, whichever of them was read first.
    """
    arrived = Transfer.objects.filter(lines__payout=payout, lines__amount__gt=0)
    returned = Transfer.objects.filter(payout__in=payout.lines.values("returned"))
    is_free = _is_free(payout)
    for transfers in (arrived, returned):
        Transfer.objects.filter(pk__in=transfers.filter(is_free).values("pk")).update(payout=payout)
    move_shares(payout.transfers.values_list("release__share", flat=True))
    # Later ones only: no payout is in itself, whatever Stripe lists, or this would never end.
    later = PayoutLine.objects.filter(source=payout.stripe_id, payout__made_at__gt=payout.made_at)
    later = later.exclude(kind=PayoutLine.BY_HAND)
    later.update(returned=payout)
    for line in later.select_related("payout"):
        carry(line.payout)


def take_oldest(payout: Payout) -> None:
    """Stripe does not say what a payout by hand is made of: what lay there longest, as far as it goes."""
    left, taken = payout.amount, []
    sent = Transfer.objects.standing().filter(release__share__payee=payout.payee_id)
    lying = sent.filter(_is_free(payout), transferred_at__lte=payout.made_at)
    oldest_first = lying.annotate(lies=F("amount") - F("back")).order_by("transferred_at", "pk")
    for pk, lies in oldest_first.values_list("pk", "lies"):
        left -= lies
        if left < 0:
            break
        taken.append(pk)
    Transfer.objects.filter(pk__in=taken).update(payout=payout)


def _is_free(payout: Payout) -> Q:
    """Money is taken out of an earlier payout only after that one came back."""
    return Q(payout=None) | Q(payout__state__in=sorted(CAME_BACK), payout__made_at__lt=payout.made_at)


def link_lines(transfer: Transfer) -> None:
    """A transfer whose outcome came late may lie in a payout that was read before."""
    lines = PayoutLine.objects.filter(source=transfer.stripe_id, transfer=None)
    lines.update(transfer=transfer)
    for payout in Payout.objects.filter(lines__transfer=transfer).order_by("made_at"):
        carry(payout)


def move_shares(share_ids: Iterable[int]) -> None:
    """Move shares to where their money is: a share is as far as the last of its transfers."""
    for share in Share.objects.filter(pk__in=list(share_ids), state__in=_MOVABLE):
        place = _place_of(share)
        for step in STEPS.get((ShareState(share.state), place), ()):
            share.move_to(step)
        share.save(update_fields=["state"])


_MOVABLE = sorted({S.TRANSFERRED, S.IN_TRANSIT, S.PAID})


def _place_of(share: Share) -> ShareState:
    sent = Transfer.objects.standing().filter(release__share=share)
    states = set(sent.values_list("payout__state", flat=True))
    if states <= {PayoutState.PAID}:
        return S.PAID
    return S.TRANSFERRED if states & {None, *CAME_BACK} else S.IN_TRANSIT
