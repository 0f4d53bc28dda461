"""One running site for all browser tests, one Chromium per file, and windows for the cast."""

from __future__ import annotations

import pytest
from django.conf import settings

from tests.browser.chromium import chromium
from tests.browser.running import running_site
from tests.browser.screen import Screen


@pytest.fixture(scope="session")
def site():
    with running_site(settings.VAR_DIR / "browser") as running:
        yield running


@pytest.fixture(scope="session")
def keys():
    """What signs the cast in again without asking for the password: the cookies, by name."""
    return {}


@pytest.fixture(scope="module")
def browser():
    """Not for longer than a file: while it runs, tests of other folders could not use the ORM."""
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def open_screen(browser, site, keys):
    """``open_screen("ben")``: a window of Ben's; without a name a visitor's."""

    def open_as(who="", **how):
        if who and who not in keys:
            keys[who] = _signed_in(browser, site, who)
        return Screen(browser, site, storage_state=keys.get(who), **how)

    return open_as


def _signed_in(browser, site, who):
    screen = Screen(browser, site)
    cookies = screen.sign_in(who).context.storage_state()
    screen.close()
    return cookies


@pytest.fixture
def look(open_screen):
    """Windows for one test; at its end no console had anything to complain about."""
    opened = []

    def open_as(who="", **how):
        opened.append(open_screen(who, **how))
        return opened[-1]

    yield open_as
    complaints = [complaint for screen in opened for complaint in screen.complaints]
    for screen in opened:
        screen.close()
    assert complaints == []


@pytest.fixture
def ben(look):
    return look("ben")


@pytest.fixture
def cleo(look):
    return look("cleo")


@pytest.fixture
def ada(look):
    return look("ada")
