"""After the booking: given up with the sums beforehand, or lived, written about and reviewed."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from core.instants import parse_instant
from tests.browser import acts
from tests.site import manage

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_what_a_cancellation_gives_back_is_said_before_it_is_done(ben):
    acts.book(ben, which=-1, day=3)
    ben.follow("Go to the session")
    ben.follow(re.compile("Cancel this session"))
    sums = ben.page.locator(".sums")
    expect(sums).to_have_text(re.compile(r"Back to you\s*\$70\.00\s*Kept\s*\$0\.00"))
    ben.press("Cancel, $70.00 back")
    expect(ben.page.get_by_text("This session was cancelled.")).to_be_visible()
    told = re.compile(r"\$70\.00 (goes|went) back to your Visa ending 4242")
    expect(ben.page.get_by_role("main")).to_contain_text(told)
    expect(ben.page.locator(".sums")).to_contain_text("−$70.00")


@pytest.fixture
def clock(site):
    """Moves the site's clock. What was lived meanwhile stays lived; the clock goes back."""

    def move_to(instant):
        moved = manage(site.var, "clock", "--set", instant.isoformat())
        assert moved.returncode == 0, moved.stderr

    yield move_to
    assert manage(site.var, "clock", "--reset").returncode == 0


def test_a_lived_hour_has_its_scorecard_and_its_review(ben, ada, clock, site):
    acts.book(ben)
    ben.follow("Go to the session")
    session = ben.path
    starts_at = parse_instant(ben.page.locator(".facts time").first.get_attribute("datetime"))

    clock(starts_at - timedelta(minutes=5))
    expect(ben.go(session).page.get_by_role("link", name="Join Ada Okafor")).to_be_visible()
    clock(starts_at + timedelta(hours=2))
    ticked = manage(site.var, "tick")
    assert ticked.returncode == 0, ticked.stderr

    ada.go("/desk/")
    ada.go(session).follow("Write the scorecard")
    _write(ada)
    expect(ada.page).to_have_url(re.compile(f"{session}scorecard/$"))
    expect(ada.page.get_by_role("main")).to_contain_text("You name the user first.")

    ben.go("/inbox/")
    ben.page.get_by_role("button", name=re.compile("scorecard from Ada")).first.click()
    ben.page.wait_for_url("**/sessions/**")
    ben.go(session).follow("Open and print")
    expect(ben.page.get_by_role("main")).to_contain_text("Most to gain: Clarifying the question, 4 of 5.")
    expect(ben.page.get_by_role("main")).to_contain_text("Saying the number aloud.")

    ben.go(session)
    ben.choose(ben.page.get_by_label("4 of 5, Very good"))
    ben.page.locator("[name=text]").fill("She stopped me exactly where I needed it.")
    ben.press("Publish")
    expect(ben.page.get_by_text("Thank you. It is published")).to_be_visible()
    expect(ben.page.get_by_role("heading", name="Your review")).to_be_visible()


def _write(ada):
    """Deliver a scorecard; the first try forgets a skill, and loses nothing."""
    skills = ada.page.locator(".levels")
    expect(skills.first).to_be_visible()
    for index in range(1, skills.count()):
        ada.choose(skills.nth(index).get_by_label(re.compile("^5 of 5")))
    ada.page.get_by_label(re.compile("^Keep")).fill("You name the user first.")
    ada.page.get_by_label(re.compile("^Stop")).fill("Listing features.")
    ada.page.get_by_label(re.compile("^Start")).fill("Saying the number aloud.")
    ada.page.locator("form").last.evaluate("form => form.noValidate = true")
    ada.press("Deliver the scorecard")
    expect(ada.page.get_by_role("alert")).to_contain_text("What you wrote is kept below")
    expect(ada.page.get_by_label(re.compile("^Keep"))).to_have_value("You name the user first.")
    ada.choose(skills.first.get_by_label(re.compile("^4 of 5")))
    ada.press("Deliver the scorecard")
