from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import clock
from integrations.stripe import inbox
from integrations.stripe.models import StripeEvent


class Command(BaseCommand):
    help = "Follow Stripe events again: the given ones, or all dead letters."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("events", nargs="*", metavar="EVENT", help="ids such as evt_…")
        parser.add_argument("--dead", action="store_true", help="every event that was given up")

    def handle(self, *_args: Any, **options: Any) -> None:
        if bool(options["events"]) is options["dead"]:
            raise CommandError("Name events, or say --dead.")
        now = clock.now()
        for event in self._chosen(options["events"]):
            inbox.replay(event, now=now)
            outcome = "handled" if inbox.handle(event.pk, now=now) else "put off"
            self.stdout.write(f"{event.pk} {event.type}: {outcome}")

    def _chosen(self, ids: list[str]) -> list[StripeEvent]:
        if not ids:
            return list(StripeEvent.objects.dead().order_by("created"))
        events = list(StripeEvent.objects.filter(pk__in=ids).order_by("created"))
        missing = sorted(set(ids) - {event.pk for event in events})
        if missing:
            raise CommandError(f"No such event here: {', '.join(missing)}")
        return events
