from __future__ import annotations

import pytest
import stripe

from .billing import DAY
from .test_pages import get, path, post, text

FORM = {"number": "4242 4242 4242 4242", "expiry": "12/34", "cvc": "123", "name": "Uma"}


def item(shop, customer, amount=5000, **more):
    given = {"customer": customer.id, "amount": amount, "currency": "usd", "description": "Seats", **more}
    return shop.stripe.v1.invoice_items.create(given)


def draft(shop, customer, **more):
    given = {"customer": customer.id, "pending_invoice_items_behavior": "include"}
    return shop.stripe.v1.invoices.create(given | more)


def sent(shop, amount=5000, **more):
    """An invoice that Uma was sent, due in thirty days."""
    uma = shop.customer(None, name="Uma")
    item(shop, uma, amount)
    made = draft(shop, uma, collection_method="send_invoice", days_until_due=30, **more)
    return shop.stripe.v1.invoices.send_invoice(made.id)


def now(shop, invoice):
    return shop.stripe.v1.invoices.retrieve(invoice.id)


def test_a_draft_takes_what_waits_for_it(shop):
    ben, cleo = shop.customer(), shop.customer()
    his = item(shop, ben)
    item(shop, cleo, 700)

    made = draft(shop, ben, description="Autumn", metadata={"licence": "7"})

    assert (made.status, made.total, made.amount_due, made.number) == ("draft", 5000, 5000, None)
    assert (made.billing_reason, made.hosted_invoice_url) == ("manual", None)
    [line] = made.lines.data
    assert (line.description, line.amount) == ("Seats", 5000)
    assert line.parent.invoice_item_details.invoice_item == his.id
    assert [entry.amount for entry in shop.stripe.v1.invoice_items.list({"pending": True}).data] == [700]
    assert draft(shop, ben).total == 0
    item(shop, ben, 100)
    assert shop.stripe.v1.invoices.create({"customer": ben.id}).total == 0


def test_items_may_be_put_on_a_draft_changed_and_taken_off(shop):
    ben = shop.customer()
    made = draft(shop, ben)
    seats = shop.stripe.v1.invoice_items.create(
        {
            "customer": ben.id,
            "invoice": made.id,
            "pricing": {"price": shop.price(900, None).id},
            "quantity": 3,
        }
    )
    other = item(shop, ben, 100, invoice=made.id)
    assert now(shop, made).total == 2800

    shop.stripe.v1.invoice_items.update(seats.id, {"quantity": 2})
    shop.stripe.v1.invoice_items.update(other.id, {"amount": 300, "description": "Set-up"})
    assert now(shop, made).total == 2100
    assert {line.description for line in shop.stripe.v1.invoices.line_items.list(made.id).data} == {
        "Membership",
        "Set-up",
    }
    shop.stripe.v1.invoice_items.delete(other.id)

    assert now(shop, made).total == 1800
    shop.stripe.v1.invoices.finalize_invoice(made.id)
    with pytest.raises(stripe.InvalidRequestError):
        shop.stripe.v1.invoice_items.delete(seats.id)
    with pytest.raises(stripe.InvalidRequestError):
        item(shop, ben, invoice=made.id)


def test_long_invoices_show_ten_lines_and_list_them_all(shop):
    ben = shop.customer()
    for number in range(12):
        item(shop, ben, 100 + number)
    made = draft(shop, ben)

    assert (len(made.lines.data), made.lines.has_more) == (10, True)
    first = shop.stripe.v1.invoices.line_items.list(made.id, {"limit": 8})
    rest = shop.stripe.v1.invoices.line_items.list(made.id, {"starting_after": first.data[-1].id})
    assert [line.amount for line in [*first.data, *rest.data]] == [100 + number for number in range(12)]
    assert rest.has_more is False
    back = shop.stripe.v1.invoices.line_items.list(made.id, {"ending_before": rest.data[0].id, "limit": 3})
    assert [line.amount for line in back.data] == [105, 106, 107]


def test_finalizing_names_it_and_makes_it_due(shop):
    ben = shop.customer()
    item(shop, ben)

    made = shop.stripe.v1.invoices.finalize_invoice(draft(shop, ben).id)

    prefix = shop.stripe.v1.customers.retrieve(ben.id).invoice_prefix
    assert (made.status, made.number) == ("open", f"{prefix}-0001")
    assert made.hosted_invoice_url == f"http://127.0.0.1:12111/i/{made.id}"
    assert made.status_transitions.finalized_at == shop.now()
    with pytest.raises(stripe.InvalidRequestError, match="already finalized"):
        shop.stripe.v1.invoices.finalize_invoice(made.id)
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        shop.stripe.v1.invoices.update(made.id, {"collection_method": "send_invoice", "days_until_due": 3})
    assert refusal.value.code == "invoice_not_editable"
    assert shop.stripe.v1.invoices.update(made.id, {"metadata": {"a": "1"}}).metadata["a"] == "1"


