"""What Stripe says of currencies: how many decimals, the smallest step, what can be charged and paid out."""

from __future__ import annotations

from stripe_emulator.errors import Invalid

ZERO = "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf"
TWO = (
    "aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bmd bnd bob brl bsd bwp byn bzd cad cdf chf "
    "cny cop crc cve czk dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gtq gyd hkd hnl htg huf idr ils inr "
    "isk jmd kes kgs khr kyd kzt lak lbp lkr lrd lsl mad mdl mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn "
    "nio nok npr nzd pab pen pgk php pkr pln qar ron rsd rub sar sbd scr sek sgd shp sle sos srd std szl thb "
    "tjs top try ttd twd tzs uah ugx usd uyu uzs wst xcd yer zar zmw"
)
THREE = "bhd jod kwd omr tnd"
PLACES = {code: count for count, codes in ((0, ZERO), (2, TWO), (3, THREE)) for code in codes.split()}
# Charged with two decimals, which have to be zeros.
WHOLE = frozenset({"isk", "ugx"})
PAID_OUT_WHOLE = WHOLE | {"huf", "twd"}

MINIMUMS = {
    "aed": 200, "aud": 50, "bgn": 100, "brl": 50, "cad": 50, "chf": 50, "czk": 1500, "dkk": 250, "eur": 50,
    "gbp": 30, "hkd": 400, "huf": 17500, "inr": 50, "jpy": 50, "mxn": 1000, "myr": 200, "nok": 300, "nzd": 50,
    "pln": 200, "ron": 200, "sek": 300, "sgd": 50, "thb": 1000, "usd": 50,
    # Stripe publishes none for these: what half a US dollar comes to, about.
    "bhd": 190, "isk": 7000, "jod": 360, "krw": 700, "kwd": 160, "omr": 200, "tnd": 1600, "twd": 1700,
    "ugx": 180000,
}  # fmt: skip
MOST = 99_999_999


def places(currency: str) -> int:
    """Decimal places of an amount."""
    return PLACES[currency]


def step(currency: str) -> int:
    """Amounts are multiples of this: three decimals end in a zero, and some currencies in two."""
    if currency in WHOLE:
        return 100
    return 10 if currency in THREE.split() else 1


def payout_step(currency: str) -> int:
    """Payouts are multiples of this; what is less stays on the balance."""
    return 100 if currency in PAID_OUT_WHOLE else step(currency)


def least_charge(currency: str) -> int:
    return MINIMUMS.get(currency, step(currency))


def check_currency(currency: str) -> str:
    """The currency in lower case, or `Invalid`."""
    code = currency.lower()
    if code not in PLACES:
        raise Invalid(f"Invalid currency: {currency}", code="parameter_invalid", param="currency")
    return code


def check_amount(amount: int, currency: str, param: str = "amount") -> None:
    """`Invalid` for a part of a step."""
    _check_multiple(amount, step(currency), currency, param)


def check_payout(amount: int, currency: str) -> None:
    """`Invalid` for what no bank can be paid in this currency."""
    _check_multiple(amount, payout_step(currency), currency, "amount")


def check_charge(amount: int, currency: str, param: str = "amount") -> None:
    """`Invalid` for what is too little or too much to charge, or a part of a step."""
    check_amount(amount, currency, param)
    least = least_charge(currency)
    if amount < least:
        raise Invalid(
            f"Amount must be at least {least} {currency} (in minor units).",
            code="amount_too_small",
            param=param,
        )
    if amount > MOST:
        raise Invalid(f"Amount must be no more than {MOST}.", code="amount_too_large", param=param)


def _check_multiple(amount: int, unit: int, currency: str, param: str) -> None:
    if amount % unit:
        raise Invalid(
            f"Invalid amount: {currency} moves in multiples of {unit} (in minor units).",
            code="parameter_invalid_integer",
            param=param,
        )
