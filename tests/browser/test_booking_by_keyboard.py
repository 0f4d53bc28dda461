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
