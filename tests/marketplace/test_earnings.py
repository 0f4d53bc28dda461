"""What a coach earned: the rows page by page, the sums and the weeks beside them."""

from __future__ import annotations

import csv
from datetime import timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import pytest

from accounts.models import User
from core.templatetags.formats import percent
from marketplace.domain.booking import Wish, book
from marketplace.models import Scorecard, Session
from marketplace.queries.earnings import earnings_summary
from marketplace.views.earnings import _exact, _harmless
from payments.domain.balances import compensate
from payments.domain.refunds import refund_percent
from payments.models import OrderLine
from payouts.domain.ledger import post
from payouts.models import Payee, Share
from payouts.rules import AccountKey, AccountKind
from tests.marketplace.cast import HOUR, NOW, TOMORROW
from tests.marketplace.many import sell_many

pytestmark = pytest.mark.django_db


@pytest.fixture
def sell(hour, ben):
    """Ben books Ada's hour so often, on four days of each week, and pays with his balance. Oldest first."""

    def sessions(number):
        compensate(ben, 12_000 * number, currency="usd", source="a test", now=NOW)
        return [one(each) for each in range(number)]

    def one(each):
        starts_at = TOMORROW + timedelta(weeks=each // 24, days=each % 4, hours=each % 24 // 4)
        wish = Wish(offer_id=hour.pk, starts_at=starts_at, timezone="UTC", answers={})
        return book(wish, candidate=ben, now=NOW + timedelta(minutes=each)).session

    return sessions


@pytest.fixture
def page(client, ada):
    client.force_login(ada.user)
    return lambda number=1: client.get("/desk/earnings/", {"page": number})


def test_a_page_has_its_own_rows_newest_first(sell, page):
    newest = [session.pk for session in reversed(sell(26))]
    shown = [[row.session.pk for row in page(number).context["rows"]] for number in (1, 2)]
    assert shown == [newest[:25], newest[25:]]


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_takes_as_many_questions_however_long(sell, page, number, django_assert_num_queries):
    sell(number)
    with django_assert_num_queries(10):
        assert len(page().context["rows"]) == number


def test_thousands_of_sessions_take_no_more_questions(hour, ben, page, client, django_assert_max_num_queries):
    sell_many(hour, ben, 2_000)

    with django_assert_max_num_queries(10):
        shown = page()
    assert (len(shown.context["rows"]), shown.context["page"].paginator.count) == (25, 2_000)
    with django_assert_max_num_queries(10):
        answer = client.get("/api/v1/me/earnings/").json()
    assert len(answer["lines"]) == 2_000
    in_places = sum(answer[name] for name in ("held", "frozen", "available", "in_transit", "paid"))
    assert in_places - answer["debt"] == sum(line["net"] for line in answer["lines"]) == 2_000 * 9_600


def test_the_weeks_say_what_is_out_and_what_is_not(sell, ada):
    first, *_ = sell(26)
    share = Share.objects.get(source=first.order.lines.get().share_source)
    Share.objects.filter(pk=share.pk).update(state="paid", released=share.amount)

    def weeks(now):
        payee = Payee.objects.get(user=ada.user)
        summary = earnings_summary(payee, zone=ZoneInfo("Europe/London"), now=now)
        return {row.label: row.values for row in summary.chart.rows}, summary.spoken

    before, spoken = weeks(NOW)
    assert (len(before), before["W45"], before["W44"]) == (12, ("$96", "0", "$2,208"), ("0", "0", "0"))
    assert spoken == (
        "$2,304 earned with sessions of the last twelve weeks, $96 paid or on its way, $2,208 held."
    )
    after, spoken = weeks(NOW + timedelta(weeks=1))
    assert (after["W45"], after["W46"]) == (("$96", "0", "$2,208"), ("0", "0", "$192"))
    assert spoken == (
        "$2,496 earned with sessions of the last twelve weeks, $96 paid or on its way, $2,400 held."
    )


def test_lines_are_chosen_by_state_and_month_each_with_its_count(hour, ben, page, client):
    sell_many(hour, ben, 600)
    newest, *_ = page().context["months"]
    assert newest[1:] == ("November 2026", page().context["months"][0][2])

    chosen = client.get("/desk/earnings/", {"state": "held", "month": newest[0]}).context
    rows, counts = chosen["rows"], {state: count for state, _, count, _ in chosen["states"]}

    assert {(row.share.state, row.session.booking.starts_at.month) for row in rows} == {("held", 11)}
    assert chosen["page"].paginator.count == counts["held"]
    assert {"paid": 360, "held": 60}.items() <= {
        state: count for state, _, count, _ in page().context["states"]
    }.items()
    assert sum(count for _, _, count in page().context["months"]) == 600


@pytest.mark.parametrize("nonsense", [{"state": "lost"}, {"month": "2026-13"}, {"month": "x", "page": "x"}])
def test_nonsense_chooses_everything(sell, page, client, nonsense):
    sell(1)
    page()
    assert len(client.get("/desk/earnings/", nonsense).context["rows"]) == 1


def read_csv(answer):
    return list(csv.DictReader(StringIO(b"".join(answer.streaming_content).decode())))


def test_the_csv_has_every_line_exactly_and_no_formula(sell, page, client, hour):
    [session] = sell(1)
    page()
    User.objects.filter(pk=session.booking.candidate_id).update(name='=HYPERLINK("https://bad.test")')

    answer = client.get("/desk/earnings.csv")
    [row] = read_csv(answer)

    assert row["candidate"] == '\'=HYPERLINK("https://bad.test")'
    assert (row["session"], row["gross"], row["fee"], row["net"]) == (
        str(session.pk),
        "120.00",
        "24.00",
        "96.00",
    )
    assert (row["state"], row["currency"], row["transfers"], row["payout"]) == ("held", "usd", "", "")
    assert answer["Cache-Control"] == "private, no-store"
    assert read_csv(client.get("/desk/earnings.csv", {"state": "paid"})) == []


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", " =1", "\t=1", "\r1"])
def test_what_a_spreadsheet_would_run_is_text(text):
    assert _harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["Ben", "", "1=1", "a-b"])