def test_paying_books_the_money_like_any_payment(shop):
    ben = shop.customer()
    item(shop, ben)

    paid = shop.stripe.v1.invoices.pay(draft(shop, ben).id)

    assert (paid.status, paid.amount_paid, paid.amount_remaining) == ("paid", 5000, 0)
    [payment] = shop.stripe.v1.invoice_payments.list({"invoice": paid.id}).data
    intent = shop.stripe.v1.payment_intents.retrieve(
        payment.payment.payment_intent, {"expand": ["latest_charge.balance_transaction"]}
    )
    assert (payment.status, payment.amount_paid, intent.customer) == ("paid", 5000, ben.id)
    assert intent.latest_charge.balance_transaction.net == 5000 - 175
    assert shop.totals() == (0, 5000 - 175)
    shown = shop.stripe.v1.invoices.retrieve(paid.id, {"expand": ["payments.data.payment.payment_intent"]})
    assert shown.payments.data[0].payment.payment_intent.id == intent.id
    by_intent = {"payment": {"type": "payment_intent", "payment_intent": intent.id}}
    assert [entry.id for entry in shop.stripe.v1.invoice_payments.list(by_intent).data] == [payment.id]
    with pytest.raises(stripe.InvalidRequestError, match="already paid"):
        shop.stripe.v1.invoices.pay(paid.id)


def test_a_declined_payment_is_an_error_and_a_failed_attempt(shop):
    ben = shop.customer("pm_card_chargeCustomerFail")
    item(shop, ben)
    made = shop.stripe.v1.invoices.finalize_invoice(draft(shop, ben).id)

    with pytest.raises(stripe.CardError) as refusal:
        shop.stripe.v1.invoices.pay(made.id)

    assert refusal.value.code == "card_declined"
    after = now(shop, made)
    assert (after.status, after.attempted, after.attempt_count) == ("open", True, 1)
    assert after.next_payment_attempt is None
    assert shop.stripe.v1.customers.retrieve(ben.id).delinquent is True
    assert "invoice.payment_failed" in shop.events()
    assert shop.stripe.v1.invoices.pay(made.id, {"payment_method": "pm_card_visa"}).status == "paid"
    assert shop.stripe.v1.customers.retrieve(ben.id).delinquent is False


def test_a_card_that_wants_its_owner_is_said_so(shop):
    ben = shop.customer("pm_card_authenticationRequired")
    item(shop, ben)

    with pytest.raises(stripe.CardError) as refusal:
        shop.stripe.v1.invoices.pay(draft(shop, ben).id)

    assert refusal.value.code == "invoice_payment_intent_requires_action"
    assert shop.stripe.v1.invoices.list().data[0].status == "open"


def test_paid_elsewhere_moves_no_money_here(shop):
    made = sent(shop)

    paid = shop.stripe.v1.invoices.pay(made.id, {"paid_out_of_band": True})

    assert (paid.status, paid.amount_remaining, paid.amount_paid_off_stripe) == ("paid", 0, 5000)
    assert shop.totals() == (0, 0)
    assert shop.stripe.v1.payment_intents.list().data[0].status == "canceled"
    assert shop.stripe.v1.invoice_payments.list().data[0].status == "canceled"


def test_an_invoice_is_sent_and_paid_on_its_page(shop):
    made = sent(shop)
    url = path(made.hosted_invoice_url)
    assert (made.status, made.due_date) == ("open", shop.now() + 30 * DAY)
    assert shop.events()[-1] == "invoice.sent"
    shown = text(get(shop, url))
    assert "Due by  Thu 24 Dec 2026" in shown
    assert "$50.00" in shown

    declined = post(shop, url, FORM | {"number": "4000 0000 0000 0002"})
    assert (declined.status, now(shop, made).status) == (402, "open")
    assert "Your card was declined." in text(declined)
    done = post(shop, url, FORM)

    assert (done.status, done.headers["Location"]) == (303, url)
    assert now(shop, made).status == "paid"
    assert "Paid. Thank you." in text(get(shop, url))
    assert post(shop, url, FORM).status == 200
    assert shop.totals() == (0, 5000 - 175)
    assert get(shop, "/i/in_none").status == post(shop, "/i/in_none", FORM).status == 404


