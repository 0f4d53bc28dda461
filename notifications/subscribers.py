"""Who is told what. Everything here may run twice: the inbox lets each line in once."""

from __future__ import annotations

from core import clock
from core.events import subscribe
from core.instants import instant_json
from core.locales import written_for
from core.log import get_logger
from marketplace.events import PaymentReturned, ScorecardDelivered, WaitlistOffered
from notifications.domain.calendars import tell_of_failure
from notifications.domain.disputes import tell_of_dispute
from notifications.domain.earnings import tell_of_payout
from notifications.domain.letters import render
from notifications.domain.moves import tell_of_move, tell_of_proposal, tell_of_settlement
from notifications.domain.refunds import tell_of_decision, tell_of_end
from notifications.domain.registry import letter_for
from notifications.domain.reminders import remind_sides
from notifications.domain.reports import (
    tell_of_missed,
    tell_of_objection,
    tell_of_rejection,
    tell_of_report,
)
from notifications.domain.sessions import tell_sides
from notifications.events import MailDue
from notifications.live import push, slots_group
from notifications.models import Notification
from payments.events import DisputeChanged, OrderRefunded, RefundSettled
from payouts.events import PayoutChanged
from scheduling.events import (
    BookingCancelled,
    BookingConfirmed,
    BookingDeclined,
    BookingExpired,
    BookingMissed,
    BookingMoved,
    BookingRequested,
    CalendarFailed,
    MoveProposed,
    MoveSettled,
    ReportContested,
    ReportDecided,
    ReportMade,
    SessionNear,
    SlotsChanged,
)
from scheduling.models import Booking
from scheduling.states import BookingState

log = get_logger(__name__)


@subscribe(BookingConfirmed)
def tell_of_confirmation(event: BookingConfirmed) -> None:
    tell_sides("booking_confirmed", event.booking_id, now=event.at)


@subscribe(BookingRequested)
def tell_of_request(event: BookingRequested) -> None:
    tell_sides("booking_requested", event.booking_id, now=event.at)


@subscribe(BookingDeclined)
def tell_of_refusal(event: BookingDeclined) -> None:
    tell_sides("booking_declined", event.booking_id, now=event.at)


@subscribe(BookingExpired)
def tell_of_lapsed_request(event: BookingExpired) -> None:
    # A hold that ran out is no news: its candidate watched the countdown.
    if Booking.objects.filter(pk=event.booking_id, expired_from=BookingState.REQUESTED).exists():
        tell_sides("booking_expired", event.booking_id, now=event.at)


@subscribe(BookingCancelled)
def tell_of_cancellation(event: BookingCancelled) -> None:
    # A hold that its candidate let go was never a promise to anybody.
    if Booking.objects.promised().filter(pk=event.booking_id).exists():
        tell_sides("booking_cancelled", event.booking_id, now=event.at)


@subscribe(SessionNear)
def remind_of_session(event: SessionNear) -> None:
    # The present, not the time of the event: it may have waited here, and the session did not.
    remind_sides(event.booking_id, event.minutes_before, now=clock.now())


@subscribe(WaitlistOffered)
def tell_of_offered_time(event: WaitlistOffered) -> None:
    tell_sides("waitlist_offered", event.booking_id, now=event.at)


@subscribe(BookingMoved)
def tell_of_new_time(event: BookingMoved) -> None:
    tell_of_move(event.booking_id, event.from_at, now=event.at)


@subscribe(MoveProposed)
def tell_of_proposed_move(event: MoveProposed) -> None:
    tell_of_proposal(event.proposal_id, now=event.at)


@subscribe(MoveSettled)
def tell_of_old_time(event: MoveSettled) -> None:
    tell_of_settlement(event.proposal_id, event.outcome, now=event.at)


@subscribe(ReportMade)
def tell_of_report_made(event: ReportMade) -> None:
    tell_of_report(event.report_id, now=event.at)


@subscribe(ReportContested)
def tell_of_report_contested(event: ReportContested) -> None:
    tell_of_objection(event.report_id, now=event.at)


@subscribe(ReportDecided)
def tell_of_report_decided(event: ReportDecided) -> None:
    # What follows from one that is upheld is told by the session that was missed.
    if not event.upheld:
        tell_of_rejection(event.report_id, now=event.at)


@subscribe(BookingMissed)
def tell_of_missed_session(event: BookingMissed) -> None:
    tell_of_missed(event.booking_id, now=event.at)


@subscribe(ScorecardDelivered)
def tell_of_scorecard(event: ScorecardDelivered) -> None:
    tell_sides("scorecard_delivered", event.booking_id, now=event.at)


@subscribe(PaymentReturned)
def tell_of_returned_payment(event: PaymentReturned) -> None:
    tell_sides("payment_returned", event.booking_id, now=event.at)


@subscribe(OrderRefunded)
def tell_of_refund_decided(event: OrderRefunded) -> None:
    tell_of_decision(event.refund_id, now=event.at)


@subscribe(RefundSettled)
def tell_of_refund_settled(event: RefundSettled) -> None:
    tell_of_end(event.refund_id, now=event.at)


@subscribe(DisputeChanged)
def tell_of_disputed_payment(event: DisputeChanged) -> None:
    tell_of_dispute(event.dispute_id, now=event.at)


@subscribe(PayoutChanged)
def tell_of_payout_changed(event: PayoutChanged) -> None:
    tell_of_payout(event.payout_id, now=event.at)


@subscribe(CalendarFailed)
def tell_of_failed_calendar(event: CalendarFailed) -> None:
    tell_of_failure(event.calendar_id, now=event.at)


@subscribe(SlotsChanged)
def tell_open_pickers(event: SlotsChanged) -> None:
    push(
        slots_group(event.coach_id),
        {"type": "slots.changed", "from": instant_json(event.from_at), "to": instant_json(event.to_at)},
    )


@subscribe(MailDue, network=True)
def send_letter(event: MailDue) -> None:
    line = Notification.objects.select_related("person").get(pk=event.line_id)
    with written_for(line.person.locale):
        letter = letter_for(line, now=clock.now())
        mail = render(line, letter) if letter else None
    if mail is None:
        log.info("mail.pointless", kind=line.kind, line=line.pk)
        return
    mail.send()
    log.info("mail.sent", kind=line.kind, line=line.pk)