def test_what_is_harmless_stays_as_it_is(text):
    assert _harmless(text) == text


@pytest.mark.parametrize(("currency", "text"), [("usd", "0.05"), ("jpy", "5"), ("kwd", "0.005")])
def test_amounts_are_exact(currency, text):
    assert _exact(5, currency) == text


def test_a_line_is_explained_from_the_payment_on(sell, page, client, ada):
    [session] = sell(1)
    share = Share.objects.get()
    refund_percent(session.line_id, 50, reason="half", by=None, now=NOW + HOUR)

    page()
    shown = client.get(f"/desk/earnings/{share.pk}/").context["explained"]

    assert [(event.what, event.amount.minor, event.is_bad) for event in shown.events] == [
        ("Earned", 9600, False),
        ("Given back to the candidate", -4800, True),
    ]
    assert (shown.rate, shown.row.net.minor, shown.row.given_back.minor) == (
        percent(2_000),
        4800,
        6000,
    )
    assert shown.rate_reason == "The usual fee, fixed when the booking was confirmed."
    assert "set up" in shown.wait_reason


def test_why_a_share_waits(sell, page, client, ada):
    [session] = sell(1)
    Payee.objects.update(transfers="active")
    share, page = Share.objects.get(), page()

    def reason(**changed):
        Share.objects.update(**changed)
        return client.get(f"/desk/earnings/{share.pk}/").context["explained"].wait_reason

    ends_at = session.booking.ends_at
    assert reason().startswith("7 days after the session. Your scorecard")
    assert reason(release_at=ends_at + 72 * HOUR) == "72 hours after the end of the session."
    scorecard = Scorecard.objects.create(session=session, delivered_at=ends_at + HOUR)
    assert reason(release_at=ends_at + 73 * HOUR) == "72 hours after your scorecard."
    assert reason(release_at=ends_at + 168 * HOUR).startswith("7 days after the session, the longest")
    assert scorecard.pk
    assert reason(release_at=None) == "It is held until the booking is confirmed."
    assert reason(state="frozen").startswith("It is frozen")


def test_why_the_fee_is_what_it_is(sell, page, client):
    [session] = sell(1)
    share, page = Share.objects.get(), page()

    def reason(**changed):
        OrderLine.objects.update(**changed)
        return client.get(f"/desk/earnings/{share.pk}/").context["explained"].rate_reason

    assert "first paid session" in reason(rate_bp=500)
    Session.objects.update(private_link=True)
    assert reason() == "This session was booked from your private link."
    assert "completed 50 paid sessions" in reason(rate_bp=1500)
    assert reason(rate_frozen_at=None) == "It is fixed when the booking is confirmed."
    assert session.pk


def test_a_line_is_its_coachs_own(sell, page, client, mia):
    sell(1)
    client.force_login(mia.user)
    assert client.get(f"/desk/earnings/{Share.objects.get().pk}/").status_code == 404
    assert client.get("/desk/earnings/999/").status_code == 404


@pytest.mark.parametrize("path", ["/desk/earnings/", "/desk/earnings.csv", "/desk/earnings/1/"])
def test_there_is_no_desk_for_candidates(client, ben, path):
    client.force_login(ben)
    assert client.get(path).status_code == 404


def test_a_bank_that_refused_is_told_on_the_desk(sell, page, client, ada):
    sell(1)
    page()
    payee = Payee.objects.get(user=ada.user)
    Payee.objects.update(account="acct_1", transfers="active")
    payee.payouts.create(
        stripe_id="po_1", amount=9600, currency="usd", state="failed", made_at=NOW, arrives_on=NOW.date(),
        failure="The bank account has been closed.", bank="ba_1",
    )  # fmt: skip

    for path in ("/desk/", "/desk/earnings/"):
        assert "Stripe says: The bank account has been closed." in client.get(path).content.decode()
    Payee.objects.update(bank="ba_2")
    assert "Your new bank account is on record" in page().content.decode()


def test_an_account_below_zero_is_told_in_plain_words(sell, page, ada):
    sell(1)
    page()
    payee = Payee.objects.get(user=ada.user)
    legs = {
        AccountKey.of_payee(AccountKind.PAYEE_AVAILABLE, payee.pk): 4800,
        AccountKey.of_payee(AccountKind.STRIPE_CONNECTED, payee.pk): -4800,
    }
    post("reversal", "trr_1", legs, currency="usd", now=NOW)
    assert "Your account at Stripe is $48.00 below zero." in page().content.decode()
