"""``manage.py check_ledger [--stripe]``: the money invariants."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from integrations.stripe.errors import GatewayError
from payouts.domain.comparing import compare_with_stripe
from payouts.queries.invariants import INVARIANTS, Breach, check
from payouts.queries.ledger import entry_count


class Command(BaseCommand):
    help = "Check the money invariants; exit 1 and a list of differences when one does not hold."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--stripe", action="store_true", help="compare with Stripe's own balances too (invariant 6)"
        )

    def handle(self, *, stripe: bool, **_options: Any) -> None:
        breaches = [*check(), *(self._stripes_breaches() if stripe else [])]
        if breaches:
            listed = "\n".join(str(breach) for breach in breaches)
            raise CommandError(f"ledger: {len(breaches)} differences\n{listed}", returncode=1)
        asked = {invariant.number for invariant in INVARIANTS} | ({6} if stripe else set())
        self.stdout.write(f"ledger: {entry_count()} entries, {len(asked)} invariants hold")

    def _stripes_breaches(self) -> list[Breach]:
        try:
            return compare_with_stripe()
        except GatewayError as error:
            raise CommandError(f"Stripe did not answer: {error}", returncode=1) from error
