"""Somebody does not come: said, contested and decided, by keyboard, each on their own screen."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from core.instants import parse_instant
from tests.browser import acts
from tests.browser.accessibility import violations
from tests.browser.screen import DESK, PHONE, overflow
from tests.site import manage

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def clock(site):
    """Moves the site's clock. What was lived meanwhile stays lived; the clock goes back."""

    def move_to(instant):
        moved = manage(site.var, "clock", "--set", instant.isoformat())
        assert moved.returncode == 0, moved.stderr

    yield move_to
    assert manage(site.var, "clock", "--reset").returncode == 0


@pytest.fixture
def olu(look):
    return look("olu")


def press_by_keyboard(screen, name):
    screen.tab_to(screen.page.get_by_role("main").get_by_role("button", name=name))
    screen.page.keyboard.press("Enter")


def is_well_made(screen):
    screen.page.wait_for_load_state("load")
    for width, scheme in ((DESK, "light"), (PHONE, "dark")):
        screen.resize(width, scheme)
        assert violations(screen.page) + overflow(screen.page) == []
    screen.resize(DESK, "light")


def test_who_waits_says_so_who_is_accused_objects_and_operations_decide(cleo, ada, olu, clock):
    acts.book(cleo, which=-2)
    cleo.follow("Go to the session")
    session = cleo.path
    starts_at = parse_instant(cleo.page.locator(".facts time").first.get_attribute("datetime"))

    clock(starts_at + timedelta(minutes=1))
    cleo.go(session)
    press_by_keyboard(cleo, "I am here")
    expect(cleo.page.get_by_role("region", name="Who is here")).to_contain_text("Here since")
    is_well_made(cleo)

    clock(starts_at + timedelta(minutes=20))
    cleo.go(session)
    expect(cleo.page.get_by_role("heading", name="Ada has not come?")).to_be_visible()
    is_well_made(cleo)
    cleo.page.get_by_role("textbox", name=re.compile("^What happened")).fill("I waited in the room.")
    press_by_keyboard(cleo, "Report that Ada did not come")
    expect(cleo.page.get_by_role("heading", name="You reported that Ada did not come")).to_be_visible()

    ada.go(session)
    expect(ada.page.get_by_text("I waited in the room.")).to_be_visible()
    ada.page.get_by_label(re.compile("^What happened from your side")).fill("I was in the old room.")
    press_by_keyboard(ada, "I object")
    expect(ada.page.get_by_text("One of us reads what both of you say").first).to_be_visible()
    is_well_made(ada)

    olu.go("/operations/")
    is_well_made(olu)
    olu.follow(re.compile("Cleo .* reports that Ada Okafor did not come"))
    is_well_made(olu)
    olu.choose(olu.page.get_by_label(re.compile(r"^The coach did not come: \$\d+\.00 goes back")))
    olu.page.get_by_label("Why?").first.fill("The old room was closed a week ago.")
    press_by_keyboard(olu, "Decide and move the money")
    expect(olu.page.get_by_text("Decided. Both sides hear of it")).to_be_visible()

    cleo.go(session)
    expect(cleo.page.get_by_role("main")).to_contain_text("We looked at it, and it is upheld.")
    expect(cleo.page.get_by_role("main")).to_contain_text("The old room was closed a week ago.")
    is_well_made(cleo)
