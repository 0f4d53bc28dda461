"""Every page, who looks at it, and how that person gets there."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import expect

from tests.browser import acts, billing
from tests.browser.screen import LOOKS, PASSWORD, Screen

Way = Callable[[Screen], object]


@dataclass(frozen=True)
class Place:
    """One page: ``name`` for its pictures, ``who`` sees it (nobody: a visitor), ``way`` a path or steps."""

    name: str
    way: str | Way
    who: str = ""

    def visit(self, screen: Screen) -> None:
        if isinstance(self.way, str):
            screen.go(self.way)
        else:
            self.way(screen)
        expect(screen.heading().first).to_be_visible()
        screen.page.wait_for_load_state("load")


def emulator(path: str) -> Way:
    return lambda screen: screen.go(f"{screen.emulator}{path}")


def wrong_password(screen: Screen) -> None:
    screen.go("/accounts/login/")
    screen.page.get_by_label("Email").fill("nobody@demo.test")
    screen.page.get_by_label("Password", exact=True).fill("not the password")
    screen.press("Sign in")
    expect(screen.page.get_by_role("alert")).to_be_visible()


def wrong_sign_up(screen: Screen) -> None:
    screen.go("/accounts/signup/")
    screen.page.get_by_label("Email").fill("nobody@demo.test")
    screen.page.get_by_label("Password", exact=True).fill("short")
    screen.press("Create the account")
    expect(screen.page.locator(".error").first).to_be_visible()


def reset_link_sent(screen: Screen) -> None:
    screen.go("/accounts/password/reset/")
    screen.page.get_by_label("Email").fill("nobody@demo.test")
    screen.press("Send the link")
    screen.page.wait_for_url("**/done/")


def first_of(path: str, name: str, having: str = "") -> Way:
    """The first line of a list whose link says ``name``, where the line says ``having``."""

    def way(screen: Screen) -> None:
        screen.go(path)
        lines = screen.page.get_by_role("main").get_by_role("listitem").filter(has_text=having)
        lines.get_by_role("link", name=re.compile(name)).first.click()

    return way


def a_purchase(screen: Screen) -> None:
    first_of("/purchases/", " with ", "Visa")(screen)


def an_invoice(screen: Screen) -> None:
    """Issued by whoever comes first; afterwards it is there."""
    a_purchase(screen)
    issue = screen.page.get_by_role("button", name="Issue the invoice")
    written = screen.page.get_by_role("link", name=re.compile("^Invoice INV-"))
    issue.or_(written).first.click()
    screen.page.wait_for_url("**/papers/**")


def letter(screen: Screen) -> None:
    """A scorecard, by the line of the inbox that tells of it."""
    screen.go("/inbox/")
    screen.page.get_by_role("button", name=re.compile("^(Unread: )?Your scorecard from")).first.click()


def then(way: Way, name: str) -> Way:
    """There, and on by the link that says ``name``."""

    def further(screen: Screen) -> None:
        way(screen)
        screen.follow(re.compile(name))

    return further


def lost_race(screen: Screen) -> None:
    """Somebody took the time in the moment before: here it is Ben's own window of a minute ago."""
    acts.choose_a_time(screen)
    button = screen.page.locator("#picker form [name=starts_at]").first
    button.evaluate("radio => radio.value = '2026-01-05T09:00:00Z'")
    screen.press(re.compile("^Hold"))
    expect(screen.page.get_by_role("alert")).to_be_visible()


def a_time_that_is_none(screen: Screen) -> None:
    """A shared link to a time between two others, with its month open."""
    screen.go("/coaching/ada-okafor/")
    start = acts.slots(screen).first.get_attribute("value") or ""
    screen.go(f"/coaching/ada-okafor/?month={start[:7]}&start={start.replace('0:00Z', '7:00Z')}")
    expect(screen.page.locator("#picker").get_by_role("alert")).to_be_visible()


def private_address(screen: Screen) -> None:
    screen.go("/sessions/calendar/")
    screen.press(re.compile("^(Make a private|Replace it)"))
    expect(screen.page.get_by_label("Address of your sessions")).to_be_visible()


