from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.domain.tokens import issue_token, user_of_token
from accounts.models import ApiToken, User

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def ben():
    return User.objects.create_user("ben@demo.test")


def test_a_token_opens_the_door_and_only_its_digest_is_kept(ben):
    token = issue_token(ben, now=NOW)
    assert user_of_token(token, now=NOW) == ben
    row = ApiToken.objects.get()
    assert token not in str(row.__dict__)
    assert row.last_used_at == NOW


def test_each_token_stays_valid_when_another_is_made(ben):
    first, second = issue_token(ben, now=NOW), issue_token(ben, now=NOW)
    assert first != second
    assert {user_of_token(first, now=NOW), user_of_token(second, now=NOW)} == {ben}


def test_a_strange_token_or_an_inactive_person_opens_nothing(ben):
    token = issue_token(ben, now=NOW)
    assert user_of_token(token + "x", now=NOW) is None
    User.objects.update(is_active=False)
    assert user_of_token(token, now=NOW) is None


def test_the_command_prints_address_and_token(ben):
    out = StringIO()
    call_command("api_token", "BEN@demo.test", "cleo@demo.test", "--create", stdout=out)
    lines = [line.split(" ") for line in out.getvalue().splitlines()]
    assert [address for address, _ in lines] == ["ben@demo.test", "cleo@demo.test"]
    for address, token in lines:
        assert user_of_token(token, now=NOW).email == address
    cleo = User.objects.get(email="cleo@demo.test")
    assert cleo.emailaddress_set.get().verified


@pytest.mark.parametrize("arguments", [["dan@demo.test"], ["not-an-address", "--create"]])
def test_the_command_refuses_whom_it_does_not_know(arguments):
    with pytest.raises(CommandError):
        call_command("api_token", *arguments)


def test_in_production_it_wants_force(settings, ben):
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="--force"):
        call_command("api_token", "ben@demo.test")
    call_command("api_token", "ben@demo.test", "--force", stdout=StringIO())
    assert ApiToken.objects.count() == 1
