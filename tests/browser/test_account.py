"""Becoming somebody: an address confirmed by mail, a forgotten password, a zone, light and dark."""

from __future__ import annotations

import re
import time
from email import message_from_bytes, policy
from uuid import uuid4

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PASSWORD = "a-long-walk-to-the-sea"
MAIL_SECONDS = 15


@pytest.fixture
def address():
    return f"{uuid4().hex[:8]}@demo.test"


def link_in_mail(site, address, about):
    """The first link of the newest letter to ``address`` whose path contains ``about``."""
    deadline = time.monotonic() + MAIL_SECONDS
    while time.monotonic() < deadline:
        for letter in sorted((site.var / "mail").glob("*.log"), reverse=True):
            found = _link(letter.read_bytes(), address, about)
            if found:
                return found
        time.sleep(0.1)
    raise AssertionError(f"no letter to {address} leads to {about}")


def _link(letter, address, about):
    parsed = message_from_bytes(letter, policy=policy.default)
    if parsed["To"] != address:
        return None
    text = parsed.get_body(("plain",)).get_content()
    found = re.search(rf"http://\S+{about}\S+", text)
    return found and found.group()


def sign_up(screen, address):
    screen.go("/accounts/signup/")
    screen.page.get_by_label("Email").fill(address)
    screen.page.get_by_label("Password", exact=True).fill(PASSWORD)
    screen.press("Create the account")
    expect(screen.heading()).to_have_text("Look into your mailbox")


def confirm(screen, site, address):
    screen.go(link_in_mail(site, address, "/confirm-email/"))
    screen.press("Yes, confirm it")


def test_an_account_opens_once_its_address_is_confirmed(look, site, address):
    visitor = look()
    sign_up(visitor, address)
    confirm(visitor, site, address)
    if not visitor.page.locator("[data-live-me]").count():
        visitor.fill_in_the_key(address, PASSWORD)
    visitor.go("/sessions/")
    expect(visitor.page.get_by_role("heading", name="No session ahead")).to_be_visible()
    visitor.go("/accounts/profile/")
    expect(visitor.page.get_by_role("main")).to_contain_text(address)


def test_a_forgotten_password_is_replaced_by_a_link(look, site, address):
    visitor = look()
    sign_up(visitor, address)
    confirm(visitor, site, address)
    elsewhere = look()
    elsewhere.go("/accounts/password/reset/")
    elsewhere.page.get_by_label("Email").fill(address)
    elsewhere.press("Send the link")
    expect(elsewhere.heading()).to_have_text("Look into your mailbox")
    elsewhere.go(link_in_mail(site, address, "/password/reset/key/"))
    elsewhere.page.get_by_label("New Password", exact=True).fill(f"{PASSWORD}-again")
    elsewhere.page.get_by_label("New Password (again)").fill(f"{PASSWORD}-again")
    elsewhere.press("Set the password")
    expect(elsewhere.heading()).not_to_have_text("Set a new password")
    look().sign_in(address, f"{PASSWORD}-again")


def test_a_zone_once_chosen_is_the_zone_of_every_page(look):
    visitor = look(timezone_id="America/New_York")
    visitor.go("/coaching/ada-okafor/")
    picker = visitor.page.locator("#picker")
    expect(picker).to_contain_text("America/New York")
    instant = picker.get_by_role("radio").first.get_attribute("value")
    picker.get_by_text("change", exact=True).click()
    zone = picker.get_by_role("combobox", name="Show times in")
    zone.fill("tokyo")
    zone.press("Enter")
    visitor.press("Use this zone")
    expect(picker.locator("summary strong")).to_have_text("Asia/Tokyo (UTC+9)")
    visitor.go(f"/coaching/ada-okafor/?start={instant}")
    expect(visitor.at_instant(instant)).to_have_attribute("aria-label", re.compile("Asia/Tokyo$"))
    visitor.go("/coaching/")
    expect(visitor.page.get_by_role("main")).to_contain_text("Asia/Tokyo (UTC+9)")


def test_light_and_dark_follow_the_switch_and_stay(look):
    visitor = look(color_scheme="light").go("/policy/")
    light = _paper(visitor)
    visitor.page.get_by_role("button", name="Dark").click()
    dark = _paper(visitor)
    assert dark != light
    assert _paper(visitor.go("/privacy/")) == dark
    expect(visitor.page.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")
    visitor.page.get_by_role("button", name="System").click()
    assert _paper(visitor) == light
    visitor.page.emulate_media(color_scheme="dark")
    assert _paper(visitor) == dark


def _paper(screen):
    return screen.page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
