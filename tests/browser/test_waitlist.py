"""Waiting for a time and following one's sessions, by keyboard and without JavaScript."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

COACH = "/coaching/ada-okafor/"


def test_joining_and_leaving_by_keyboard(look):
    screen = look("cleo")
    screen.go(COACH)
    screen.page.locator(".waitlist summary").focus()
    screen.page.keyboard.press("Enter")
    button = screen.page.get_by_role("button", name="Tell me when a time is free")
    expect(button).to_be_visible()
    button.focus()
    screen.page.keyboard.press("Enter")
    expect(screen.page.locator(".waitlist")).to_contain_text(re.compile(r"number \d+ in line"))
    screen.go("/sessions/waitlist/")
    leave = screen.page.get_by_role("button", name=re.compile("^Leave the waitlist of"))
    leave.focus()
    screen.page.keyboard.press("Enter")
    expect(screen.page.get_by_role("heading", name="You wait for nothing")).to_be_visible()


def test_a_private_address_without_javascript(look):
    screen = look("cleo", java_script_enabled=False)
    screen.go("/sessions/calendar/")
    screen.press(re.compile("^(Make a private|Replace it)"))
    address = screen.page.get_by_label("Address of your sessions").input_value()
    assert screen.page.request.get(address).headers["content-type"] == "text/calendar; charset=utf-8"
    expect(screen.page.get_by_role("button", name="Copy the address")).to_be_hidden()
    screen.press("Close it")
    assert screen.page.request.get(address).status == 404
