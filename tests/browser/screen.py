"""One person's window onto the running site."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Locator, Page, expect

from tests.site import Site, manage

PASSWORD = "demo-password"
WITH_A_SECOND_FACTOR = {"olu"}
PHONE, TABLET, DESK = 360, 768, 1280
HEIGHT = 900
LOOKS = 20
CODES = 3
TABS = 200  # more stops than any page has before what is looked for
PATIENCE = 15_000  # milliseconds: two cores, and other tests beside us

expect.set_options(timeout=PATIENCE)


class Screen:
    """A window with what happened in it: ``complaints`` are the console's errors, refusals of the CSP too."""

    def __init__(self, browser: Browser, site: Site, **how: Any) -> None:
        self.site = site
        settings = {
            "base_url": f"http://127.0.0.1:{site.port}",
            "locale": "en-GB",
            "timezone_id": "Europe/London",
            "reduced_motion": "reduce",
            "viewport": {"width": DESK, "height": HEIGHT},
        }
        self.context = browser.new_context(**settings | how)
        self.context.set_default_timeout(PATIENCE)
        self.complaints: list[str] = []
        self.page = self.context.new_page()
        self.context.on("console", self._listen)
        self.context.on("weberror", lambda error: self.complaints.append(str(error.error)))

    def _listen(self, message: Any) -> None:
        """Errors with an address: without one it is axe that tried a style. A page itself may be a 409."""
        where = message.location["url"]
        missing = (
            message.text.startswith("Failed to load resource") and urlsplit(where).path[:8] != "/static/"
        )
        if message.type == "error" and where and not missing:
            self.complaints.append(f"{where}: {message.text}")

    def close(self) -> None:
        self.context.close()

    def go(self, path: str) -> Screen:
        self.page.goto(path)
        return self

    @property
    def path(self) -> str:
        return urlsplit(self.page.url).path

    @cached_property
    def emulator(self) -> str:
        return f"http://127.0.0.1:{self.site.emulator_port}"

    def sign_in(self, who: str, password: str = PASSWORD) -> Screen:
        self.go("/accounts/login/")
        return self.fill_in_the_key(who, password)

    def fill_in_the_key(self, who: str, password: str = PASSWORD) -> Screen:
        self.page.get_by_label("Email").fill(f"{who}@demo.test" if "@" not in who else who)
        self.page.get_by_label("Password", exact=True).fill(password)
        self.page.get_by_role("main").get_by_role("button", name="Sign in").click()
        if who in WITH_A_SECOND_FACTOR:
            self._give_the_second_factor(f"{who}@demo.test")
        expect(self.page.locator("[data-live-me]")).to_be_attached()
        return self

    def _give_the_second_factor(self, address: str) -> None:
        """A code is good for half a minute, of which asking for it takes a part: a late one is replaced."""
        for _ in range(CODES):
            asked = manage(self.site.var, "second_factor", address)
            self.page.get_by_label("Code").fill(asked.stdout.strip())
            with self.page.expect_navigation():
                self.page.get_by_role("main").get_by_role("button", name="Sign in").click()
            if not self.page.get_by_text("Incorrect code.").count():
                return

    def press(self, name: str | re.Pattern[str]) -> None:
        self.page.get_by_role("main").get_by_role("button", name=name).click()

    def follow(self, name: str | re.Pattern[str]) -> None:
        self.page.get_by_role("main").get_by_role("link", name=name).click()

    def choose(self, radio: Locator) -> None:
        """Press what one sees of it: a radio of ours is transparent, its label stands for it."""
        radio.locator("xpath=ancestor::label").click()
        expect(radio).to_be_checked()

    def heading(self) -> Locator:
        return self.page.get_by_role("heading", level=1)

    def at_instant(self, instant: str | None) -> Locator:
        """The picker's radio of that instant; its name depends on who looks."""
        return self.page.locator(f"#picker [value='{instant}']")

    def resize(self, width: int, scheme: str) -> None:
        self.page.set_viewport_size({"width": width, "height": HEIGHT})
        self.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]

    def _shows_focus(self) -> bool:
        """At once or, on a busy machine, when the browser has drawn it."""
        for _ in range(LOOKS):
            if self.page.evaluate(OUTLINED):
                return True
            self.page.wait_for_timeout(100)
        return False

    def tab_to(self, target: Locator) -> None:
        """Press Tab until the focus is there, and see that it shows."""
        wanted = target.element_handle()
        for _ in range(TABS):
            self.page.keyboard.press("Tab")
            if self.page.evaluate("(wanted) => document.activeElement === wanted", wanted):
                assert self._shows_focus(), f"no focus to be seen on {target}"
                return
        raise AssertionError(f"Tab never arrives at {target}")


# The outline is the element's own, or that of the label or cell that stands for it.
OUTLINED = """() => {
  for (let at = document.activeElement; at && at !== document.body; at = at.parentElement) {
    const { outlineStyle, outlineWidth } = getComputedStyle(at);
    if (outlineStyle !== "none" && parseFloat(outlineWidth) >= 2) return true;
  }
  return false;
}"""


def overflow(page: Page) -> list[str]:
    """What makes the page scroll sideways: the elements that end beyond its right edge."""
    return list(page.evaluate(OVERFLOWING))


OVERFLOWING = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  return [...document.querySelectorAll("body *")]
    .filter((each) => each.getBoundingClientRect().right > width + 1)
    .map((each) => each.outerHTML.slice(0, 120));
}"""
