"""How numbers, money and instants are written. Every page and mail uses these, nothing else does.

Amounts are ``core.money.Money``; instants are aware ``datetime``; zones are IANA names or ``ZoneInfo``.
Offsets stand in place of abbreviations: *CST* is three zones, *UTC-6* is one.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from hashlib import blake2b
from unicodedata import bidirectional
from zoneinfo import ZoneInfo

from babel import Locale
from babel.numbers import format_currency, format_decimal, get_currency_symbol, get_territory_currencies
from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.instants import instant_json, parse_zone
from core.locales import reader_locale
from core.money import Money, exponent, smallest_step, written_places

register = template.Library()

_CODE_THEN_DIGIT = re.compile(r"(?<=[A-Za-z])(?=\d)")
_DECIMALS = re.compile(r"\.0+")
MINUS = "\N{MINUS SIGN}"
TINTS = 12

# Written out, so that a page never mixes in the month names of the reader's browser language.
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


# Money


@register.filter
def money(amount: Money | None) -> str:
    """``$120.00``, ``¥1,200``, ``KWD 1.250`` (no break in it), a true minus; nothing for ``None``.

    That is how the site writes; for a reader in Berlin it is ``120,00 $``.
    """
    return "" if amount is None else _money(amount, whole=False)


@register.filter
def money_short(amount: Money | None) -> str:
    """``$120`` where no minor units are due, ``$97.50`` where they are, ``Free`` for nothing."""
    if amount is None:
        return ""
    if not amount.minor:
        return "Free"
    return _money(amount, whole=amount.minor % 10 ** exponent(amount.currency) == 0)


@register.filter
def negative(amount: Money | None) -> Money | None:
    """The amount as something taken away: a fee of $24.00 is shown below zero."""
    return None if amount is None else -amount


def _money(amount: Money, *, whole: bool) -> str:
    locale = reader_locale()
    code = amount.currency.upper()
    text = format_currency(
        Decimal(abs(amount.minor)).scaleb(-exponent(amount.currency)),
        code,
        format=_with_places(locale, 0 if whole else _shown_places(amount)),
        locale=locale,
        currency_digits=False,
    )
    text = text.replace(get_currency_symbol(code, locale), _sign(code, locale))
    text = _CODE_THEN_DIGIT.sub("\N{NO-BREAK SPACE}", text)
    return _isolated(f"{MINUS}{text}" if amount.minor < 0 else text)


def _shown_places(amount: Money) -> int:
    """All its minor unit has, but for whole money where a currency has nothing else."""
    places = written_places(amount.currency)
    return exponent(amount.currency) if places or amount.minor % smallest_step(amount.currency) else 0


def _with_places(locale: Locale, places: int) -> str:
    pattern: str = locale.currency_formats["standard"].pattern
    return _DECIMALS.sub("." + "0" * places if places else "", pattern)


@lru_cache(maxsize=256)
def _sign(code: str, locale: Locale) -> str:
    """The sign of a currency in the reader's language; one that tells them apart where his own money has it.

    So a dollar is ``$`` in London and in New York, and ``US$`` in Toronto.
    """
    own = get_territory_currencies(str(locale.territory))[0]
    at_large: str = get_currency_symbol(code, Locale(locale.language))
    here: str = get_currency_symbol(code, locale)
    return here if own == code or get_currency_symbol(own, locale) == at_large else at_large


def _isolated(text: str) -> str:
    """Written from right to left it stands by itself, so that it turns nothing around it."""
    turns = any(bidirectional(letter) in {"R", "AL"} for letter in text)
    return f"\N{FIRST STRONG ISOLATE}{text}\N{POP DIRECTIONAL ISOLATE}" if turns else text


# Instants


@register.filter
def in_zone(instant: datetime, zone: str | ZoneInfo) -> datetime:
    """The instant as wall time of that zone."""
    return instant.astimezone(_zone(zone))


@register.filter
def iso(instant: datetime) -> str:
    """``2026-11-24T18:30:00Z``: for ``datetime`` attributes and form values."""
    return instant_json(instant)


@register.filter
def clock(instant: datetime, zone: str | ZoneInfo) -> str:
    """``18:30``."""
    return f"{in_zone(instant, zone):%H:%M}"


@register.filter
def day(instant: datetime | date, zone: str | ZoneInfo | None = None) -> str:
    """``Tue 24 Nov``. A plain date needs no zone."""
    on = _on(instant, zone)
    return f"{WEEKDAYS[on.weekday()][:3]} {on.day} {MONTHS[on.month - 1][:3]}"


@register.filter
def long_day(instant: datetime | date, zone: str | ZoneInfo | None = None) -> str:
    """``Tuesday 24 November``. A plain date needs no zone."""
    on = _on(instant, zone)
    return f"{WEEKDAYS[on.weekday()]} {on.day} {MONTHS[on.month - 1]}"


@register.filter
def slot_name(instant: datetime, zone: str | ZoneInfo) -> str:
    """The full name of a slot's button: ``Tuesday 24 November, 18:30, Europe/London``.

    An hour that occurs twice, when clocks are set back, has its offset: ``01:30 UTC+1``.
    """
    offset = f" {utc_offset(instant, zone)}" if is_ambiguous(instant, zone) else ""
    return f"{long_day(instant, zone)}, {clock(instant, zone)}{offset}, {_zone(zone).key}"


@register.filter
def is_ambiguous(instant: datetime, zone: str | ZoneInfo) -> bool:
    """Whether the wall time of that instant occurs twice on its day."""
    wall = in_zone(instant, zone)
    return wall.replace(fold=0).utcoffset() != wall.replace(fold=1).utcoffset()


@register.filter
def short_slot(instant: datetime, zone: str | ZoneInfo) -> str:
    """``Tue 18:30``: for buttons that say what they do."""
    return f"{day(instant, zone)[:3]} {clock(instant, zone)}"


def relative_day(instant: datetime, zone: str | ZoneInfo, now: datetime) -> str:
    """``Today``, ``Tomorrow``, ``Yesterday``, ``Tue 24 Nov``; with its year when that is another one."""
    on, today = in_zone(instant, zone).date(), in_zone(now, zone).date()
    near = {today: "Today", today + timedelta(days=1): "Tomorrow", today - timedelta(days=1): "Yesterday"}
    if on in near:
        return near[on]
    return day(on) if on.year == today.year else f"{day(on)} {on.year}"


@register.filter(name="offset")
def utc_offset(instant: datetime, zone: str | ZoneInfo) -> str:
    """``UTC+0``, ``UTC-5`` (a true minus), ``UTC+5:30``: how far that zone is from UTC at that instant."""
    offset = in_zone(instant, zone).utcoffset() or timedelta()
    hours, minutes = divmod(int(abs(offset).total_seconds()) // 60, 60)
    sign = MINUS if offset < timedelta() else "+"
    return f"UTC{sign}{hours}" + (f":{minutes:02}" if minutes else "")


@register.filter
def city(zone: str | ZoneInfo) -> str:
    """``Europe/London`` → ``London``; ``America/Argentina/Buenos_Aires`` → ``Buenos Aires``."""
    return _zone(zone).key.rsplit("/", 1)[-1].replace("_", " ")


@register.filter
def zone_name(zone: str | ZoneInfo) -> str:
    """``America/New York``: a zone as one reads it, where no instant says how it stands."""
    return _zone(zone).key.replace("_", " ")


@register.simple_tag
def zone_label(zone: str | ZoneInfo, instant: datetime) -> str:
    """``Europe/London (UTC+0)`` as that zone stands at ``instant``."""
    return f"{zone_name(zone)} ({utc_offset(instant, zone)})"


@register.filter
def sentence(code: str) -> str:
    """A code in words: ``scorecard.delivered`` as *Scorecard delivered*."""
    return code.replace(".", " ").replace("_", " ").capitalize()


@register.simple_tag
def local_time(
    instant: datetime | None,
    zone: str | ZoneInfo,
    style: str = "short",
    label: str = "offset",
    now: datetime | None = None,
) -> SafeString | str:
    """A ``<time>`` in the reader's zone.

    ``style``: ``time`` *18:30* · ``short`` *Tue 24 Nov, 18:30* · ``long`` *Tuesday 24 November 2026, 18:30* ·
    ``day`` *Tue 24 Nov* · ``long_day`` *Tuesday 24 November* · ``relative`` *Today 18:30* (needs ``now``).
    ``label``: ``offset`` *UTC+0* · ``city`` *London* · ``full`` *Europe/London (UTC+0)* · ``none``.
    """
    if instant is None:
        return ""
    return format_html(
        '<time datetime="{}" title="{}">{}{}</time>',
        iso(instant),
        f"{slot_name(instant, zone)} ({utc_offset(instant, zone)})",
        _styled(instant, zone, style, now),
        _zone_part(instant, zone, label),
    )


def _styled(instant: datetime, zone: str | ZoneInfo, style: str, now: datetime | None) -> str:
    if style == "relative":
        if now is None:
            raise template.TemplateSyntaxError("A relative time needs now=.")
        return f"{relative_day(instant, zone, now)} {clock(instant, zone)}"
    at = clock(instant, zone)
    return {
        "time": at,
        "short": f"{day(instant, zone)}, {at}",
        "long": f"{long_day(instant, zone)} {in_zone(instant, zone).year}, {at}",
        "day": day(instant, zone),
        "long_day": long_day(instant, zone),
    }[style]


def _zone_part(instant: datetime, zone: str | ZoneInfo, label: str) -> SafeString | str:
    text = {
        "offset": utc_offset(instant, zone),
        "city": city(zone),
        "full": zone_label(zone, instant),
        "none": "",
    }[label]
    return format_html(' <span class="zone">{}</span>', text) if text else ""


def _zone(zone: str | ZoneInfo) -> ZoneInfo:
    return zone if isinstance(zone, ZoneInfo) else parse_zone(zone)


def _on(instant: datetime | date, zone: str | ZoneInfo | None) -> date:
    if not isinstance(instant, datetime):
        return instant
    return (in_zone(instant, zone) if zone else instant).date()


# Lengths of time and counts


@register.filter
def duration(span: timedelta) -> str:
    """``30 minutes``, ``1 hour``, ``36 hours``, ``7 days``: in days only from four whole days on."""
    seconds = int(span.total_seconds())
    for unit, name, least in ((86_400, "day", 4), (3_600, "hour", 1), (60, "minute", 1), (1, "second", 0)):
        count, rest = divmod(seconds, unit)
        if not rest and count >= least:
            return f"{count} {name}" if count == 1 else f"{count} {name}s"
    raise AssertionError("every length is some number of seconds")


@register.filter
def minutes(count: int) -> timedelta:
    """A number of minutes as a length of time: ``720`` → ``12 hours`` with ``|minutes|duration``."""
    return timedelta(minutes=count)


@register.filter
def percent(basis_points: int) -> str:
    """``2000`` → ``20 %``, ``1750`` → ``17.5 %``."""
    return f"{format_decimal(Decimal(basis_points) / 100, locale=reader_locale())} %"


@register.filter
def thousands(number: int) -> str:
    """``10,000``."""
    return str(format_decimal(number, locale=reader_locale()))


# People


@register.filter
def initials(name: str) -> str:
    """The first letters of the first and the last word: ``Ada Okafor`` → ``AO``."""
    words = [word for word in name.split() if word[0].isalnum()]
    ends = words[:1] + words[1:][-1:]
    return "".join(word[0].upper() for word in ends) or "?"


@register.filter
def tint(name: str) -> int:
    """1 to 12, the same for the same name: which tint stands behind a person's initials."""
    return blake2b(name.encode(), digest_size=2).digest()[0] % TINTS + 1
