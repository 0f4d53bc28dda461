"""``manage.py second_factor EMAIL``: print the code that the sign-in asks for. Development only."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.domain.second_factor import current_code
from accounts.models import User
from core.errors import NotFoundError


class Command(BaseCommand):
    help = "Print the one-time code of an account with a second factor, such as the demo's operations."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", metavar="EMAIL")

    def handle(self, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("Other people's codes are not shown in production.")
        person = User.objects.filter(email=options["email"].strip().lower()).first()
        if person is None:
            raise CommandError(f"There is no user {options['email']}.")
        try:
            self.stdout.write(current_code(person))
        except NotFoundError as error:
            raise CommandError(error.message) from error
