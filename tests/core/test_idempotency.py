"""The same key and body answer the same; another body is refused; a crash frees the key."""

import json
from datetime import timedelta

import pytest
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory, force_authenticate
from rest_framework.views import APIView

from accounts.models import User
from core import clock
from core.api import idempotency
from core.api.idempotency import LEASE, idempotent
from core.errors import DomainError
from core.models import IdempotencyRecord

pytestmark = pytest.mark.django_db


class TeaView(APIView):
    made = 0
    fail_with = None

    @idempotent
    def post(self, request):
        if TeaView.fail_with:
            raise TeaView.fail_with
        TeaView.made += 1
        return Response({"cup": TeaView.made, "sugar": request.data.get("sugar")}, status=201)


@pytest.fixture
def order(monkeypatch):
    monkeypatch.setattr(TeaView, "made", 0)
    monkeypatch.setattr(TeaView, "fail_with", None)
    ben = User.objects.create_user("ben@demo.test")

    def post(body, key="k1", person=ben):
        headers = {"HTTP_IDEMPOTENCY_KEY": key} if key else {}
        request = APIRequestFactory().post(
            "/tea/", json.dumps(body), content_type="application/json", **headers
        )
        force_authenticate(request, person)
        response = TeaView.as_view()(request)
        response.render() if hasattr(response, "render") and not response.is_rendered else None
        return response.status_code, response.data

    return post


def test_the_same_request_again_answers_the_same(order):
    first = order({"sugar": 1})
    assert first == (201, {"cup": 1, "sugar": 1})
    assert order({"sugar": 1}) == first


def test_another_body_is_refused(order):
    order({"sugar": 1})
    status, body = order({"sugar": 2})
    assert (status, body["error"]["code"]) == (409, "idempotency_mismatch")


def test_without_a_key_each_request_is_its_own(order):
    assert order({"sugar": 1}, key="") == (201, {"cup": 1, "sugar": 1})
    assert order({"sugar": 1}, key="") == (201, {"cup": 2, "sugar": 1})


def test_two_people_may_use_one_key(order):
    cleo = User.objects.create_user("cleo@demo.test")
    assert order({"sugar": 1})[1]["cup"] == 1
    assert order({"sugar": 1}, person=cleo)[1]["cup"] == 2


def test_a_refusal_is_an_answer_too(order, monkeypatch):
    monkeypatch.setattr(TeaView, "fail_with", DomainError("No tea today."))
    refused = order({"sugar": 1})
    assert refused[0] == 409
    monkeypatch.setattr(TeaView, "fail_with", None)
    assert order({"sugar": 1}) == refused


def test_a_bug_frees_the_key(order, monkeypatch):
    monkeypatch.setattr(TeaView, "fail_with", ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        order({"sugar": 1})
    monkeypatch.setattr(TeaView, "fail_with", None)
    assert order({"sugar": 1})[0] == 201


def test_a_repeat_waits_for_the_first_and_answers_the_same(order, monkeypatch):
    first = order({"sugar": 1})
    answer = IdempotencyRecord.objects.values("status", "body").get()
    IdempotencyRecord.objects.update(status=None, body=None, claimed_until=clock.now() + LEASE)
    # The first comes to its end while the second pauses.
    monkeypatch.setattr(idempotency, "sleep", lambda _: IdempotencyRecord.objects.update(**answer))
    assert order({"sugar": 1}) == first


def test_a_repeat_runs_itself_when_the_first_failed_meanwhile(order, monkeypatch):
    order({"sugar": 1})
    IdempotencyRecord.objects.update(status=None, body=None, claimed_until=clock.now() + LEASE)
    monkeypatch.setattr(idempotency, "sleep", lambda _: IdempotencyRecord.objects.all().delete())
    assert order({"sugar": 1}) == (201, {"cup": 2, "sugar": 1})


def test_a_repeat_does_not_wait_for_ever_and_takes_over_when_the_first_died(order, monkeypatch):
    monkeypatch.setattr(idempotency, "LONGEST_WAIT", 0)
    order({"sugar": 1})
    IdempotencyRecord.objects.update(status=None, body=None, claimed_until=clock.now() + LEASE)
    assert order({"sugar": 1})[1]["error"]["code"] == "idempotency_running"
    IdempotencyRecord.objects.update(claimed_until=clock.now() - timedelta(seconds=1))
    assert order({"sugar": 1}) == (201, {"cup": 2, "sugar": 1})


def test_an_endless_key_is_invalid(order):
    assert order({"sugar": 1}, key="k" * 256)[0] == 400
