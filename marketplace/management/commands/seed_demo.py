"""``manage.py seed_demo``: the demo, idempotent (see ``marketplace/management/demo``)."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core import clock
from integrations.stripe.emulation import EmulatorAwayError
from marketplace.management.demo.history import live_history
from marketplace.management.demo.people import cast, guides, make_people
from marketplace.management.demo.present import make_present


class Command(BaseCommand):
    help = "Make the demo's people and their history; running it again adds nothing."

    def handle(self, **_options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("The demo's passwords are known to everybody: it is for development.")
        now = clock.now()
        make_people(now=now)
        try:
            lived = live_history(now=now)
            make_present(now=now)
        except EmulatorAwayError as error:
            raise CommandError(
                f"{error} The demo's sessions are paid there: run it while the site runs."
            ) from error
        people = len(list(guides())), len(cast()["candidates"])
        self.stdout.write(
            f"demo: {people[0]} coaches and mentors, {people[1]} candidates, {lived} sessions lived"
        )
