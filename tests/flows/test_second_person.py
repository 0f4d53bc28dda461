"""Above one person's limit: what waits, who may agree, and what is asked again when he does."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection

from accounts.domain.second_factor import enrol
from accounts.domain.tokens import issue_token
from core import clock
from core.errors import DomainError, ForbiddenError, NotFoundError
from core.models import AuditLine
from core.money import Money
from core.periodic import JOBS
from operations.domain import motions
from operations.domain.motions import Wish, carry_out
from operations.models import Motion
from operations.states import MOTION_MOVES, MotionKind, MotionState
from payments.domain.second_person import SecondPersonNeededError
from payments.models import Adjustment, Order
from tests.flows.money import cents, dollars
from tests.marketplace.cast import offer, person

REASON = {"reason": "We looked at the recording."}


@pytest.fixture
def pia(db, speaks):
    """A second operator, by a token."""
    operator = person("Pia Roth", is_staff=True)
    enrol(operator, "NORTHSTARTESTSNORTHSTARTESTSABCD")
    pia = speaks(operator)
    pia.client.logout()
    pia.client.credentials(HTTP_AUTHORIZATION=f"Token {issue_token(operator, now=clock.now())}")
    return pia


@pytest.fixture
def dear(stripe, ben, ada, at, now):
    """Ben's whole day with Ada, for $600."""
    booking = ben.book(offer(ada.coach, price=60_000, name="A whole day", now=now), at(days=3))
    stripe.pay(booking["checkout_session"])
    stripe.work()
    return booking


def give(client, booking, amount, *, status=200):
    path = f"operations/bookings/{booking['id']}/refund/"
    return client.post(path, {"amount": amount, **REASON}, status=status)


def moved(client, booking, amount):
    """The id of the motion that a refund of so much becomes."""
    return give(client, booking, amount, status=409)["error"]["motion"]


def refunded(ben, booking):
    return cents(ben.booking(booking)["order"])["refunded"]


@pytest.mark.django_db
def test_what_one_wants_happens_when_another_agrees(stripe, ben, olu, pia, dear, books_are_right):
    motion = moved(olu, dear, 55_000)
    assert refunded(ben, dear) == 0
    (waiting,) = pia.get("operations/motions/")["results"]
    assert {name: waiting[name] for name in ("id", "kind", "target", "amount", "moved_by", "state")} == {
        "id": motion,
        "kind": "refund",
        "target": dear["id"],
        "amount": dollars(55_000),
        "moved_by": "Olu Adeyemi",
        "state": "open",
    }
    for _ in range(2):
        answer = pia.post(f"operations/motions/{motion}/second/", {"reason": "So did I."})
        assert (answer["state"], answer["decided_by"], answer["decision"]) == (
            "seconded",
            "Pia Roth",
            "So did I.",
        )
    assert refunded(ben, dear) == 55_000
    assert pia.get("operations/motions/")["count"] == 0
    lines = AuditLine.objects.filter(action__in=["motion.moved", "motion.seconded", "given_back"])
    assert [(line.action, line.by.name) for line in lines.order_by("pk")] == [
        ("motion.moved", "Olu Adeyemi"),
        ("motion.seconded", "Pia Roth"),
        ("given_back", "Olu Adeyemi"),
    ]
    books_are_right()


@pytest.mark.django_db
def test_nobody_is_his_own_second_person_and_strangers_are_none(ben, ada, cleo, olu, pia, dear):
    motion = moved(olu, dear, 55_000)
    refused = olu.post(f"operations/motions/{motion}/second/", REASON, status=403)
    assert refused["error"]["code"] == "forbidden"
    for stranger in (ben, ada, cleo):
        for verb in ("second", "reject"):
            stranger.post(f"operations/motions/{motion}/{verb}/", REASON, status=404)
    with pytest.raises(NotFoundError):
        motions.second(int(motion), by=ben.user, reason="x", now=clock.now())
    pia.post("operations/motions/0/second/", REASON, status=404)
    assert pia.post(f"operations/motions/{motion}/second/", {"reason": " "}, status=400)
    assert refunded(ben, dear) == 0


@pytest.mark.django_db
def test_the_same_wish_again_is_the_same_motion_another_persons_is_another(olu, pia, dear):
    motion = moved(olu, dear, 55_000)
    assert moved(olu, dear, 55_000) == motion
    assert moved(pia, dear, 55_000) != motion
    assert Motion.objects.open().count() == 2


@pytest.mark.django_db
def test_what_changed_since_is_asked_for_anew(ben, olu, pia, dear, books_are_right):
    motion = moved(olu, dear, 55_000)
    give(pia, dear, 1_000)
    refused = pia.post(f"operations/motions/{motion}/second/", REASON, status=409)
    assert refused["error"]["code"] == "changed_since"
    assert (refunded(ben, dear), Motion.objects.get(pk=motion).state) == (1_000, "open")
    anew = moved(olu, dear, 55_000)
    assert (anew != motion, Motion.objects.get(pk=motion).state) == (True, "lapsed")
    pia.post(f"operations/motions/{anew}/second/", REASON)
    assert refunded(ben, dear) == 56_000
    books_are_right()


@pytest.mark.django_db
def test_two_people_who_want_the_same_do_not_give_it_twice(ben, olu, pia, dear):
    one, other = moved(olu, dear, 50_001), moved(pia, dear, 50_001)
    pia.post(f"operations/motions/{one}/second/", REASON)
    refused = olu.post(f"operations/motions/{other}/second/", REASON, status=400)
    assert list(refused["error"]["fields"]) == ["amount"]
    assert refunded(ben, dear) == 50_001


