"""``manage.py clock [--set INSTANT] [--advance SECONDS] [--reset]``: move the development clock, print it."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core import clock
from core.instants import parse_instant


class Command(BaseCommand):
    help = "Move the development clock that site, jobs, commands and emulator read, and print it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        way = parser.add_mutually_exclusive_group()
        way.add_argument("--set", metavar="INSTANT", dest="instant", help="ISO 8601 with offset")
        way.add_argument("--advance", metavar="SECONDS", type=float)
        way.add_argument("--reset", action="store_true")

    def handle(self, **options: Any) -> None:
        try:
            self._move(options)
        except (ValueError, clock.ClockRefusedError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(clock.now().isoformat().replace("+00:00", "Z"))

    def _move(self, options: dict[str, Any]) -> None:
        if options["instant"]:
            clock.set_to(parse_instant(options["instant"]))
        elif options["advance"] is not None:
            clock.advance(timedelta(seconds=options["advance"]))
        elif options["reset"]:
            clock.reset()
