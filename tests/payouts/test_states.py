"""The tables are the specification: every pair is either an arrow or refused."""

from __future__ import annotations

from itertools import product

import pytest

from core.errors import IllegalTransitionError
from payouts.models import Payout, Release, Reversal, Share

ARROWS = {
    Share: {
        "held": "frozen transferred paid void",
        "frozen": "held void",
        "transferred": "in_transit frozen void",
        "in_transit": "paid transferred frozen void",
        "paid": "transferred frozen void",
        "void": "",
    },
    Release: {"planned": "done refused", "done": "reversed", "refused": "", "reversed": ""},
    Reversal: {"planned": "done refused", "done": "", "refused": ""},
    Payout: {
        "pending": "in_transit paid failed canceled",
        "in_transit": "paid failed canceled",
        "paid": "failed",
        "failed": "",
        "canceled": "",
    },
}
PAIRS = [(model, *pair) for model, arrows in ARROWS.items() for pair in product(arrows, repeat=2)]


@pytest.mark.parametrize(("model", "before", "after"), PAIRS)
def test_a_row_takes_the_arrows_of_its_table_and_no_others(model, before, after):
    row = model(state=before)

    if after in ARROWS[model][before].split():
        row.move_to(after)
        assert row.state == after
    else:
        with pytest.raises(IllegalTransitionError):
            row.move_to(after)
        assert row.state == before


@pytest.mark.parametrize("model", ARROWS)
def test_the_database_knows_the_same_states(model):
    assert {state for state, _ in model._meta.get_field("state").choices} == set(ARROWS[model])
