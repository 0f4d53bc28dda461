from __future__ import annotations

import itertools

import pytest

from core.errors import IllegalTransitionError
from payments.models import CheckoutSession, Order, Refund
from payments.states import CheckoutState as C
from payments.states import OrderState as O
from payments.states import RefundState as R

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
}
PAIRS = [
    (model, old, new)
    for model, states in ((Order, O), (CheckoutSession, C), (Refund, R))
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
