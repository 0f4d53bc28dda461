"""The slot picker by keyboard alone, on a slow line, on a phone, and while others take times."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser import acts
from tests.browser.accessibility import violations
from tests.browser.screen import PHONE, overflow

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ADA = f"/coaching/{acts.ADA}/"
A_FULL_DAY = 1  # the first may be half over
A_PHONE = {"viewport": {"width": PHONE, "height": 740}, "has_touch": True, "is_mobile": True}


@pytest.fixture
def visitor(look):
    return look().go(ADA)


def press(screen, *keys):
    for key in keys:
        screen.page.keyboard.press(key)


def days(screen):
    return screen.page.locator("#picker day-row a")


def current(screen):
    return screen.page.locator("#picker day-row [aria-current]")


def said(screen):
    return screen.page.locator("body > [role=status]")


def chosen(screen):
    return screen.page.locator("#picker [name=starts_at]:checked")


def day_of(link):
    return re.match(r"\w+ \d+ \w+", link.get_attribute("aria-label")).group()


# By keyboard


def test_the_days_are_one_stop_and_the_arrows_walk_them(visitor):
    page = visitor.page
    visitor.tab_to(current(visitor))
    press(visitor, "End")
    expect(days(visitor).last).to_be_focused()
    press(visitor, "Home", "ArrowRight")
    expect(days(visitor).nth(1)).to_be_focused()
    second = day_of(days(visitor).nth(1))
    press(visitor, "Enter")
    expect(page.locator("#picker-day")).to_contain_text(second)
    expect(days(visitor).nth(1)).to_be_focused()
    expect(said(visitor)).to_contain_text(second)
    press(visitor, "ArrowDown")
    expect(acts.slots(visitor).first).to_be_focused()
    press(visitor, "ArrowUp")
    expect(current(visitor)).to_be_focused()


def test_a_step_beyond_the_strip_turns_the_week(visitor):
    visitor.tab_to(current(visitor))
    last = day_of(days(visitor).last)
    press(visitor, "End", "ArrowRight")
    expect(days(visitor).first).to_be_focused()
    assert day_of(days(visitor).first) != last
    press(visitor, "ArrowLeft")
    expect(days(visitor).last).to_be_focused()
    assert day_of(days(visitor).last) == last
    press(visitor, "PageDown", "PageUp")
    expect(days(visitor).first).to_be_focused()


def test_the_times_are_walked_to_their_ends_and_over_the_days(visitor):
    first_day = day_of(current(visitor))
    visitor.tab_to(acts.slots(visitor).first)
    press(visitor, "End")
    expect(acts.slots(visitor).last).to_be_checked()
    short = acts.slots(visitor).last.get_attribute("data-short")
    expect(visitor.page.get_by_role("button", name=f"Hold {short} for 10 minutes")).to_be_visible()
    press(visitor, "Home")
    expect(acts.slots(visitor).first).to_be_checked()
    press(visitor, "PageDown")
    expect(visitor.page.locator("#picker-day")).not_to_contain_text(first_day)
    expect(acts.slots(visitor).first).to_be_focused()
    expect(chosen(visitor)).to_have_count(0)
    press(visitor, "PageUp")
    expect(visitor.page.locator("#picker-day")).to_contain_text(first_day)


def test_a_day_far_ahead_is_found_in_the_months(visitor):
    page = visitor.page
    visitor.tab_to(page.locator("#picker-month summary"))
    press(visitor, "Enter")
    grid, head = page.get_by_role("grid"), page.locator("#picker-month .month-head b")
    visitor.tab_to(grid.locator("[tabindex='0']"))
    month = head.inner_text()
    press(visitor, "PageDown")
    expect(head).not_to_have_text(month)
    expect(said(visitor)).to_have_text(head.inner_text())
    first = grid.locator("a.date").first
    expect(first).to_be_focused()
    press(visitor, "ArrowDown")
    later = page.locator("#picker a.date:focus")
    name = day_of(later)
    assert name.split()[0] == day_of(first).split()[0]
    press(visitor, "Enter")
    expect(page.locator("#picker-day")).to_contain_text(name)
    expect(current(visitor)).to_be_focused()
    expect(grid).to_be_hidden()


def test_another_zone_is_found_by_offset_or_country_and_the_choice_stays(visitor):
    page = visitor.page
    acts.mark(visitor)
    instant = chosen(visitor).get_attribute("value")
    visitor.tab_to(page.locator("#picker-zone summary"))
    press(visitor, "Enter")
    box = page.get_by_role("combobox", name="Show times in")
    visitor.tab_to(box)
    box.fill("utc+5:30")
    expect(page.get_by_role("option").filter(has_text="Asia/Colombo")).to_have_count(1)
    box.fill("india kolk")
    option = page.get_by_role("option")
    expect(option).to_have_count(1)
    expect(option).to_contain_text(re.compile(r"Asia/Kolkata \(UTC\+5:30\)\d\d:\d\d"))
    press(visitor, "Enter")
    visitor.tab_to(page.get_by_role("button", name="Use this zone"))
    press(visitor, "Enter")
    expect(page.locator("#picker-zone summary strong")).to_have_text("Asia/Kolkata (UTC+5:30)")
    expect(page.locator("#picker-zone summary")).to_be_focused()
    expect(visitor.at_instant(instant)).to_be_checked()
    expect(visitor.at_instant(instant)).to_have_attribute("aria-label", re.compile("Asia/Kolkata$"))


def test_the_zone_of_the_device_is_one_press_away(look):
    visitor = look(timezone_id="America/New_York").go(f"{ADA}?timezone=Asia/Tokyo")
    name = visitor.page.locator("#picker-zone summary strong")
    expect(name).to_contain_text("Asia/Tokyo")
    visitor.page.locator("#picker-zone summary").click()
    visitor.press("Use this device's: America/New York")
    expect(name).to_contain_text("America/New York")
    expect(visitor.page).not_to_have_url(re.compile("timezone"))


def test_another_length_keeps_the_day_and_the_time(visitor):
    press(visitor, "Tab")
    days(visitor).nth(2).click()
    expect(days(visitor).nth(2)).to_have_attribute("aria-current", "date")
    name = acts.mark(visitor)
    instant = chosen(visitor).get_attribute("value")
    longer = visitor.page.locator("#picker").get_by_role("link", name=re.compile("^60 min"))
    visitor.tab_to(longer)
    press(visitor, "Enter")
    expect(visitor.page.locator("#picker").get_by_role("heading", name="Mock interview")).to_be_visible()
    expect(longer).to_be_focused()
    gone = visitor.page.locator("#picker").get_by_role("alert")
    expect(visitor.at_instant(instant).or_(gone).first).to_be_attached()
    expect(visitor.page.locator("#picker-day")).to_contain_text(re.match(r"\w+ \d+ \w+", name).group())


def test_the_way_back_leads_to_a_picker_that_works(visitor):
    page = visitor.page
    for each in (1, 2):
        days(visitor).nth(each).click()
        expect(days(visitor).nth(each)).to_have_attribute("aria-current", "date")
    page.go_back()
    expect(days(visitor).nth(1)).to_have_attribute("aria-current", "date")
    page.locator("#picker-zone summary").click()
    box = page.get_by_role("combobox", name="Show times in")
    box.fill("tokyo")
    expect(page.get_by_role("option")).to_have_count(1)
    visitor.tab_to(page.locator("#picker day-row [tabindex='0']"))
    press(visitor, "Home", "ArrowRight")
    expect(days(visitor).nth(1)).to_be_focused()


# While others take times


def test_the_focus_and_the_open_month_stay_when_another_time_goes(ben, cleo):
    acts.choose_a_time(ben, which=3, day=A_FULL_DAY)
    ben.page.locator("#picker-month summary").click()
    acts.mark(ben, 3)
    theirs = ben.at_instant(acts.slots(ben).nth(6).get_attribute("value"))
    acts.hold_a_time(cleo, which=6, day=A_FULL_DAY)
    expect(theirs).to_have_count(0)
    expect(acts.slots(ben).nth(3)).to_be_checked()
    expect(acts.slots(ben).nth(3)).to_be_focused()
    expect(ben.page.get_by_role("grid")).to_be_visible()
    expect(said(ben)).to_contain_text("No longer free:")
    cleo.press("Another time instead")
    expect(theirs).to_have_count(1)


def test_a_chosen_time_that_goes_is_named_with_the_nearest(ben, cleo):
    acts.choose_a_time(ben, which=4, day=A_FULL_DAY)
    instant = chosen(ben).get_attribute("value")
    cleo.go(f"{ADA}?start={instant}")
    acts.hold(cleo)
    alert = ben.page.locator("#picker").get_by_role("alert")
    expect(alert).to_contain_text("is not free. The nearest times:")
    expect(alert.get_by_role("link")).to_have_count(3)
    expect(acts.slots(ben).and_(ben.page.locator(":focus"))).to_have_count(1)
    near = alert.get_by_role("link").first.get_attribute("aria-label")
    alert.get_by_role("link").first.click()
    expect(acts.slots(ben).and_(ben.page.get_by_label(near))).to_be_checked()
    expect(ben.page.get_by_role("button", name=re.compile(r"^Hold \w{3} \d\d:\d\d"))).to_be_visible()
    cleo.press("Another time instead")


# On a slow line


def test_a_slow_answer_shows_that_it_is_on_its_way_and_the_last_wish_wins(visitor):
    page, asked = visitor.page, []

    def the_first_hangs(route):
        asked.append(route)
        if len(asked) > 1:
            route.continue_()

    page.route("**/coaching/*/?*day=*", the_first_hangs)
    wanted = day_of(days(visitor).nth(2))
    days(visitor).nth(1).click(no_wait_after=True)
    expect(page.locator("slot-picker[data-loading]")).to_be_attached()
    days(visitor).nth(2).click(no_wait_after=True)
    expect(page.locator("#picker-day")).to_contain_text(wanted)
    expect(page.locator("slot-picker[data-loading]")).to_have_count(0)
    expect(page).to_have_url(re.compile(re.escape(current(visitor).get_attribute("href"))))
    visitor.complaints.clear()  # htmx tells the console of the request it gave up


def test_a_line_that_breaks_is_told_and_tried_again(visitor):
    page = visitor.page
    before = page.locator("#picker-day").inner_text()
    page.route("**/coaching/*/?*day=*", lambda route: route.abort())
    days(visitor).nth(1).click()
    expect(page.get_by_role("alert")).to_contain_text("did not load")
    assert page.locator("#picker-day").inner_text() == before
    page.unroute("**/coaching/*/?*day=*")
    wanted = day_of(days(visitor).nth(1))
    days(visitor).nth(1).click()
    expect(page.locator("#picker-day")).to_contain_text(wanted)
    visitor.complaints.clear()  # the broken line itself


# On a phone


def test_on_a_phone_the_times_open_as_a_sheet(look):
    phone = look(**A_PHONE).go(ADA)
    opener = phone.page.get_by_role("link", name="See the times")
    opener.click()
    sheet = phone.page.get_by_role("dialog", name="Choose a time with Ada")
    expect(sheet).to_be_visible()
    assert violations(phone.page) + overflow(phone.page) == []
    wanted = day_of(days(phone).nth(1))
    days(phone).nth(1).click()
    expect(sheet.locator("#picker-day")).to_contain_text(wanted)
    press(phone, "Escape")
    expect(sheet).to_be_hidden()
    expect(opener).to_be_focused()
    expect(phone.page.locator("#book #picker-day")).to_contain_text(wanted)


def test_the_sheet_leads_to_a_hold(look):
    phone = look("ben", **A_PHONE).go(ADA)
    phone.page.get_by_role("link", name="See the times").click()
    acts.mark(phone)
    phone.page.get_by_role("dialog").get_by_role("button", name=re.compile("^Hold")).click()
    expect(phone.heading()).to_have_text("What should Ada know?")
    phone.press("Another time instead")


# Without JavaScript


def test_months_and_nearest_times_need_no_script(look):
    visitor = look(java_script_enabled=False).go(ADA)
    visitor.page.get_by_text("Jump to another month").click()
    visitor.page.get_by_role("link", name="Later month").click()
    month = visitor.page.locator(".month a.date")
    expect(month.first).to_be_visible()
    wanted = day_of(month.nth(3))
    month.nth(3).click()
    expect(visitor.page.locator("#picker-day")).to_contain_text(wanted)
    expect(month.first).to_be_hidden()
    instant = acts.slots(visitor).nth(1).get_attribute("value")
    visitor.go(f"{ADA}?start={instant.replace('0:00Z', '7:00Z')}")
    alert = visitor.page.locator("#picker").get_by_role("alert")
    expect(alert.get_by_role("link")).to_have_count(3)


# The hold


def test_five_more_minutes_keep_the_page_as_it_is(ben):
    acts.hold_a_time(ben, which=8, day=A_FULL_DAY)
    countdown = ben.page.locator("count-down")
    expect(countdown).to_contain_text(re.compile("Held for you: (9|10):"))
    ben.page.get_by_label("What went wrong last time?").fill("I ran out of time")
    ben.tab_to(ben.page.get_by_role("button", name="Five more minutes"))
    press(ben, "Enter")
    expect(countdown).to_contain_text(re.compile("Held for you: 1[45]:"))
    expect(countdown).to_be_focused()
    expect(ben.page.get_by_role("button", name="Five more minutes")).to_have_count(0)
    expect(ben.page.get_by_label("What went wrong last time?")).to_have_value("I ran out of time")
    ben.press("Another time instead")


def test_a_countdown_that_ends_shows_the_way_on(ben):
    ben.page.clock.install()
    acts.hold_a_time(ben, which=9, day=A_FULL_DAY)
    expect(ben.page.locator("count-down")).to_contain_text(re.compile(r": \d+:\d\d"))
    ben.page.clock.fast_forward("11:00")
    expect(ben.page.locator("count-down")).to_have_text(re.compile("The hold has ended"))
    expect(ben.page.get_by_role("link", name="See what is free now")).to_be_visible()
    expect(ben.page.get_by_role("button", name="Five more minutes")).to_be_hidden()
    ben.go(ADA)
