"""Who hears what of a session: the inbox, the mail in both zones, the invite."""

from __future__ import annotations

import re
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from django.core import mail
from django.db import transaction
from icalendar import Calendar

from core import clock, outbox
from core.events import announce
from core.models import OutboxMessage
from marketplace.domain.booking import Wish, book
from marketplace.domain.cancelling import cancel
from marketplace.domain.requests import decline
from notifications.models import Notification
from payouts.domain.payees import payee_of
from payouts.events import PayoutChanged
from payouts.models import Payout
from tests.marketplace.cast import NOW, TOMORROW, coach, offer, person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _frozen():
    with clock.frozen_at(NOW):
        yield


@pytest.fixture
def mia():
    return coach(person("Mia Lindqvist", timezone="Europe/Stockholm"), kind="mentor", timezone="UTC")


@pytest.fixture
def ben():
    return person("Ben Adler", timezone="America/New_York")


def booked(mentor, candidate, **fields):
    hour = offer(mentor, price=0, **fields)
    return book(Wish(hour.pk, TOMORROW, "America/New_York", {}), candidate=candidate, now=NOW).session


def deliver():
    while due := outbox.due(clock.now()):
        for pk in due:
            assert outbox.deliver(pk, now=clock.now()), OutboxMessage.objects.get(pk=pk).error


def letters_to(user):
    return [letter for letter in mail.outbox if letter.to == [user.email]]


def html_of(letter):
    return next(part.content for part in letter.alternatives if part.mimetype == "text/html")


def test_both_sides_hear_of_a_booking_once_each_in_their_own_zone(mia, ben):
    booked(mia, ben)
    deliver()
    (to_ben,), (to_mia,) = letters_to(ben), letters_to(mia.user)
    assert to_ben.subject == "Booked: Mia Lindqvist, Tue 3 Nov, 05:00"
    assert to_mia.subject == "New session: Ben Adler, Tue 3 Nov, 11:00"
    for letter in (to_ben, to_mia):
        for zone in ("America/New York (UTC−5)", "Europe/Stockholm (UTC+1)"):
            assert zone in letter.body
            assert zone in html_of(letter)
        assert "{" not in letter.body
        assert "<" not in letter.body


def test_who_told_no_zone_and_no_name_is_told_the_time_he_booked_and_the_coachs_public_name():
    mia = coach(person("Mia Lindqvist", timezone=""), kind="mentor", timezone="Europe/Paris")
    ben = person("Ben", timezone="")
    mia.user.name = ""
    mia.user.save()
    booked(mia, ben)
    deliver()
    (to_ben,) = letters_to(ben)
    assert to_ben.subject == "Booked: Mia Lindqvist, Tue 3 Nov, 05:00"
    for fact in ("With: Mia Lindqvist", "America/New York (UTC−5)", "Mia’s time", "Europe/Paris (UTC+1)"):
        assert fact in to_ben.body


def test_the_invite_comes_with_the_confirmation_and_is_taken_back_with_the_cancellation(mia, ben):
    session = booked(mia, ben)
    deliver()
    cancel(session.pk, by=ben, now=clock.now() + timedelta(minutes=5))
    deliver()
    invites = [Calendar.from_ical(letter.attachments[0][1]) for letter in letters_to(ben)]
    assert [str(invite["METHOD"]) for invite in invites] == ["REQUEST", "CANCEL"]
    first, second = (invite.walk("VEVENT")[0] for invite in invites)
    assert first["UID"] == second["UID"]
    assert int(str(second["SEQUENCE"])) > int(str(first["SEQUENCE"]))


