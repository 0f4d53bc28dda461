"""How a booking is written in the API."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from core.api.serializers import InstantField, MoneyField
from core.money import Money
from marketplace.domain.meeting import join_url
from marketplace.models import Session
from marketplace.queries.series import place_in_series
from payments.models import CheckoutSession
from payments.queries.amounts import card_parts, line_amounts
from scheduling.domain.moving import may_move
from scheduling.queries.bookings import timeline
from scheduling.queries.moves import answerable_proposal
from scheduling.queries.reports import reports_of
from scheduling.rules.moving import MayMove
from scheduling.states import BookingState


class PersonJson(serializers.Serializer[Any]):
    slug = serializers.CharField(required=False)
    name = serializers.CharField()


class TierJson(serializers.Serializer[Any]):
    from_hours = serializers.IntegerField()
    refund_percent = serializers.IntegerField()


class PolicyJson(serializers.Serializer[Any]):
    id = serializers.CharField()
    tiers = TierJson(many=True)


class PlaceInSeriesJson(serializers.Serializer[Any]):
    """Which of how many sessions of one order it is."""

    id = serializers.CharField()
    number = serializers.IntegerField()
    of = serializers.IntegerField()


class BookingJson(serializers.Serializer[Any]):
    """What every answer about a booking says. ``to_pay`` is what the card is still asked for.

    Amounts are this session's part of its order; the payment page asks for all of a series.
    """

    id = serializers.CharField(source="pk")
    state = serializers.CharField(source="booking.state")
    starts_at = InstantField(source="booking.starts_at")
    ends_at = InstantField(source="booking.ends_at")
    hold_expires_at = serializers.SerializerMethodField()
    timezone = serializers.CharField(source="booking.timezone")
    offer = serializers.CharField(source="offer_id")
    offer_name = serializers.CharField(source="offer.name")
    coach = serializers.SerializerMethodField()
    candidate = serializers.SerializerMethodField()
    price = serializers.SerializerMethodField()
    to_pay = serializers.SerializerMethodField()
    checkout_url = serializers.SerializerMethodField()
    checkout_session = serializers.SerializerMethodField()
    policy = serializers.SerializerMethodField()
    series = serializers.SerializerMethodField()

    def get_hold_expires_at(self, session: Session) -> str | None:
        return instant(session.booking.hold_expires_at if _is_held(session) else None)

    def get_coach(self, session: Session) -> dict[str, str]:
        coach = session.booking.coach.coach
        return {"slug": coach.slug, "name": coach.name}

    def get_candidate(self, session: Session) -> dict[str, str]:
        return {"name": session.booking.candidate.display_name}

    def get_price(self, session: Session) -> dict[str, Any]:
        return session.price.as_json()

    def get_to_pay(self, session: Session) -> dict[str, Any]:
        due = card_parts(session.order)[session.line_id] if _is_held(session) else 0
        return Money(due, session.order.currency).as_json()

    def get_checkout_url(self, session: Session) -> str | None:
        checkout = self._checkout(session)
        return checkout.url if checkout else None

    def get_checkout_session(self, session: Session) -> str | None:
        checkout = self._checkout(session)
        return checkout.stripe_id if checkout else None

    def get_policy(self, session: Session) -> dict[str, Any]:
        policy = session.booking.policy
        return {"id": str(policy.pk), "tiers": policy.tiers}

    @extend_schema_field(PlaceInSeriesJson(allow_null=True))
    def get_series(self, session: Session) -> dict[str, Any] | None:
        place = place_in_series(session)
        return dict(PlaceInSeriesJson(place).data) if place else None

    def _checkout(self, session: Session) -> CheckoutSession | None:
        """The open page of a hold; only its candidate is told where it is."""
        if not _is_held(session) or self.context["viewer"].pk != session.booking.candidate_id:
            return None
        pages = [page for page in session.order.checkouts.all() if page.is_payable and page.url]
        return pages[0] if pages else None


class ReportJson(serializers.Serializer[Any]):
    """What was reported about a session, by which ``side``, and what came of it."""

    kind = serializers.CharField()
    side = serializers.CharField()
    state = serializers.CharField()
    reason = serializers.CharField()
    comment = serializers.CharField()
    made_at = InstantField()
    stands_at = InstantField(allow_null=True)
    objection = serializers.CharField()
    contested_at = InstantField(allow_null=True)
    decision = serializers.CharField()
    decided_at = InstantField(allow_null=True)


class HereJson(serializers.Serializer[Any]):
    """When either side said that it had come."""

    candidate_at = InstantField(source="candidate_here_at", allow_null=True)
    coach_at = InstantField(source="coach_here_at", allow_null=True)


class ProposalJson(serializers.Serializer[Any]):
    """The coach's proposal that waits for the candidate's answer, until ``lapses_at``."""

    starts_at = InstantField()
    proposed_at = InstantField()
    lapses_at = InstantField()


class MayMoveJson(serializers.Serializer[Any]):
    """Whether the viewer may ask for another time now, until when, and what follows from it.

    ``needs_consent``: it is a proposal. ``late``: it counts, and a later cancellation gives less back.
    ``reason``: the code of the refusal.
    """

    allowed = serializers.SerializerMethodField()
    until = InstantField()
    late = serializers.BooleanField()
    needs_consent = serializers.BooleanField()
    reason = serializers.CharField(source="refusal", allow_null=True)

    def get_allowed(self, may: MayMove) -> bool:
        return may.refusal is None


class BookingDetailJson(BookingJson):
    """One booking, for one of its sides, at the instant ``now`` of the context."""

    answers = serializers.SerializerMethodField()
    invite_url = serializers.SerializerMethodField()
    join_url = serializers.SerializerMethodField()
    side = serializers.SerializerMethodField()
    here = HereJson(source="booking")
    reports = serializers.SerializerMethodField()
    proposal = serializers.SerializerMethodField()
    may_move = serializers.SerializerMethodField()
    events = serializers.SerializerMethodField()
    order = serializers.SerializerMethodField()

    def get_side(self, session: Session) -> str:
        return session.side_of(self.context["viewer"])

    @extend_schema_field(ReportJson(many=True))
    def get_reports(self, session: Session) -> list[dict[str, Any]]:
        return [dict(ReportJson(report).data) for report in reports_of(session.booking)]

    @extend_schema_field(ProposalJson(allow_null=True))
    def get_proposal(self, session: Session) -> dict[str, Any] | None:
        proposal = answerable_proposal(session.booking, now=self.context["now"])
        return dict(ProposalJson(proposal).data) if proposal else None

    @extend_schema_field(MayMoveJson)
    def get_may_move(self, session: Session) -> dict[str, Any]:
        may = may_move(session.booking, by=self.context["viewer"], now=self.context["now"])
        return dict(MayMoveJson(may).data)

    def get_answers(self, session: Session) -> dict[str, Any]:
        answers = session.answers
        return {**answers, "interview_on": session.interview_on and session.interview_on.isoformat()}

    def get_invite_url(self, session: Session) -> str:
        return reverse("api_booking_invite", args=[session.pk], request=self.context["request"])

    def get_join_url(self, session: Session) -> str | None:
        return join_url(session, now=self.context["now"])

    def get_events(self, session: Session) -> list[dict[str, Any]]:
        return [{**moment, "at": instant(moment["at"])} for moment in timeline(session.booking)]

    def get_order(self, session: Session) -> dict[str, Any]:
        return {name: amount.as_json() for name, amount in line_amounts(session.line)._asdict().items()}


class OutcomeJson(serializers.Serializer[Any]):
    """What a cancellation comes to."""

    refund = MoneyField()
    kept = MoneyField()
    goodwill = MoneyField()
    coach_share = MoneyField()
    platform_fee = MoneyField()
    rule = serializers.CharField()


def instant(at: datetime | None) -> str | None:
    return InstantField().to_representation(at) if at else None


def _is_held(session: Session) -> bool:
    return bool(session.booking.state == BookingState.HELD)
