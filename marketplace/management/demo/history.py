"""Weeks of sessions, lived through the real verbs at their own instants, paid at the local Stripe.

Time stands still at each deed (``core.clock.frozen_at``), so the emulator's objects are as old as ours. A
coach who has sessions already is left alone, so that running the demo twice adds nothing.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from accounts.models import User
from core import clock, outbox
from core.errors import DomainError
from core.models import OutboxMessage
from integrations.stripe import emulation
from integrations.stripe.ticking import run_until_quiet
from marketplace.domain.attendance import dispute, report_no_show
from marketplace.domain.booking import Wish, book, payment_page
from marketplace.domain.cancelling import cancel
from marketplace.domain.requests import accept, decline
from marketplace.domain.reviews import review_session
from marketplace.domain.scorecards import deliver_scorecard
from marketplace.management.demo.people import Guide, candidates, guides
from marketplace.management.demo.words import PREP, REVIEWS, verdict
from marketplace.models import Offer, Session
from payments.domain.checkout import sync_by_id
from payouts.domain.payees import payee_of, start_onboarding, sync_account
from scheduling.domain.attendance import say_here
from scheduling.domain.completing import complete_due
from scheduling.domain.windows import rebuild_windows
from scheduling.models import Booking
from scheduling.queries.slots import open_starts
from scheduling.states import BookingState

WEEKS = 6
TICKS_EVERY_DAYS = 4
SESSIONS_OF_ADA, SESSIONS_OF_OTHERS = 12, 3
BOOKED_BEFORE = timedelta(days=4)
WRITTEN_AFTER = timedelta(hours=5)
REVIEWED_AFTER = timedelta(hours=9)
NEWCOMERS = 2  # Ben and Cleo keep mentors and a plain purse for whoever tries the demo
CANCELS, COACH_CANCELS, DECLINED, UNANSWERED = 7, 11, 2, 10  # of twelve fates
FORGETFUL = 4  # one scorecard in five never comes
# Coach and visit by number: once a candidate stays away, once a coach does, and one session is disputed.
CANDIDATE_AWAY, COACH_AWAY, DISPUTED = (0, 5), (3, 1), (0, 8)
REPORTED_AFTER = timedelta(minutes=20)
DISPUTED_AFTER = timedelta(hours=30)
CARD = "4242424242424242"

Deed = Callable[[datetime], object]


@dataclass
class History:
    """What is still to be lived, in order of time."""

    now: datetime
    deeds: list[tuple[datetime, int, Deed]] = field(default_factory=list)
    order: Iterator[int] = field(default_factory=count)

    def plan(self, at: datetime, deed: Deed) -> None:
        if at <= self.now:
            heapq.heappush(self.deeds, (at, next(self.order), deed))

    def live(self) -> None:
        while self.deeds:
            at, _, deed = heapq.heappop(self.deeds)
            with clock.frozen_at(at):
                deed(at)


def live_history(*, now: datetime) -> int:
    """Live the last weeks up to ``now``; how many sessions were booked.

    Raises:
        EmulatorAwayError: nobody can pay.
    """
    before = Session.objects.count()
    history = History(now)
    start = now - timedelta(weeks=WEEKS)
    newcomers = [g for g in guides() if not Session.objects.as_coach(g.coach.user).exists()]
    for number, guide in enumerate(newcomers):
        history.plan(start, _Opening(guide))
        wanted = SESSIONS_OF_ADA if guide.said["email"].startswith("ada") else SESSIONS_OF_OTHERS
        for index in range(wanted):
            at = start + timedelta(days=3) + (now - start - timedelta(days=5)) * index / wanted
            history.plan(at + timedelta(minutes=7 * number), _Visit(history, guide, number, index))
    for day in range(0, WEEKS * 7, TICKS_EVERY_DAYS) if newcomers else ():
        history.plan(start + timedelta(days=day, hours=1), _tick)
    history.live()
    if newcomers:
        run_until_quiet(now)
        for guide in newcomers:
            rebuild_windows(guide.coach.user_id, now=now)
    return Session.objects.count() - before


def _tick(at: datetime) -> None:
    _forget_letters(at)
    run_until_quiet(at)


def _forget_letters(at: datetime) -> None:
    """Nobody wants to read the mail of weeks that never were."""
    OutboxMessage.objects.filter(event="MailDue", delivered_at=None).update(delivered_at=at)


@dataclass(frozen=True)
class _Opening:
    """A coach opens: windows from that day on, and an account to be paid through."""

    guide: Guide

    def __call__(self, at: datetime) -> None:
        rebuild_windows(self.guide.coach.user_id, now=at)
        if self.guide.coach.is_mentor:
            return
        payee = payee_of(self.guide.coach.user, now=at)
        start_onboarding(payee, return_url="http://localhost/", refresh_url="http://localhost/", now=at)
        payee.refresh_from_db()
        emulation.control(f"accounts/{payee.account}/onboard", outcome="complete")
        sync_account(payee.account, now=at)


@dataclass(frozen=True)
class _Visit:
    """One candidate books one coach, pays, and the rest takes its course."""

    history: History
    guide: Guide
    number: int
    index: int

    def __call__(self, at: datetime) -> None:
        session = self._book(at)
        if session is None:
            return
        self._pay(session, at)
        _forget_letters(at)
        self._go_on(session)

    def _book(self, at: datetime) -> Session | None:
        offer = Offer.objects.filter(coach=self.guide.coach).active().sessions().last()
        if offer is None:
            return None
        starts = open_starts(
            self.guide.coach.user_id,
            duration_minutes=offer.duration_minutes,
            from_at=at + BOOKED_BEFORE,
            to_at=at + 2 * BOOKED_BEFORE,
            now=at,
        )
        for start in starts[(self.index * 5) % 7 :: 11]:
            wish = Wish(offer.pk, start, self.candidate.timezone, PREP[self.index % len(PREP)])
            try:
                return book(wish, candidate=self.candidate, now=at).session
            except DomainError:
                continue  # busy then, or at a mentor's limit: another time
        return None

    @property
    def candidate(self) -> User:
        people = candidates()
        if self.guide.coach.is_mentor:
            people = people[NEWCOMERS:]
        return people[(self.number + self.index) % len(people)]

    def _pay(self, session: Session, at: datetime) -> None:
        page = payment_page(session, now=at)
        if page is not None:
            emulation.control(f"checkout/{page.stripe_id}/pay", card=CARD)
            sync_by_id(page.stripe_id, now=at)
        outbox.drain(session.subject, now=clock.now())

    def _go_on(self, session: Session) -> None:
        booking, coach, fate = session.booking, self.guide.coach.user, self.fate
        if self.story in {CANDIDATE_AWAY, COACH_AWAY}:
            self._miss(session, coach if self.story == CANDIDATE_AWAY else self.candidate)
            return
        if self.guide.said.get("approves"):
            self._wait_for_an_answer(session)
        if fate == CANCELS:
            early = booking.starts_at - timedelta(hours=30)
            self.history.plan(early, lambda at: self._give_up(session, self.candidate, at))
        elif fate == COACH_CANCELS:
            late = booking.starts_at - timedelta(hours=20)
            self.history.plan(late, lambda at: self._give_up(session, coach, at))
        if self.story == DISPUTED:
            self.history.plan(booking.ends_at + DISPUTED_AFTER, lambda at: self._dispute(session, at))
        self.history.plan(booking.ends_at + WRITTEN_AFTER, lambda at: self._write(session, at))
        self.history.plan(booking.ends_at + REVIEWED_AFTER, lambda at: self._review(session, at))

    @property
    def story(self) -> tuple[int, int]:
        return self.number, self.index

    @property
    def fate(self) -> int:
        """Most sessions take place; of every twelve one is cancelled by either side, one request declined."""
        fate = (self.number * 3 + self.index) % 12
        spared = self.candidate in candidates()[:NEWCOMERS]
        return fate if fate != COACH_CANCELS or not spared else 0

    def _wait_for_an_answer(self, session: Session) -> None:
        answered_at = clock.now() + timedelta(hours=3)
        if self.fate == DECLINED:
            self.history.plan(answered_at, lambda at: self._decline(session, at))
        elif self.fate != UNANSWERED:
            self.history.plan(answered_at, lambda at: self._accept(session, at))

    def _accept(self, session: Session, at: datetime) -> None:
        accept(session.pk, by=self.guide.coach.user, now=at)

    def _decline(self, session: Session, at: datetime) -> None:
        decline(session.pk, by=self.guide.coach.user, reason="I am on a plane that day, sorry.", now=at)

    def _give_up(self, session: Session, by: User, at: datetime) -> None:
        if _state(session) == BookingState.CONFIRMED:
            cancel(session.pk, by=by, now=at)

    def _miss(self, session: Session, present: User) -> None:
        """One side comes, waits, and says that the other did not; nobody objects."""
        starts_at, words = session.booking.starts_at, "I waited for twenty minutes and wrote twice."
        self.history.plan(starts_at, lambda at: say_here(session.pk, by=present, now=at))
        self.history.plan(
            starts_at + REPORTED_AFTER,
            lambda at: report_no_show(session.pk, by=present, comment=words, now=at),
        )

    def _dispute(self, session: Session, at: datetime) -> None:
        """It waits for whoever signs in as operations."""
        words = "We stopped after twenty minutes because of the sound, and never finished the case."
        dispute(session.pk, by=self.candidate, reason="cut_short", comment=words, now=at)

    def _write(self, session: Session, at: datetime) -> None:
        complete_due(at)
        if _state(session) == BookingState.COMPLETED and self.index % 5 != FORGETFUL:
            mine = verdict(self.guide.coach, self.index)
            deliver_scorecard(session.pk, mine, by=self.guide.coach.user, now=at)

    def _review(self, session: Session, at: datetime) -> None:
        if _state(session) == BookingState.COMPLETED:
            rating, text = REVIEWS[(self.number + self.index) % len(REVIEWS)]
            review_session(session.pk, rating=rating, text=text, by=self.candidate, now=at)


def _state(session: Session) -> str:
    return Booking.objects.values_list("state", flat=True).get(pk=session.pk)
