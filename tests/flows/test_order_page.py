"""One order for operations: every cent explained, and what is done about it by hand."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.domain.second_factor import enrol
from core import clock
from core.errors import ForbiddenError, NotFoundError
from core.models import AuditLine
from operations.models import Motion
from operations.queries.orders import ACCOUNTS, ENTRIES, find_orders, order_file
from payments.models import Adjustment, CheckoutSession, Dispute, Order, Refund
from payouts.domain import by_hand
from payouts.models import Share, Transfer
from payouts.queries.invariants import check
from tests.flows.money import cents
from tests.marketplace.cast import offer, person

pytestmark = pytest.mark.django_db
WHY = {"why": "The candidate rang us up."}


def shown(answer, status=200):
    assert answer.status_code == status, answer.content
    return re.sub(r"\s+", " ", answer.content.decode())


def with_second_factor(user):
    client = Client()
    client.force_login(user)
    session = client.session
    session["account_authentication_methods"] = [{"method": "password"}, {"method": "mfa"}]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    return client


@pytest.fixture
def desk(olu):
    """Olu's browser, signed in with the second factor."""
    return with_second_factor(olu.user)


@pytest.fixture
def order(confirmed):
    """Ben's hour with Ada, paid."""
    confirmed(days=3)
    return Order.objects.get()


def path(order, *rest):
    return "/".join(["", "operations", "orders", str(order.pk), *map(str, rest), ""])


def share_path(order, verb):
    return path(order, "lines", order.lines.get().pk, verb)


def test_every_cent_of_an_order_is_explained(stripe, desk, order, at):
    stripe.work(at(days=10, hours=2))
    said = {"amount": "20", "reason": "The sound was bad."}
    assert desk.post(share_path(order, "refund"), said).url == path(order)
    stripe.work()
    stripe.work(at(days=20))
    page = shown(desk.get(path(order)))
    refund, transfer = Refund.objects.get(), Transfer.objects.get()
    for part in (
        'Ben Adler, <span class="money">$120.00</span>',
        "Stripe kept its fee",
        "Sent to the coach",
        "Taken back from the coach",
        "Given back",
        refund.stripe_id,
        transfer.stripe_id,
        CheckoutSession.objects.get().payment_intent,
        "by Olu Adeyemi: The sound was bad.",
        transfer.key,
        "Order refunded",
    ):
        assert part in page, part
    file = order_file(order.pk)
    assert {entry.says for entry in file.entries} <= set(ENTRIES.values())
    for entry in file.entries:
        assert sum(leg.amount.minor for leg in entry.legs) == 0
        assert {leg.where for leg in entry.legs} <= set(ACCOUNTS.values())
    assert sorted(call.kind for call in file.operations) == ["checkout", "refund", "reversal", "transfer"]


def test_one_session_or_three_are_as_many_questions(stripe, ben, hour, at):
    counts = []
    for starts in ([at(days=3)], [at(days=5), at(days=6), at(days=7)]):
        body = {"offer": str(hour.pk), "starts": [it.isoformat() for it in starts], "timezone": "UTC"}
        booked = ben.post("bookings/series/", body, status=201)
        stripe.pay(booked["checkout_session"])
        stripe.work()
        order = Order.objects.get(checkouts__stripe_id=booked["checkout_session"])
        assert order.lines.count() == len(starts)
        with CaptureQueriesContext(connection) as seen:
            order_file(order.pk)
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_a_share_is_kept_back_by_hand_until_it_is_let_go_each_time(stripe, desk, olu, order, at):
    for _ in range(2):
        for _ in range(2):
            desk.post(share_path(order, "keep-back"), WHY)
            assert Share.objects.get().state == "frozen"
        assert "Let the share go" in shown(desk.get(path(order)))
        for _ in range(2):
            desk.post(share_path(order, "let-go"), WHY)
            assert Share.objects.get().state == "held"
    lines = AuditLine.objects.filter(action__startswith="share.", by=olu.user).order_by("pk")
    assert [(line.action, line.reason) for line in lines] == [
        (f"share.{what}", WHY["why"]) for what in ("frozen", "unfrozen") * 2
    ]
    desk.post(share_path(order, "keep-back"), WHY)
    stripe.work(at(days=10, hours=2))
    assert Transfer.objects.count() == 0
    desk.post(share_path(order, "let-go"), WHY)
    stripe.work()
    assert Share.objects.get().state == "transferred"
    desk.post(share_path(order, "keep-back"), WHY)
    assert "has been released" in shown(desk.post(share_path(order, "keep-back"), WHY), 400)


