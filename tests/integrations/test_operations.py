from __future__ import annotations

import itertools
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection, transaction

from core.errors import IllegalTransitionError
from integrations.stripe.answers import Refund
from integrations.stripe.errors import DeclinedError, MisconfiguredError, RetryableError
from integrations.stripe.kinds import KINDS, RECIPIENT, REFUND, REVERSAL, TRANSFER
from integrations.stripe.models import StripeOperation
from integrations.stripe.operations import (
    SETTLERS,
    PlannedOutsideTransactionError,
    perform,
    plan,
    repeat_unknown,
    settle_by_answer,
    withdraw,
)
from integrations.stripe.states import SETTLED, TRANSITIONS, OperationState
from integrations.stripe.stripe_gateway import StripeGateway

KEY = "refund:17"
PARAMETERS = {"payment_intent": "pi_1", "amount": 500, "metadata": {}}
MADE = Refund(id="re_1", operation=KEY, amount=500, currency="usd", status="succeeded", payment_intent="pi_1")
S = OperationState


class Gateway:
    """Stands for the network: each call takes the next outcome; exceptions are raised."""

    def __init__(self, *outcomes) -> None:
        self.outcomes = list(outcomes)
        self.keys: list[str] = []
        self.found: Refund | Exception | None = None

    def refund(self, *, key, **_parameters):
        self.keys.append(key)
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    def find_refund(self, **_):
        if isinstance(self.found, Exception):
            raise self.found
        return self.found


@pytest.fixture
def gateway(monkeypatch):
    gateway = Gateway(MADE)
    monkeypatch.setattr("integrations.stripe.operations.get_gateway", lambda: gateway)
    return gateway


@pytest.fixture
def settled(monkeypatch):
    """The operations that were settled, in order."""
    seen = []

    def settle(operation, *, now):
        seen.append(operation.state)

    monkeypatch.setitem(SETTLERS, REFUND, settle)
    return seen


@pytest.fixture
def planned(db, settled, now):
    with transaction.atomic():
        return plan(REFUND, KEY, PARAMETERS, now=now)


@pytest.mark.parametrize(("old", "new"), list(itertools.product(S, S)))
def test_the_table_is_the_specification(old, new):
    arrows = {
        (S.PLANNED, S.SENT),
        (S.PLANNED, S.FAILED),
        (S.SENT, S.SUCCEEDED),
        (S.SENT, S.FAILED),
        (S.SENT, S.UNKNOWN),
        (S.UNKNOWN, S.SENT),
        (S.UNKNOWN, S.SUCCEEDED),
        (S.UNKNOWN, S.FAILED),
    }
    operation = StripeOperation(state=old)
    if (old, new) in arrows:
        operation.move_to(new)
        assert operation.state == new
    else:
        with pytest.raises(IllegalTransitionError):
            operation.move_to(new)
    assert (new in TRANSITIONS.get(old, ())) == ((old, new) in arrows)
    assert not SETTLED & set(TRANSITIONS)


@pytest.mark.django_db
def test_an_intent_is_the_same_as_first_planned(planned, now):
    with transaction.atomic():
        again = plan(REFUND, KEY, {**PARAMETERS, "amount": 9}, now=now + timedelta(hours=1))
    assert (again.pk, again.parameters) == (planned.pk, PARAMETERS)


@pytest.mark.django_db(transaction=True)
def test_an_intent_outside_a_transaction_is_refused(now):
    with pytest.raises(PlannedOutsideTransactionError):
        plan(REFUND, KEY, PARAMETERS, now=now)


@pytest.mark.django_db(transaction=True)
def test_nothing_is_sent_inside_a_transaction(planned, gateway, now):
    with transaction.atomic(), pytest.raises(RuntimeError):
        perform(planned.pk, now=now)
    assert gateway.keys == []


@pytest.mark.django_db
def test_a_success_is_recorded_with_its_answer_and_never_sent_again(planned, gateway, settled, now):
    done = perform(planned.pk, now=now)
    assert (done.state, done.stripe_id, done.answer) == (S.SUCCEEDED, "re_1", MADE.as_json())
    assert perform(planned.pk, now=now).state == S.SUCCEEDED
    assert (gateway.keys, settled) == ([KEY], [S.SUCCEEDED])


@pytest.mark.django_db
def test_a_refusal_is_final_and_says_why(planned, gateway, settled, now):
    gateway.outcomes = [DeclinedError("Too much.", code="amount_too_large", request_id="req_1")]
    failed = perform(planned.pk, now=now)
    assert (failed.state, failed.error_code) == (S.FAILED, "amount_too_large")
    assert failed.error == "DeclinedError: amount_too_large: Too much.: req_1"
    assert perform(planned.pk, now=now).state == S.FAILED
    assert (gateway.keys, settled) == ([KEY], [S.FAILED])


@pytest.mark.django_db
@pytest.mark.parametrize("error", [RetryableError("No answer."), MisconfiguredError("Wrong key.")])
def test_an_unknown_outcome_is_asked_again_with_the_same_key(planned, gateway, settled, error, now):
    gateway.outcomes = [error, error, MADE]
    assert perform(planned.pk, now=now).state == S.UNKNOWN
    assert repeat_unknown(now) == 0
    assert repeat_unknown(now + timedelta(seconds=5)) == 0
    assert repeat_unknown(now + timedelta(seconds=15)) == 1
    assert (gateway.keys, settled) == ([KEY] * 3, [S.SUCCEEDED])


