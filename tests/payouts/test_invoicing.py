"""Self-billing: an invoice for each payout that arrived, numbers without gaps, nothing ever rewritten."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, connections, transaction

from core.audit import trail
from core.periodic import JOBS
from payouts.domain import invoicing
from payouts.domain.invoicing import cancel_invoice, invoice_payouts, issue_invoice
from payouts.domain.printing import printed_invoice
from payouts.domain.tax_profiles import save_tax_profile
from payouts.models import PayoutInvoice, TaxProfile
from payouts.queries.invoices import invoices_of, waiting_for_tax_profile
from payouts.queries.words import DESCRIBERS

pytestmark = pytest.mark.django_db

WHO = {
    "country": "GB",
    "name": "Ada Okafor Ltd",
    "street": "1 High Street",
    "extra": "",
    "postcode": "N1 9GU",
    "city": "London",
    "region": "",
    "tax_id": "GB123456789",
}


@pytest.fixture
def profile(payee, now):
    return save_tax_profile(payee, WHO, by=payee.user, now=now)


@pytest.fixture
def pay_out(payee, now):
    """``pay_out(9600)``: a payout that arrived, with one line; ``lines`` name others."""
    return lambda amount, **given: make_payout(payee, now, amount, **given)


def make_payout(payee, now, amount, *, state="paid", lines=None, **fields):
    count = payee.payouts.count() + 1
    at = now + timedelta(days=7 * count)
    payout = payee.payouts.create(
        stripe_id=f"po_{payee.pk}_{count}",
        amount=amount,
        currency="usd",
        state=state,
        made_at=at,
        arrives_on=at.date(),
        paid_at=at if state == "paid" else None,
        **fields,
    )
    for number, line in enumerate(lines or [{"kind": "payment", "amount": amount}]):
        payout.lines.create(stripe_id=f"txn_{payee.pk}_{count}_{number}", **line)
    return payout


def numbers(payee):
    return list(PayoutInvoice.objects.filter(payee=payee).order_by("number").values_list("number", flat=True))


def test_a_payout_that_arrived_is_invoiced_once(pay_out, profile, payee, now, settings):
    payout = pay_out(9600)

    assert (invoice_payouts(now), invoice_payouts(now), issue_invoice(payout.pk, now=now)) == (1, 0, None)

    invoice = PayoutInvoice.objects.get()
    assert (invoice.payout, invoice.kind, invoice.total, invoice.label) == (
        payout,
        "invoice",
        9600,
        f"{payee.pk:05d}-0001",
    )
    assert invoice.snapshot["supplier"] == WHO
    assert invoice.snapshot["customer"]["name"] == settings.COMPANY_NAME
    assert invoice.snapshot["lines"] == [{"what": "Payment", "amount": 9600}]


def test_a_payout_on_its_way_or_of_unknown_parts_waits(pay_out, profile, now):
    pay_out(9600, state="in_transit")
    pay_out(4800).lines.all().delete()

    assert invoice_payouts(now) == 0


def test_without_tax_details_payouts_wait_for_their_invoices(pay_out, payee, now):
    pay_out(9600)
    pay_out(4800)
    assert (invoice_payouts(now), waiting_for_tax_profile(payee)) == (0, 2)

    save_tax_profile(payee, WHO, by=payee.user, now=now)

    assert (invoice_payouts(now), waiting_for_tax_profile(payee), numbers(payee)) == (2, 0, [1, 2])


def test_what_is_said_later_changes_no_earlier_invoice(pay_out, profile, payee, now):
    pay_out(9600)
    invoice_payouts(now)
    before = printed_invoice(PayoutInvoice.objects.get())

    save_tax_profile(payee, {**WHO, "name": "Somebody Else"}, by=payee.user, now=now)
    pay_out(4800)
    invoice_payouts(now)

    first, second = PayoutInvoice.objects.order_by("number")
    assert printed_invoice(first) == before
    assert (first.snapshot["supplier"]["name"], second.snapshot["supplier"]["name"]) == (
        "Ada Okafor Ltd",
        "Somebody Else",
    )


def test_a_payout_that_came_back_gets_a_cancellation_with_the_next_number(pay_out, profile, payee, now):
    payout = pay_out(9600)
    invoice_payouts(now)
    payout.state, payout.failure = "failed", "The bank account has been closed."
    payout.save()

    assert (invoice_payouts(now), invoice_payouts(now)) == (1, 0)

    cancellation, invoice = invoices_of(payee)
    assert (cancellation.kind, cancellation.number, cancellation.cancels) == ("cancellation", 2, invoice)
    assert (cancellation.total, cancellation.snapshot["cancels"]) == (-9600, invoice.label)
    assert cancellation.snapshot["reason"] == "The bank account has been closed."
    assert printed_invoice(cancellation).startswith(b"%PDF")


def test_an_invoice_of_a_payout_that_stands_is_not_cancelled(pay_out, profile, now):
    pay_out(9600)
    invoice_payouts(now)
    assert cancel_invoice(PayoutInvoice.objects.get().pk, now=now) is None


def test_a_payout_that_never_arrived_is_never_invoiced(pay_out, profile, now):
    pay_out(9600, state="failed")
    assert invoice_payouts(now) == 0


def test_money_that_came_back_is_invoiced_by_what_it_was_for(pay_out, profile, now):
    first = pay_out(9600, state="failed", lines=[
        {"kind": "payment", "amount": 10000}, {"kind": "payment_refund", "amount": -400}
    ])  # fmt: skip
    lines = [
        {"kind": "payout_failure", "amount": 9600, "returned": first},
        {"kind": "payment", "amount": 4800},
    ]
    second = pay_out(14400, lines=lines)

    invoice = issue_invoice(second.pk, now=now)

    assert invoice.snapshot["lines"] == [
        {"what": "Payment", "amount": 10000},
        {"what": "Taken back", "amount": -400},
        {"what": "Payment", "amount": 4800},
    ]
    assert invoice.total == second.amount


def test_the_database_lets_nobody_rewrite_or_delete_one(pay_out, profile, now):
    pay_out(9600)
    invoice_payouts(now)
    for act in (
        lambda: PayoutInvoice.objects.update(total=1),
        lambda: PayoutInvoice.objects.all()._raw_delete("default"),
    ):
        with pytest.raises(IntegrityError, match="stays as it was issued"), transaction.atomic():
            act()


def test_a_crash_leaves_no_gap(pay_out, profile, payee, now, monkeypatch):
    pay_out(9600)
    pay_out(4800)
    snapshots = iter([ValueError, None])

    def written(*args, **kwargs):
        if error := next(snapshots):
            invoicing.next_number(f"self-billing:{payee.pk}")
            raise error
        return real(*args, **kwargs)

    real = invoicing._write
    monkeypatch.setattr(invoicing, "_write", written)
    assert invoice_payouts(now) == 1
    monkeypatch.undo()

    assert (invoice_payouts(now), numbers(payee)) == (1, [1, 2])


def test_the_job_writes_them(pay_out, profile, now):
    pay_out(9600)
    assert [JOBS["invoice_payouts"].run(now) for _ in range(2)] == [1, 0]


def test_a_profile_is_audited_by_the_names_of_what_changed(payee, now):
    profile = save_tax_profile(payee, WHO, by=payee.user, now=now)
    same = save_tax_profile(payee, WHO, by=payee.user, now=now + timedelta(days=1))
    save_tax_profile(payee, {**WHO, "city": "Leeds"}, by=payee.user, now=now + timedelta(days=2))

    assert same.changed_at == now
    assert TaxProfile.objects.get().agreed_at == now
    lines = [(line.by, line.reason) for line in trail(profile)]
    assert lines == [(payee.user, "country, name, street, postcode, city, tax_id"), (payee.user, "city")]


@pytest.mark.django_db(transaction=True)
def test_two_workers_leave_neither_a_gap_nor_a_double(payee, profile, now):
    for amount in range(100, 1100, 100):
        make_payout(payee, now, amount)

    def work(_):
        try:
            return invoice_payouts(now)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as workers:
        written = list(workers.map(work, range(4)))

    assert (sum(written), numbers(payee)) == (10, list(range(1, 11)))
    assert connection.is_usable()


def test_words_come_from_who_owns_the_noun(pay_out, profile, payee, now, monkeypatch):
    monkeypatch.setitem(DESCRIBERS, "test", lambda sources: dict.fromkeys(sources, "A thing"))
    share = payee.shares.create(source="test:1", currency="usd", amount=9600, opened_at=now)
    release = share.releases.create(number=1, planned_at=now)
    transfer = release.transfers.create(amount=9600, stripe_id="tr_1", transferred_at=now)
    lines = [
        {"kind": "payment", "amount": 9600, "transfer": transfer},
        {"kind": "payment_refund", "amount": -600, "transfer": transfer},
    ]

    invoice = issue_invoice(pay_out(9000, lines=lines).pk, now=now)

    assert [line["what"] for line in invoice.snapshot["lines"]] == ["A thing", "A thing, taken back"]
