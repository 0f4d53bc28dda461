from __future__ import annotations

import pytest
from django.http import Http404
from django.urls import include, path

from accounts.models import User
from integrations.stripe.errors import DeclinedError
from integrations.stripe.inbox import UnknownObjectError
from integrations.stripe.kinds import RECIPIENT
from integrations.stripe.models import StripeOperation
from integrations.stripe.stripe_gateway import StripeGateway
from payouts.domain.payees import payee_of, sync_account, sync_accounts
from payouts.models import Payee
from payouts.views.onboarding import come_back, refresh

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]

urlpatterns = [
    path("desk/earnings/", come_back, name="desk_earnings"),
    path("accounts/", include("allauth.urls")),
    path("", include("payouts.urls")),
    path("api/v1/", include("payouts.api.urls")),
]


def refuse(*_, **__):
    raise DeclinedError("No accounts in this country.")


@pytest.fixture
def ada_client(client, ada):
    client.force_login(ada)
    return client


def start(client, **headers):
    return client.post("/api/v1/me/payee/onboarding/", headers=headers)


def test_a_person_is_one_payee(ada, now):
    assert payee_of(ada, now=now) == payee_of(ada, now=now)
    assert (Payee.objects.get().currency, Payee.objects.get().transfers) == ("usd", "none")


def test_who_never_began_has_nothing(ada_client):
    answer = ada_client.get("/api/v1/me/payee/")

    assert answer.json() == {"transfers": "none", "requirements": [], "deadline": None, "account": None}
    assert Payee.objects.count() == 0


def test_onboarding_makes_one_account_and_a_new_link_each_time(ada_client, local_stripe):
    first, second = start(ada_client).json()["url"], start(ada_client).json()["url"]

    assert first != second
    assert [found["contact_email"] for found in local_stripe.objects("v2.core.account")] == ["ada@demo.test"]
    assert Payee.objects.get().account == local_stripe.objects("v2.core.account")[0]["id"]


def test_the_account_is_a_recipient_for_whom_the_platform_pays_and_answers(ada_client, local_stripe):
    start(ada_client)

    [account] = local_stripe.objects("v2.core.account")
    assert (account["dashboard"], account["applied_configurations"]) == ("express", ["recipient"])
    responsibilities = account["defaults"]["responsibilities"]
    assert responsibilities["fees_collector"] == responsibilities["losses_collector"] == "application"


def test_the_same_request_twice_answers_the_same_link(ada_client, local_stripe):
    answers = [start(ada_client, **{"Idempotency-Key": "once"}).json() for _ in range(2)]

    assert answers[0] == answers[1]


def test_an_answer_that_got_lost_makes_no_second_account(ada_client, local_stripe, now):
    local_stripe.lose("POST /v2/core/accounts")
    refused = start(ada_client)
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "stripe_unavailable")

    StripeOperation.objects.update(due_at=now)
    assert start(ada_client).status_code == 200
    assert len(local_stripe.objects("v2.core.account")) == 1