def test_3d_secure_comes_back_to_the_invoice(shop):
    made = sent(shop)
    url = path(made.hosted_invoice_url)

    asked = post(shop, url, FORM | {"number": "4000 0027 6000 3184"})
    assert asked.headers["Location"].startswith("/3ds/pi_")
    failed = post(shop, asked.headers["Location"], {"outcome": "fail"})
    assert "could not confirm" in text(get(shop, path(failed.headers["Location"])))
    post(shop, url, FORM | {"number": "4000 0027 6000 3184"})
    back = post(shop, asked.headers["Location"], {"outcome": "complete"})

    assert path(back.headers["Location"]).startswith(url)
    assert now(shop, made).status == "paid"


def test_an_unpaid_one_is_overdue_on_its_day(shop):
    made = sent(shop)

    shop.advance(days=30)

    assert shop.events().count("invoice.overdue") == 1
    assert now(shop, made).status == "open"


def test_voiding_is_final_and_writing_off_is_not(shop):
    first, second = sent(shop), sent(shop)
    invoices = shop.stripe.v1.invoices

    voided, written_off = invoices.void_invoice(first.id), invoices.mark_uncollectible(second.id)

    assert (voided.status, voided.status_transitions.voided_at) == ("void", shop.now())
    assert (written_off.status, written_off.status_details.uncollectible.reason) == (
        "uncollectible",
        "user_forgiven",
    )
    assert "written off" in text(get(shop, path(second.hosted_invoice_url)))
    for refused in (invoices.pay, invoices.void_invoice, invoices.mark_uncollectible):
        with pytest.raises(stripe.InvalidRequestError):
            refused(first.id)
    assert invoices.pay(second.id, {"payment_method": "pm_card_visa"}).status == "paid"
    assert shop.stripe.v1.payment_intents.list().data[1].status == "canceled"


def test_a_draft_can_be_deleted_and_gives_its_items_back(shop):
    ben = shop.customer()
    item(shop, ben)
    made = draft(shop, ben)

    assert shop.stripe.v1.invoices.delete(made.id).deleted is True

    assert draft(shop, ben).total == 5000
    with pytest.raises(stripe.InvalidRequestError):
        shop.stripe.v1.invoices.delete(shop.latest_invoice(shop.subscribe(ben)).id)
    with pytest.raises(stripe.InvalidRequestError):
        shop.stripe.v1.invoices.void_invoice(draft(shop, ben).id)


def test_with_auto_advance_it_goes_its_way_after_an_hour(shop):
    ben = shop.customer()
    item(shop, ben)
    made = draft(shop, ben, auto_advance=True)
    assert made.automatically_finalizes_at == shop.now() + 3600

    shop.advance(minutes=59)
    assert now(shop, made).status == "draft"
    shop.advance(minutes=1)

    assert now(shop, made).status == "paid"


def test_without_it_nothing_happens_by_itself(shop):
    ben = shop.customer()
    item(shop, ben)
    made, stopped = draft(shop, ben), draft(shop, ben, auto_advance=True)
    shop.stripe.v1.invoices.update(stopped.id, {"auto_advance": False})

    shop.advance(days=3)

    assert (now(shop, made).status, now(shop, stopped).status) == ("draft", "draft")


def test_a_customers_balance_pays_first_and_comes_back_when_voided(shop):
    uma = shop.customer(None, balance=-2000)
    item(shop, uma)
    given = {"collection_method": "send_invoice", "days_until_due": 30}
    made = shop.stripe.v1.invoices.send_invoice(draft(shop, uma, **given).id)

    assert (made.total, made.amount_due, made.starting_balance, made.ending_balance) == (5000, 3000, -2000, 0)
    assert "Balance of earlier invoices" in text(get(shop, path(made.hosted_invoice_url)))
    assert shop.stripe.v1.customers.retrieve(uma.id).balance == 0
    shop.stripe.v1.invoices.void_invoice(made.id)

    assert shop.stripe.v1.customers.retrieve(uma.id).balance == -2000


def test_what_is_too_little_to_charge_is_added_to_the_next_invoice(shop):
    ben = shop.customer()
    item(shop, ben, 20)

    small = shop.stripe.v1.invoices.pay(draft(shop, ben).id)
    item(shop, ben, 1000)
    next_one = shop.stripe.v1.invoices.pay(draft(shop, ben).id)

    assert (small.status, small.amount_due, small.ending_balance) == ("paid", 0, 20)
    assert (next_one.total, next_one.amount_paid) == (1000, 1020)


