"""What a coach earned: the rows page by page, the sums and the weeks beside them."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from marketplace.domain.booking import Wish, book
from marketplace.queries.earnings import earnings_summary
from payments.domain.balances import compensate
from payouts.models import Payee, Share
from tests.marketplace.cast import NOW, TOMORROW

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
    with django_assert_num_queries(17):
        assert len(page().context["rows"]) == number


def test_the_weeks_say_what_is_out_and_what_is_not(sell, ada):
    first, *_ = sell(26)
    share = Share.objects.get(source=first.order.lines.get().share_source)
    Share.objects.filter(pk=share.pk).update(state="paid", released=share.amount)

    def weeks(now):
        payee = Payee.objects.get(user=ada.user)
        summary = earnings_summary(payee, zone=ZoneInfo("Europe/London"), now=now)
        return {row.label: row.values for row in summary.chart.rows}, summary.spoken

    before, spoken = weeks(NOW)
    assert (len(before), before["W45"], before["W44"]) == (12, ("$96", "$2,208"), ("0", "0"))
    assert spoken == "$2,304 earned with sessions of the last twelve weeks."
    after, spoken = weeks(NOW + timedelta(weeks=1))
    assert (after["W45"], after["W46"]) == (("$96", "$2,208"), ("0", "$192"))
    assert spoken == "$2,496 earned with sessions of the last twelve weeks."