def wait_form(screen: Screen) -> None:
    """The form to wait for a time, open beside the times."""
    screen.go("/coaching/ada-okafor/")
    screen.page.get_by_text("Join the waitlist").click()
    expect(screen.page.get_by_role("button", name="Tell me when a time is free")).to_be_visible()


def weekly(screen: Screen) -> None:
    acts.choose_a_time(screen, day=1)
    screen.press(re.compile("^The same time every week"))


def declined(screen: Screen) -> None:
    acts.go_to_stripe(screen)
    acts.pay_with(screen, acts.DECLINED)
    expect(screen.page.get_by_role("alert")).to_be_visible()


def asked_by_the_bank(screen: Screen) -> None:
    acts.go_to_stripe(screen)
    acts.pay_with(screen, acts.ASKS_THE_BANK)
    expect(screen.page.get_by_role("button", name="Complete authentication")).to_be_visible()


def not_yet_paid(screen: Screen) -> None:
    acts.go_to_payment(screen)
    screen.go(screen.path.replace("/pay/", "/paid/"))


def given_back(screen: Screen) -> None:
    acts.hold_a_time(screen)
    prepared = screen.path
    screen.press("Another time instead")
    expect(screen.page.locator("#picker")).to_be_visible()
    screen.go(prepared)


def questions_refused(screen: Screen) -> None:
    acts.hold_a_time(screen)
    screen.page.get_by_label("Which level?").evaluate("field => { field.maxLength = 9999; }")
    screen.page.get_by_label("Which level?").fill("Principal " * 50)
    screen.press("Continue to payment")
    expect(screen.page.locator(".error").first).to_be_visible()


def calendar_refused(screen: Screen) -> None:
    screen.go("/desk/calendars/")
    screen.page.get_by_label("Address", exact=True).fill("https://127.0.0.1/private.ics")
    screen.press("Connect and read it")
    expect(screen.page.locator(".error").first).to_be_visible()


def offer_refused(screen: Screen) -> None:
    screen.go("/desk/offers/")
    screen.page.locator("form").last.evaluate("form => form.noValidate = true")
    screen.press("Put it on sale")
    expect(screen.page.locator(".error").first).to_be_visible()


def hours_refused(screen: Screen) -> None:
    screen.go("/desk/availability/")
    screen.page.locator("input[type=time]").first.fill("23:00")
    screen.press("Save these hours")
    expect(screen.page.get_by_role("alert")).to_be_visible()


def hours_in_all_forms(screen: Screen) -> None:
    """The editor with a line of everything, and a menu open."""
    screen.go("/desk/availability/")
    screen.page.locator(".date-choice").nth(9).click()
    screen.press("Other hours on the dates you ticked")
    expect(screen.page.get_by_role("list", name="Single dates")).to_be_visible()
    for name in ("Add time off", "Add a trip", "Add a rhythm"):
        screen.press(name)
        removes = re.compile(re.sub("^Add (a )?", "^Remove ", name))
        expect(screen.page.get_by_role("button", name=removes)).to_be_visible()
    screen.page.locator(".copy > summary").first.click()
    screen.page.evaluate("scrollTo(0, 0)")


def half_hour(screen: Screen) -> None:
    """Why a half hour is not offered, beside it."""
    screen.go("/desk/calendar/")
    screen.page.locator(".week-cells a").nth(3).click()
    expect(screen.page.locator("#why-popover")).to_be_visible()


def onboarding(screen: Screen) -> None:
    screen.go("/desk/")
    screen.press(re.compile("Set up payouts"))
    screen.page.wait_for_url(f"{screen.emulator}/**")


def a_line_of_earnings(screen: Screen) -> None:
    screen.go("/desk/earnings/")
    screen.page.get_by_role("main").get_by_role("rowheader").get_by_role("link").first.click()
    expect(screen.page.get_by_role("heading", name="What happened, and when")).to_be_visible()


def express_dashboard(screen: Screen) -> None:
    screen.go("/desk/earnings/")
    screen.press("Your account at Stripe")
    screen.page.wait_for_url(f"{screen.emulator}/**")


