"""Recurring dates: the part of RFC 5545's RRULE that speaks of dates, always bounded.

Every question names its last date, and no rule is walked past it: one that never matches ends there too.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
MOST_INTERVAL = 400
MOST_COUNT = 1000
LONGEST = 200
_WEEK = 7
_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Recurrence:
    """Which dates, once a first date is given. Weekdays count from Monday = 0; empty means *not asked*."""

    frequency: str
    interval: int = 1
    weekdays: tuple[int, ...] = ()
    positions: tuple[int, ...] = ()
    month_days: tuple[int, ...] = ()
    months: tuple[int, ...] = ()
    week_start: int = 0
    count: int | None = None
    until: date | None = None

    def dates(self, starts_on: date, first: date, last: date) -> Iterator[date]:
        """The dates from ``first`` to ``last``, both inclusive, of this rule beginning on ``starts_on``."""
        last = min(last, self.until) if self.until else last
        rule = self._filled(starts_on)
        # A count has to be counted from the beginning; everything else may start near the question.
        begin = starts_on if self.count else max(first, starts_on)
        met = 0
        for period_on in rule.periods(starts_on, begin, last):
            for on in rule.within(period_on):
                if on < starts_on:
                    continue
                met += 1
                if on > last or (self.count and met > self.count):
                    return
                if on >= first:
                    yield on

    def hits(self, starts_on: date, days: Collection[date]) -> set[date]:
        """Which of these dates the rule falls on."""
        if self.count and days:
            return {on for on in self.dates(starts_on, min(days), max(days)) if on in days}
        return {on for on in days if next(self.dates(starts_on, on, on), None)}

    def _filled(self, starts_on: date) -> Recurrence:
        """What a rule does not say, its first date says."""
        if self.frequency == "DAILY" or self.weekdays or self.month_days:
            return self
        if self.frequency == "WEEKLY":
            return self._with(weekdays=(starts_on.weekday(),))
        months = self.months or ((starts_on.month,) if self.frequency == "YEARLY" else ())
        return self._with(month_days=(starts_on.day,), months=months)

    def _with(self, **changes: tuple[int, ...]) -> Recurrence:
        values = {name: getattr(self, name) for name in self.__slots__}
        return Recurrence(**{**values, **changes})

    def periods(self, starts_on: date, begin: date, last: date) -> Iterator[date]:
        """First days of the days, weeks, months or years that count, from the one that holds ``begin``."""
        number, limit = self._period(starts_on), self._period(last)
        ahead = max(self._period(begin) - number, 0)
        number += -(-ahead // self.interval) * self.interval
        while number <= limit:
            yield self._period_on(number)
            number += self.interval

    def _period(self, on: date) -> int:
        if self.frequency == "DAILY":
            return on.toordinal()
        if self.frequency == "WEEKLY":
            return (on.toordinal() - 1 - self.week_start) // _WEEK
        return on.year * _MONTHS + on.month - 1 if self.frequency == "MONTHLY" else on.year

    def _period_on(self, number: int) -> date:
        if self.frequency == "DAILY":
            return date.fromordinal(number)
        if self.frequency == "WEEKLY":
            return date.fromordinal(number * _WEEK + 1 + self.week_start)
        if self.frequency == "MONTHLY":
            return date(number // _MONTHS, number % _MONTHS + 1, 1)
        return date(number, 1, 1)

    def within(self, period_on: date) -> list[date]:
        """The dates of one period, in order."""
        if self.frequency == "WEEKLY" and not self.months:
            # Most rules by far: nobody looks at seven days to find one of them.
            steps = sorted((weekday - self.week_start) % _WEEK for weekday in self.weekdays)
            return [period_on + timedelta(days=step) for step in steps]
        length = {"DAILY": 1, "WEEKLY": _WEEK, "MONTHLY": 31, "YEARLY": 366}[self.frequency]
        days = [period_on + timedelta(days=n) for n in range(length)]
        fitting = [on for on in days if self._same_period(on, period_on) and self._fits(on)]
        if not self.positions:
            return fitting
        size = len(fitting)
        places = {place - 1 if place > 0 else size + place for place in self.positions}
        return [fitting[place] for place in sorted(places) if 0 <= place < size]

    def _same_period(self, on: date, period_on: date) -> bool:
        if self.frequency == "MONTHLY":
            return on.month == period_on.month
        return self.frequency != "YEARLY" or on.year == period_on.year

    def _fits(self, on: date) -> bool:
        return (
            (not self.months or on.month in self.months)
            and (not self.weekdays or on.weekday() in self.weekdays)
            and (
                not self.month_days
                or on.day in self.month_days
                or on.day - _length(on) - 1 in self.month_days
            )
        )


def _length(on: date) -> int:
    """How many days the month has."""
    following = date(on.year + on.month // _MONTHS, on.month % _MONTHS + 1, 1)
    return (following - on.replace(day=1)).days


_NUMBER = re.compile(r"[+-]?[0-9]{1,4}")
_NUMBERED_DAY = re.compile(r"([+-]?[0-9]{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
_DATE = re.compile(r"[0-9]{8}")


def parse_rrule(text: str) -> Recurrence:
    """An RRULE as dates.

    ``FREQ`` daily, weekly, monthly or yearly, with ``INTERVAL``, ``BYDAY``, ``BYSETPOS``, ``BYMONTHDAY``,
    ``BYMONTH``, ``WKST`` and one of ``COUNT`` and ``UNTIL`` (a date).

    Raises:
        ValueError: with a sentence for the person who wrote it.
    """
    parts = _parts(text)
    frequency = parts.pop("FREQ", "")
    if frequency not in FREQUENCIES:
        raise ValueError("FREQ is DAILY, WEEKLY, MONTHLY or YEARLY.")
    weekdays, numbers = _weekdays(parts.pop("BYDAY", ""))
    positions = _numbers(parts, "BYSETPOS", -366, 366)
    months = _numbers(parts, "BYMONTH", 1, _MONTHS)
    if numbers:
        _check_numbered(frequency, weekdays, positions, months)
    rule = Recurrence(
        frequency=frequency,
        interval=_one(parts, "INTERVAL", MOST_INTERVAL) or 1,
        weekdays=weekdays,
        positions=positions or numbers,
        month_days=_numbers(parts, "BYMONTHDAY", -31, 31),
        months=months,
        week_start=_week_start(parts.pop("WKST", "MO")),
        count=_one(parts, "COUNT", MOST_COUNT),
        until=_until(parts.pop("UNTIL", "")),
    )
    if parts:
        raise ValueError(f"{min(parts)} is not understood; rules here speak of dates only.")
    if rule.count and rule.until:
        raise ValueError("Give COUNT or UNTIL, not both.")
    if rule.positions and frequency not in {"MONTHLY", "YEARLY"}:
        raise ValueError("BYSETPOS belongs to FREQ=MONTHLY or YEARLY.")
    if rule.positions and not (rule.weekdays or rule.month_days or rule.months):
        raise ValueError("BYSETPOS needs BYDAY, BYMONTHDAY or BYMONTH.")
    if frequency == "WEEKLY" and rule.month_days:
        raise ValueError("BYMONTHDAY does not go with FREQ=WEEKLY.")
    return rule


def _parts(text: str) -> dict[str, str]:
    text = text.strip().upper().removeprefix("RRULE:").rstrip(";")
    if len(text) > LONGEST:
        raise ValueError(f"A rule has at most {LONGEST} characters.")
    parts: dict[str, str] = {}
    for part in text.split(";"):
        name, equals, value = part.partition("=")
        if not equals or not value:
            raise ValueError("Write a rule like FREQ=WEEKLY;INTERVAL=2;BYDAY=TU.")
        if name in parts:
            raise ValueError(f"{name} is given twice.")
        parts[name] = value
    return parts


def _weekdays(text: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """``2TU,3TU`` → Tuesday, the second and the third."""
    if not text:
        return (), ()
    found = [_NUMBERED_DAY.fullmatch(part) for part in text.split(",")]
    if not all(found):
        raise ValueError("BYDAY lists weekdays such as MO,WE or 2TU.")
    days = {DAYS.index(match[2]) for match in found if match}
    numbers = [int(match[1]) for match in found if match and match[1]]
    if not numbers:
        return tuple(sorted(days)), ()
    if len(days) > 1 or len(numbers) < len(found) or 0 in numbers:
        raise ValueError("Numbered weekdays such as 2TU need a rule of their own for each weekday.")
    return tuple(days), tuple(sorted(set(numbers)))


def _check_numbered(
    frequency: str, weekdays: tuple[int, ...], positions: tuple[int, ...], months: tuple[int, ...]
) -> None:
    if frequency not in {"MONTHLY", "YEARLY"}:
        raise ValueError(f"A numbered weekday such as 2{DAYS[weekdays[0]]} belongs to FREQ=MONTHLY.")
    if positions:
        raise ValueError("Number the weekdays or give BYSETPOS, not both.")
    if frequency == "YEARLY" and len(months) > 1:
        raise ValueError("With several months, use FREQ=MONTHLY for numbered weekdays.")


def _numbers(parts: dict[str, str], name: str, least: int, most: int) -> tuple[int, ...]:
    text = parts.pop(name, "")
    if not text:
        return ()
    found = [int(part) if _NUMBER.fullmatch(part) else 0 for part in text.split(",")]
    if not all(number and least <= number <= most for number in found):
        raise ValueError(f"{name} lists numbers from {least} to {most}, without 0.")
    return tuple(sorted(set(found)))


def _one(parts: dict[str, str], name: str, most: int) -> int | None:
    numbers = _numbers(parts, name, 1, most)
    if len(numbers) > 1:
        raise ValueError(f"{name} is one number.")
    return numbers[0] if numbers else None


def _week_start(text: str) -> int:
    if text not in DAYS:
        raise ValueError("WKST is a weekday such as MO.")
    return DAYS.index(text)


def _until(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text) if _DATE.fullmatch(text) else _refuse_until()
    except ValueError:
        return _refuse_until()


def _refuse_until() -> date:
    raise ValueError("UNTIL is a date such as 20261231.") from None
