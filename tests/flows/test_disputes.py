"""A bank disputes a session that was paid: what its people see, hear and get, whatever else is reported."""

from __future__ import annotations

import pytest
from django.core import mail

from core.instants import instant_json
from marketplace.queries.evidence import evidence_of
from notifications.models import Notification
from payments.domain.balances import balance_of
from payments.domain.replies import submit_evidence
from payments.models import CheckoutSession, Dispute, Order
from tests.flows.money import cents

pytestmark = pytest.mark.django_db


@pytest.fixture
def bank(stripe):
    """``bank("disputes")`` and ``bank("won")``: what Ben's bank does with his latest payment."""

    def act(what, **given):
        if what == "disputes":
            charge = CheckoutSession.objects.filter(state="paid").latest("pk").charge
            stripe.control("POST", "disputes", charge=charge, reason="fraudulent", **given)
        else:
            stripe.control("POST", f"disputes/{Dispute.objects.latest('pk').stripe_id}/close", outcome=what)
        stripe.work()

    return act


def heard(who):
    found = Notification.objects.filter(person=who.user, kind="payments/dispute")
    return list(found.order_by("pk").values_list("title", flat=True))


def line(who):
    [found] = who.get("me/earnings/")["lines"]
    return found["state"], found["lost"], found["net"]


def held(stripe, ben, ada, booking, at):
    """Both came, and nobody says otherwise."""
    stripe.work(at(days=3))
    for who in (ben, ada):
        who.post(f"bookings/{booking['id']}/here/")
    stripe.work(at(days=3, hours=1))


def test_a_lost_dispute_is_on_the_order_and_the_coach_is_told(
    stripe, ben, ada, confirmed, bank, books_are_right
):
    booking = confirmed(days=3)
    bank("disputes")
    assert (line(ada), ada.get("me/earnings/")["frozen"]) == (("frozen", 0, 9600), 9600)
    bank("lost")

    order = cents(ben.booking(booking)["order"])
    assert (order["lost"], order["refunded"], order["kept"], order["coach_share"]) == (12000, 0, 0, 0)
    assert line(ada) == ("void", 12000, 0)
    assert heard(ada) == [
        "A bank has taken back $120.00 that you share in",
        "The bank decided against us about $120.00",
    ]
    assert heard(ben) == []
    letters = [letter for letter in mail.outbox if letter.to == [ada.user.email]]
    assert "your share is $0.00" in letters[-1].body
    assert "invariants hold" in books_are_right()


def test_a_won_dispute_lets_the_share_go_its_way(stripe, ben, ada, confirmed, bank, at, books_are_right):
    held(stripe, ben, ada, confirmed(days=3), at)
    stripe.work(at(days=8))
    bank("disputes")
    stripe.work(at(days=11))
    assert line(ada)[0] == "frozen"
    bank("won")
    stripe.work(at(days=11, hours=2))

    assert line(ada)[0] == "transferred"
    assert heard(ada)[-1] == "The bank decided for us about $120.00"
    books_are_right()


def test_an_upheld_report_after_a_lost_dispute_gives_back_nothing_twice(
    stripe, ben, ada, confirmed, bank, at, books_are_right
):
    booking = confirmed(days=3)
    stripe.work(at(days=3))
    ben.post(f"bookings/{booking['id']}/here/")
    stripe.work(at(days=3, minutes=20))
    ben.post(f"bookings/{booking['id']}/no-show/", {"comment": "I waited."})
    bank("disputes")
    bank("lost")
    stripe.work(at(days=5))

    assert ben.booking(booking)["state"] == "no_show_coach"
    order = cents(ben.booking(booking)["order"])
    assert (order["lost"], order["refunded"], order["kept"]) == (12000, 0, 0)
    # What is owed for the coach's absence is owed once, whoever gave the price back.
    assert balance_of(ben.user, "usd").minor == 1200
    assert stripe.objects("refund") == []
    books_are_right()


def test_a_report_upheld_while_the_bank_decides_gives_back_once(
    stripe, ben, ada, confirmed, bank, at, books_are_right
):
    booking = confirmed(days=3)
    stripe.work(at(days=3))
    ben.post(f"bookings/{booking['id']}/here/")
    stripe.work(at(days=3, minutes=20))
    bank("disputes")
    ben.post(f"bookings/{booking['id']}/no-show/", {"comment": "I waited."})
    stripe.work(at(days=5))
    bank("lost")

    order = cents(ben.booking(booking)["order"])
    assert (order["refunded"], order["lost"], order["kept"]) == (12000, 0, 0)
    assert balance_of(ben.user, "usd").minor == 1200
    assert stripe.objects("refund") == []
    books_are_right()


def test_a_session_cancelled_while_the_bank_decides_is_refunded_when_it_was_won(
    stripe, ben, ada, confirmed, bank, books_are_right
):
    booking = confirmed(days=3)
    bank("disputes")
    assert ben.cancel(booking)["refund"]["amount"] == 12000
    stripe.work()
    assert stripe.objects("refund") == []
    bank("won")

    assert [refund["amount"] for refund in stripe.objects("refund")] == [12000]
    assert cents(ben.booking(booking)["order"])["refunded"] == 12000
    books_are_right()


def test_a_series_loses_on_every_session_that_is_kept(stripe, ben, hour, at, bank, books_are_right):
    starts = [instant_json(at(days=3 + 7 * week)) for week in range(3)]
    wish = {"offer": str(hour.pk), "starts": starts, "timezone": "UTC"}
    made = ben.post("bookings/series/", wish, status=201)
    stripe.pay(made["checkout_session"])
    stripe.work()
    ben.cancel(made["bookings"][0])
    stripe.work()
    bank("disputes", amount=12001)
    bank("lost")

    order = Order.objects.get()
    assert [(line.refunded, line.lost) for line in order.lines.order_by("pk")] == [
        (12000, 0),
        (0, 6001),
        (0, 6000),
    ]
    books_are_right()


def test_what_our_records_say_is_a_draft_of_the_evidence(
    stripe, ben, ada, olu, confirmed, bank, at, now, books_are_right
):
    held(stripe, ben, ada, confirmed(days=3), at)
    bank("disputes")
    found = evidence_of(Order.objects.select_related("buyer").get())

    assert "took place" in found.text
    assert "both said “I am here”" in found.text
    assert "100 % is given back until 24 hours before the start" in found.text
    assert found.facts["customer_email_address"] == ben.user.email
    assert found.facts["service_date"] == "2026-11-27"
    assert found.facts["access_activity_log"].splitlines()[0].endswith("the buyer paid")
    submit_evidence(
        Dispute.objects.get().pk,
        text="winning_evidence",
        facts=found.facts,
        by=olu.user,
        reason="both were there",
        now=now,
    )
    stripe.work(at(days=3, hours=2))
    assert Dispute.objects.get().state == "won"
    books_are_right()
