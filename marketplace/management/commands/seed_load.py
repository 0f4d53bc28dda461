"""``manage.py seed_load --coaches N --bookings M``: synthetic rows for benchmarks, in bulk."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core import clock
from marketplace.management.load import load
from marketplace.models import Coach


class Command(BaseCommand):
    help = "Make synthetic coaches and bookings in bulk, once in a database."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--coaches", type=int, required=True, metavar="N")
        parser.add_argument("--bookings", type=int, required=True, metavar="M")

    def handle(self, **options: Any) -> None:
        if options["coaches"] < 1 or options["bookings"] < 0:
            raise CommandError("At least one coach, and no negative number of bookings.")
        if Coach.objects.filter(slug__startswith="load-").exists():
            raise CommandError("This database has its load already.")
        loaded = load(coaches=options["coaches"], bookings=options["bookings"], now=clock.now())
        self.stdout.write(f"load: {loaded.coaches} coaches, {loaded.bookings} bookings")
