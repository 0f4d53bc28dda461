"""The hosted checkout page and its 3D Secure step."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from stripe_emulator import cards
from stripe_emulator.errors import ApiError, CardDeclined
from stripe_emulator.http import Response
from stripe_emulator.pages.render import Markup, fragment, grouped, join, message, money, page, redirect
from stripe_emulator.resources import checkout_modes, checkout_sessions, promotions, setup_intents
from stripe_emulator.store import Body, Record

if TYPE_CHECKING:
    from stripe_emulator.emulator import Emulator

EXAMPLE = {"number": cards.CARDS[0].number, "expiry": "12/34", "cvc": "123", "name": "", "email": ""}
EXPIRY = re.compile(r"^\s*(\d{1,2})\s*/?\s*(\d{2}|\d{4})\s*$")
CENTURY = 2000
FIELD_OF = {"number": "number", "exp_month": "expiry", "exp_year": "expiry", "cvc": "cvc"}
AUTHENTICATION_FAILED = "authentication"


def show(emulator: Emulator, id: str, query: Body) -> Response:
    with emulator.lock:
        emulator.run_due()
        record = emulator.store.get(checkout_sessions.KIND, id)
    if record is None:
        return message("Nothing here", "There is no checkout session at this address.", status=404)
    if record.body["status"] != "open":
        return _closed(record)
    number = query.get("card", EXAMPLE["number"])
    form = EXAMPLE | {"number": number, "cvc": cards.example_cvc(number)}
    failed = query.get("error") == AUTHENTICATION_FAILED
    error = "Your bank could not confirm that it was you. Please try another card." if failed else ""
    return _page(emulator, record, form, error)


def submit(emulator: Emulator, id: str, form: Body) -> Response:
    if "apply" in form:
        return _apply(emulator, id, form)
    try:
        record = emulator.perform(lambda: checkout_sessions.pay(emulator.world, id, entered(form)), id)
    except CardDeclined as error:
        session = emulator.store.get(checkout_sessions.KIND, id)
        assert session is not None
        return _page(emulator, session, EXAMPLE | form, error.message, FIELD_OF.get(error.param, "number"))
    except ApiError:
        return show(emulator, id, {})
    if record.body["status"] == "open":
        return redirect(f"/3ds/{record.hidden['intent']}")
    return redirect(checkout_sessions.return_url(record))


def _apply(emulator: Emulator, id: str, form: Body) -> Response:
    """A promotion code is entered before the card."""
    try:
        emulator.perform(
            lambda: checkout_sessions.apply_code(emulator.world, id, form.get("promotion_code", ""))
        )
    except ApiError as error:
        record = emulator.store.get(checkout_sessions.KIND, id)
        if record is None or record.body["status"] != "open":
            return show(emulator, id, {})
        return _page(emulator, record, EXAMPLE | form, error.message, "promotion_code")
    return redirect(f"/c/pay/{id}")


def entered(form: Body) -> Body:
    """What a form of the pages says about a card; what cannot be read is no date."""
    match = EXPIRY.match(form.get("expiry", ""))
    month, year = (int(match[1]), int(match[2])) if match else (0, 0)
    return {
        "number": form.get("number", ""),
        "exp_month": month,
        "exp_year": year + CENTURY if year < CENTURY else year,
        "cvc": form.get("cvc", "").strip(),
        "country": form.get("country", "").strip(),
        "postal_code": form.get("postal_code", "").strip(),
        "email": form.get("email") or None,
        "name": form.get("name") or None,
    }


def _closed(record: Record) -> Response:
    if record.body["status"] == "complete":
        done = checkout_sessions.return_url(record)
        return message(
            "Already paid", "This checkout is complete. Nothing more will be charged.", done, "Go on"
        )
    back = record.body["cancel_url"]
    text = "Nothing was charged. Go back and start again if you still want it."
    return message("This checkout has expired", text, back, "Go back")


def _page(emulator: Emulator, record: Record, form: Body, error: str = "", field: str = "") -> Response:
    body = record.body
    total = money(body["amount_total"], body["currency"]) if body["amount_total"] is not None else "Your card"
    back = body["cancel_url"]
    fixed = Markup("readonly") if body["customer_email"] else Markup()
    values = form | {
        "seller": emulator.settings.platform_name,
        "session": record.id,
        "total": total,
        "action": _action(record, total),
        "due": fragment("due", total=total) if body["amount_total"] is not None else Markup(),
        "lines": _lines(record),
        "promotion": _promotion(emulator, record, invalid=field == "promotion_code"),
        "back": fragment("back", url=back) if back else Markup(),
        "email": body["customer_email"] or form.get("email") or "",
        "email_fixed": fixed,
    }
    leads_to = (body["success_url"], back)
    if not checkout_modes.wants_card(record):
        return page(f"Complete your order · {total}", fragment("free", **values), leads_to=leads_to)
    invalid = Markup('aria-invalid="true" aria-describedby="error"')
    values |= {
        f"{name}_error": invalid if name == field else Markup() for name in ("number", "expiry", "cvc")
    }
    values |= {
        "number": grouped(str(form["number"]).replace(" ", "")),
        "error": fragment("error", text=error) if error else Markup(),
        "options": join([fragment("option", value=grouped(c.number), label=c.about) for c in cards.CARDS]),
        "address": _address(emulator, record, form),
        "cards": join([_card(record, card) for card in cards.CARDS]),
    }
    status = 402 if error and field else 200
    title = values["action"]
    return page(title, fragment("checkout", **values), leads_to=leads_to, status=status, wide=True)


def _action(record: Record, total: str) -> str:
    """What the button does."""
    if record.body["mode"] == checkout_modes.SETUP:
        return "Save card"
    if record.body["mode"] == checkout_modes.PAYMENT:
        return f"Pay {total}"
    return f"Subscribe and pay {total}" if record.body["amount_total"] else "Start trial"


def _promotion(emulator: Emulator, record: Record, *, invalid: bool) -> Markup:
    """What is taken off, and the field for a code where one may be entered."""
    body = record.body
    off = (body["total_details"] or {"amount_discount": 0})["amount_discount"]
    coupon = promotions.coupon_of(emulator.world, body["discounts"][0]) if body["discounts"] else {}
    amount, label = money(-off, body["currency"]), coupon.get("name") or "Discount"
    line = fragment("line", name=label, quantity="", amount=amount) if off else Markup()
    if not body["allow_promotion_codes"]:
        return fragment("lines", lines=line)
    error = Markup('aria-invalid="true" aria-describedby="error"') if invalid else Markup()
    return fragment("lines", lines=line) + fragment("promotion", session=record.id, promotion_error=error)


def _address(emulator: Emulator, record: Record, form: Body) -> Markup:
    """Where the customer is, asked where the tax hangs on it."""
    if not record.body["automatic_tax"]["enabled"]:
        return Markup()
    country = form.get("country") or emulator.settings.country
    return fragment("address", country=country, postal_code=form.get("postal_code", ""))


def _lines(record: Record) -> Markup:
    return join(
        [
            fragment(
                "line",
                name=item["description"],
                quantity=_terms(item),
                amount=money(item["amount_subtotal"], item["currency"]),
            )
            for item in record.hidden["line_items"]
        ]
    )


def _terms(item: Body) -> str:
    """How many, and how often at what price."""
    price, parts = item["price"], [f"× {item['quantity']}"] if item["quantity"] > 1 else []
    if price["recurring"]:
        parts.append(f"{money(price['unit_amount'], price['currency'])} {every(price['recurring'])}")
    return " · ".join(parts)


def every(recurring: Body) -> str:
    """``every month``, ``every 3 months``."""
    count, interval = recurring["interval_count"], recurring["interval"]
    return f"every {interval}" if count == 1 else f"every {count} {interval}s"


def _card(record: Record, card: cards.Card) -> Markup:
    url = f"/c/pay/{record.id}?{urlencode({'card': card.number})}"
    return fragment("card", url=url, number=grouped(card.number), about=card.about)


# 3D Secure


def ask(emulator: Emulator, intent_id: str) -> Response:
    with emulator.lock:
        intent = _intent(emulator, intent_id)
        method = intent and emulator.store.find(intent.body["payment_method"] or "")
    if intent is None or method is None or intent.body["status"] != "requires_action":
        return message("Nothing to confirm", "There is nothing here that waits for your bank.", status=404)
    session = _session_of(emulator, intent_id)
    returns = (session.body["success_url"] if session else None, intent.hidden["return_url"])
    body = fragment(
        "secure",
        about=_about(intent),
        seller=emulator.settings.platform_name,
        last4=method.body["card"]["last4"],
        intent=intent_id,
    )
    return page("Confirm with your bank", body, leads_to=returns)


def _about(intent: Record) -> str:
    if intent.type == setup_intents.KIND:
        return "Saving for later payments"
    return f"A payment of {money(intent.body['amount'], intent.body['currency'])}"


def decide(emulator: Emulator, intent_id: str, form: Body) -> Response:
    passed = form.get("outcome") == "complete"
    session = _session_of(emulator, intent_id)
    if session is None:
        return _decide_alone(emulator, intent_id, passed=passed)
    try:
        record = emulator.perform(
            lambda: checkout_sessions.authenticate(emulator.world, session.id, passed=passed), session.id
        )
    except CardDeclined as error:
        if error.code.endswith("_authentication_failure"):
            return redirect(f"/c/pay/{session.id}?error={AUTHENTICATION_FAILED}")
        with emulator.lock:
            return _page(emulator, session, dict(EXAMPLE), error.message, "number")
    except ApiError:
        return redirect(f"/c/pay/{session.id}")
    return redirect(checkout_sessions.return_url(record))


def _decide_alone(emulator: Emulator, intent_id: str, *, passed: bool) -> Response:
    """An intent confirmed without checkout goes back to its own return address."""
    with emulator.lock:
        intent = _intent(emulator, intent_id)
    if intent is None:
        return message("Nothing to confirm", "There is no such payment.", status=404)
    try:
        emulator.perform(
            lambda: checkout_modes.authenticate(emulator.world, intent_id, passed=passed), intent_id
        )
        outcome = "succeeded"
    except ApiError:
        outcome = "failed"
    back = intent.hidden["return_url"]
    if not back:
        return message("Thank you", f"The authentication has {outcome}. You can close this page.")
    mark = "&" if "?" in back else "?"
    return redirect(f"{back}{mark}{urlencode({intent.type: intent_id, 'redirect_status': outcome})}")


def _intent(emulator: Emulator, id: str) -> Record | None:
    """A payment intent or a setup intent."""
    found = emulator.store.find(id)
    return found if found is not None and "next_action" in found.body else None


def _session_of(emulator: Emulator, intent_id: str) -> Record | None:
    with emulator.lock:
        intent = _intent(emulator, intent_id)
        return emulator.store.find(intent.hidden.get("session", "")) if intent else None
