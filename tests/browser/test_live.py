"""What others do is seen without a reload: a time goes, a race is lost kindly, the inbox counts on."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser import acts

pytestmark = [pytest.mark.browser, pytest.mark.slow]

A_SECOND = 1_000


def test_a_time_that_somebody_else_takes_disappears_within_a_second(ben, cleo):
    ben.go(f"/coaching/{acts.ADA}/")
    theirs = ben.at_instant(acts.slots(ben).nth(1).get_attribute("value"))
    expect(theirs).to_have_count(1)
    acts.mark(ben)
    acts.hold_a_time(cleo, which=1)
    expect(theirs).to_have_count(0, timeout=A_SECOND)
    expect(acts.slots(ben).first).to_be_checked()
    cleo.press("Another time instead")
    expect(theirs).to_have_count(1, timeout=A_SECOND)


def test_a_lost_race_offers_three_times_and_keeps_what_was_written(look, cleo):
    ben = look("ben", java_script_enabled=False)  # his window does not hear of it
    acts.hold_a_time(ben)
    ben.page.get_by_label("What should the hour be about?").fill("Strategy, and why I ramble.")
    ben.press("Continue to payment")
    ben.press("Another time instead")

    instant = acts.slots(ben).nth(2).get_attribute("value")
    acts.mark(ben, 2)
    cleo.choose(cleo.go(f"/coaching/{acts.ADA}/").at_instant(instant))
    acts.hold(cleo)
    ben.press(re.compile("^Hold"))

    alert = ben.page.get_by_role("alert")
    expect(alert).to_contain_text("The nearest free times:")
    offered = alert.get_by_role("button", name=re.compile("^Hold "))
    expect(offered).to_have_count(3)
    assert instant not in {button.get_attribute("value") for button in offered.all()}
    offered.first.click()
    expect(ben.heading()).to_have_text("What should Ada know?")
    expect(ben.page.get_by_label("What should the hour be about?")).to_have_value(
        "Strategy, and why I ramble."
    )
    ben.press("Another time instead")
    cleo.press("Another time instead")


def test_the_inbox_counts_on_in_an_open_window(ben, look):
    mia = look("mia").go("/desk/")
    badge = mia.page.locator("[data-live=inbox]")
    before = int(badge.get_attribute("data-count"))
    acts.choose_a_time(ben, acts.MIA, which=-1, day=-1)
    ben.press(re.compile("^(Book|Ask)"))
    expect(ben.page.get_by_role("link", name="Go to the session")).to_be_visible()
    expect(badge).to_have_attribute("data-count", str(before + 1))
    expect(badge.locator("[data-number]")).to_have_text(str(before + 1))
    mia.page.get_by_role("link", name=re.compile("Inbox")).first.click()
    expect(mia.page.get_by_role("button", name=re.compile("Ben Hartmann")).first).to_be_visible()
