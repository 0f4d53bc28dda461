"""The desk of operations with money at stake: what a decision moves, money given back, compensations."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from marketplace.models import Compensation
from tests.flows.money import cents

pytestmark = pytest.mark.django_db


def shown(answer, status=200):
    assert answer.status_code == status, answer.content
    return re.sub(r"\s+", " ", answer.content.decode())


@pytest.fixture
def desk(olu):
    """Olu's browser, signed in with the second factor."""
    client = Client()
    client.force_login(olu.user)
    session = client.session
    session["account_authentication_methods"] = [{"method": "password"}, {"method": "mfa"}]
    session["account_authentication_methods_user"] = str(olu.user.pk)
    session.save()
    return client


def page_of(booking, *rest):
    return "/".join(["", "operations", "sessions", booking["id"], *rest, ""])


def test_a_decision_says_to_the_cent_what_it_moves(stripe, desk, ben, ada, confirmed, at):
    booking = confirmed(days=3)
    stripe.work(at(days=3, hours=2))
    ben.post(f"bookings/{booking['id']}/dispute/", {"reason": "cut_short", "comment": "Ten minutes."})
    page = shown(desk.get(page_of(booking)))
    assert "The coach let the session down: $120.00 goes back, the coach gets nothing" in page
    assert "The session was what was promised: the coach gets $96.00, as if nothing had been said" in page
    desk.post(page_of(booking, "decide"), {"report": "upheld", "reason": "We heard the recording."})
    assert cents(ben.booking(booking)["order"])["refunded"] == 12000


def test_a_candidate_who_is_reported_pays_what_the_page_says(stripe, desk, ben, ada, confirmed, at):
    booking = confirmed(days=3)
    stripe.set_clock(at(days=3))
    for person in (ben, ada):
        person.post(f"bookings/{booking['id']}/here/")
    stripe.set_clock(at(days=3, minutes=20))
    ada.post(f"bookings/{booking['id']}/no-show/")
    page = shown(desk.get(page_of(booking)))
    assert "The candidate did not come: nothing goes back, the coach gets $96.00" in page
    assert "$120.00" in shown(desk.get("/operations/"))


def test_money_is_given_back_in_whole_money_and_what_is_refused_is_said(desk, ben, confirmed):
    booking = confirmed(days=3)
    assert "Give some of it back by hand" in shown(desk.get(page_of(booking)))
    for amount, complaint in (("130", "at most what is kept"), ("1.234", "decimal places"), ("", "required")):
        page = shown(
            desk.post(page_of(booking, "refund"), {"amount": amount, "reason": "Sound."}), status=400
        )
        assert complaint in page
        assert "Sound." in page
    said = {"amount": "25.50", "reason": "The sound was bad."}
    assert desk.post(page_of(booking, "refund"), said).url == page_of(booking)
    assert cents(ben.booking(booking)["order"])["refunded"] == 2550
    page = shown(desk.get(page_of(booking)))
    assert "−$25.50" in page
    assert "Given back" in page


@pytest.mark.parametrize(
    ("answer", "says"), [("yes", "is on the candidate’s balance"), ("no", "was refused")]
)
def test_a_compensation_that_waits_is_decided_on_its_page(stripe, desk, ada, confirmed, at, answer, says):
    for day in (3, 5):
        booking = confirmed(days=day)
        stripe.set_clock(at(days=day, hours=-30))
        ada.cancel(booking)
        stripe.work()
    assert "let Ben Adler down again" in shown(desk.get("/operations/"))
    path = page_of(booking, "compensation")
    assert "$12.00" in shown(desk.get(page_of(booking)))
    assert "This field is required" in shown(desk.post(path, {"granted": answer}), status=400)
    desk.post(path, {"granted": answer, "why": "Looked at it."})
    other = {"yes": "no", "no": "yes"}[answer]
    again = shown(desk.post(path, {"granted": other, "why": "Or not."}, follow=True))
    assert "decided the other way" in again
    assert says in again
    owed = Compensation.objects.order_by("pk").last()
    assert (owed.granted_at is not None, owed.refused_at is not None) == (answer == "yes", answer == "no")
    assert str(owed) == "1200 usd to ben@demo.test"
