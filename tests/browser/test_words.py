"""Words nobody designed for: names without end, German compounds, a language from right to left."""

from __future__ import annotations

import pytest

from tests.browser.pages import PLACES
from tests.browser.screen import DESK, PHONE, overflow

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NAMES = [
    "home",
    "directory",
    "coach",
    "sessions",
    "session-ahead",
    "session-cancel",
    "scorecard",
    "inbox",
    "profile",
    "booking-pay",
    "booking-over",
    "desk",
    "desk-calendar",
    "desk-earnings",
    "desk-offers",
    "scorecard-edit",
]
SOME = [place for place in PLACES if place.name in NAMES]
LONG = "Donaudampfschifffahrtsgesellschaftskapitänswitwe"
# The first capitalised word of each text becomes the long one, outside of fixed furniture.
STRETCH = """(long) => {
  const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) texts.push(walker.currentNode);
  for (const text of texts) {
    if (!text.parentElement.closest("time, option, .stepper, .tabs, [inert], .visually-hidden, thead"))
      text.data = text.data.replace(/\\p{Lu}\\p{Ll}{4,}/u, long);
  }
}"""


@pytest.mark.parametrize("place", SOME, ids=[place.name for place in SOME])
def test_words_without_end_and_from_right_to_left_stay_inside(place, look):
    screen = look(place.who)
    place.visit(screen)
    screen.page.evaluate(STRETCH, LONG)
    found = {}
    for direction in ("ltr", "rtl"):
        screen.page.evaluate("(way) => { document.documentElement.dir = way; }", direction)
        for width in (PHONE, DESK):
            screen.resize(width, "light")
            found[direction, width] = overflow(screen.page)
    assert {how: what for how, what in found.items() if what} == {}
