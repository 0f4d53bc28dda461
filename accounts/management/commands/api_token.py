"""``manage.py api_token EMAIL… [--create] [--force]``: print one line ``EMAIL TOKEN`` per address."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email

from accounts.domain.people import create_verified_user
from accounts.domain.tokens import issue_token
from accounts.models import User
from core import clock


class Command(BaseCommand):
    help = "Make a new API token for each address; earlier tokens stay valid."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("emails", nargs="+", metavar="EMAIL")
        parser.add_argument(
            "--create", action="store_true", help="make a verified candidate where there is none"
        )
        parser.add_argument("--force", action="store_true", help="also in production")

    def handle(self, **options: Any) -> None:
        if settings.PRODUCTION and not options["force"]:
            raise CommandError("Tokens of other people are not made in production without --force.")
        people = [self._person(email, create=options["create"]) for email in options["emails"]]
        for person in people:
            self.stdout.write(f"{person.email} {issue_token(person, now=clock.now())}")

    def _person(self, email: str, *, create: bool) -> User:
        person = User.objects.filter(email=email.strip().lower()).first()
        if person is not None:
            return person
        if not create:
            raise CommandError(f"There is no user {email}. Add --create to make a candidate.")
        try:
            validate_email(email)
        except ValidationError as error:
            raise CommandError(f"{email} is not an e-mail address.") from error
        return create_verified_user(email)
