"""Makes the people of ``people.toml``: accounts, profiles, offers, schedules. Twice is once."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.text import slugify

from accounts.domain.people import create_verified_user
from accounts.domain.second_factor import enrol
from accounts.models import User
from core.money import Money
from marketplace.domain.offers import create_offer
from marketplace.domain.profiles import index_profile, retell_offers
from marketplace.models import Coach, Company, Employment
from marketplace.rules.vocabulary import CoachKind, OfferKind
from marketplace.states import CoachState
from payments.rules import worth
from scheduling.domain.schedules import replace_availability
from scheduling.rules.availability_input import parse_availability

HOUR, HALF_HOUR, INTRO = 60, 30, 15
QUOTA_OF_A_MENTOR = 8
CHECKED_ON = date(2026, 3, 16)


@cache
def cast() -> dict[str, Any]:
    """All of ``people.toml``."""
    return tomllib.loads(Path(__file__).with_name("people.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Guide:
    """A coach or mentor of the demo, and what the file says of him."""

    coach: Coach
    said: dict[str, Any]


def make_people(*, now: datetime) -> None:
    """Everybody, with the password of the file. Who is there already is left alone."""
    for kind in ("candidates", "others"):
        for said in cast()[kind]:
            _account(said)
    for said in cast()["operations"]:
        olu = _account(said)
        User.objects.filter(pk=olu.pk).update(is_staff=True, is_superuser=True)
        enrol(olu, said["second_factor"])
    for said in cast()["guides"]:
        _guide(said, now=now)


def guides() -> Iterator[Guide]:
    """The coaches and mentors of the file, Ada first."""
    coaches = {coach.user.email: coach for coach in Coach.objects.select_related("user")}
    for said in cast()["guides"]:
        yield Guide(coaches[said["email"]], said)


def candidates() -> list[User]:
    """The candidates of the file; Ben and Cleo come first."""
    emails = [said["email"] for said in cast()["candidates"]]
    return sorted(User.objects.filter(email__in=emails), key=lambda user: emails.index(user.email))


def _account(said: dict[str, Any]) -> User:
    user = User.objects.filter(email=said["email"]).first()
    if user is None:
        user = create_verified_user(said["email"], password=cast()["password"], name=said["name"])
        user.timezone = said["zone"]
        user.save(update_fields=["timezone"])
    return user


@transaction.atomic
def _guide(said: dict[str, Any], *, now: datetime) -> None:
    user = _account(said)
    if Coach.objects.filter(user=user).exists():
        return
    coach = Coach.objects.create(
        user=user,
        slug=slugify(said["name"]) or user.email.partition("@")[0],
        kind=CoachKind(said["kind"]),
        state=CoachState.LIVE,
        name=said["name"],
        headline=said["headline"],
        bio=cast()["stories"][said["story"]],
        seniority=said["seniority"],
        interview_types=said["types"],
        languages=said["languages"],
        monthly_quota=QUOTA_OF_A_MENTOR if said["kind"] == CoachKind.MENTOR else None,
        created_at=now,
    )
    _employ(coach, said["jobs"])
    index_profile(coach)
    hours = {"timezone": said["zone"], "weekly": cast()["hours"][said["hours"]]}
    replace_availability(user, parse_availability(hours, default_timezone=said["zone"]), by=user, now=now)
    for offer in _offers(said):
        create_offer(coach, offer, by=user, now=now)
    retell_offers(coach.pk, now=now)


def _employ(coach: Coach, jobs: list[list[Any]]) -> None:
    for code, first, last in jobs:
        company, _ = Company.objects.get_or_create(code=code, defaults={"name": cast()["companies"][code]})
        Employment.objects.create(
            coach=coach,
            company=company,
            from_year=first,
            to_year=last or None,
            checked_on=CHECKED_ON if last else None,
        )


def _offers(said: dict[str, Any]) -> Iterator[dict[str, Any]]:
    approves = said.get("approves", False)
    price = Money(worth(said.get("price", 0), settings.CURRENCY), settings.CURRENCY)
    yield _offer("Mock interview", HOUR, price, needs_approval=approves)
    if "half_hour" in said:
        half = Money(worth(said["half_hour"], settings.CURRENCY), settings.CURRENCY)
        yield _offer("Focused drill", HALF_HOUR, half, needs_approval=approves)
    if price:
        yield _offer("Intro call", INTRO, Money(0, settings.CURRENCY), kind=OfferKind.INTRO)


def _offer(name: str, minutes: int, price: Money, **more: Any) -> dict[str, Any]:
    return {
        "slug": slugify(f"{name} {minutes}"),
        "name": name,
        "duration_minutes": minutes,
        "price": price,
        "kind": OfferKind.SESSION,
        **more,
    }
