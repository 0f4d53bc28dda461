"""What axe finds on a page, in a form that says where."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

AXE = Axe()
# Nothing is fetched a second time for its sake: no rule we use needs the text of a style sheet.
PLAIN = {"resultTypes": ["violations"], "preload": False}
# Targets of at least 24 pixels belong to WCAG 2.2, and axe leaves that rule off unless asked.
EVERYTHING = PLAIN | {"rules": {"target-size": {"enabled": True}}}
# The only rules that look at colours; the others would say the same of a page twice.
COLOURS = PLAIN | {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}


def violations(page: Page, *, colours_only: bool = False) -> list[str]:
    """A line per rule and element that breaks it."""
    found = AXE.run(page, options=COLOURS if colours_only else EVERYTHING).response["violations"]
    return [f"{rule['id']}: {node['html'][:160]}" for rule in found for node in rule["nodes"]]
