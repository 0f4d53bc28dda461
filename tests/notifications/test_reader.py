"""Amounts are written for whoever reads them: a page by his browser, a letter by his last visit."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.db import transaction

from core import clock, outbox
from core.events import announce
from core.locales import reader_locale, written_for
from payouts.domain.payees import payee_of
from payouts.events import PayoutChanged
from payouts.models import Payout
from tests.marketplace.cast import NOW, coach, offer, person

pytestmark = pytest.mark.django_db
NBSP = "\N{NO-BREAK SPACE}"


@pytest.fixture(autouse=True)
def _frozen():
    with clock.frozen_at(NOW):
        yield


@pytest.fixture
def ada():
    ada = coach(person("Ada Okafor"))
    EmailAddress.objects.create(user=ada.user, email=ada.user.email, verified=True, primary=True)
    return ada


def sign_in(client, language):
    asked = {"login": "ada@demo.test", "password": "demo-password"}
    headers = {"Accept-Language": language}
    assert client.post("/accounts/login/", asked, headers=headers).status_code == 302


@pytest.mark.parametrize(
    ("language", "price"),
    [("", "$120"), ("en-GB", "$120"), ("en-CA", "US$120"), ("de-DE,de;q=0.9", f"120{NBSP}$")],
)
def test_a_page_is_written_for_the_browser_that_asks(client, ada, language, price):
    offer(ada)
    answer = client.get(ada.get_absolute_url(), headers={"Accept-Language": language})
    assert f'<span class="price">{price}</span>' in answer.content.decode()
    assert "Accept-Language" in answer["Vary"]
    assert str(reader_locale()) == "en_US"


def test_a_letter_is_written_as_he_read_when_he_last_signed_in(client, ada):
    sign_in(client, "fr-FR")
    payout = Payout.objects.create(
        payee=payee_of(ada.user, now=NOW), stripe_id="po_1", amount=960_000, currency="usd",
        state="paid", made_at=NOW, arrives_on=NOW,
    )  # fmt: skip
    with transaction.atomic():
        announce(PayoutChanged(at=NOW, payee_id=payout.payee_id, payout_id=payout.pk))
    # Delivered while somebody else is served: it is not written for him.
    with written_for("de_DE"):
        while due := outbox.due(NOW):
            for pk in due:
                outbox.deliver(pk, now=NOW)
    (letter,) = [letter for letter in mail.outbox if letter.to == [ada.user.email]]
    assert f"9\N{NARROW NO-BREAK SPACE}600,00{NBSP}$US" in letter.body
    assert letter.subject == "9 600,00 $US is at your bank"


def test_who_signs_in_from_elsewhere_is_written_to_as_there(client, ada):
    for language, locale in (("fr-FR", "fr_FR"), ("tlh", "en_US"), ("ja", "ja_JP")):
        sign_in(client, language)
        ada.user.refresh_from_db()
        assert ada.user.locale == locale
        client.logout()