@pytest.mark.django_db
def test_a_motion_is_rejected_or_withdrawn_for_good(ben, olu, pia, dear):
    for client in (pia, olu):
        motion = moved(olu, dear, 55_000)
        for _ in range(2):
            answer = client.post(f"operations/motions/{motion}/reject/", {"reason": "Too much."})
            assert (answer["state"], answer["decision"]) == ("rejected", "Too much.")
        refused = pia.post(f"operations/motions/{motion}/second/", REASON, status=409)
        assert refused["error"]["code"] == "motion_decided"
    assert refunded(ben, dear) == 0


@pytest.mark.django_db
def test_what_nobody_seconds_in_a_week_lapses(stripe, olu, pia, dear, at):
    motion = moved(olu, dear, 55_000)
    later = at(days=7)
    with pytest.raises(motions.MotionLapsedError):
        motions.second(int(motion), by=pia.user, reason="x", now=later)
    assert JOBS["lapse_motions"].run(later - timedelta(seconds=1)) == 0
    assert [JOBS["lapse_motions"].run(later) for _ in range(2)] == [1, 0]
    refused = pia.post(f"operations/motions/{motion}/reject/", REASON, status=409)
    assert refused["error"]["code"] == "motion_lapsed"


@pytest.mark.django_db
def test_pieces_of_one_order_count_together_whatever_they_are(olu, dear):
    order = Order.objects.get(lines__session=dear["id"])
    give(olu, dear, 30_000)
    path = f"operations/orders/{order.pk}/adjust/"
    assert olu.post(path, {"amount": 15_000, **REASON}, status=201)["amount"] == dollars(15_000)
    refused = olu.post(path, {"amount": 5_001, **REASON}, status=409)["error"]
    assert (refused["code"], refused["limit"]) == ("second_person_needed", dollars(50_000))
    assert give(olu, dear, 5_001, status=409)["error"]["code"] == "second_person_needed"
    give(olu, dear, 5_000)


@pytest.mark.django_db
def test_an_adjustment_is_a_balance_on_top(stripe, ben, olu, pia, hour, dear, at, books_are_right):
    order = Order.objects.get(lines__session=dear["id"])
    path = f"operations/orders/{order.pk}/adjust/"
    motion = olu.post(path, {"amount": dollars(50_500), **REASON}, status=409)["error"]["motion"]
    pia.post(f"operations/motions/{motion}/second/", REASON)
    assert [(it.amount, it.by, it.seconded_by) for it in Adjustment.objects.all()] == [
        (50_500, olu.user, pia.user)
    ]
    assert cents(ben.booking(dear)["order"])["refunded"] == 0
    assert ben.book(hour, at(days=9))["to_pay"] == dollars(0)
    for amount in (0, -1, 9_501, "5", {"amount": 1, "currency": "eur"}):
        assert list(olu.post(path, {"amount": amount, **REASON}, status=400)["error"]["fields"]) == ["amount"]
    ben.post(path, {"amount": 1, **REASON}, status=404)
    olu.post("operations/orders/11111111-2222-3333-4444-555555555555/adjust/", REASON, status=404)
    books_are_right()


@pytest.mark.django_db
def test_who_is_a_side_of_it_seconds_nothing(stripe, olu, ben, dear):
    ben.user.is_staff = True
    ben.user.save()
    motion = moved(olu, dear, 55_000)
    with pytest.raises(ForbiddenError):
        motions.second(int(motion), by=ben.user, reason="Mine.", now=clock.now())
    order = Order.objects.get(lines__session=dear["id"])
    with pytest.raises(ForbiddenError):
        carry_out(
            Wish(MotionKind.ADJUSTMENT, str(order.pk), order.cost), by=ben.user, reason="x", now=clock.now()
        )


@pytest.mark.django_db(transaction=True)
def test_two_who_agree_at_once_give_it_once(stripe, ben, olu, pia, dear):
    zoe = person("Zoe Hart", is_staff=True)
    motion, outcomes = int(moved(olu, dear, 55_000)), []
    together, now = Barrier(2), clock.now()

    def agree(by):
        together.wait()
        try:
            outcomes.append(motions.second(motion, by=by, reason="Yes.", now=now).state)
        except DomainError as refusal:
            outcomes.append(refusal.code)
        finally:
            connection.close()

    threads = [Thread(target=agree, args=[by]) for by in (pia.user, zoe)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["motion_decided", "seconded"]
    assert refunded(ben, dear) == 55_000


@pytest.mark.django_db(transaction=True)
def test_two_pieces_at_once_are_not_each_small(stripe, ben, olu, dear):
    together, now, outcomes = Barrier(2), clock.now(), []

    def piece():
        together.wait()
        wish = Wish(MotionKind.REFUND, dear["id"], Money(30_000, "usd"))
        try:
            carry_out(wish, by=olu.user, reason="Half.", now=now)
            outcomes.append("given")
        except SecondPersonNeededError as refusal:
            outcomes.append(refusal.code)
        finally:
            connection.close()

    threads = [Thread(target=piece) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["given", "second_person_needed"]
    assert refunded(ben, dear) == 30_000


def test_every_pair_of_states_is_an_arrow_or_refused():
    arrows = {(source, target) for source, targets in MOTION_MOVES.items() for target in targets}
    assert set(MOTION_MOVES) == set(MotionState)
    assert arrows == {("open", "seconded"), ("open", "rejected"), ("open", "lapsed")}
