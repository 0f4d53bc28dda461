"""Papers of one's money: pages, PDFs and the API; for their owner and for operations, for nobody else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from pypdf import PdfReader
from rest_framework.test import APIClient

from accounts.models import User
from core import clock
from payouts.domain.invoicing import invoice_payouts
from payouts.domain.tax_ids import is_plausible, tidied
from payouts.domain.tax_profiles import save_tax_profile
from payouts.models import PayoutInvoice, TaxProfile
from payouts.states import InvoiceKind
from tests.payouts.test_invoicing import WHO, make_payout
from tests.payouts.test_statements import Ledger, at

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
FORM = {**WHO, "agrees": "on"}


@pytest.fixture(autouse=True)
def _november(settings, tmp_path):
    settings.CLOCK_FILE = tmp_path / "clock.json"
    with clock.frozen_at(NOW):
        yield


@pytest.fixture
def papers(payee, now):
    """Ada has sold in October and November, and has an invoice that was cancelled."""
    ledger = Ledger(payee)
    ledger.sell(at(10, 2))
    ledger.release(at(10, 12), 9600)
    ledger.pay_out(at(11, 2), 9600)
    ledger.arrive(at(11, 4), 9600)
    ledger.sell(at(11, 5), 5000, 4000)
    save_tax_profile(payee, WHO, by=payee.user, now=now)
    payout = make_payout(payee, now, 9600)
    invoice_payouts(now)
    payout.state = "failed"
    payout.save()
    invoice_payouts(now)
    return payee


@pytest.fixture
def ada_client(client, ada):
    client.force_login(ada)
    return client


@pytest.fixture
def olu(db, client):
    return User.objects.create_user("olu@demo.test", name="Olu", is_staff=True)


def words_of_pdf(answer):
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer["Cache-Control"] == "private, no-store"
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(answer.content)).pages)


def every_path():
    pks = PayoutInvoice.objects.values_list("pk", flat=True)
    return [
        "/desk/statements/2026/",
        "/desk/statements/2026.pdf",
        "/desk/statements/2026/10/",
        "/desk/statements/2026/10.pdf",
        *(f"/desk/invoices/{pk}.pdf" for pk in pks),
    ]


def test_a_month_on_the_page_and_on_paper_says_the_same(papers, ada_client):
    page = ada_client.get("/desk/statements/2026/10/")
    paper = words_of_pdf(ada_client.get("/desk/statements/2026/10.pdf"))

    for text in (
        "Statement for October 2026",
        "Earned, before fees",
        "$120.00",
        "$96.00",
        "Where your money lay",
    ):
        assert text in page.content.decode()
        assert text in paper
    assert "1 High Street" in paper


def test_a_month_that_is_over_is_the_same_document_for_ever(papers, ada_client, payee):
    before = ada_client.get("/desk/statements/2026/10.pdf").content
    Ledger(payee).write("pay", at(11, 20), {})
    with clock.frozen_at(NOW + timedelta(days=90)):
        assert ada_client.get("/desk/statements/2026/10.pdf").content == before


def test_a_year_lists_its_months(papers, ada_client):
    shown = ada_client.get("/desk/statements/2026/").context
    assert [(row["title"], row["closing"].minor) for row in shown["months"]][-2:] == [
        ("October 2026", 9600),
        ("November 2026", 4000),
    ]
    paper = words_of_pdf(ada_client.get("/desk/statements/2026.pdf"))
    assert ("November" in paper, "December" in paper) == (True, False)


def test_the_list_names_what_there_is(papers, ada_client):
    [(year, months)] = ada_client.get("/desk/statements/").context["years"]
    assert (year, [name for name, _ in months]) == (2026, ["November 2026", "October 2026"])


@pytest.mark.parametrize("month", ["2026/12", "2026/13", "2026/0", "2027/1", "1999/1"])
def test_there_is_no_statement_of_what_has_not_begun(papers, ada_client, month):
    for path in (
        f"/desk/statements/{month}/",
        f"/desk/statements/{month}.pdf",
        f"/api/v1/me/statements/{month}/",
    ):
        assert ada_client.get(path).status_code == 404


def test_an_invoice_names_both_sides_and_its_cancellation_names_it(papers, ada_client, settings):
    invoice, cancellation = PayoutInvoice.objects.order_by("number")
    paper = words_of_pdf(ada_client.get(f"/desk/invoices/{invoice.pk}.pdf"))
    for text in (
        f"Self-billing invoice {invoice.label}",
        "Ada Okafor Ltd",
        "United Kingdom",
        "Tax id GB123456789",
    ):
        assert text in paper
    assert settings.COMPANY_NAME in paper
    paper = words_of_pdf(ada_client.get(f"/desk/invoices/{cancellation.pk}.pdf"))
    assert f"Cancels\n{invoice.label}" in paper.replace(" \n", "\n") or invoice.label in paper
    assert "−$96.00" in paper
    assert ada_client.get("/desk/invoices/").content.decode().count(f"Cancelled by {cancellation.label}") == 1


def test_strangers_find_nothing(papers, client, cleo):
    client.force_login(cleo)
    for path in every_path():
        assert client.get(path, {"payee": papers.pk}).status_code == 404


def test_visitors_are_asked_to_sign_in(papers, client):
    for path in [*every_path(), "/desk/tax/", "/desk/invoices/", "/desk/statements/"]:
        assert client.get(path).status_code == 302


def test_staff_without_a_second_factor_find_nothing(papers, client, olu):
    client.force_login(olu)
    for path in every_path():
        assert client.get(path, {"payee": papers.pk}).status_code == 404


def test_operations_read_what_they_name(papers, client, olu, monkeypatch):
    client.force_login(olu)
    monkeypatch.setattr("payouts.views.readers.used_second_factor", lambda _: True)
    for path in every_path():
        assert client.get(path, {"payee": papers.pk}).status_code == 200
    assert client.get("/desk/tax/", {"payee": papers.pk}).status_code == 404
    assert client.get("/desk/statements/2026/10/", {"payee": "999"}).status_code == 404


def test_tax_details_are_said_and_changed(payee, ada_client):
    assert ada_client.post("/desk/tax/", FORM).status_code == 302
    assert TaxProfile.objects.get().values == WHO
    assert ada_client.post("/desk/tax/", {**FORM, "tax_id": "gb 999 9999 73"}).status_code == 302
    assert TaxProfile.objects.get().tax_id == "GB999999973"


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"tax_id": "12"}, "tax_id"),
        ({"country": "ZZ"}, "country"),
        ({"country": ""}, "country"),
        ({"name": " "}, "name"),
        ({"agrees": ""}, "agrees"),
        ({"city": "x" * 81}, "city"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(payee, ada_client, changed, field):
    answer = ada_client.post("/desk/tax/", {**FORM, **changed})
    assert (answer.status_code, set(answer.context["form"].errors)) == (400, {field})
    assert not TaxProfile.objects.exists()


def test_the_page_says_how_many_payouts_wait(payee, ada_client, now):
    make_payout(payee, now, 9600)
    for path in ("/desk/invoices/",):
        assert "1 payout waits" in " ".join(ada_client.get(path).content.decode().split())


@pytest.fixture
def api(ada):
    speaker = APIClient()
    speaker.force_authenticate(ada)
    return speaker


def test_the_api_keeps_tax_details(payee, api):
    assert api.get("/api/v1/me/tax-profile/").status_code == 404
    refused = api.put("/api/v1/me/tax-profile/", WHO, format="json")
    assert (refused.status_code, list(refused.json()["error"]["fields"])) == (400, ["agrees"])

    assert api.put("/api/v1/me/tax-profile/", {**WHO, "agrees": True}, format="json").json() == WHO
    payee.refresh_from_db()
    assert (
        api.put("/api/v1/me/tax-profile/", {**WHO, "city": "Leeds"}, format="json").json()["city"] == "Leeds"
    )
    assert api.get("/api/v1/me/tax-profile/").json()["city"] == "Leeds"
    assert api.put("/api/v1/me/tax-profile/", {**WHO, "vat": "1"}, format="json").status_code == 400


def test_the_api_lists_invoices(papers, api):
    newest, oldest = api.get("/api/v1/me/invoices/").json()["results"]
    assert (newest["kind"], newest["cancels"], newest["total"]) == (
        InvoiceKind.CANCELLATION,
        oldest["number"],
        {"amount": -9600, "currency": "usd"},
    )
    assert (oldest["cancels"], oldest["pdf"][:15]) == (None, "/desk/invoices/")


def test_the_api_states_a_month(papers, api):
    stated = api.get("/api/v1/me/statements/2026/11/").json()
    assert (stated["opening"]["total"], stated["closing"]["total"], stated["final"]) == (9600, 4000, False)
    assert [(line["kind"], line["gross"], line["fee"], line["net"]) for line in stated["lines"]] == [
        ("payout", 0, 0, 0),
        ("payout_paid", -9600, 0, -9600),
        ("pay", 5000, 1000, 4000),
    ]


def test_who_earns_nothing_has_no_papers(cleo):
    speaker = APIClient()
    speaker.force_authenticate(cleo)
    assert speaker.get("/api/v1/me/invoices/").json()["results"] == []
    assert speaker.get("/api/v1/me/statements/2026/11/").status_code == 404


def test_a_payee_is_led_to_his_account_at_stripe(onboarded, ada_client):
    answer = ada_client.post("/desk/payouts/account/")
    assert (answer.status_code, "/express/" in answer["Location"]) == (302, True)


def test_without_an_account_or_an_answer_the_page_says_so(payee, ada_client, local_stripe, ada):
    assert ada_client.post("/desk/payouts/account/")["Location"] == "/desk/earnings/"
    payee.account = ""
    payee.save()
    assert ada_client.post("/desk/payouts/account/").status_code == 404


@pytest.mark.parametrize(
    ("country", "tax_id", "is_one"),
    [
        ("US", "12-3456789", True),
        ("US", "000-12-3456", False),
        ("US", "1234", False),
        ("GB", "GB 123 4567 89", True),
        ("GB", "AB123456C", True),
        ("DE", "DE123456789", True),
        ("DE", "DE12345678", False),
        ("FR", "FRXX123456789", True),
        ("IN", "ABCDE1234F", True),
        ("BR", "123.456.789-09", True),
        ("KE", "A123456789B", True),
        ("KE", "??", False),
        ("DE", "DE111111111", True),
        ("JP", "1111111111111", False),
    ],
)
def test_a_tax_id_looks_like_one_of_its_country(country, tax_id, is_one):
    assert is_plausible(country, tidied(tax_id)) is is_one
