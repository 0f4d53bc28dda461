"""Every page, narrow and wide, light and dark: axe is silent, nothing sticks out, no console complains."""

from __future__ import annotations

import pytest

from tests.browser.accessibility import violations
from tests.browser.pages import PLACES
from tests.browser.screen import DESK, PHONE, TABLET, overflow

pytestmark = [pytest.mark.browser, pytest.mark.slow]


VIEWS = [(DESK, "light"), (PHONE, "light"), (PHONE, "dark"), (DESK, "dark")]


@pytest.fixture(scope="module")
def window(open_screen):
    """``window("ben")``: one window per person for all pages, so that what was fetched is fetched once."""
    opened = {}

    def of(who):
        if who not in opened:
            opened[who] = open_screen(who)
        return opened[who]

    yield of
    for screen in opened.values():
        screen.close()


@pytest.mark.parametrize("place", PLACES, ids=[place.name for place in PLACES])
def test_page(place, window):
    screen = window(place.who)
    screen.complaints.clear()
    screen.resize(DESK, "light")
    place.visit(screen)
    found = {}
    for width, scheme in VIEWS:
        screen.resize(width, scheme)
        found[width, scheme] = violations(screen.page, colours_only=scheme == "dark") + overflow(screen.page)
    screen.resize(TABLET, "light")
    found[TABLET, "light"] = overflow(screen.page)
    assert {view: what for view, what in found.items() if what} == {}
    assert screen.complaints == []
