"""The hosted pages, as a browser without JavaScript uses them."""

from __future__ import annotations

import html
import re
from urllib.parse import urlencode

import pytest

from stripe_emulator.http import Request

CARD = {
    "number": "4242 4242 4242 4242",
    "expiry": "12/34",
    "cvc": "123",
    "email": "ben@demo.test",
    "name": "Ben",
}


def get(shop, target):
    return shop.emulator.handle(Request("GET", target, {"Host": "127.0.0.1:12111"}))


def post(shop, target, form, **headers):
    own = {"Host": "127.0.0.1:12111", "Origin": "http://127.0.0.1:12111"} | headers
    return shop.emulator.handle(Request("POST", target, own, urlencode(form).encode()))


def text(response):
    return html.unescape(re.sub(r"<[^>]+>", " ", response.body.decode()))


def path(url):
    return "/" + url.split("/", 3)[3]


def test_the_checkout_page_shows_what_is_bought_and_every_test_card(shop):
    session = shop.session(customer_email="ben@demo.test")

    page = get(shop, path(session.url))

    assert page.status == 200
    shown = text(page)
    assert "Simulated payments" in shown
    assert "A session" in shown
    assert shown.count("$120.00") == 5  # title, heading, line, total, button
    assert "4000 0025 0000 3155" in page.body.decode()
    assert 'value="ben@demo.test" readonly' in page.body.decode()


def test_paying_leads_to_the_success_address(shop):
    session = shop.session()

    done = post(shop, f"/c/pay/{session.id}", CARD)

    assert (done.status, done.headers["Location"]) == (303, f"http://shop.test/done?session={session.id}")
    paid = shop.stripe.v1.checkout.sessions.retrieve(session.id)
    assert (paid.payment_status, paid.customer_details.email) == ("paid", "ben@demo.test")


@pytest.mark.parametrize(
    ("change", "message", "field"),
    [
        ({"number": "4000 0000 0000 0002"}, "Your card was declined.", "number"),
        ({"number": "4000 0000 0000 9995"}, "insufficient funds", "number"),
        ({"number": "1"}, "card number is incorrect", "number"),
        ({"expiry": "soon"}, "expiration month is invalid", "expiry"),
        ({"expiry": "01/20"}, "expiration year is invalid", "expiry"),
        ({"cvc": "1"}, "security code is invalid", "cvc"),
    ],
)
def test_a_card_error_is_shown_in_the_form_and_the_session_stays_open(shop, change, message, field):
    session = shop.session()

    page = post(shop, f"/c/pay/{session.id}", CARD | change)

    assert page.status == 402
    assert message in text(page)
    assert re.search(rf'id="{field}"[^>]*aria-invalid="true"', page.body.decode())
    assert shop.stripe.v1.checkout.sessions.retrieve(session.id).status == "open"


@pytest.mark.parametrize("outcome", ["complete", "fail"])
def test_3d_secure_is_a_step_of_its_own(shop, outcome):
    session = shop.session()
    step = post(shop, f"/c/pay/{session.id}", CARD | {"number": "4000002760003184"})
    assert step.status == 303
    assert "Complete authentication" in text(get(shop, step.headers["Location"]))

    done = post(shop, step.headers["Location"], {"outcome": outcome})

    if outcome == "complete":
        assert done.headers["Location"] == f"http://shop.test/done?session={session.id}"
    else:
        assert "could not confirm" in text(get(shop, done.headers["Location"]))
        assert shop.stripe.v1.checkout.sessions.retrieve(session.id).status == "open"


def test_paid_and_expired_sessions_say_so_and_lead_on(shop):
    paid, expired = shop.session(), shop.session()
    shop.pay(paid)
    shop.stripe.v1.checkout.sessions.expire(expired.id)

    for session, said, leads_to in (
        (paid, "Already paid", f"http://shop.test/done?session={paid.id}"),
        (expired, "has expired", "http://shop.test/back"),
    ):
        for page in (get(shop, f"/c/pay/{session.id}"), post(shop, f"/c/pay/{session.id}", CARD)):
            assert said in text(page)
            assert leads_to in page.body.decode()


