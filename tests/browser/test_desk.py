"""The coach's schedule and week: with the keys alone, painted with a pointer, and without JavaScript."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def window(screen, day, number, edge):
    return screen.page.get_by_label(f"{day}, window {number}, {edge}", exact=True)


def preview(screen):
    return screen.page.locator("#preview-times")


def test_a_week_is_written_copied_and_previewed_with_the_keys_alone(ada):
    page, keys = ada.page, ada.page.keyboard
    main = page.get_by_role("main")

    def press(name):
        ada.tab_to(main.get_by_role("button", name=name))
        keys.press("Enter")

    ada.go("/desk/availability/")
    press("Add a window, Sunday")
    start, end = window(ada, "Sunday", 1, "from"), window(ada, "Sunday", 1, "to")
    expect(start).to_be_focused()
    start.fill("10:00")
    end.fill("11:30")
    ada.tab_to(page.get_by_role("combobox", name="Seen from"))
    keys.press("Control+A")
    keys.type("Tokyo")
    expect(page.get_by_role("option", name=re.compile("Tokyo"))).to_be_visible()
    keys.press("Enter")
    expect(preview(ada)).to_contain_text("Times in Asia/Tokyo (UTC+9)")
    expect(preview(ada).get_by_text(re.compile("^Sun "))).not_to_have_count(0)
    expect(preview(ada).locator("li", has_text=re.compile("Sun ")).last).to_contain_text("18:00")

    ada.go("/desk/availability/")
    copy = page.locator("summary", has_text="Copy the hours of Saturday")
    ada.tab_to(copy)
    keys.press("Enter")
    ada.tab_to(page.locator("details[open]").get_by_label("Sunday"))
    keys.press("Space")
    ada.tab_to(page.get_by_role("button", name="Copy Saturday"))
    keys.press("Enter")
    expect(copy).to_be_focused()
    expect(window(ada, "Sunday", 1, "from")).to_have_value(window(ada, "Saturday", 1, "from").input_value())
    expect(page.get_by_text("Not saved yet.")).to_be_visible()


def test_dates_are_ticked_and_closed_with_the_keys_alone(ada):
    page, keys = ada.page, ada.page.keyboard
    ada.go("/desk/availability/")
    ada.tab_to(page.get_by_role("button", name="Later month"))
    keys.press("Enter")
    expect(page.locator("#id_exceptions")).to_be_focused()
    dates = page.locator(".date-choice input")
    for number in (2, 3):
        ada.tab_to(dates.nth(number))
        keys.press("Space")
    ada.tab_to(page.get_by_role("button", name="Day off on the dates you ticked"))
    keys.press("Enter")

    for number in (2, 3):
        expect(dates.nth(number)).to_have_accessible_name(re.compile(", day off$"))
    expect(page.get_by_role("list", name="Single dates").get_by_role("listitem")).to_have_count(2)


def test_a_rhythm_is_said_in_words_and_saved_with_the_keys_alone(look):
    mia = look("mia")
    page, keys = mia.page, mia.page.keyboard
    mia.go("/desk/availability/")
    mia.tab_to(page.get_by_role("button", name="Add a rhythm"))
    keys.press("Enter")
    every = page.get_by_label("Repeats")
    expect(every).to_be_focused()
    keys.type("The first")
    expect(every).to_have_value("first")
    page.get_by_label("From", exact=True).fill("2026-12-01")
    mia.tab_to(page.get_by_role("checkbox", name="Saturday", exact=True))
    keys.press("Space")
    window(mia, "rule 1", 1, "from").fill("08:00")
    window(mia, "rule 1", 1, "to").fill("09:00")
    mia.tab_to(page.get_by_role("button", name="Save these hours"))
    keys.press("Enter")

    expect(page.get_by_text("Saved. Candidates see the new times already.")).to_be_visible()
    expect(every).to_have_value("first")
    expect(page.get_by_role("checkbox", name="Saturday", exact=True)).to_be_checked()
    mia.tab_to(page.get_by_role("link", name="Other rhythms"))
    keys.press("Enter")
    mia.tab_to(page.get_by_role("button", name="Remove rhythm 1"))
    keys.press("Enter")
    expect(page.get_by_role("button", name="Add a rhythm")).to_be_focused()
    mia.tab_to(page.get_by_role("button", name="Save these hours"))
    keys.press("Enter")
    expect(every).to_have_count(0)


def test_hours_are_painted_with_the_pointer(ada):
    page = ada.page
    ada.go("/desk/availability/")
    picture = page.locator("hours-grid svg")
    picture.scroll_into_view_if_needed()
    box = picture.bounding_box()

    def at(day, hour):
        return (box["x"] + box["width"] * (day + 0.5) / 7, box["y"] + box["height"] * hour / 24)

    page.mouse.move(*at(5, 20.1))
    page.mouse.down()
    page.mouse.move(*at(6, 21.9), steps=4)
    page.mouse.up()

    expect(window(ada, "Sunday", 1, "from")).to_have_value("20:00")
    expect(window(ada, "Sunday", 1, "to")).to_have_value("22:00")
    expect(page.get_by_text("Not saved yet.")).to_be_visible()


def test_arrows_walk_the_week_and_enter_says_why(ada):
    page, keys = ada.page, ada.page.keyboard
    ada.go("/desk/calendar/")
    cell = page.locator(".week-cells a[tabindex='0']")
    ada.tab_to(cell)
    first = cell.get_attribute("aria-label")
    for key in ("ArrowDown", "ArrowDown", "ArrowRight", "ArrowLeft", "ArrowUp"):
        keys.press(key)
    asked = cell.get_attribute("aria-label")
    assert asked != first
    keys.press("Enter")

    answer = page.locator("#why-popover")
    expect(answer).to_be_visible()
    expect(answer.get_by_role("heading")).to_be_focused()
    expect(answer).to_contain_text(re.compile("Offered|Not offered"))
    keys.press("Escape")
    expect(answer).to_be_hidden()
    expect(cell).to_be_focused()
    assert ada.path == "/desk/calendar/"


def test_without_javascript_the_week_answers_and_the_editor_edits(look):
    plain = look("ada", java_script_enabled=False)
    page = plain.page
    page.goto("/desk/calendar/")
    page.locator(".week-cells a").nth(3).click()
    expect(page.locator("#why")).to_contain_text(re.compile("Offered|Not offered"))
    page.get_by_label("Day and time").fill("2030-01-01T10:00")
    plain.press("Tell me why")
    expect(page.locator("#why")).to_contain_text("Bookings are open")

    page.goto("/desk/availability/")
    plain.press("Add a window, Sunday")
    expect(window(plain, "Sunday", 1, "from")).to_be_visible()
    window(plain, "Sunday", 1, "from").fill("10:00")
    window(plain, "Sunday", 1, "to").fill("12:00")
    plain.press("Preview without saving")
    expect(preview(plain).locator("li", has_text=re.compile("Sun "))).not_to_have_count(0)
    expect(page.get_by_text("Not saved yet.")).to_be_visible()
