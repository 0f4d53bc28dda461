"""What the style guide and the home page put into components: invented people, times near ``now``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.core.paginator import Page, Paginator

from core import charts
from core.money import Money
from core.templatetags.formats import money_short
from core.widgets import Combobox
from payments.rules import worth

STEPS = ("Time", "Prepare", "Pay", "Confirmed")
SLOTS_BY_DAY = (0, 2, 5, 0, 6, 3, 1)
SLOT_TIMES = ("09:00", "09:30", "13:00", "17:30", "18:30", "19:00")
MANY_TIMES = ("08:00", "08:30", "09:00", "11:30", "13:00", "14:30", "15:00", "18:00", "18:30", "21:00")
SKILLS = ("Structure", "User insight", "Creativity", "Prioritisation", "Communication")
COMPANIES = ("Amazon", "Apple", "Microsoft", "Netflix", "Shopify", "Spotify", "Stripe")
WEEKS = tuple(f"W{week}" for week in range(36, 48))
PAID = (600, 700, 500, 800, 900, 600, 1000, 1100, 800, 900, 400, 0)
HELD = (200, 100, 300, 200, 200, 400, 300, 200, 400, 500, 800, 900)


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a week strip or month grid."""

    on: date
    count: int
    href: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class PolicyStep:
    percent: int
    until: datetime | None
    amount: Money


@dataclass(frozen=True, slots=True)
class FacetOption:
    label: str
    count: int
    href: str
    on: bool = False


class SampleForm(forms.Form):
    """One field of each kind, shown empty, filled and refused."""

    name = forms.CharField(label="Name", help_text="As your coach will read it.")
    email = forms.EmailField(label="E-mail address")
    focus = forms.CharField(
        label="What went wrong last time?", widget=forms.Textarea(attrs={"rows": 3}), required=False
    )
    level = forms.ChoiceField(label="Level", choices=[("pm", "Product manager"), ("senior", "Senior PM")])
    zone = forms.ChoiceField(label="Time zone", widget=Combobox)
    kind = forms.ChoiceField(
        label="Who writes first?",
        choices=[("me", "I do"), ("coach", "The coach does")],
        widget=forms.RadioSelect,
    )
    topics = forms.MultipleChoiceField(
        label="Topics",
        choices=[("design", "Product design"), ("metrics", "Success metrics")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    resume = forms.FileField(label="CV", help_text="PDF or Word, up to 5 MB.", required=False)
    terms = forms.BooleanField(label="I read the cancellation policy")

    def __init__(self, *args: Any, zones: Any = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zone = self.fields["zone"]
        assert isinstance(zone, forms.ChoiceField)  # noqa: S101
        zone.choices = zones


def dollars(amount: int) -> Money:
    """As much, about, in the currency of this site."""
    return Money(worth(amount * 100, settings.CURRENCY), settings.CURRENCY)


def picker(now: datetime, zone: ZoneInfo) -> dict[str, Any]:
    """A week of days, the times of the chosen one, a month around it."""
    today = now.astimezone(zone).date()
    days = [
        Day(today + timedelta(days=index), count, "#week-strip", current=index == SLOTS_BY_DAY.index(5))
        for index, count in enumerate(SLOTS_BY_DAY)
    ]
    chosen = next(day for day in days if day.current)
    return {
        "days": days,
        "day": chosen,
        "starts": _instants(chosen.on, SLOT_TIMES[:5], zone),
        "many_starts": _instants(chosen.on, MANY_TIMES, zone),
        "chosen": _instants(chosen.on, SLOT_TIMES[3:4], zone)[0],
        "month": _month(chosen.on),
    }


def policy_steps(start: datetime, paid: Money) -> list[PolicyStep]:
    half, _ = paid.share(5_000)
    return [
        PolicyStep(100, start - timedelta(hours=24), paid),
        PolicyStep(50, start - timedelta(hours=2), half),
        PolicyStep(0, None, Money(0, paid.currency)),
    ]


def drawings() -> dict[str, charts.Chart]:
    """One chart of each kind."""

    def write(value: int) -> str:
        return money_short(dollars(value)) if value else "0"

    return {
        "bar_chart": charts.bar_chart(WEEKS, PAID, name="paid", write=write),
        "stacked_chart": charts.stacked_chart(
            WEEKS, [charts.Series("paid", PAID), charts.Series("held or available", HELD)], write=write
        ),
        "line_chart": charts.line_chart(
            WEEKS, [charts.Series("this year", PAID), charts.Series("last year", PAID[::-1])], write=write
        ),
        "radar_chart": charts.radar_chart(
            SKILLS,
            [charts.Series("this session", (4, 3, 2, 4, 5)), charts.Series("first session", (2, 2, 3, 2, 3))],
        ),
        "empty_chart": charts.bar_chart((), (), name="paid"),
    }


def pages(number: int) -> Page[int]:
    return Paginator(range(240), 20).page(number)


def _instants(on: date, times: Sequence[str], zone: ZoneInfo) -> list[datetime]:
    return [datetime.combine(on, time.fromisoformat(at), tzinfo=zone) for at in times]


def _month(chosen: date) -> list[list[Day | None]]:
    first = chosen.replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    days = [first + timedelta(days=index) for index in range((following - first).days)]
    cells: list[Day | None] = [None] * first.weekday()
    cells += [
        Day(
            on,
            SLOTS_BY_DAY[(on - chosen).days % 7 + 2 - 7] if on >= chosen else 0,
            "#month-grid",
            current=on == chosen,
        )
        for on in days
    ]
    cells += [None] * (-len(cells) % 7)
    return [cells[index : index + 7] for index in range(0, len(cells), 7)]


def home_screens(now: datetime, zone: ZoneInfo) -> dict[str, Any]:
    """What the four steps of the home page show: the same components with the same invented session."""
    shown = picker(now, zone)
    return {
        **shown,
        "price": dollars(120),
        "steps": STEPS,
        "policy_steps": policy_steps(shown["chosen"], dollars(120)),
        "radar_chart": drawings()["radar_chart"],
    }
