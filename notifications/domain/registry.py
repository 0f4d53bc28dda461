"""Which kind of line is written out by which letter."""

from __future__ import annotations

from datetime import datetime

from notifications.domain.calendars import FAILED, failure_letter
from notifications.domain.disputes import KIND as DISPUTE
from notifications.domain.disputes import dispute_letter
from notifications.domain.earnings import payout_letter
from notifications.domain.letters import Letter, LetterWriter
from notifications.domain.moves import MOVED, PROPOSED, SETTLED, moved_letter, proposed_letter, settled_letter
from notifications.domain.refunds import KIND as REFUND
from notifications.domain.refunds import refund_letter
from notifications.domain.reminders import REMINDER, reminder_letter
from notifications.domain.reports import CONTESTED, MADE, MISSED, REJECTED, report_letter
from notifications.domain.sessions import WORDING, session_letter
from notifications.models import Notification

LETTERS: dict[str, LetterWriter] = {
    **{f"marketplace/{event}": session_letter(event) for event in WORDING},
    MOVED: moved_letter,
    PROPOSED: proposed_letter,
    SETTLED: settled_letter,
    REMINDER: reminder_letter,
    **dict.fromkeys((MADE, CONTESTED, REJECTED, MISSED), report_letter),
    REFUND: refund_letter,
    DISPUTE: dispute_letter,
    "payouts/payout": payout_letter,
    FAILED: failure_letter,
}


def letter_for(line: Notification, *, now: datetime) -> Letter | None:
    """The letter of a line, read from the rows as they are; None when it is of no use any more."""
    return LETTERS[line.kind](line, now)