def test_discounts_lower_an_invoice_by_line(shop):
    ben, coupons = shop.customer(), shop.stripe.v1.coupons
    half, ten = coupons.create({"percent_off": 50}), coupons.create({"amount_off": 1000, "currency": "usd"})
    item(shop, ben, 3333)
    item(shop, ben, 1667)
    item(shop, ben, -500)

    made = draft(shop, ben, discounts=[{"coupon": half.id}, {"coupon": ten.id}])

    assert (made.subtotal, made.total) == (4500, 5000 - 2500 - 1000 - 500)
    assert [taken.amount for taken in made.total_discount_amounts] == [2500, 1000]
    per_line = [sum(taken.amount for taken in line.discount_amounts) for line in made.lines.data]
    assert (sum(per_line), per_line[2]) == (3500, 0)
    assert shop.stripe.v1.coupons.retrieve(half.id).times_redeemed == 1


def test_invoices_are_listed_by_customer_status_subscription_and_due_date(shop):
    first = sent(shop)
    made = shop.subscribe()

    def listed(**filters):
        return [entry.id for entry in shop.stripe.v1.invoices.list(filters).data]

    assert listed(status="open") == listed(customer=first.customer) == [first.id]
    assert listed(status="paid") == listed(subscription=made.id) == [made.latest_invoice]
    assert listed(due_date={"lte": first.due_date}) == [first.id]
    assert listed(due_date={"gt": first.due_date}) == []
    assert listed(collection_method="charge_automatically") == [made.latest_invoice]


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"collection_method": "send_invoice"}, "days_until_due"),
        ({"days_until_due": 3}, "due date"),
        ({"collection_method": "send_invoice", "due_date": 5}, "future"),
        ({"default_payment_method": "pm_none"}, "No such PaymentMethod"),
    ],
)
def test_an_invoice_that_cannot_be_is_refused(shop, change, complaint):
    with pytest.raises(stripe.InvalidRequestError, match=complaint):
        draft(shop, shop.customer(), **change)
    with pytest.raises(stripe.InvalidRequestError, match="No such customer"):
        shop.stripe.v1.invoices.create({"customer": "cus_none"})

    assert shop.stripe.v1.invoices.list().data == []


def test_an_invoice_is_paid_by_a_control_as_on_its_page(shop):
    first, second = sent(shop), sent(shop)

    status, error = shop.refused("POST", f"invoices/{first.id}/pay", card="4000000000000002")

    assert (status, error["code"]) == (402, "card_declined")
    assert shop.control("POST", f"invoices/{second.id}/pay", card="4000002760003184")["status"] == "paid"


def test_nobody_asks_a_deleted_customer_for_money(shop):
    ben, cleo, uma = shop.customer(), shop.customer(), shop.customer()
    for somebody in (ben, cleo, uma):
        item(shop, somebody)
    waiting, open_one = draft(shop, ben, auto_advance=True), draft(shop, cleo)
    made = shop.stripe.v1.invoices.finalize_invoice(open_one.id, {"auto_advance": True})
    for somebody in (ben, cleo, uma):
        shop.stripe.v1.customers.delete(somebody.id)

    shop.advance(days=2)

    assert (now(shop, waiting).status, now(shop, made).status) == ("draft", "open")
    for refused in (shop.stripe.v1.invoices.pay, shop.stripe.v1.invoices.finalize_invoice):
        with pytest.raises(stripe.InvalidRequestError, match="deleted"):
            refused(waiting.id)
    assert post(shop, path(made.hosted_invoice_url), FORM).status == 200
    assert shop.stripe.v1.invoices.void_invoice(made.id).status == "void"
    assert shop.stripe.v1.charges.list().data == []


def test_what_cannot_be_charged_stays_a_draft_with_the_reason(shop):
    ben = shop.customer()
    for _ in range(2):
        item(shop, ben, 99_999_999)
    made = draft(shop, ben, auto_advance=True)

    shop.advance(hours=1)

    after = now(shop, made)
    assert (after.status, after.auto_advance) == ("draft", False)
    assert after.last_finalization_error.code == "amount_too_large"
    assert shop.events()[-1] == "invoice.finalization_failed"
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        shop.stripe.v1.invoices.finalize_invoice(made.id)
    assert refusal.value.code == "amount_too_large"
