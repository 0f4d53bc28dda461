"""The same journey with Tab, the arrows, Space and Enter, and with the focus in sight at every stop."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser import acts

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_ben_books_ada_without_a_mouse(ben):
    page, keys = ben.page, ben.page.keyboard
    main = page.get_by_role("main")

    def reach(role, name):
        ben.tab_to(main.get_by_role(role, name=name).first)

    ben.go("/")
    keys.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    keys.press("Enter")
    reach("button", "Show who is free")
    keys.press("Enter")
    page.wait_for_url("**/coaching/?**")
    reach("link", "Ada Okafor")
    keys.press("Enter")
    expect(ben.heading()).to_have_text("Ada Okafor")

    first = acts.slots(ben).first
    ben.tab_to(first)
    keys.press("Space")
    expect(first).to_be_checked()
    keys.press("ArrowRight")
    second = acts.slots(ben).nth(1)
    expect(second).to_be_checked()
    chosen = ben.page.locator("#picker .slot:has(:checked)")
    row = chosen.bounding_box()["y"]
    keys.press("ArrowDown")
    expect(second).not_to_be_checked()
    assert chosen.bounding_box()["y"] > row
    reach("button", re.compile("^Hold"))
    keys.press("Enter")
    expect(ben.heading()).to_have_text("What should Ada know?")

    ben.tab_to(page.get_by_label("Which company?"))
    keys.press("Control+A")
    keys.type("Spotify")
    reach("button", "Continue to payment")
    keys.press("Enter")
    page.wait_for_url("**/pay/")
    reach("button", re.compile("^Pay"))
    keys.press("Enter")
    page.wait_for_url(f"{ben.emulator}/**")

    ben.tab_to(page.get_by_label("Card number"))
    keys.press("Control+A")
    keys.type(acts.GOOD)
    keys.press("Enter")
    acts.see_confirmation(ben)
    reach("link", "Go to the session")
    keys.press("Enter")
    expect(main).to_contain_text("Spotify")


def test_ben_moves_a_session_without_a_mouse(ben):
    page, keys = ben.page, ben.page.keyboard
    acts.book(ben, day=2)
    ben.follow("Go to the session")
    before = page.locator(".facts time").first.get_attribute("datetime")
    ben.tab_to(page.get_by_role("link", name="Move to another time"))
    keys.press("Enter")
    expect(ben.heading()).to_have_text("Move to another time")

    day = page.locator("#picker day-row [aria-current]")
    before_it = day.get_attribute("aria-label")
    ben.tab_to(day)
    keys.press("ArrowRight")
    keys.press("Enter")
    expect(day).not_to_have_attribute("aria-label", before_it)
    first = acts.slots(ben).first
    ben.tab_to(first)
    keys.press("Space")
    expect(first).to_be_checked()
    wanted = first.get_attribute("value")
    assert wanted != before
    ben.tab_to(page.get_by_role("button", name=re.compile("^Move to")))
    keys.press("Enter")
    expect(page.get_by_text("Moved. Both of you get a mail")).to_be_visible()
    expect(page.locator(".facts time").first).to_have_attribute("datetime", wanted)


def test_a_menu_opens_closes_and_gives_the_focus_back(ben):
    ben.go("/policy/")
    account = ben.page.locator(".bar summary[aria-label^='Account']")
    ben.tab_to(account)
    ben.page.keyboard.press("Enter")
    expect(ben.page.get_by_role("link", name="Profile and time zone")).to_be_visible()
    ben.page.keyboard.press("Tab")
    ben.page.keyboard.press("Escape")
    expect(ben.page.get_by_role("link", name="Profile and time zone")).to_be_hidden()
    expect(account).to_be_focused()