def a_credit_note(screen: Screen) -> None:
    """Of a purchase that went back, whose invoice is issued by whoever comes first."""
    first_of("/purchases/", " with ", "Refunded")(screen)
    issue = screen.page.get_by_role("button", name="Issue the invoice")
    credit = screen.page.get_by_role("link", name=re.compile("^Credit note"))
    expect(issue.or_(credit).first).to_be_visible()
    if issue.is_visible():
        purchase = screen.path
        issue.click()
        screen.page.wait_for_url("**/papers/**")
        screen.go(purchase)
    credit.first.click()
    screen.page.wait_for_url("**/papers/**")


def disputed_at_the_bank(screen: Screen) -> None:
    """An order whose buyer went to his bank; the first visit sends him there."""
    first_of("/operations/orders/?q=pablo@demo.test", ".", "$180.00")(screen)
    [charge] = set(re.findall(r"\bch_\w+", screen.page.get_by_label("Payments and history").inner_text()))
    opened = screen.page.get_by_role("heading", name=re.compile("^Disputed:"))
    if not opened.is_visible():
        screen.context.request.post(f"{screen.emulator}/_emulator/disputes", data={"charge": charge})
    for _ in range(LOOKS):
        if opened.is_visible():
            return
        screen.page.wait_for_timeout(500)
        screen.page.reload()
    raise AssertionError("The dispute never came.")


def second_factor(screen: Screen) -> None:
    """The password was right; now the code is asked for."""
    screen.go("/accounts/login/")
    screen.page.get_by_label("Email").fill("olu@demo.test")
    screen.page.get_by_label("Password", exact=True).fill(PASSWORD)
    screen.press("Sign in")
    screen.page.wait_for_url("**/2fa/authenticate/")


def decision_refused(screen: Screen) -> None:
    DISPUTED(screen)
    screen.page.locator("form").filter(has=screen.page.locator("[name=report]")).evaluate(
        "form => form.noValidate = true"
    )
    screen.press("Decide and move the money")
    expect(screen.page.locator(".error").first).to_be_visible()


