"""Stripe forgets a key after a day, and we do not know what came of it: what was made is found by name."""

from __future__ import annotations

import pytest

from integrations.stripe.models import StripeOperation
from integrations.stripe.operations import perform
from payments.domain.checkout import CheckoutUnavailableError
from payouts.domain.payees import StripeUnavailableError
from tests.recovery.errands import ERRANDS, Account, Page, begun, expect_done_once

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("kind", ERRANDS)
@pytest.mark.parametrize("lost", ["timeout_after", "timeout_before"], ids=["it was made", "it was not made"])
def test_an_outcome_that_stays_unknown_for_longer_than_a_key_lives(stripe, now, kind, lost):
    errand = begun(kind, stripe, now)
    trade = errand.trade
    trade.lose(errand.path, lost)
    _ask(errand)
    assert StripeOperation.objects.get(state="unknown").attempts == 1

    # Nobody asks again for longer than the key is kept.
    trade.go_on(hours=25)
    stripe.work()
    if kind in (Page, Account):
        errand.again()
        stripe.work()

    if kind is Page:
        # The page that was found had run out by then: the order got another.
        assert errand.is_done()
        assert [page["status"] for page in errand.made()] == ["complete", "expired"][: len(errand.made())]
    else:
        expect_done_once(errand)


def _ask(errand):
    try:
        if errand.act == "perform":
            perform(errand.about, now=errand.trade.now)
        else:
            errand.again()
    except (CheckoutUnavailableError, StripeUnavailableError):
        """Ben, or Ada, reads that it did not work just now."""
