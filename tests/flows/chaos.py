"""Random histories of a marketplace, told as a story: bookings, no-shows, banks, bad luck and crashes.

A step that is not possible just then is refused, as a person would be. A crash is an exception at the next
boundary, before or after a commit of ours or a call of ours to Stripe: whoever was at work is gone, and what
he had not committed is, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus

from django.db import connection, transaction
from django.db.transaction import Atomic

from core.errors import DomainError
from core.events import SUBSCRIBERS
from core.models import OutboxMessage
from core.money import Money
from core.periodic import JOBS
from integrations.stripe import client, ticking
from integrations.stripe.errors import GatewayError
from integrations.stripe.models import StripeEvent, StripeOperation
from marketplace.domain import attendance
from marketplace.domain.amends import give_back
from marketplace.domain.booking import Wish, book, payment_page
from marketplace.domain.cancelling import cancel
from marketplace.domain.scorecards import Verdict, deliver_scorecard
from marketplace.models import Session
from payments.domain.checkout import close_checkout
from payments.domain.replies import accept_loss, submit_evidence
from payments.models import CheckoutSession, Dispute
from payouts.domain.comparing import compare_with_stripe
from payouts.domain.reconciling import reconcile
from payouts.models import Difference, Payee, Share, Transfer
from payouts.queries.earnings import earnings
from payouts.queries.invariants import check
from scheduling.domain.attendance import say_here
from scheduling.domain.reports import contest
from scheduling.models import Report
from stripe_emulator.faults import WEBHOOK
from stripe_emulator.transport import InProcessClient
from tests.stripe.trade import deposit

HOUR = timedelta(hours=1)
# What has nothing to do with money is left out: it takes its time in every tick.
BYSTANDERS = {
    "rebuild_due_windows", "sync_due_calendars", "mirror_due_sessions", "remind_of_near_sessions",
    "publish_due_reviews", "forget_what_is_done", "heartbeat", "lapse_unanswered_proposals",
    "reconcile", "reconcile_what_was_missed", "fix_zones", "invoice_payouts",
}  # fmt: skip
LETTERS = "notifications."
UNDECIDED = ("needs_response", "under_review", "warning_needs_response", "warning_under_review")
CARDS = {
    "a good card": "4242424242424242",
    "a card without money": "4000000000009995",
    "a card whose refunds take their time": "4000000000007726",
    "a card that gives refunds back": "4000000000005126",
    "a card whose owner goes to his bank": "4000000000000259",
    "a card whose owner asks his bank": "4000000000001976",
}


class CrashError(BaseException):
    """The process dies here."""


class Crash:
    """Counts the boundaries of one kind and strikes at the chosen one."""

    KINDS = ("before a commit", "after a commit", "before a call", "after a call")

    def __init__(self) -> None:
        self.left = 0
        self.where = ""

    def boundary(self, where: str) -> None:
        if not self.left or where != self.where:
            return
        self.left -= 1
        if not self.left:
            raise CrashError(where)


@contextmanager
def crashing(patch, crash: Crash) -> Iterator[None]:
    """Every commit and every call to Stripe is a boundary, within."""
    leave, call = Atomic.__exit__, InProcessClient.request
    outside = len(connection.atomic_blocks)

    def commit(block, kind, error, trace):
        is_outermost = len(connection.atomic_blocks) == outside + 1
        if kind is None and is_outermost:
            try:
                crash.boundary("before a commit")
            except CrashError as death:
                leave(block, CrashError, death, None)
                raise
        answer = leave(block, kind, error, trace)
        if kind is None and is_outermost:
            crash.boundary("after a commit")
        return answer

    def request(self, *given, **more):
        crash.boundary("before a call")
        answer = call(self, *given, **more)
        crash.boundary("after a call")
        return answer

    with patch.context() as patched:
        patched.setattr(Atomic, "__exit__", commit)
        patched.setattr(InProcessClient, "request", request)
        yield


class Story:
    """What happened so far, each step a sentence; ``tell`` takes the next one."""

    def __init__(self, cast, stripe, now, *, crash, door) -> None:
        self.cast, self.stripe, self.now, self.crash_at, self.door = cast, stripe, now, crash, door
        self.sentences: list[str] = []
        self.happened: set[str] = set()

    def retold(self, *, luck) -> Story:
        """The same so far, with the emulator's luck from here on: its seed, and how often it strikes."""
        self.stripe.set_clock(self.now)
        self.crash_at.left, self.door.is_shut, self.door.missed = 0, False, 0
        story = Story(self.cast, self.stripe, self.now, crash=self.crash_at, door=self.door)
        story.sentences = [*self.sentences]
        seed, rate = luck
        if rate:
            self.stripe.control("POST", "chaos", seed=seed, rate=rate)
            story.say(f"Stripe has bad luck {seed}: {rate:.0%} of what it is asked and of what it tells.")
        return story

    def say(self, sentence: str) -> None:
        self.sentences.append(f"{self.now:%a %d %b %H:%M}  {sentence}")

    def tell(self, name: str, *given) -> None:
        try:
            getattr(self, name)(*given)
        except DomainError as refusal:
            self.add(f"Refused: {refusal.code}.")
        except GatewayError as silence:
            self.add(f"Stripe: {type(silence).__name__}.")
        except CrashError as death:
            self.add(f"There the process dies, {death}.")
            self.happened.add(f"a crash {death}")
            client.client.cache_clear()

    def add(self, more: str) -> None:
        self.sentences[-1] += f" {more}"

    # people

    def book(self, who, hours, what):
        starts_at = self.now.replace(minute=0, second=0) + (hours + 1) * HOUR
        self.say(f"{who.title()} books Ada's {what} for {starts_at:%a %d %b %H:%M}.")
        wish = Wish(self.cast[what].pk, starts_at, "UTC", {})
        session = book(wish, candidate=self.cast[who], now=self.now).session
        payment_page(session, now=self.now)

    def buy(self, who, hours, what, card):
        self.book(who, hours, what)
        page = self.cast[who].orders.latest("opened_at").checkouts.filter(state="open").last()
        if page is not None:
            self._pay(page, card)
            self._listen()

    def pay_twice(self, who, hours, what):
        """Stripe is silent while a page is closed, so that it stays open there; then both are paid."""
        self.book(who, hours, what)
        order = self.cast[who].orders.latest("opened_at")
        self.add("Stripe is silent, and a clock runs ahead.")
        self.stripe.fault("reset", times=99)
        close_checkout(order.pk, now=self.now + HOUR)
        self.stripe.lift_faults()
        payment_page(Session.objects.get(order=order), now=self.now)
        for page in order.checkouts.order_by("attempt"):
            self._pay(page, "a good card")
        self._listen()

    def pay(self, number, card):
        page = self._nth(CheckoutSession.objects.filter(state="open"), number)
        if page is not None:
            self.say(f"{self._of(page)} goes to his page.")
            self._pay(page, card)

    def _pay(self, page, card):
        self.add(f"He pays with {card}.")
        error = self.stripe.pay(page, CARDS[card]).get("error")
        if error:
            self.add(f"Stripe says: {error['code']}.")

    def cancel(self, number, side):
        states = ["confirmed"] if side == "coach" else ["held", "confirmed"]
        if session := self._session(number, state__in=states, starts_at__gt=self.now):
            by = getattr(session.booking, side)
            self.say(f"{by.name} cancels the session of {session.booking.starts_at:%a %d %b %H:%M}.")
            outcome = cancel(session.pk, by=by, now=self.now)
            self.add(f"That is {outcome.rule}.")

    def meet(self, number, side):
        session = self._session(number, state="confirmed", ends_at__gt=self.now)
        if session is None:
            return
        begins = session.booking.starts_at
        if self.now < begins:
            self._go_to(begins)
        self.say(f"It is {begins:%a %d %b %H:%M}: {side} come.")
        for name in ("candidate", "coach") if side == "both" else (side,):
            say_here(session.pk, by=getattr(session.booking, name), now=self.now)

    def complain(self, number):
        session = self._session(number, state__in=["confirmed", "completed"], starts_at__lte=self.now)
        if session is None:
            return
        booking = session.booking
        for side in ("candidate", "coach"):
            other = "coach" if side == "candidate" else "candidate"
            if getattr(booking, f"{side}_here_at") and not getattr(booking, f"{other}_here_at"):
                if self.now < booking.ends_at:
                    self._go_to(booking.starts_at + HOUR / 3)
                self.say(f"The {side} says that nobody came on {booking.starts_at:%a %d %b %H:%M}.")
                by = getattr(booking, side)
                attendance.report_no_show(session.pk, by=by, comment="Nobody.", now=self.now)
                return
        self.say(f"The candidate disputes the session of {booking.starts_at:%a %d %b %H:%M}.")
        said = {"reason": "cut_short", "comment": "Ten minutes."}
        attendance.dispute(session.pk, by=booking.candidate, **said, now=self.now)

    def object_(self, number):
        if report := self._nth(Report.objects.filter(state="open"), number):
            booking = report.booking
            by = booking.coach if report.side == "candidate" else booking.candidate
            self.say(f"{by.name} objects to what was said of {booking.starts_at:%a %d %b %H:%M}.")
            contest(booking.pk, by=by, comment="I was there.", now=self.now)

    def decide(self, number, upheld):
        if report := self._nth(Report.objects.undecided(), number):
            self.say(f"Operations {'uphold' if upheld else 'reject'} the {report.side}'s report.")
            reason = {"reason": "Looked at.", "now": self.now}
            attendance.decide(report.booking_id, upheld=upheld, by=self.cast["olu"], **reason)

    def write_scorecard(self, number):
        if session := self._session(number, starts_at__lte=self.now):
            self.say(f"Ada writes the scorecard of {session.booking.starts_at:%a %d %b %H:%M}.")
            verdict = Verdict([], "keep", "stop", "start")
            deliver_scorecard(session.pk, verdict, by=session.booking.coach, now=self.now)

    def give_back(self, number, percent):
        if session := self._session(number, session__line__paid__gt=0):
            amount = session.line.kept * percent // 100
            self.say(f"Operations give {amount} of {session.booking.starts_at:%a %d %b %H:%M} back.")
            money = Money(amount, session.order.currency)
            give_back(session.pk, money, by=self.cast["olu"], reason="kindness", now=self.now)

    # banks

    def go_to_the_bank(self, number, is_inquiry):
        payment = self._nth(CheckoutSession.objects.exclude(charge=""), number)
        if payment is not None:
            self.say(f"{self._of(payment)} {'asks' if is_inquiry else 'goes to'} the bank about a payment.")
            self._ask_stripe("disputes", charge=payment.charge, inquiry=is_inquiry)

    def answer_the_bank(self, number, how):
        dispute = self._nth(Dispute.objects.undecided(), number)
        if dispute is None:
            return
        self.say(f"Operations answer the bank: {how}.")
        by = {"by": self.cast["olu"], "reason": "decided", "now": self.now}
        if how == "give up":
            accept_loss(dispute.pk, **by)
        else:
            submit_evidence(dispute.pk, text=f"{how}_evidence", facts={}, **by)

    def bank_decides(self, number, outcome):
        undecided = [found for found in self.stripe.objects("dispute") if found["status"] in UNDECIDED]
        if undecided:
            self.say(f"A bank decides: the dispute is {outcome}.")
            self._ask_stripe(f"disputes/{undecided[number % len(undecided)]['id']}/close", outcome=outcome)

    def fail_a_payout(self):
        going = [
            found for found in self.stripe.objects("payout") if found["status"] in ("in_transit", "paid")
        ]
        if going:
            self.say("Ada's bank sends a payout back.")
            self._ask_stripe(f"payouts/{going[0]['id']}/fail", code="could_not_process")

    def restrict(self, is_restricted):
        status = "restricted" if is_restricted else "active"
        self.say(f"Ada's account is {status}.")
        for payee in Payee.objects.connected():
            self._ask_stripe(f"accounts/{payee.account}/capability", status=status)
            self.happened.add(f"an account that is {status}")

    def lend_nothing(self):
        self.say("From here on Stripe takes nothing back that is not on Ada's account.")
        world = self.stripe.emulator.world
        world.settings = replace(world.settings, allow_negative_balance=False)

    # time and luck

    def wait(self, hours):
        self._go_to(self.now + hours * HOUR)
        self.say(f"{hours} hours pass.")

    def work(self):
        self.say("The jobs run.")
        self.stripe.work(self.now)

    def crash(self, where, times):
        self.crash_at.where, self.crash_at.left = where, times
        self.say(f"Somebody will pull the plug {where}: the {times}th from now on.")

    def shut_the_door(self, is_shut):
        self.say("Our webhook is away." if is_shut else "Our webhook is back.")
        self.door.is_shut = is_shut

    def strike(self, kind, times):
        self.say(f"Of what comes next to Stripe or from it: {kind}, {times} times.")
        self.stripe.fault(kind, "*" if kind in WEBHOOK else "POST /v1/*", times=times)

    # the end

    def end(self) -> None:
        """Nobody has bad luck any more, what is open is decided, weeks pass, and all that is due is done."""
        self.crash_at.left = 0
        faults = self.stripe.control("GET", "faults")["data"]
        self.happened |= {fault["kind"] for fault in faults if fault["struck"]}
        self.happened |= {*self.stripe.control("DELETE", "chaos").get("struck", ())}
        self.stripe.lift_faults()
        self.say("From here on nothing goes wrong.")
        self.shut_the_door(False)
        self.restrict(False)
        deposit(2_000_000, now=self.now)
        for days in (2, 9, 9):
            self._go_to(self.now + timedelta(days=days))
            self.stripe.work(self.now)
            self._decide_all()
        self._go_to(self.now + timedelta(days=35))
        self.stripe.work(self.now)

    def _decide_all(self) -> None:
        for report in Report.objects.undecided():
            reason = {"reason": "Looked at.", "now": self.now}
            attendance.decide(report.booking_id, upheld=False, by=self.cast["olu"], **reason)
        for dispute in self.stripe.objects("dispute"):
            if dispute["status"] in UNDECIDED:
                self._ask_stripe(f"disputes/{dispute['id']}/close", outcome="lost")

    def expect_right_books(self) -> None:
        """All invariants, Stripe's balances, every payee's sum; nothing unknown, waiting or dead."""
        assert check() == []
        assert compare_with_stripe() == []
        reconcile(self.now)
        assert list(Difference.objects.open()) == []
        assert list(StripeOperation.objects.unsettled()) == []
        assert list(StripeEvent.objects.filter(handled_at=None)) == []
        assert list(OutboxMessage.objects.filter(delivered_at=None)) == []
        for payee in Payee.objects.all():
            has = earnings(payee)
            shares = Share.objects.filter(payee=payee)
            told = has.held + has.frozen + has.available + has.in_transit + has.paid - has.debt
            assert told == sum(shares.values_list("amount", flat=True))
            assert (has.held, has.frozen) == (0, 0), list(shares)
        sent = {found["id"]: found["amount"] for found in self.stripe.objects("transfer")}
        assert sent == dict(Transfer.objects.exclude(stripe_id="").values_list("stripe_id", "amount"))

    # finding and asking

    def _session(self, number, **which):
        sessions = Session.objects.filter(**{f"booking__{name}": value for name, value in which.items()})
        found = sessions.select_related("booking__coach", "booking__candidate", "order", "line")
        return self._nth(found.order_by("line"), number, ordered=True)

    @staticmethod
    def _nth(rows, number, *, ordered=False):
        found = list(rows if ordered else rows.order_by("pk"))
        return found[number % len(found)] if found else None

    @staticmethod
    def _of(page):
        return page.order.buyer.name.split()[0]

    def _listen(self):
        """What Stripe has to say, and what of it is done at once."""
        self.stripe.deliver()
        for job in ("handle_waiting_events", "sweep_outbox"):
            JOBS[job].run(self.now)

    def _go_to(self, instant):
        """Time passes here and at Stripe; what falls due there happens, and is told."""
        self.now = instant
        self.stripe.set_clock(instant)
        self.stripe.control("POST", "clock")

    def _ask_stripe(self, path, **given):
        answer = self.stripe.emulator.control("POST", path, **given)
        if answer.status != HTTPStatus.OK:
            self.add(f"Stripe says: {answer.json()['error']['message']}")