def test_a_refused_release_is_tried_again_at_once(stripe, desk, ada, order, at):
    account = Share.objects.get().payee.account
    stripe.set_clock(at(days=10, hours=2))
    stripe.control("POST", f"accounts/{account}/capability", status="restricted")
    stripe.work()
    share = Share.objects.get()
    assert (share.state, share.retry_at is not None) == ("held", True)
    stripe.control("POST", f"accounts/{account}/capability", status="active")
    assert "Try the release again now" in shown(desk.get(path(order)))
    desk.post(share_path(order, "retry"), WHY)
    stripe.work()
    assert Share.objects.get().state == "transferred"
    assert "No release of this share waits" in shown(desk.post(share_path(order, "retry"), WHY), 400)


def test_by_hand_is_for_operations_and_not_for_ones_own(olu, ada, cleo, order):
    source = Share.objects.get().source
    said = {"reason": "x", "now": clock.now()}
    for verb in (by_hand.keep_back, by_hand.let_go, by_hand.retry_release):
        for stranger in (ada.user, cleo.user):
            with pytest.raises(NotFoundError):
                verb(source, by=stranger, **said)
        with pytest.raises(NotFoundError):
            verb("order_line:0", by=olu.user, **said)
        ada.user.is_staff = True
        with pytest.raises(ForbiddenError):
            verb(source, by=ada.user, **said)
        ada.user.is_staff = False


def test_what_is_missing_or_too_much_is_said_where_it_was_written(desk, order):
    line = order.lines.get().pk
    assert "This field is required" in shown(desk.post(share_path(order, "keep-back"), {}), 400)
    for amount in ("", "1.234", "x"):
        page = shown(desk.post(share_path(order, "refund"), {"amount": amount, "reason": "Sound."}), 400)
        assert f'id="refund-{line}-amount_error"' in page
        assert "Sound." in page
    page = shown(desk.post(share_path(order, "refund"), {"amount": "130", "reason": "The sound."}), 400)
    assert "at most what is kept" in page
    assert 'value="130"' in page
    assert "The sound.</textarea>" in page
    assert "required" in shown(desk.post(path(order, "adjust"), {"amount": "5"}), 400)
    assert Refund.objects.count() == Adjustment.objects.count() == 0


def test_a_balance_is_put_on_top_and_shown(desk, order):
    page = shown(desk.post(path(order, "adjust"), {"amount": "5", "reason": "Sorry."}, follow=True))
    assert "It is on the balance." in page
    assert "$5.00</span> was put on the balance by Olu Adeyemi: Sorry." in page
    assert "Compensation" in page
    assert check() == []