def test_an_invite_is_a_part_that_mail_programs_act_on_and_a_file(mia, ben):
    session = booked(mia, ben)
    deliver()
    cancel(session.pk, by=ben, now=clock.now() + timedelta(minutes=5))
    deliver()
    for letter, method in zip(letters_to(ben), ("REQUEST", "CANCEL"), strict=True):
        parsed = message_from_bytes(letter.message().as_bytes(linesep="\r\n"), policy=default)
        mixed = list(parsed.iter_parts())
        assert [part.get_content_type() for part in mixed] == ["multipart/alternative", "application/ics"]
        kinds = [part.get_content_type() for part in mixed[0].iter_parts()]
        assert kinds == ["text/plain", "text/html", "text/calendar"]
        calendar = list(mixed[0].iter_parts())[-1]
        params = calendar["Content-Type"].params
        assert (params["method"], params["charset"]) == (method, "utf-8")
        event = Calendar.from_ical(calendar.get_content())
        assert (event["METHOD"], mixed[1].get_filename()) == (method, "invite.ics")
        assert Calendar.from_ical(mixed[1].get_content()) == event
        (attendee,) = event.walk("VEVENT")[0].attendees
        assert attendee.email == ben.email


def test_a_letter_leads_to_the_session(mia, ben, settings):
    settings.SITE_URL = "https://northstar.test"
    session = booked(mia, ben)
    deliver()
    page = f"https://northstar.test/sessions/{session.pk}/"
    assert page in letters_to(ben)[0].body
    assert re.search(rf'href="{page}"', html_of(letters_to(ben)[0]))


def test_a_refusal_reaches_the_candidate_with_the_coachs_words(mia, ben):
    session = booked(mia, ben, needs_approval=True)
    decline(session.pk, by=mia.user, reason="I am on a <plane>.", now=clock.now())
    deliver()
    refusal = letters_to(ben)[-1]
    assert refusal.subject.startswith("Mia Lindqvist cannot take")
    assert "I am on a <plane>." in refusal.body
    assert "I am on a &lt;plane&gt;." in html_of(refusal)


def test_an_event_delivered_twice_is_told_once(mia, ben):
    booked(mia, ben)
    deliver()
    OutboxMessage.objects.filter(event="BookingConfirmed").update(delivered_at=None)
    deliver()
    assert len(letters_to(ben)) == 1
    assert Notification.objects.filter(person=ben).count() == 1


def test_a_letter_that_cannot_be_sent_is_tried_again_and_dies_in_the_end(mia, ben, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    booked(mia, ben)
    for pk in outbox.due(NOW):
        outbox.deliver(pk, now=NOW)
    letter = OutboxMessage.objects.filter(event="MailDue").order_by("id").first()
    assert letter, list(OutboxMessage.objects.values_list("event", "error"))
    for attempt in range(outbox.MOST_ATTEMPTS):
        letter.refresh_from_db()
        assert letter.attempts == attempt
        outbox.deliver(letter.pk, now=letter.due_at)
    letter.refresh_from_db()
    assert letter.dead_at is not None
    assert "ConnectionRefused" in letter.error


def test_a_line_break_in_a_name_is_none_in_a_subject(mia):
    booked(mia, person("Ben\nBcc: cleo@demo.test"))
    deliver()
    (to_mia,) = letters_to(mia.user)
    assert to_mia.subject.startswith("New session: Ben Bcc: cleo@demo.test, ")


@pytest.mark.parametrize(
    ("state", "subject"),
    [("paid", "$96.00 is at your bank"), ("failed", "Your payout of $96.00 came back")],
)
def test_a_payout_that_ended_is_told_by_letter(mia, state, subject):
    payout = Payout.objects.create(
        payee=payee_of(mia.user, now=NOW),
        stripe_id="po_1",
        amount=9_600,
        currency="usd",
        state=state,
        made_at=NOW,
        arrives_on=NOW,
    )
    with transaction.atomic():
        announce(PayoutChanged(at=NOW, payee_id=payout.payee_id, payout_id=payout.pk))
    deliver()
    (letter,) = letters_to(mia.user)
    assert letter.subject == subject
    assert "po_1" in letter.body


def test_each_letter_has_an_id_of_its_own(mia, ben):
    booked(mia, ben)
    deliver()
    ids = [letter.extra_headers["Message-ID"] for letter in mail.outbox]
    assert len(ids) == len(set(ids)) == 2