@pytest.mark.django_db
@pytest.mark.parametrize("found", [MADE, None], ids=["it had happened", "it had not"])
def test_after_a_day_stripe_is_searched_before_it_is_asked_again(planned, gateway, settled, found, now):
    gateway.outcomes = [RetryableError("No answer."), MADE]
    perform(planned.pk, now=now)
    gateway.found = found
    assert repeat_unknown(now + timedelta(hours=24)) == 1
    planned.refresh_from_db()
    assert (planned.stripe_id, settled) == ("re_1", [S.SUCCEEDED])
    assert gateway.keys == ([KEY] if found else [KEY, KEY])


@pytest.mark.django_db
def test_a_search_without_an_answer_leaves_the_outcome_unknown(planned, gateway, settled, now):
    gateway.outcomes = [RetryableError("No answer.")]
    perform(planned.pk, now=now)
    gateway.found = RetryableError("Nor now.")
    assert repeat_unknown(now + timedelta(hours=24)) == 0
    planned.refresh_from_db()
    assert (planned.state, gateway.keys, settled) == (S.UNKNOWN, [KEY], [])


@pytest.mark.django_db
def test_an_operation_whose_outcome_cannot_be_applied_holds_up_no_other(planned, gateway, monkeypatch, now):
    gateway.outcomes = [MADE, DeclinedError("No.")]
    with transaction.atomic():
        other = plan(REFUND, "refund:18", PARAMETERS, now=now)

    def settle(operation, *, now):
        if operation.pk == planned.pk:
            raise ValueError("The refund is gone.")

    monkeypatch.setitem(SETTLERS, REFUND, settle)
    assert repeat_unknown(now) == 1
    planned.refresh_from_db()
    other.refresh_from_db()
    assert (planned.state, other.state) == (S.SENT, S.FAILED)


@pytest.mark.django_db
def test_what_sends_money_out_is_searched_for_before_it_is_first_sent(planned, gateway, settled, now):
    gateway.found = MADE
    assert perform(planned.pk, now=now).stripe_id == "re_1"
    assert (gateway.keys, settled) == ([], [S.SUCCEEDED])


@pytest.mark.django_db
def test_what_was_made_for_somebody_else_under_our_key_is_not_ours(planned, gateway, settled, now):
    others = replace(MADE, id="re_other", payment_intent="pi_other")
    gateway.found = others
    assert settle_by_answer(others, now=now) is None
    assert perform(planned.pk, now=now).stripe_id == "re_1"
    assert settle_by_answer(replace(MADE, id="re_second"), now=now) is None
    assert gateway.keys == [KEY]


@pytest.mark.django_db
def test_another_amount_under_our_key_is_somebodys_to_look_at(planned, gateway, settled, now):
    gateway.found = replace(MADE, amount=700)
    assert perform(planned.pk, now=now).state == S.UNKNOWN
    with pytest.raises(MisconfiguredError):
        settle_by_answer(gateway.found, now=now)
    assert (gateway.keys, settled) == ([], [])


def test_everything_that_sends_money_or_is_sent_it_is_searched_for_first():
    looked_for = {name for name, kind in KINDS.items() if kind.looks_first}
    assert looked_for == {REFUND, TRANSFER, REVERSAL, RECIPIENT}


class KilledError(BaseException):
    """The worker dies where it stands."""


@pytest.mark.django_db
def test_what_a_dead_worker_left_is_taken_up_when_its_lease_ends(planned, gateway, settled, now):
    gateway.outcomes = [KilledError(), MADE]
    with pytest.raises(KilledError):
        perform(planned.pk, now=now)
    assert perform(planned.pk, now=now + timedelta(seconds=59)).state == S.SENT
    assert perform(planned.pk, now=now + timedelta(seconds=60)).state == S.SUCCEEDED
    assert (perform(planned.pk, now=now).attempts, gateway.keys, settled) == (2, [KEY] * 2, [S.SUCCEEDED])


@pytest.mark.django_db
def test_an_intent_can_be_withdrawn_until_it_is_sent(planned, gateway, settled, now):
    assert (withdraw(planned.pk, now=now), withdraw(planned.pk, now=now)) == (True, False)
    planned.refresh_from_db()
    assert (planned.state, planned.error_code, gateway.keys) == (S.FAILED, "withdrawn", [])


@pytest.mark.django_db
def test_a_webhook_that_names_our_key_is_the_answer(planned, gateway, settled, now):
    gateway.outcomes = [RetryableError("No answer.")]
    perform(planned.pk, now=now)
    assert settle_by_answer(MADE, now=now) == settle_by_answer(MADE, now=now) == planned
    planned.refresh_from_db()
    assert planned.state == S.SUCCEEDED
    assert settled == [S.SUCCEEDED]
    assert settle_by_answer(Refund(**{**MADE.__dict__, "operation": "somebody else's"}), now=now) is None


@pytest.mark.django_db
@pytest.mark.parametrize("late", [MADE, RetryableError("No answer.")], ids=["the same answer", "no answer"])
def test_an_answer_that_the_webhook_overtook_changes_nothing(
    planned, gateway, settled, late, now, monkeypatch
):
    def overtaken(*, key, **_parameters):
        settle_by_answer(MADE, now=now)
        if isinstance(late, Exception):
            raise late
        return late

    monkeypatch.setattr(gateway, "refund", overtaken)
    assert (perform(planned.pk, now=now).state, settled) == (S.SUCCEEDED, [S.SUCCEEDED])


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_once(planned, gateway, now):
    together = threading.Barrier(2)
    states = []

    def work():
        together.wait()
        states.append(perform(planned.pk, now=now).state)
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert gateway.keys == [KEY]
    assert S.SUCCEEDED in states


def test_every_kind_has_a_method_of_the_gateway():
    assert all(hasattr(StripeGateway, kind.send) for kind in KINDS.values())
