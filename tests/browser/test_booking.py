"""Ben books Ada: found by time, held, prepared, paid on the hosted page, confirmed, and on her desk."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser import acts

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_from_a_free_evening_to_a_confirmed_hour(ben, ada):
    ben.go("/")
    ben.page.get_by_text("This week", exact=True).click(trial=True)
    ben.press("Show who is free")
    expect(ben.page).to_have_url(re.compile("free=week"))
    ben.follow("Ada Okafor")
    ben.page.locator("#picker").get_by_role("link", name=re.compile("^60 min")).click()
    expect(ben.page.locator("#picker").get_by_role("heading", name="Mock interview")).to_be_visible()
    name = acts.mark(ben)
    clock = re.search(r"\d\d:\d\d", name).group()
    expect(ben.page.get_by_role("button", name=re.compile(f"^Hold .*{clock} for 10 minutes"))).to_be_visible()
    acts.hold(ben)

    expect(ben.page.locator("count-down")).to_contain_text(re.compile(r"Held for you: \d+:\d\d"))
    focus = "Estimation: I never know when to stop."
    ben.page.get_by_label("What should the hour be about?").fill(focus)
    expect(ben.page.locator("[data-save-state]")).to_have_text("Saved")
    ben.press("Continue to payment")
    expect(ben.heading()).to_contain_text(f"at {clock}, $120.00")
    acts.leave_for_stripe(ben)
    acts.pay_with(ben, acts.GOOD)

    acts.see_confirmation(ben)
    expect(ben.heading()).to_have_text(re.compile(f"at {clock} with Ada Okafor"))
    facts = ben.page.locator(".facts")
    expect(facts).to_contain_text("Europe/London (UTC+0)")
    expect(facts).to_contain_text("Europe/Berlin (UTC+1)")
    expect(facts).to_contain_text("$120.00")

    ben.follow("Go to the session")
    ada.go(ben.path)
    expect(ada.heading()).to_be_visible()
    expect(ada.page.get_by_role("main")).to_contain_text("with Ben Hartmann")
    expect(ada.page.get_by_role("main")).to_contain_text(focus)
    ada.go("/desk/")
    expect(ada.page.get_by_role("link", name="Mock interview with Ben Hartmann").first).to_be_visible()


def test_a_declined_card_costs_nothing_and_the_next_one_pays(ben):
    acts.go_to_stripe(ben)
    acts.pay_with(ben, acts.DECLINED)
    expect(ben.page.get_by_role("alert")).to_have_text("Your card was declined.")
    acts.pay_with(ben, acts.GOOD)
    acts.see_confirmation(ben)


def test_a_bank_that_asks_is_answered(ben):
    acts.go_to_stripe(ben)
    acts.pay_with(ben, acts.ASKS_THE_BANK)
    ben.press("Complete authentication")
    acts.see_confirmation(ben)


def test_who_comes_back_without_paying_still_holds_the_time(ben):
    name = acts.go_to_stripe(ben)
    ben.follow("Go back")
    expect(ben.heading()).to_have_text("What should Ada know?")
    ben.go(ben.path.replace("/prepare/", "/paid/"))
    expect(ben.heading()).to_have_text("No payment has arrived yet")
    ben.press("Another time instead")
    expect(ben.page.get_by_text("The time is free again.")).to_be_visible()
    expect(acts.slots(ben).and_(ben.page.get_by_label(name))).to_have_count(1)


def test_the_page_that_waits_sees_a_payment_from_another_window(ben, look):
    acts.go_to_payment(ben)
    waiting = look("ben").go(ben.path.replace("/pay/", "/paid/"))
    acts.leave_for_stripe(ben)
    expect(waiting.heading()).to_have_text("No payment has arrived yet")
    acts.pay_with(ben, acts.GOOD)
    acts.see_confirmation(waiting)
