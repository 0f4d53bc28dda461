from __future__ import annotations

import itertools

import pytest

from core.errors import IllegalTransitionError
from payments.models import CheckoutSession, Dispute, FraudWarning, Order, Refund
from payments.states import CheckoutState as C
from payments.states import DisputeState as D
from payments.states import FraudWarningState as F
from payments.states import OrderState as O
from payments.states import RefundState as R

ORDER = {
    D.WARNING_NEEDS_RESPONSE: 0,
    D.WARNING_UNDER_REVIEW: 1,
    D.WARNING_CLOSED: 2,
    D.NEEDS_RESPONSE: 3,
    D.UNDER_REVIEW: 4,
    D.WON: 5,
    D.LOST: 5,
    D.PREVENTED: 5,
}
ARROWS: dict[type, set[tuple[str, str]]] = {
    Order: {(O.OPEN, O.PAID), (O.OPEN, O.CLOSED), (O.CLOSED, O.PAID)},
    CheckoutSession: {
        (C.OPENING, C.OPEN),
        (C.OPENING, C.PAID),
        (C.OPENING, C.EXPIRED),
        (C.OPENING, C.REFUSED),
        (C.OPEN, C.PAID),
        (C.OPEN, C.EXPIRED),
        (C.EXPIRED, C.PAID),
    },
    Refund: {(R.PENDING, R.SUCCEEDED), (R.PENDING, R.FAILED), (R.SUCCEEDED, R.FAILED)},
    FraudWarning: {(F.ACTIONABLE, F.OVER)},
    # From left to right, and an inquiry may become a chargeback even when it was closed.
    Dispute: {(old, new) for old, new in itertools.permutations(D, 2) if ORDER[old] < ORDER[new]},
}
PAIRS = [
    (model, old, new)
    for model, states in ((Order, O), (CheckoutSession, C), (Refund, R), (FraudWarning, F), (Dispute, D))
    for old, new in itertools.product(states, states)
]


@pytest.mark.parametrize(("model", "old", "new"), PAIRS)
def test_every_pair_of_states_is_an_arrow_or_refused(model, old, new):
    row = model(state=old)
    if (old, new) in ARROWS[model]:
        row.move_to(new)
        assert row.state == new
    else:
        with pytest.raises(IllegalTransitionError):
            row.move_to(new)
