"""``manage.py run``: the embedded default in one command."""

from __future__ import annotations

import logging
import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from config.embedded.ports import add_arguments
from config.embedded.refusal import CannotStartError


class Command(BaseCommand):
    help = "Starts database, migrations, demo, Stripe emulator, web and jobs. Ctrl-C stops all of it."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_arguments(parser)
        parser.add_argument("--no-demo", dest="demo", action="store_false", help="leave the database empty")

    def handle(self, *, demo: bool, **_options: Any) -> None:
        from config.embedded.house import House  # noqa: PLC0415  (brings the server's event loop with it)

        house = House(demo=demo)
        try:
            house.run()
        except CannotStartError as refusal:
            house.failure = str(refusal)
        if house.failure:
            self.stderr.write(house.failure)
        # A request or a job may still wait for somebody else in a thread that Python would wait for.
        logging.shutdown()
        sys.stdout.flush()
        os._exit(1 if house.failure else 0)
