"""The lives of a share, its release, a reversal and a payout: every legal move."""

from __future__ import annotations

from django.db import models


class ShareState(models.TextChoices):
    HELD = "held"
    FROZEN = "frozen"
    TRANSFERRED = "transferred"
    IN_TRANSIT = "in_transit"
    PAID = "paid"
    VOID = "void"


S = ShareState

SHARE_MOVES: dict[ShareState, frozenset[ShareState]] = {
    # To paid without a transfer: wholly netted against a debt.
    S.HELD: frozenset({S.FROZEN, S.TRANSFERRED, S.PAID, S.VOID}),
    S.FROZEN: frozenset({S.HELD, S.VOID}),
    # To frozen: its release was reversed for a dispute.
    S.TRANSFERRED: frozenset({S.IN_TRANSIT, S.FROZEN, S.VOID}),
    # To transferred: the payout failed or was cancelled.
    S.IN_TRANSIT: frozenset({S.PAID, S.TRANSFERRED, S.FROZEN, S.VOID}),
    S.PAID: frozenset({S.TRANSFERRED, S.FROZEN, S.VOID}),
    S.VOID: frozenset(),
}

UNRELEASED = frozenset({S.HELD, S.FROZEN})
"""The money of these still lies with the platform."""


class ReleaseState(models.TextChoices):
    PLANNED = "planned"
    DONE = "done"
    REFUSED = "refused"
    REVERSED = "reversed"


R = ReleaseState

RELEASE_MOVES: dict[ReleaseState, frozenset[ReleaseState]] = {
    R.PLANNED: frozenset({R.DONE, R.REFUSED}),
    R.DONE: frozenset({R.REVERSED}),
    R.REFUSED: frozenset(),
    R.REVERSED: frozenset(),
}

UNREVERSED = frozenset({R.PLANNED, R.DONE})
"""At most one release of a share is in these: money is out, or may be."""


class ReversalState(models.TextChoices):
    PLANNED = "planned"
    DONE = "done"
    REFUSED = "refused"


V = ReversalState

REVERSAL_MOVES: dict[ReversalState, frozenset[ReversalState]] = {
    V.PLANNED: frozenset({V.DONE, V.REFUSED}),
    V.DONE: frozenset(),
    V.REFUSED: frozenset(),
}


class PayoutState(models.TextChoices):
    PENDING = "pending"
    IN_TRANSIT = "in_transit"
    PAID = "paid"
    FAILED = "failed"
    CANCELED = "canceled"


P = PayoutState

PAYOUT_MOVES: dict[PayoutState, frozenset[PayoutState]] = {
    P.PENDING: frozenset({P.IN_TRANSIT, P.PAID, P.FAILED, P.CANCELED}),
    P.IN_TRANSIT: frozenset({P.PAID, P.FAILED, P.CANCELED}),
    # Paid is not final: a bank may send the money back, and only `payout.failed` tells.
    P.PAID: frozenset({P.FAILED}),
    P.FAILED: frozenset(),
    P.CANCELED: frozenset(),
}

ON_ITS_WAY = frozenset({P.PENDING, P.IN_TRANSIT})
CAME_BACK = frozenset({P.FAILED, P.CANCELED})


class TransfersStatus(models.TextChoices):
    """Stripe's status of the recipient capability; ``none`` before it was asked for."""

    ACTIVE = "active"
    PENDING = "pending"
    RESTRICTED = "restricted"
    REJECTED = "rejected"
    UNSUPPORTED = "unsupported"
    NONE = "none"


class InvoiceKind(models.TextChoices):
    """A document in a payee's name: for a payout, or because it came back."""

    INVOICE = "invoice"
    CANCELLATION = "cancellation"