def test_nothing_to_pay_needs_no_card(shop):
    session = shop.session(0)
    assert "Nothing to pay" in text(get(shop, f"/c/pay/{session.id}"))

    assert post(shop, f"/c/pay/{session.id}", {"email": "ben@demo.test"}).status == 303


def test_a_card_of_the_list_fills_in_the_form(shop):
    session = shop.session()

    page = get(shop, f"/c/pay/{session.id}?card=378282246310005")

    assert 'value="3782 8224 6310 005"' in page.body.decode()
    assert 'name="cvc" inputmode="numeric" value="1234"' in page.body.decode()


def test_text_of_others_is_escaped(shop):
    evil = '"><script>alert(1)</script>'
    item = {
        "price_data": {"currency": "usd", "unit_amount": 5000, "product_data": {"name": evil}},
        "quantity": 1,
    }
    session = shop.session(line_items=[item])

    for page in (
        get(shop, f"/c/pay/{session.id}"),
        post(shop, f"/c/pay/{session.id}", CARD | {"number": evil}),
    ):
        assert b"<script" not in page.body


def test_no_page_runs_scripts_and_forms_may_lead_only_where_they_should(shop):
    session = shop.session()

    policy = get(shop, f"/c/pay/{session.id}").headers["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "style-src 'self'" in policy
    assert policy.endswith("form-action 'self' http://shop.test")


def test_a_form_of_another_site_is_refused(shop):
    session = shop.session()

    refused = post(shop, f"/c/pay/{session.id}", CARD, Origin="http://evil.test")

    assert refused.status == 403
    assert shop.stripe.v1.checkout.sessions.retrieve(session.id).status == "open"


def test_a_browser_on_another_site_cannot_work_the_controls(shop):
    own = {"Host": "127.0.0.1:12111", "Origin": "http://127.0.0.1:12111"}
    reset = "/_emulator/reset"

    assert shop.emulator.handle(Request("POST", reset, own | {"Origin": "http://evil.test"})).status == 403
    assert shop.emulator.handle(Request("POST", reset, own)).status == 200


def link_of(shop, account):
    use_case = {"refresh_url": "http://shop.test/again", "return_url": "http://shop.test/welcome"}
    link = shop.stripe.v2.core.account_links.create(
        {"account": account, "use_case": {"type": "account_onboarding", "account_onboarding": use_case}}
    )
    return path(link.url)


def fields(page):
    found = re.findall(r'name="(\w+)"[^>]*? value="([^"]*)"', page.body.decode())
    return {name: html.unescape(value) for name, value in found if name != "outcome"}


def status_of(shop, account):
    seen = shop.stripe.v2.core.accounts.retrieve(account, {"include": ["configuration.recipient"]})
    return seen.configuration.recipient.capabilities.stripe_balance.stripe_transfers.status


@pytest.mark.parametrize(
    ("change", "outcome", "status"),
    [
        ({}, "complete", "active"),
        ({"date_of_birth": "1990-05-05"}, "complete", "restricted"),
        ({"date_of_birth": "1900-01-01"}, "complete", "rejected"),
        ({"line1": "address_no_match"}, "complete", "restricted"),
        ({"id_number": "111111111"}, "complete", "restricted"),
        ({}, "partial", "restricted"),
        ({}, "rejected", "rejected"),
    ],
)
def test_onboarding_ends_by_what_was_entered(hooked, change, outcome, status):
    ada = hooked.coach(outcome=None)
    link = link_of(hooked, ada)
    form = fields(get(hooked, link))

    done = post(hooked, link, form | change | {"outcome": outcome})

    assert (done.status, done.headers["Location"]) == (303, "http://shop.test/welcome")
    assert status_of(hooked, ada) == status
    hooked.emulator.deliver_pending()
    assert hooked.inbox.types()[-1] == "v2.core.account_link.returned"


def test_verification_may_take_a_minute(shop):
    ada = shop.coach(outcome=None)
    link = link_of(shop, ada)
    form = fields(get(shop, link))
    post(shop, link, form | {"date_of_birth": "1901-01-01", "outcome": "complete"})
    assert status_of(shop, ada) == "pending"

    shop.advance(minutes=1)

    assert status_of(shop, ada) == "active"


def test_an_account_link_is_good_once_and_for_ten_minutes(shop):
    ada = shop.coach(outcome=None)
    first, second = link_of(shop, ada), link_of(shop, ada)
    assert get(shop, first).status == 200

    again = get(shop, first)
    shop.advance(minutes=10)
    late = get(shop, second)

    for page in (again, late):
        assert (page.status, page.headers["Location"]) == (303, "http://shop.test/again")


@pytest.mark.parametrize(
    "change", [{"surname": ""}, {"date_of_birth": "yesterday"}, {"account_number": "abc"}]
)
def test_an_incomplete_onboarding_form_is_shown_again_with_what_was_entered(shop, change):
    ada = shop.coach(outcome=None)
    link = link_of(shop, ada)
    form = fields(get(shop, link)) | {"given_name": "Ada"} | change

    page = post(shop, link, form | {"outcome": "complete"})

    assert page.status == 400
    assert 'role="alert"' in page.body.decode()
    assert fields(page)["given_name"] == "Ada"
    assert status_of(shop, ada) == "restricted"


def test_the_express_dashboard_shows_balance_and_payouts(shop):
    ada = shop.coach()
    shop.transfer(shop.charge(), ada, 9600)
    shop.set_clock("2026-12-02T00:00:00Z")
    shop.transfer(shop.charge(), ada, 1234)
    link = shop.stripe.v1.accounts.login_links.create(ada)

    shown = text(get(shop, path(link.url)))

    assert "$12.34" in shown
    assert re.search(r"\$96\.00\s+paid\s+Wed 02 Dec 2026", shown)


def test_a_bank_account_is_changed_on_the_express_dashboard(shop):
    ada = shop.coach()
    page = path(shop.stripe.v1.accounts.login_links.create(ada).url)
    numbers = {"routing_number": "110000000", "account_number": "000111111113"}

    assert post(shop, page, numbers | {"account_number": "none"}).status == 400
    assert post(shop, page, numbers).status == 303

    assert "···· 1113" in text(get(shop, page))
    banks = shop.stripe.v1.accounts.external_accounts.list(ada).data
    assert [(bank.last4, bank.default_for_currency) for bank in banks] == [("1113", True), ("6789", False)]
    shop.stripe.v2.core.accounts.close(ada, {})
    assert post(shop, page, numbers).status == 400


def test_the_control_page_shows_everything_and_its_forms_work(hooked):
    hooked.charge()
    hooked.emulator.deliver_pending()
    shown = text(get(hooked, "/"))
    for expected in ("checkout.session", "v1.charge.succeeded", "delivered", "http://shop.test/hook"):
        assert expected in shown

    delivery = hooked.control("GET", "deliveries")["data"][0]["id"]
    assert post(hooked, f"/control/replay/{delivery}", {}).status == 303
    assert len(hooked.inbox.received) == 5
    assert post(hooked, "/control/faults", {"kind": "reset", "match": "*", "times": "2"}).status == 303
    assert "0 of 2" in text(get(hooked, "/"))
    assert post(hooked, "/control/faults", {"kind": "reset", "match": "*", "times": "x"}).status == 400
    assert post(hooked, "/control/faults/clear", {}).status == 303
    assert post(hooked, "/control/clock", {"advance": "0"}).status == 303
    assert '"id": "ch_' in html.unescape(get(hooked, "/objects/charge").body.decode())
    assert post(hooked, "/control/reset", {}).status == 303
    assert hooked.stripe.v1.charges.list().data == []


@pytest.mark.parametrize(
    "target", ["/nothing", "/c/pay/cs_nothing", "/3ds/pi_nothing", "/onboarding/x", "/express/x"]
)
def test_pages_that_do_not_exist_say_so(shop, target):
    page = get(shop, target)

    assert page.status == 404
    assert "<h1>" in page.body.decode()


def test_the_style_sheet_and_the_icon_are_served(shop):
    assert b"light-dark(" in get(shop, "/static/emulator.css").body
    assert get(shop, "/static/icon.svg").headers["Content-Type"] == "image/svg+xml"