def test_what_needs_a_second_person_waits_on_its_pages(stripe, desk, ben, ada, speaks, at, now):
    booking = ben.book(offer(ada.coach, price=60_000, name="A whole day", now=now), at(days=3))
    stripe.pay(booking["checkout_session"])
    stripe.work()
    order = Order.objects.get()
    page = shown(desk.post(share_path(order, "refund"), {"amount": "550", "reason": "Sick."}, follow=True))
    motion = Motion.objects.get()
    assert "It waits for one now." in page
    assert "$550.00</span> waits for a second person." in page
    assert "Refund for Ben Adler" in shown(desk.get("/operations/"))
    own = shown(desk.get(f"/operations/motions/{motion.pk}/"))
    assert "Nobody is his own second person." in own
    assert "Agree to" not in own
    assert "own second person" in shown(
        desk.post(f"/operations/motions/{motion.pk}/second/", WHY, follow=True)
    )
    pia = person("Pia Roth", is_staff=True)
    enrol(pia, "NORTHSTARTESTSNORTHSTARTESTSABCD")
    other = with_second_factor(pia)
    assert "Agree to $550.00" in shown(other.get(f"/operations/motions/{motion.pk}/"))
    assert "required" in shown(other.post(f"/operations/motions/{motion.pk}/second/", {}), 400)
    page = shown(other.post(f"/operations/motions/{motion.pk}/second/", WHY, follow=True))
    assert "Agreed, and done." in page
    assert "Agreed by" in page
    assert cents(ben.booking(booking)["order"])["refunded"] == 55_000
    again = shown(desk.post(f"/operations/motions/{motion.pk}/reject/", WHY, follow=True))
    assert "This was decided before." in again
    assert desk.get("/operations/motions/0/").status_code == 404


def test_a_dispute_is_answered_or_accepted_on_the_order_page(stripe, desk, order):
    charge = CheckoutSession.objects.get().charge
    stripe.control("POST", "disputes", charge=charge, reason="fraudulent")
    stripe.work()
    dispute = Dispute.objects.get()
    assert "Ben Adler: Fraudulent" in shown(desk.get("/operations/money/"))
    page = shown(desk.get(path(order)))
    for part in ("Tell the bank our side", "Accept the loss", "Answer due", dispute.stripe_id):
        assert part in page
    assert "The bank took it for a dispute" in page
    where = path(order, "disputes", dispute.pk, "evidence")
    assert "required" in shown(desk.post(where, {"text": "", "why": "x"}), 400)
    assert "required" in shown(desk.post(path(order, "disputes", dispute.pk, "accept"), {}), 400)
    said = {"text": "winning_evidence", "service_date": "27 November", "why": "He was there."}
    assert "on its way to the bank" in shown(desk.post(where, said, follow=True))
    stripe.work()
    assert Dispute.objects.get().state == "won"
    refused = shown(desk.post(path(order, "disputes", dispute.pk, "accept"), WHY), 400)
    assert "does not wait for an answer" in refused
    for verb in ("evidence", "accept"):
        assert desk.post(path(order, "disputes", 0, verb), {**said, **WHY}).status_code == 404
    assert check() == []


@pytest.mark.parametrize(
    "name", ["pi", "cs", "ch", "re", "tr", "trr", "order", "booking", "mail", "person", "group"]
)
def test_an_order_is_found_by_any_of_its_names(stripe, desk, order, at, name):
    stripe.work(at(days=10, hours=2))
    desk.post(share_path(order, "refund"), {"amount": "20", "reason": "x"})
    stripe.work()
    paid = CheckoutSession.objects.get()
    names = {
        "pi": paid.payment_intent,
        "cs": paid.stripe_id,
        "ch": paid.charge,
        "re": Refund.objects.get().stripe_id,
        "tr": Transfer.objects.get().stripe_id,
        "trr": Transfer.objects.get().reversals.get().stripe_id,
        "order": str(order.pk),
        "booking": order.lines.get().source,
        "mail": "ben@demo",
        "person": "ben adler",
        "group": order.transfer_group,
    }
    assert list(find_orders(names[name])) == [order]
    assert path(order) in shown(desk.get("/operations/orders/", {"q": names[name]}))


def test_what_is_no_order_is_not_found(desk, order):
    assert "No order is called that" in shown(desk.get("/operations/orders/", {"q": "pi_x\x00"}))
    assert path(order) in shown(desk.get("/operations/orders/"))
    nowhere = "/operations/orders/11111111-2222-3333-4444-555555555555/"
    assert desk.get(nowhere).status_code == 404
    assert desk.post(path(order, "lines", 0, "refund"), {}).status_code == 404
    assert desk.post(share_path(order, "steal"), WHY).status_code == 404