def test_a_refused_account_may_be_asked_for_again(ada_client, local_stripe, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(StripeGateway, "create_recipient", refuse)
        assert start(ada_client).status_code == 503

    assert start(ada_client).status_code == 200
    keys = list(StripeOperation.objects.filter(kind=RECIPIENT).order_by("pk").values_list("key", flat=True))
    assert keys == [keys[0], f"{keys[0]}:2"]


def forget_accounts():
    """As a restored database forgets what was made since."""
    StripeOperation.objects.all().delete()
    Payee.objects.all().delete()


def test_an_account_that_we_forgot_is_found_again(ada, ada_client, local_stripe):
    start(ada_client)
    forget_accounts()
    User.objects.update(name="Ada Okafor-Bell")

    assert start(ada_client).status_code == 200

    [account] = local_stripe.objects("v2.core.account")
    assert Payee.objects.get().account == account["id"]


def test_who_is_given_a_forgotten_number_is_not_given_its_account(ada, ada_client, local_stripe, now):
    start(ada_client)
    forgotten = Payee.objects.get().account
    forget_accounts()
    User.objects.update(email="cleo@demo.test", joined_at=now)

    assert start(ada_client).status_code == 200

    assert len(local_stripe.objects("v2.core.account")) == 2
    assert Payee.objects.get().account not in {"", forgotten}


def test_the_button_of_the_desk_leads_to_stripes_form(ada_client, local_stripe):
    assert ada_client.post("/desk/payouts/onboarding/").url.startswith("http://127.0.0.1:12111/")

    local_stripe.lose("POST /v2/core/account_links", "timeout_before")
    assert ada_client.post("/desk/payouts/onboarding/").url == "/desk/earnings/"


def test_no_link_for_now_is_said(ada_client, local_stripe):
    local_stripe.lose("POST /v2/core/account_links", "timeout_before")

    assert start(ada_client).json()["error"]["code"] == "stripe_unavailable"


def test_coming_back_proves_nothing(ada_client, local_stripe):
    start(ada_client)

    assert ada_client.get("/desk/payouts/return/").url == "/desk/earnings/"
    payee = ada_client.get("/api/v1/me/payee/").json()
    assert (payee["transfers"], payee["account"]) == ("restricted", Payee.objects.get().account)
    assert payee["requirements"]


def test_coming_back_reads_the_capability_again(ada_client, local_stripe):
    start(ada_client)
    local_stripe.onboard(Payee.objects.get().account)

    ada_client.get("/desk/payouts/return/")

    payee = ada_client.get("/api/v1/me/payee/").json()
    assert (payee["transfers"], payee["requirements"], payee["deadline"]) == ("active", [], None)
    assert Payee.objects.get().can_receive


def test_coming_back_while_stripe_is_away_is_no_error(ada_client, local_stripe):
    start(ada_client)
    local_stripe.lose("GET /v2/core/accounts/*", "timeout_before")

    assert ada_client.get("/desk/payouts/return/").status_code == 302


def test_a_spent_link_is_renewed_for_its_owner_only(ada_client, rf, cleo, local_stripe):
    link = start(ada_client).json()["url"]

    renewed = ada_client.get("/desk/payouts/refresh/")
    assert renewed.status_code == 302
    assert renewed.url.startswith("http://127.0.0.1:12111/")
    assert renewed.url != link

    request = rf.get("/desk/payouts/refresh/")
    request.user = cleo
    for view in (refresh, come_back):
        with pytest.raises(Http404):
            view(request)


def test_a_link_that_cannot_be_renewed_leads_back_to_the_desk(ada_client, local_stripe):
    start(ada_client)
    local_stripe.lose("POST /v2/core/account_links", "timeout_before")

    assert ada_client.get("/desk/payouts/refresh/").url == "/desk/earnings/"


@pytest.mark.parametrize("page", ["/desk/payouts/return/", "/desk/payouts/refresh/"])
def test_a_stranger_signs_in_first(client, page):
    assert client.get(page).url == f"/accounts/login/?next={page}"


@pytest.mark.parametrize("status", ["restricted", "rejected", "pending", "unsupported"])
def test_a_lost_capability_is_mirrored(onboarded, local_stripe, now, status):
    assert sync_account(onboarded.account, now=now).can_receive
    local_stripe.capability(onboarded.account, status)

    assert sync_account(onboarded.account, now=now).transfers == status


def test_an_answer_read_earlier_does_not_undo_a_later_one(onboarded, local_stripe, now):
    sync_account(onboarded.account, now=now)
    local_stripe.capability(onboarded.account, "restricted")

    assert sync_account(onboarded.account, now=now.replace(hour=11)).transfers == "active"


def test_accounts_that_are_not_ready_are_asked_about(onboarded, local_stripe, now):
    Payee.objects.update(transfers="pending")

    assert sync_accounts(now) == 1
    assert sync_accounts(now) == 0

    Payee.objects.update(transfers="pending")
    local_stripe.lose("GET /v2/core/accounts/*", "timeout_before")
    assert sync_accounts(now) == 0


def test_an_unknown_account_is_looked_at_later(payee, now):
    with pytest.raises(UnknownObjectError):
        sync_account("acct_stranger", now=now)


@pytest.mark.parametrize("page", ["me/payee/", "me/payouts/"])
def test_the_api_is_for_people_who_signed_in(client, page, db):
    assert client.get(f"/api/v1/{page}").status_code == 401
