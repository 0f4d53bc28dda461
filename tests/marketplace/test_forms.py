"""What the forms refuse, so that nothing is rounded or dated for anybody."""

from __future__ import annotations

import pytest

from marketplace.forms.offers import OfferForm
from marketplace.forms.prep import PrepForm


@pytest.mark.parametrize("price", ["10.005", "1e-9", "-1", "NaN", "99999999999"])
def test_a_price_is_whole_cents(price):
    form = OfferForm({"name": "Drill", "kind": "session", "duration_minutes": "30", "price": price})
    assert list(form.errors) == ["price"]


@pytest.mark.parametrize("day", ["0001-01-01", "1999-12-31", "2200-01-01", "tomorrow"])
def test_an_interview_is_on_a_sane_day(day):
    assert list(PrepForm({"interview_on": day}).errors) == ["interview_on"]


def test_nothing_has_to_be_told_before_a_session():
    assert PrepForm({}).is_valid()
