"""Invoices and credit notes: one in force, frozen, numbered without gaps, whoever asks at once."""

import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from core import outbox
from core.audit import trail
from core.errors import NotFoundError
from payments.domain.balances import compensate
from payments.domain.billing import billing_details_of, save_billing_details
from payments.domain.orders import NewLine
from payments.domain.papers import NothingPaidError, correct_invoice, issue_credit_note, issue_invoice
from payments.domain.refunds import refund_percent
from payments.domain.surplus import give_back_surplus
from payments.models import BillingDetails, OrderLine, Paper
from payments.states import PaperKind

pytestmark = pytest.mark.django_db
DETAILS = {"company": "Ito & Co", "address": "1 High Street\nLondon\nUnited Kingdom", "tax_id": "GB123"}


@pytest.fixture(autouse=True)
def _company(settings):
    settings.COMPANY_NAME = "Northstar Ltd"
    settings.COMPANY_ADDRESS = ["2 Low Road", "Leeds"]
    settings.COMPANY_TAX_ID = "GB999"


def line_of(order):
    return OrderLine.objects.get(order=order.pk)


def back(order, percent, now):
    return refund_percent(line_of(order).pk, percent, reason="cancelled", by=None, now=now)


def names():
    return [paper.name for paper in Paper.objects.order_by("pk")]


def test_an_invoice_says_who_sold_what_to_whom_and_how_it_was_paid(paid, ben, now):
    save_billing_details(ben, **DETAILS, now=now)
    paper = issue_invoice(paid.pk, by=ben, now=now)
    assert (paper.name, paper.title, paper.refers_to) == ("INV-000001", "Invoice", "")
    assert paper.content == {
        "seller": {"name": "Northstar Ltd", "address": ["2 Low Road", "Leeds"], "tax_id": "GB999"},
        "buyer": {
            "name": "Ito & Co",
            "address": ["Ben", "1 High Street", "London", "United Kingdom"],
            "tax_id": "GB123",
        },
        "order": str(paid.pk),
        "currency": "usd",
        "paid_on": paid.paid_at.date().isoformat(),
        "lines": [
            {"what": "Booking", "detail": "", "price": 12000, "discount": 0, "amount": 12000, "tax": 0}
        ],
        "total": 12000,
        "tax": 0,
        "means": [["Visa ending 4242", 12000]],
    }


def test_twice_is_once(paid, ben, now):
    first = issue_invoice(paid.pk, by=ben, now=now)
    assert issue_invoice(paid.pk, by=ben, now=now + timedelta(days=1)) == first
    assert names() == ["INV-000001"]
    assert [line.action for line in trail(paid)].count("order.invoiced") == 1


def test_without_billing_details_it_is_made_out_to_the_person(paid, ben, now):
    buyer = issue_invoice(paid.pk, by=ben, now=now).content["buyer"]
    assert buyer == {"name": "Ben", "address": [], "tax_id": ""}
    assert not BillingDetails.objects.exists()


def test_what_is_issued_says_for_ever_what_it_said(paid, ben, now, settings):
    first = issue_invoice(paid.pk, by=ben, now=now)
    save_billing_details(ben, **DETAILS, now=now)
    settings.COMPANY_NAME = "Somebody Else"
    said = dict(first.content)
    assert issue_invoice(paid.pk, by=ben, now=now).content == said


def test_a_corrected_invoice_has_a_number_of_its_own_and_names_the_one_it_replaces(paid, ben, now):
    first = issue_invoice(paid.pk, by=ben, now=now)
    assert correct_invoice(paid.pk, by=ben, now=now) == first
    save_billing_details(ben, **DETAILS, now=now)
    second = correct_invoice(paid.pk, by=ben, now=now)
    assert (second.name, second.title, second.refers_to) == ("INV-000002", "Corrected invoice", first.name)
    assert second.content == {
        **first.content, "buyer": second.content["buyer"], "refers_to": first.name
    }  # fmt: skip
    assert second.content["buyer"]["name"] == "Ito & Co"
    assert correct_invoice(paid.pk, by=ben, now=now) == second
    assert issue_invoice(paid.pk, by=ben, now=now) == second
    assert list(Paper.objects.in_force()) == [second]


def test_nothing_is_corrected_before_it_is_issued(paid, ben, now):
    with pytest.raises(NotFoundError):
        correct_invoice(paid.pk, by=ben, now=now)


def test_what_was_not_paid_and_what_cost_nothing_has_no_invoice(make_order, ben, now):
    unpaid = make_order()
    free = make_order(0, subject="booking:99999999-2222-3333-4444-555555555555")
    for order in (unpaid, free):
        with pytest.raises(NothingPaidError):
            issue_invoice(order.pk, by=ben, now=now)
    assert names() == []


