"""The candidate's papers: what he bought, what went back, receipts and invoices, his balance."""

from datetime import timedelta
from io import BytesIO

import pytest
from pypdf import PdfReader

from core import outbox
from core.money import Money
from marketplace.domain.booking import Wish, book
from marketplace.domain.cancelling import cancel
from payments.domain.adjustments import adjust
from payments.domain.balances import compensate
from payments.domain.papers import issue_invoice
from payments.domain.refunds import refund_percent
from payments.models import Order, Paper
from tests.marketplace.cast import NOW, TOMORROW, person

pytestmark = pytest.mark.django_db
DETAILS = {"company": "Ito & Co", "address": "1 High Street\nLondon", "tax_id": "GB123"}
LATER = NOW + timedelta(days=1)


@pytest.fixture
def buy(hour, ben):
    """Ben books Ada's hour so often and pays with his balance."""

    def sessions(number=1):
        compensate(ben, 12_000 * number, currency="usd", source="a test", now=NOW)
        return [one(each) for each in range(number)]

    def one(each):
        wish = Wish(hour.pk, TOMORROW + timedelta(days=each % 4, hours=each // 4), "UTC", {})
        return book(wish, candidate=ben, now=NOW + timedelta(minutes=each)).session

    return sessions


@pytest.fixture
def pages(client, ben):
    client.force_login(ben)
    return client


def text_of(answer):
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Cache-Control"] == "private, no-store"
    return " ".join(
        " ".join(page.extract_text().split()) for page in PdfReader(BytesIO(answer.content)).pages
    )


def test_the_list_names_each_purchase_and_what_became_of_it(pages, buy, ben):
    paid, cancelled = buy(2)
    cancel(cancelled.pk, by=ben, now=NOW + timedelta(minutes=30))
    answer = pages.get("/purchases/")
    shown = [(row.title, row.state, row.amounts.paid.minor) for row in answer.context["purchases"]]
    assert shown == [
        ("60 minutes with Ada Okafor", "refunded", 12000),
        ("60 minutes with Ada Okafor", "paid", 12000),
    ]
    content = answer.content.decode()
    assert "$120.00 is back on your balance." in content
    assert f"/purchases/{paid.order_id}/receipt.pdf" in content
    assert "balance-aside" in content


def test_nobody_has_bought_anything_yet(pages, buy):
    assert "Nothing bought yet" in pages.get("/purchases/").content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_takes_as_many_questions_however_long(pages, buy, ben, number, django_assert_num_queries):
    for session in buy(number):
        refund_percent(session.line_id, 50, reason="a test", by=None, now=NOW)
        issue_invoice(session.order_id, by=ben, now=NOW)
    with django_assert_num_queries(13):
        assert len(pages.get("/purchases/").context["purchases"]) == number


def test_a_purchase_shows_price_means_and_session(pages, buy):
    (session,) = buy()
    content = pages.get(f"/purchases/{session.order_id}/").content.decode()
    assert "60 minutes with Ada Okafor" in content
    assert "60 minutes, Tue 3 Nov 2026, 10:00, UTC (UTC+0)" in content
    assert f"/sessions/{session.pk}/" in content
    assert "With balance" in content
    assert "Issue the invoice" in content


def test_a_receipt_says_what_was_paid_and_what_went_back(pages, buy):
    (session,) = buy()
    refund_percent(session.line_id, 50, reason="a test", by=None, now=NOW)
    text = text_of(pages.get(f"/purchases/{session.order_id}/receipt.pdf"))
    for words in (
        "Receipt", "Ben Adler", "60 minutes with Ada Okafor", "Paid with balance $120.00",
        "Went back −$60.00", "Kept $60.00", "$60.00 is back on your balance.",
    ):  # fmt: skip
        assert words in text


def test_the_invoice_is_issued_on_asking_and_made_out_as_the_details_say(pages, buy):
    (session,) = buy()
    assert pages.post("/purchases/billing/", DETAILS).status_code == 302
    answer = pages.post(f"/purchases/{session.order_id}/invoice/")
    paper = Paper.objects.get()
    assert answer.url == f"/purchases/papers/{paper.pk}/"
    page = pages.get(answer.url).content.decode()
    assert "INV-000001" in page
    assert "Ito &amp; Co" in page
    text = text_of(pages.get(f"/purchases/papers/{paper.pk}.pdf"))
    for words in (
        "Invoice INV-000001",
        "Ito & Co Ben Adler 1 High Street London Tax id GB123",
        "Total $120.00",
    ):
        assert words in text


def test_a_paper_is_the_same_bytes_whenever_it_is_asked_for(pages, buy, ben):
    (session,) = buy()
    paper = issue_invoice(session.order_id, by=ben, now=NOW)
    first = pages.get(f"/purchases/papers/{paper.pk}.pdf").content
    pages.post("/purchases/billing/", DETAILS)
    assert pages.get(f"/purchases/papers/{paper.pk}.pdf").content == first


def test_changed_details_offer_a_corrected_invoice_and_the_first_one_says_so(pages, buy, ben):
    (session,) = buy()
    first = issue_invoice(session.order_id, by=ben, now=NOW)
    address = f"/purchases/{session.order_id}/"
    assert "Issue a corrected invoice" not in pages.get(address).content.decode()
    pages.post("/purchases/billing/", DETAILS)
    assert "Issue a corrected invoice" in pages.get(address).content.decode()
    corrected = pages.get(pages.post(f"{address}invoice/").url).content.decode()
    assert "Replaces invoice" in corrected
    assert "INV-000001" in corrected
    assert "INV-000002" in pages.get(f"/purchases/papers/{first.pk}/").content.decode()
    assert "Issue a corrected invoice" not in pages.get(address).content.decode()


def test_a_credit_note_has_a_page_and_a_pdf(pages, buy, ben):
    (session,) = buy()
    issue_invoice(session.order_id, by=ben, now=NOW)
    refund_percent(session.line_id, 50, reason="a test", by=None, now=NOW)
    outbox.drain(session.order.subject, now=NOW)
    note = Paper.objects.get(kind="credit_note")
    page = pages.get(f"/purchases/papers/{note.pk}/").content.decode()
    text = text_of(pages.get(f"/purchases/papers/{note.pk}.pdf"))
    for words in ("CN-000001", "For invoice", "Back to balance"):
        assert words in page
        assert words in text
    assert "Credited $60.00" in text


def test_an_order_that_was_not_paid_has_neither_receipt_nor_invoice(pages, hour, ben):
    session = book(Wish(hour.pk, TOMORROW, "UTC", {}), candidate=ben, now=NOW).session
    address = f"/purchases/{session.order_id}/"
    page = pages.get(address).content.decode()
    assert "Not paid yet" in page
    assert "Issue the invoice" not in page
    assert pages.get(f"{address}receipt.pdf").status_code == 404
    assert pages.post(f"{address}invoice/").url == address
    assert not Paper.objects.exists()


def test_another_persons_papers_are_not_there(client, buy, ben, cleo, ada):
    (session,) = buy()
    paper = issue_invoice(session.order_id, by=ben, now=NOW)
    order = f"/purchases/{session.order_id}/"
    for stranger in (cleo, ada.user):
        client.force_login(stranger)
        asked = [
            client.get(order), client.get(f"{order}receipt.pdf"), client.post(f"{order}invoice/"),
            client.get(f"/purchases/papers/{paper.pk}/"), client.get(f"/purchases/papers/{paper.pk}.pdf"),
        ]  # fmt: skip
        assert [answer.status_code for answer in asked] == [404] * 5
        assert client.get("/purchases/").context["purchases"] == []


def test_who_is_not_signed_in_is_asked_to(client, buy):
    for address in ("/purchases/", "/purchases/balance/", "/purchases/billing/"):
        assert client.get(address).url == f"/accounts/login/?next={address}"


def test_billing_details_are_tidied_and_refused_where_they_are_too_long(pages, ben):
    pages.post(
        "/purchases/billing/",
        {"company": "  Ito  &  Co ", "address": " 1 High St \n\n London ", "tax_id": ""},
    )
    ben.refresh_from_db()
    assert (ben.billing_details.company, ben.billing_details.address) == ("Ito & Co", "1 High St\nLondon")
    answer = pages.post("/purchases/billing/", {"company": "x" * 121, "address": "\n".join("abcdefg")})
    assert answer.status_code == 400
    assert set(answer.context["form"].errors) == {"company", "address"}


def test_the_balance_says_where_it_came_from_and_where_it_went(pages, buy, ben):
    (session,) = buy()
    refund_percent(session.line_id, 50, reason="a test", by=None, now=LATER)
    compensate(ben, 1_200, currency="usd", source=session.subject, now=LATER + timedelta(hours=1))
    answer = pages.get("/purchases/balance/")
    assert answer.context["balance"].minor == 7_200
    told = [(row.why, row.amount.minor, row.ware.title) for row in answer.context["movements"]]
    assert told == [
        ("compensation", 1_200, "60 minutes with Ada Okafor"),
        ("refund", 6_000, "60 minutes with Ada Okafor"),
        ("pay", -12_000, "60 minutes with Ada Okafor"),
        ("compensation", 12_000, "A test"),
    ]
    assert sum(amount for _, amount, _ in told) == 7_200
    assert "Compensation: your coach let this session down" in answer.content.decode()


def test_what_operations_gave_by_hand_is_told_as_such(pages, buy):
    (session,) = buy()
    olu = person("Olu Bello", is_staff=True)
    adjust(session.order_id, Money(500, "usd"), by=olu, reason="a test", now=NOW + timedelta(minutes=1))
    answer = pages.get("/purchases/balance/")
    last = answer.context["movements"][0]
    assert (last.why, last.amount.minor, last.ware.title) == ("adjustment", 500, "60 minutes with Ada Okafor")
    assert "From us, for something that went wrong" in answer.content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_the_balance_takes_as_many_questions_however_long(pages, buy, number, django_assert_num_queries):
    for session in buy(number):
        refund_percent(session.line_id, 50, reason="a test", by=None, now=LATER)
    with django_assert_num_queries(12):
        assert len(pages.get("/purchases/balance/").context["movements"]) == 2 * number + 1


def test_somebody_elses_balance_is_not_mixed_in(pages, buy, cleo):
    compensate(cleo, 5_000, currency="usd", source="another", now=NOW)
    answer = pages.get("/purchases/balance/")
    assert answer.context["balance"].minor == 0
    assert answer.context["movements"] == []
    assert "Nothing here yet" in answer.content.decode()


def test_the_session_page_tells_its_candidate_and_not_its_coach(client, buy, ben, ada):
    (session,) = buy()
    cancel(session.pk, by=ben, now=NOW + timedelta(minutes=30))
    words = "$120.00 is back on your balance."
    client.force_login(ben)
    page = client.get(f"/sessions/{session.pk}/").content.decode()
    assert words in page
    assert f"/purchases/{session.order_id}/" in page
    client.force_login(ada.user)
    assert words not in client.get(f"/sessions/{session.pk}/").content.decode()


# by API


def test_the_api_lists_own_orders_with_refunds_and_papers(api, buy, ben, cleo):
    (session,) = buy()
    refund_percent(session.line_id, 50, reason="a test", by=None, now=NOW)
    (order,) = api(ben).get("/api/v1/me/orders/").json()["results"]
    usd = {"currency": "usd"}
    assert order == {
        "id": str(session.order_id),
        "state": "partly_refunded",
        "title": "60 minutes with Ada Okafor",
        "price": {"amount": 12000, **usd},
        "paid": {"amount": 12000, **usd},
        "tax": {"amount": 0, **usd},
        "refunded": {"amount": 6000, **usd},
        "kept": {"amount": 6000, **usd},
        "opened_at": "2026-11-02T09:00:00Z",
        "paid_at": "2026-11-02T09:00:00Z",
        "paid_with": [{"name": "balance", "amount": 12000, **usd}],
        "refunds": [
            {
                "card": {"amount": 0, **usd},
                "by_bank": {"amount": 0, **usd},
                "balance": {"amount": 6000, **usd},
                "to": "",
                "stage": "none",
                "on": None,
                "earliest": None,
                "latest": None,
                "told": "$60.00 is back on your balance.",
            }
        ],
        "papers": [],
        "receipt_url": f"/api/v1/orders/{session.order_id}/receipt.pdf",
    }
    assert api(cleo).get("/api/v1/me/orders/").json()["results"] == []


def test_the_api_issues_an_invoice_once_and_gives_its_pdf(api, buy, ben, cleo):
    (session,) = buy()
    address = f"/api/v1/orders/{session.order_id}/invoice/"
    first, second = api(ben).post(address), api(ben).post(address)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert (first.json()["number"], first.json()["kind"]) == ("INV-000001", "invoice")
    assert "INV-000001" in text_of(api(ben).get(first.json()["url"]))
    assert [api(cleo).post(address).status_code, api(cleo).get(first.json()["url"]).status_code] == [404, 404]


def test_the_api_gives_receipts_to_their_buyer_only(api, buy, ben, cleo):
    (session,) = buy()
    address = f"/api/v1/orders/{session.order_id}/receipt.pdf"
    assert "Receipt" in text_of(api(ben).get(address))
    assert api(cleo).get(address).status_code == 404
    assert api().get(address).status_code == 401


def test_the_api_refuses_an_invoice_for_nothing(api, hour, ben):
    session = book(Wish(hour.pk, TOMORROW, "UTC", {}), candidate=ben, now=NOW).session
    answer = api(ben).post(f"/api/v1/orders/{session.order_id}/invoice/")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "nothing_paid")
    assert api(ben).get(f"/api/v1/orders/{session.order_id}/receipt.pdf").status_code == 404
    assert Order.objects.get().papers.count() == 0


def test_the_api_replaces_billing_details_as_a_whole(api, ben):
    address = "/api/v1/me/billing-details/"
    assert api(ben).get(address).json() == {"company": "", "address": "", "tax_id": ""}
    assert api(ben).put(address, DETAILS, format="json").json() == DETAILS
    assert api(ben).get(address).json() == DETAILS
    left = {"company": "Ito", "address": "", "tax_id": ""}
    assert api(ben).put(address, {"company": " Ito "}, format="json").json() == left


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"company": "x" * 121}, "company"),
        ({"address": "\n".join("abcdefg")}, "address"),
        ({"vat": "1"}, "vat"),
        ({"tax_id": None}, "tax_id"),
    ],
)
def test_the_api_names_what_is_wrong_with_billing_details(api, ben, sent, field):
    answer = api(ben).put("/api/v1/me/billing-details/", sent, format="json")
    assert answer.status_code == 400
    assert set(answer.json()["error"]["fields"]) == {field}