AHEAD = first_of("/sessions/", "with Priya")
PAST = first_of("/sessions/?past=1", "with", having="Took place")
FOR_ALL = [
    Place("home", "/"),
    Place("directory", "/coaching/"),
    Place("directory-chosen", "/coaching/?interview_type=strategy&language=en&free=week"),
    Place("directory-empty", "/coaching/?q=nobodyisnamedthat&language=de&free=today"),
    Place("mentors", "/mentors/"),
    Place("coach", "/coaching/ada-okafor/"),
    Place("coach-time-gone", a_time_that_is_none),
    Place("coach-nothing-free", "/coaching/ada-okafor/?day=2199-01-01"),
    Place("mentor", "/coaching/mia-lindqvist/"),
    Place("policy", "/policy/"),
    Place("privacy", "/privacy/"),
    Place("accessibility", "/accessibility/"),
    Place("styleguide", "/styleguide/"),
    Place("sign-in", "/accounts/login/?next=/sessions/"),
    Place("sign-in-refused", wrong_password),
    Place("sign-up", "/accounts/signup/"),
    Place("sign-up-refused", wrong_sign_up),
    Place("password-reset", "/accounts/password/reset/"),
    Place("password-reset-sent", reset_link_sent),
    Place("mail-sent", "/accounts/confirm-email/"),
    Place("not-found", "/coaching/nobody-of-that-name/"),
]
OF_CANDIDATES = [
    Place("sessions", "/sessions/", "ben"),
    Place("sessions-past", "/sessions/?past=1", "ben"),
    Place("waitlist", "/sessions/waitlist/", "ben"),
    Place("waitlist-form", wait_form, "ben"),
    Place("calendar-feed", "/sessions/calendar/", "ben"),
    Place("calendar-feed-new", private_address, "ben"),
    Place("session-ahead", AHEAD, "ben"),
    Place("session-answers", then(AHEAD, "^Edit$"), "ben"),
    Place("session-cancel", then(AHEAD, "Cancel this session"), "ben"),
    Place("session-move", then(AHEAD, "Move to another time"), "ben"),
    Place("session-past", PAST, "ben"),
    Place("scorecard", then(letter, "Open and print"), "ben"),
    Place("purchases", "/purchases/", "ben"),
    Place("purchase", a_purchase, "ben"),
    Place("invoice", an_invoice, "ben"),
    Place("credit-note", a_credit_note, "pablo"),
    Place("balance", "/purchases/balance/", "ben"),
    Place("billing-details", "/purchases/billing/", "ben"),
    Place("inbox", "/inbox/", "ben"),
    Place("profile", "/accounts/profile/", "ben"),
    Place("addresses", "/accounts/email/", "ben"),
    Place("password", "/accounts/password/change/", "ben"),
    Place("no-desk", "/desk/", "ben"),
    Place("weekly", weekly, "ben"),
    Place("booking-prepare", acts.hold_a_time, "ben"),
    Place("booking-prepare-refused", questions_refused, "ben"),
    Place("booking-pay", acts.go_to_payment, "ben"),
    Place("booking-unpaid", not_yet_paid, "ben"),
    Place("booking-over", given_back, "ben"),
    Place("booking-lost", lost_race, "ben"),
    Place("stripe-checkout", acts.go_to_stripe, "ben"),
    Place("stripe-declined", declined, "ben"),
    Place("stripe-bank", asked_by_the_bank, "ben"),
    Place("booking-confirmed", acts.book, "ben"),
]
OF_COACHES = [
    Place("desk", "/desk/", "ada"),
    Place("desk-requests", "/desk/requests/", "ada"),
    Place("desk-calendar", "/desk/calendar/", "ada"),
    Place("desk-calendar-why", half_hour, "ada"),
    Place("desk-availability", "/desk/availability/", "ada"),
    Place("desk-availability-full", hours_in_all_forms, "ada"),
    Place("desk-availability-refused", hours_refused, "ada"),
    Place("desk-offers", "/desk/offers/", "ada"),
    Place("desk-offer", first_of("/desk/offers/", "."), "ada"),
    Place("desk-offers-refused", offer_refused, "ada"),
    Place("desk-calendars", "/desk/calendars/", "ada"),
    Place("desk-calendars-refused", calendar_refused, "ada"),
    Place("desk-earnings", "/desk/earnings/", "ada"),
    Place("desk-earning", a_line_of_earnings, "ada"),
    Place("statements", "/desk/statements/", "ada"),
    Place("statement", first_of("/desk/statements/", r"\d{4}$"), "ada"),
    Place("statement-year", then(lambda screen: screen.go("/desk/statements/"), "^Summary of ....$"), "ada"),
    Place("payout-invoices", "/desk/invoices/", "ada"),
    Place("tax-profile", "/desk/tax/", "ada"),
    Place("stripe-express", express_dashboard, "ada"),
    Place("desk-session", first_of("/desk/", "with"), "ada"),
    Place("desk-session-move", then(first_of("/desk/", "with"), "Ask for another time"), "ada"),
    Place("scorecard-edit", first_of("/desk/", "Write it"), "ada"),
    Place("desk-mentor", "/desk/", "mia"),
    Place("stripe-control", emulator("/")),
    Place("stripe-invoice", lambda screen: screen.go(billing.hosted_invoice(screen))),
    Place("stripe-portal", lambda screen: screen.go(billing.portal(screen))),
]
DISPUTED = first_of("/operations/", "disputes the session")
OF_OPERATIONS = [
    Place("operations", "/operations/", "olu"),
    Place("operations-case", DISPUTED, "olu"),
    Place("operations-case-refused", decision_refused, "olu"),
    Place("operations-money", "/operations/money/", "olu"),
    Place("operations-owners", then(lambda screen: screen.go("/operations/money/"), "Payee held"), "olu"),
    Place("operations-orders", "/operations/orders/", "olu"),
    Place("operations-order", first_of("/operations/orders/", ".", "Paid"), "olu"),
    Place("operations-dispute", disputed_at_the_bank, "olu"),
    Place("no-operations", "/operations/", "ben"),
    Place("second-factor", second_factor),
]
PLACES = FOR_ALL + OF_CANDIDATES + OF_COACHES + OF_OPERATIONS
