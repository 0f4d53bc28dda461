"""Stripe's published test cards and what each does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from stripe_emulator.errors import CardDeclined, CardInvalid

LENGTHS, MONTHS, LONGEST_YEARS = range(12, 20), range(1, 13), 50
MESSAGES = {
    "card_declined": "Your card was declined.",
    "insufficient_funds": "Your card has insufficient funds.",
    "expired_card": "Your card has expired.",
    "incorrect_cvc": "Your card's security code is incorrect.",
    "incorrect_number": "Your card number is incorrect.",
    "processing_error": "An error occurred while processing your card. Try again in a little bit.",
    "invalid_expiry_month": "Your card's expiration month is invalid.",
    "invalid_expiry_year": "Your card's expiration year is invalid.",
    "invalid_cvc": "Your card's security code is invalid.",
    "authentication_required": "Your card was declined. This transaction requires authentication.",
}


@dataclass(frozen=True)
class Card:
    """A number and what it does.

    `decline` is ``code`` or ``code/decline_code``. `authentication` is ``always`` (3D Secure at every
    payment), ``unless_set_up`` (not once it was saved for later), ``on_session`` (only with the customer
    there) or nothing. `dispute` is its reason. `refund`: ``pending`` first, or ``fails`` later.
    """

    number: str
    name: str
    about: str
    brand: str = "visa"
    country: str = "US"
    decline: str = ""
    authentication: str = ""
    dispute: str = ""
    disputes: int = 1
    inquiry: bool = False
    refund: str = ""
    instant: bool = False
    attaches: bool = False
    risk: str = "normal"
    warning: bool = False
    fails_check: str = ""

    @property
    def last4(self) -> str:
        return self.number[-4:]

    @property
    def code(self) -> str:
        return self.decline.partition("/")[0]

    @property
    def decline_code(self) -> str:
        return self.decline.partition("/")[2]


CARDS = [
    Card("4242424242424242", "pm_card_visa", "Succeeds"),
    Card("5555555555554444", "pm_card_mastercard", "Succeeds (Mastercard)", brand="mastercard"),
    Card("378282246310005", "pm_card_amex", "Succeeds (American Express, 4-digit code)", brand="amex"),
    Card("4000008260000000", "pm_card_gb", "Succeeds, issued in the United Kingdom", country="GB"),
    Card("4000002760000016", "pm_card_de", "Succeeds, issued in Germany", country="DE"),
    Card("4000000000000077", "pm_card_bypassPending", "Succeeds, funds available at once", instant=True),
    Card(
        "4000003720000278",
        "pm_card_bypassPendingInternational",
        "Succeeds, funds available at once, issued in Ireland",
        country="IE",
        instant=True,
    ),
    Card(
        "4000000000000002", "pm_card_visa_chargeDeclined", "Declined", decline="card_declined/generic_decline"
    ),
    Card(
        "4000000000009995",
        "pm_card_visa_chargeDeclinedInsufficientFunds",
        "Declined: insufficient funds",
        decline="card_declined/insufficient_funds",
    ),
    Card(
        "4000000000009987",
        "pm_card_visa_chargeDeclinedLostCard",
        "Declined: lost card",
        decline="card_declined/lost_card",
    ),
    Card(
        "4000000000009979",
        "pm_card_visa_chargeDeclinedStolenCard",
        "Declined: stolen card",
        decline="card_declined/stolen_card",
    ),
    Card(
        "4000000000000069", "pm_card_chargeDeclinedExpiredCard", "Declined: expired", decline="expired_card"
    ),
    Card(
        "4000000000000127",
        "pm_card_chargeDeclinedIncorrectCvc",
        "Declined: wrong security code",
        decline="incorrect_cvc",
    ),
    Card(
        "4000000000000119",
        "pm_card_chargeDeclinedProcessingError",
        "Declined: processing error",
        decline="processing_error",
    ),
    Card(
        "4000000000006975",
        "pm_card_visa_chargeDeclinedVelocityLimitExceeded",
        "Declined: used too often",
        decline="card_declined/card_velocity_exceeded",
    ),
    Card(
        "4000000000000341",
        "pm_card_chargeCustomerFail",
        "Can be saved, then every charge is declined",
        decline="card_declined/generic_decline",
        attaches=True,
    ),
    Card(
        "4100000000000019",
        "pm_card_radarBlock",
        "Blocked as fraud",
        decline="card_declined/fraudulent",
        risk="highest",
    ),
    Card("4000000000009235", "pm_card_riskLevelElevated", "Succeeds with elevated risk", risk="elevated"),
    Card(
        "4000000000000101",
        "pm_card_cvcCheckFail",
        "Succeeds, security code check fails",
        fails_check="cvc_check",
    ),
    Card(
        "4000000000000036",
        "pm_card_avsZipFail",
        "Succeeds, postal code check fails",
        fails_check="address_postal_code_check",
    ),
    Card(
        "4000002500003155",
        "pm_card_authenticationRequiredOnSetup",
        "3D Secure unless set up before",
        authentication="unless_set_up",
    ),
    Card(
        "4000002760003184",
        "pm_card_authenticationRequired",
        "3D Secure at every payment",
        authentication="always",
    ),
    Card(
        "4000003800000446",
        "pm_card_authenticationRequiredSetupForOffSession",
        "Set up for off-session use, 3D Secure on session",
        authentication="on_session",
    ),
    Card(
        "4000008260003178",
        "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds",
        "3D Secure, then insufficient funds",
        decline="card_declined/insufficient_funds",
        authentication="always",
    ),
    Card(
        "4000000000003220", "pm_card_threeDSecure2Required", "3D Secure 2 required", authentication="always"
    ),
    Card(
        "4000008400001629",
        "pm_card_threeDSecureRequiredChargeDeclined",
        "3D Secure, then declined",
        decline="card_declined/generic_decline",
        authentication="always",
    ),
    Card(
        "4000008400001280",
        "pm_card_threeDSecureRequiredProcessingError",
        "3D Secure, then a processing error",
        decline="processing_error",
        authentication="always",
    ),
    Card("4000000000003055", "pm_card_threeDSecureOptional", "3D Secure supported, not asked for"),
    Card(
        "4000000000000259",
        "pm_card_createDispute",
        "Succeeds, then disputed as fraudulent",
        dispute="fraudulent",
    ),
    Card(
        "4000000000002685",
        "pm_card_createDisputeProductNotReceived",
        "Succeeds, then disputed as not received",
        dispute="product_not_received",
    ),
    Card(
        "4000000000001976",
        "pm_card_createDisputeInquiry",
        "Succeeds, then an inquiry",
        dispute="fraudulent",
        inquiry=True,
    ),
    Card(
        "4000000404000079",
        "pm_card_createMultipleDisputes",
        "Succeeds, then disputed twice",
        dispute="fraudulent",
        disputes=2,
    ),
    Card(
        "4000000000005423",
        "pm_card_createIssuerFraudRecord",
        "Succeeds, then an early fraud warning",
        warning=True,
    ),
    Card(
        "4000000000007726",
        "pm_card_pendingRefund",
        "Succeeds; a refund is pending, then succeeds",
        refund="pending",
    ),
    Card("4000000000005126", "pm_card_refundFail", "Succeeds; a refund succeeds, then fails", refund="fails"),
]
BY_NUMBER = {card.number: card for card in CARDS}
BY_NAME = {card.name: card for card in CARDS}


def passes_luhn(number: str) -> bool:
    digits = [int(digit) for digit in number[::-1]]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def read(number: str, exp_month: int, exp_year: int, cvc: str, now: int) -> Card:
    """The card of a form, or `CardInvalid` for what a card form itself rejects."""
    digits = number.replace(" ", "").replace("-", "")
    if (
        not digits.isascii()
        or not digits.isdecimal()
        or len(digits) not in LENGTHS
        or not passes_luhn(digits)
    ):
        raise invalid("incorrect_number", "number")
    today = datetime.fromtimestamp(now, UTC)
    if exp_month not in MONTHS:
        raise invalid("invalid_expiry_month", "exp_month")
    if not (today.year, today.month) <= (exp_year, exp_month) or exp_year > today.year + LONGEST_YEARS:
        raise invalid("invalid_expiry_year", "exp_year")
    card = BY_NUMBER.get(digits, Card(digits, "", "", decline="card_declined/test_mode_live_card"))
    if not cvc.isascii() or not cvc.isdecimal() or len(cvc) != len(example_cvc(digits)):
        raise invalid("invalid_cvc", "cvc")
    return card


def example_cvc(number: str) -> str:
    """A security code of the right length."""
    card = BY_NUMBER.get(number.replace(" ", ""))
    return "1234" if card is not None and card.brand == "amex" else "123"


def invalid(code: str, param: str) -> CardInvalid:
    return CardInvalid(MESSAGES[code], code=code, param=param)


def declined(card: Card, **more: Any) -> CardDeclined:
    """The refusal of a charge. What happened on the way, the failed charge and its events, stays."""
    message = MESSAGES.get(card.decline_code) or MESSAGES[card.code]
    if card.decline_code:
        more["decline_code"] = card.decline_code
    return CardDeclined(message, code=card.code, keep=True, **more)