class Door:
    """Where Stripe's webhooks knock."""

    def __init__(self) -> None:
        self.is_shut = False
        self.missed = 0

    def refuse(self) -> None:
        if self.is_shut:
            self.missed += 1
            raise ConnectionError("nobody is there")


def prepare(patch, stripe) -> Door:
    """A tick leaves out what has nothing to do with money, and waits for nobody."""
    patch.setattr(ticking, "JOBS", {name: job for name, job in JOBS.items() if name not in BYSTANDERS})
    patch.setattr(ticking, "PATIENCE_SECONDS", 0)
    patch.setattr(ticking, "QUIET_ROUNDS", 1)
    for name, subscriber in SUBSCRIBERS.items():
        if name.startswith(LETTERS):
            patch.setitem(SUBSCRIBERS, name, replace(subscriber, react=lambda _event: None))
    door, deliver = Door(), stripe.emulator.deliveries.sender

    def sender(*knock):
        door.refuse()
        try:
            return deliver(*knock)
        except CrashError as death:
            raise ConnectionError("nobody answered") from death

    patch.setattr(stripe.emulator.deliveries, "sender", sender)
    return door


@contextmanager
def undone() -> Iterator[None]:
    """A transaction that is taken back, and that verbs which must not run in one do not see."""
    everything = transaction.atomic()
    vars(everything)["_from_testcase"] = True
    with everything:
        yield
        transaction.set_rollback(True)


@contextmanager
def retelling(stripe, name: str) -> Iterator[None]:
    """From where ``name`` was kept at Stripe; afterwards all here and there is as it was."""
    settings = stripe.emulator.world.settings
    with undone():
        stripe.control("POST", "restore", name=name)
        try:
            yield
        finally:
            stripe.control("DELETE", "chaos")
            stripe.lift_faults()
            stripe.emulator.world.settings = settings


def tell(story: Story, steps) -> None:
    for name, *given in steps:
        story.tell(name, *given)
