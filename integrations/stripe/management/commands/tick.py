from __future__ import annotations

from contextlib import nullcontext
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import clock
from core.clock import ClockRefusedError
from core.instants import parse_instant
from integrations.stripe.emulation import EmulatorAwayError
from integrations.stripe.ticking import NeverQuietError, run_until_quiet


class Command(BaseCommand):
    help = "Run every periodic job and deliver the outbox until nothing is due; at --now for this run."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--now", metavar="INSTANT", help="ISO 8601 with an offset, 2026-11-24T18:30:00Z")

    def handle(self, *_args: Any, **options: Any) -> None:
        instant = _instant(options["now"]) if options["now"] else None
        try:
            with clock.frozen_at(instant) if instant else nullcontext():
                counts = run_until_quiet(clock.now())
        except (ClockRefusedError, EmulatorAwayError, NeverQuietError) as error:
            raise CommandError(str(error)) from error
        for name, count in counts.items():
            self.stdout.write(f"{name}: {count}")


def _instant(text: str) -> datetime:
    try:
        return parse_instant(text)
    except ValueError as error:
        raise CommandError(f"--now: {error}") from error
