"""``make screenshots``: every page at three widths, light and dark, into ``var/screenshots``.

Names as arguments (``ARGS="home coach"``) pick some pages.
"""

from __future__ import annotations

import sys

from playwright.sync_api import Browser

from tests.architecture.rules import ROOT
from tests.browser.chromium import chromium
from tests.browser.pages import PLACES, Place
from tests.browser.running import running_site
from tests.browser.screen import DESK, PHONE, TABLET, Screen
from tests.site import Site

FOLDER = ROOT / "var" / "screenshots"
WIDTHS = (PHONE, TABLET, DESK)
SCHEMES = ("light", "dark")


def take(place: Place, screen: Screen) -> None:
    place.visit(screen)
    for width in WIDTHS:
        for scheme in SCHEMES:
            screen.resize(width, scheme)
            screen.page.screenshot(path=FOLDER / f"{place.name}-{width}-{scheme}.png", full_page=True)


def take_all(places: list[Place], browser: Browser, site: Site) -> None:
    for who in dict.fromkeys(place.who for place in places):
        screen = Screen(browser, site)
        if who:
            screen.sign_in(who)
        for place in places:
            if place.who == who:
                sys.stdout.write(f"{place.name}\n")
                take(place, screen)
        screen.close()


def main(names: list[str]) -> None:
    places = [place for place in PLACES if not names or place.name in names]
    FOLDER.mkdir(parents=True, exist_ok=True)
    with running_site(ROOT / "var" / "screenshots-site") as site, chromium() as browser:
        take_all(places, browser, site)


if __name__ == "__main__":
    main(sys.argv[1:])
