"""Links and forms alone lead from the home page to a confirmed session."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser import acts

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_ben_books_ada_by_links_and_forms(look):
    ben = look("ben", java_script_enabled=False)
    ben.go("/")
    ben.press("Show who is free")
    ben.follow("Ada Okafor")
    name = acts.mark(ben, 2)
    acts.hold(ben)
    ben.page.get_by_label("Which company?").fill("Atlassian")
    ben.press("Continue to payment")
    acts.leave_for_stripe(ben)
    acts.pay_with(ben, acts.GOOD)
    acts.see_confirmation(ben)
    expect(ben.heading()).to_contain_text(re.search(r"\d\d:\d\d", name).group())


def test_a_visitor_is_asked_who_he_is_and_finds_his_time_chosen(look):
    visitor = look(java_script_enabled=False)
    acts.choose_a_time(visitor, which=1)
    instant = acts.slots(visitor).nth(1).get_attribute("value")
    visitor.press(re.compile("^Hold"))
    visitor.fill_in_the_key("ben")
    expect(visitor.at_instant(instant)).to_be_checked()


def test_filters_sorting_and_zones_need_no_script(look):
    visitor = look(java_script_enabled=False, viewport={"width": 360, "height": 900})
    visitor.go("/coaching/")
    visitor.page.get_by_text("Filters", exact=True).last.click()
    visitor.page.locator("#all-filters").get_by_role("link", name=re.compile("^Google")).click()
    expect(visitor.page.get_by_role("status")).to_contain_text("Google")
    visitor.page.get_by_text("change", exact=True).first.click()
    visitor.page.get_by_label("Show times in").select_option("Asia/Tokyo")
    visitor.press("Use this zone")
    expect(visitor.page.get_by_role("main")).to_contain_text("Asia/Tokyo (UTC+9)")
    expect(visitor.page.get_by_role("status")).to_contain_text("Google")
