"""What operations tell a bank about a dispute: our side of it, or that we do not contest."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction

from core.audit import record
from core.errors import DomainError, InvalidError, NotFoundError
from integrations.stripe import operations
from integrations.stripe.kinds import ACCEPTANCE, EVIDENCE
from integrations.stripe.models import StripeOperation
from integrations.stripe.states import OperationState
from payments.models import Dispute
from payments.rules import EVIDENCE_FIELDS, LONGEST_EVIDENCE

if TYPE_CHECKING:
    from accounts.models import User

TEXT = "uncategorized_text"


class DisputeAnsweredError(DomainError):
    """The bank does not wait for us: it was told already, or has decided."""

    code = "dispute_answered"
    message = "The bank does not wait for an answer to this. Load the page again and see how it stands."


@transaction.atomic
def submit_evidence(
    dispute_id: int, *, text: str, facts: Mapping[str, str], by: User, reason: str, now: datetime
) -> Dispute:
    """Tell the bank our side, once and for all: ``text``, and ``facts`` by Stripe's own names. Twice is once.

    Raises:
        NotFoundError: there is no such dispute, or this person does not work for operations.
        DisputeAnsweredError: the bank was told something else, or has decided.
        InvalidError: nothing, too much, or a fact that Stripe has no name for.
    """
    dispute = _locked(dispute_id, by)
    answer = {**facts, TEXT: text.strip()}
    if dispute.answer == answer and not dispute.failure:
        return dispute
    _refuse_invalid(answer)
    dispute.answer = answer
    parameters = {"dispute": dispute.stripe_id, "evidence": answer}
    _tell(dispute, EVIDENCE, parameters, now=now)
    record("dispute.evidence_submitted", dispute, by=by, now=now, reason=reason)
    return dispute


@transaction.atomic
def accept_loss(dispute_id: int, *, by: User, reason: str, now: datetime) -> Dispute:
    """Do not contest a dispute: it is lost as soon as Stripe knows. Twice is once.

    Raises:
        NotFoundError: there is no such dispute, or this person does not work for operations.
        DisputeAnsweredError: the bank was told otherwise, or has decided.
    """
    dispute = _locked(dispute_id, by)
    is_accepted = dispute.operation is not None and dispute.operation.kind == ACCEPTANCE
    if is_accepted and not dispute.failure:
        return dispute
    _tell(dispute, ACCEPTANCE, {"dispute": dispute.stripe_id}, now=now)
    record("dispute.loss_accepted", dispute, by=by, now=now, reason=reason)
    return dispute


@operations.settles(EVIDENCE)
@operations.settles(ACCEPTANCE)
def settle_reply(operation: StripeOperation, *, now: datetime) -> None:
    """Stripe passed it on, or refused to. What the bank makes of it is the dispute's own news."""
    dispute = Dispute.objects.select_for_update(of=("self",)).get(operation=operation)
    if operation.succeeded:
        dispute.answered_at = now
    else:
        dispute.failure = operation.error[:300]
    dispute.save(update_fields=["answered_at", "failure"])


def _locked(dispute_id: int, operator: User) -> Dispute:
    disputes = Dispute.objects.select_for_update(of=("self",)).select_related("operation")
    dispute = disputes.filter(pk=dispute_id).first()
    if dispute is None or not operator.is_staff:
        raise NotFoundError
    return dispute


def _refuse_invalid(answer: Mapping[str, str]) -> None:
    unknown = sorted(set(answer) - EVIDENCE_FIELDS)
    if unknown:
        raise InvalidError(fields={name: ["A bank is not told this."] for name in unknown})
    if not answer[TEXT]:
        raise InvalidError(fields={"text": ["Say what happened."]})
    if sum(map(len, answer.values())) > LONGEST_EVIDENCE:
        raise InvalidError(fields={"text": [f"At most {LONGEST_EVIDENCE} characters, all of it together."]})


def _tell(dispute: Dispute, kind: str, parameters: dict[str, Any], *, now: datetime) -> None:
    if not dispute.is_answerable:
        raise DisputeAnsweredError
    key = f"{dispute.cause}:{kind}"
    refused = StripeOperation.objects.filter(key__startswith=key, state=OperationState.FAILED).count()
    dispute.operation = operations.plan(kind, f"{key}:{refused + 1}" if refused else key, parameters, now=now)
    dispute.failure = ""
    dispute.save(update_fields=["operation", "answer", "failure"])