def test_balance_and_card_are_told_apart(stripe, make_order, open_page, ben, now):
    compensate(ben, 1000, currency="usd", source="booking:1", now=now)
    order = make_order()
    stripe.pay(open_page(order))
    stripe.work()
    paper = issue_invoice(order.pk, by=ben, now=now)
    assert paper.content["means"] == [["Visa ending 4242", 11000], ["balance", 1000]]
    back(order, 100, now)
    outbox.drain(order.subject, now=now)
    note = Paper.objects.get(kind=PaperKind.CREDIT_NOTE)
    assert note.content["means"] == [["Visa ending 4242", 11000], ["balance", 1000]]


def test_a_refund_of_an_invoiced_order_gets_a_credit_note_once(stripe, paid, ben, now):
    invoice = issue_invoice(paid.pk, by=ben, now=now)
    refund = back(paid, 50, now)
    assert names() == ["INV-000001"]
    outbox.drain(paid.subject, now=now)
    assert names() == ["INV-000001", "CN-000001"]
    note = Paper.objects.get(refund=refund)
    assert (note.title, note.refers_to, note.content["total"]) == ("Credit note", invoice.name, 6000)
    assert note.content["buyer"] == invoice.content["buyer"]
    assert issue_credit_note(refund.pk, now=now) == note
    assert len(names()) == 2


def test_without_an_invoice_there_is_nothing_to_credit(stripe, paid, now):
    refund = back(paid, 50, now)
    outbox.drain(paid.subject, now=now)
    assert issue_credit_note(refund.pk, now=now) is None
    assert names() == []


def test_what_went_back_before_the_invoice_is_credited_with_it(stripe, paid, ben, now):
    back(paid, 50, now)
    back(paid, 100, now)
    issue_invoice(paid.pk, by=ben, now=now)
    assert names() == ["INV-000001", "CN-000001", "CN-000002"]
    credited = [paper.content["total"] for paper in Paper.objects.filter(kind=PaperKind.CREDIT_NOTE)]
    assert credited == [6000, 6000]


def test_a_surplus_payment_is_on_no_paper(stripe, paid, ben, payee, now):
    issue_invoice(paid.pk, by=ben, now=now)
    with transaction.atomic():
        refund = give_back_surplus(paid.checkouts.get(), now=now)
    assert issue_credit_note(refund.pk, now=now) is None


def test_each_refund_takes_its_part_of_the_tax_and_all_of_them_take_all(
    stripe, make_order, open_page, settings, ben, now
):
    settings.TAX_MODE = "stripe"
    order = make_order(9999)
    stripe.pay(open_page(order), country="de")
    stripe.work()
    invoice = issue_invoice(order.pk, by=ben, now=now)
    for percent in (33, 66, 100):
        back(order, percent, now)
        outbox.drain(order.subject, now=now)
    notes = Paper.objects.filter(kind=PaperKind.CREDIT_NOTE).order_by("pk")
    taken = [paper.content["tax"] for paper in notes]
    assert len(taken) == 3
    assert all(taken)
    assert sum(taken) == invoice.content["tax"] == line_of(order).tax


def test_every_line_of_a_series_is_an_item_and_its_sum_is_what_was_paid(
    stripe, make_order, open_page, payee, ben, now
):
    lines = [
        NewLine("session", f"booking:{n}", amount, payee.pk, 2000) for n, amount in ((1, 3333), (2, 5000))
    ]
    order = make_order(lines=lines, subject="series:1")
    stripe.pay(open_page(order))
    stripe.work()
    content = issue_invoice(order.pk, by=ben, now=now).content
    assert [item["amount"] for item in content["lines"]] == [3333, 5000]
    assert content["total"] == 8333


def test_the_database_lets_no_second_first_invoice_in(paid, ben, now):
    first = issue_invoice(paid.pk, by=ben, now=now)
    with pytest.raises(IntegrityError), transaction.atomic():
        Paper.objects.create(
            order=paid, kind=PaperKind.INVOICE, number=7, content=first.content, issued_at=now
        )


def test_the_database_changes_and_deletes_no_paper(paid, ben, now):
    paper = issue_invoice(paid.pk, by=ben, now=now)
    with pytest.raises(IntegrityError), transaction.atomic():
        Paper.objects.filter(pk=paper.pk).update(content={})
    with pytest.raises(IntegrityError), transaction.atomic():
        Paper.objects.filter(pk=paper.pk).delete()


@pytest.mark.backend
@pytest.mark.django_db(transaction=True)
def test_two_at_once_have_one_invoice_and_one_number(stripe, paid, ben, now):
    together, issued = threading.Barrier(4), []

    def ask():
        together.wait()
        issued.append(issue_invoice(paid.pk, by=ben, now=now).name)
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert issued == ["INV-000001"] * 4
    assert names() == ["INV-000001"]


def test_billing_details_are_replaced_as_a_whole(ben, now):
    save_billing_details(ben, **DETAILS, now=now)
    save_billing_details(ben, company="", address="", tax_id="", now=now)
    details = billing_details_of(ben)
    assert (details.company, details.address, details.tax_id) == ("", "", "")
