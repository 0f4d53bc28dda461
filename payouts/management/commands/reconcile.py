"""``manage.py reconcile [PART…] [--since INSTANT]``: what we have beside what Stripe has."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core import clock
from core.instants import parse_instant
from payouts.domain.reconciling import COMPARERS, reconcile
from payouts.models import Comparison, Difference


class Command(BaseCommand):
    help = "Compare our books with each other and with Stripe; exit 1 and a list when something differs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(sorted(COMPARERS))}")
        parser.add_argument(
            "--since", metavar="INSTANT", help="look back as far as this, 2026-11-24T18:30:00Z"
        )

    def handle(self, *, parts: list[str], since: str | None, **_options: Any) -> None:
        unknown = sorted(set(parts) - set(COMPARERS))
        if unknown:
            raise CommandError(f"There is no such part: {', '.join(unknown)}")
        names = parts or list(COMPARERS)
        reconcile(clock.now(), names=names, since=_instant(since) if since else None)
        asked = list(Comparison.objects.filter(name__in=names).order_by("name"))
        for comparison in asked:
            self.stdout.write(f"{comparison.name}: {_outcome(comparison)}")
        self._say_what_differs(names)

    def _say_what_differs(self, names: list[str]) -> None:
        differences = list(Difference.objects.open().filter(comparison__name__in=names))
        troubled = Comparison.objects.filter(name__in=names).exclude(trouble="").count()
        if differences or troubled:
            listed = "\n".join(str(difference) for difference in differences)
            complaint = f"reconcile: {len(differences)} differences, {troubled} parts unknown\n{listed}"
            raise CommandError(complaint, returncode=1)


def _outcome(comparison: Comparison) -> str:
    return f"unknown, {comparison.trouble}" if comparison.is_unknown else f"{comparison.found} differ"


def _instant(text: str) -> datetime:
    try:
        return parse_instant(text)
    except ValueError as error:
        raise CommandError(f"--since: {error}") from error
