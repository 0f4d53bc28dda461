"""What people do on the site, step by step; tests and pictures share it."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect

from tests.browser.screen import Screen

ADA, PRIYA, MIA = "ada-okafor", "priya-raman", "mia-lindqvist"
GOOD, DECLINED, ASKS_THE_BANK = "4242424242424242", "4000000000000002", "4000002760003184"


def slots(screen: Screen) -> Locator:
    """The times on the picker; each is a radio with a full name."""
    return screen.page.locator("#picker").get_by_role("radio")


def choose_a_time(screen: Screen, coach: str = ADA, which: int = 0, day: int = 0) -> str:
    """Mark a time on the first of ``coach``'s free days, or ``day`` free days later; its full name."""
    screen.go(f"/coaching/{coach}/")
    if day:
        later = screen.page.locator("#picker .week-days a").nth(day)
        later.click()
        expect(later).to_have_attribute("aria-current", "date")
    return mark(screen, which)


def mark(screen: Screen, which: int = 0) -> str:
    slot = slots(screen).nth(which)
    name = slot.get_attribute("aria-label")
    assert name
    screen.choose(slot)
    return name


def hold_a_time(screen: Screen, coach: str = ADA, which: int = 0, day: int = 0) -> str:
    """Take it, as far as the questions; its full name."""
    name = choose_a_time(screen, coach, which, day)
    hold(screen)
    return name


def hold(screen: Screen) -> None:
    screen.press(re.compile("^Hold"))
    expect(screen.heading()).to_have_text(re.compile("What should .* know"))


def go_to_payment(screen: Screen, coach: str = ADA, which: int = 0, day: int = 0) -> str:
    name = hold_a_time(screen, coach, which, day)
    screen.follow("Skip for now")
    expect(screen.page.get_by_role("button", name=re.compile("^Pay"))).to_be_visible()
    return name


def go_to_stripe(screen: Screen, coach: str = ADA, which: int = 0, day: int = 0) -> str:
    name = go_to_payment(screen, coach, which, day)
    leave_for_stripe(screen)
    return name


def leave_for_stripe(screen: Screen) -> None:
    screen.press(re.compile("^Pay"))
    screen.page.wait_for_url(f"{screen.emulator}/**")


def pay_with(screen: Screen, card: str) -> None:
    """On the hosted page; a card that works leads back to the site."""
    screen.page.get_by_label("Card number").fill(card)
    screen.page.get_by_role("button", name=re.compile("^Pay")).click()


def book(screen: Screen, coach: str = ADA, which: int = 0, day: int = 0) -> str:
    """A paid, confirmed session; its full name."""
    name = go_to_stripe(screen, coach, which, day)
    pay_with(screen, GOOD)
    see_confirmation(screen)
    return name


def see_confirmation(screen: Screen) -> None:
    expect(screen.page.get_by_text("Confirmed", exact=True).first).to_be_visible()
    expect(screen.page.get_by_role("link", name="Go to the session")).to_be_visible()
