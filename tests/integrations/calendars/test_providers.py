"""Google and Microsoft behind the same interface, against local stand-ins of their HTTP APIs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from integrations.calendars.adapters import opened
from integrations.calendars.errors import RefusedError, UnreachableError, UnreadableError
from integrations.calendars.gateway import Account, Busy, Entry, Question, Written
from integrations.calendars.oauth import consent_url, lasting_token, providers_on
from tests.integrations.calendars import providers
from tests.integrations.calendars.serving import Answer

START = datetime(2026, 11, 3, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
ASKED = Question(START - HOUR * 24, START + HOUR * 24 * 14, ZoneInfo("Europe/Berlin"))
UID = "0b8f5a50-7c7e-4f4e-9d6c-3a4a3c1e2f10"


@pytest.fixture(autouse=True)
def _here(settings):
    settings.ALLOW_PRIVATE_ADDRESSES = True


@pytest.fixture(params=["google", "microsoft"])
def kind(request):
    return request.param


@pytest.fixture
def provider(kind, settings):
    with getattr(providers, kind)(settings) as provider:
        yield provider


@pytest.fixture
def google(settings):
    with providers.google(settings) as provider:
        yield provider


@pytest.fixture
def microsoft(settings):
    with providers.microsoft(settings) as provider:
        yield provider


def account(kind, lasting="lasting-1"):
    return Account(kind, "primary", secret=lasting)


def entry(starts_at=START, title="Mock interview"):
    return Entry(UID, starts_at, starts_at + HOUR, title, "With Ben\nhttps://northstar.test/s/", b"")


def busy(kind, asked=ASKED):
    with opened(account(kind)) as calendar:
        return calendar.read_busy(asked)


def given(provider, **events):
    """Events in the words of Google: id → what differs from an hour's meeting."""
    for name, more in events.items():
        provider.events[name] = {
            "id": name,
            "iCalUID": f"{name}@google.com",
            "status": "confirmed",
            "start": {"dateTime": "2026-11-03T10:00:00+01:00"},
            "end": {"dateTime": "2026-11-03T11:00:00+01:00"},
            **more,
        }


def outlook(provider, **events):
    for name, more in events.items():
        provider.events[name] = {
            "id": name,
            "iCalUId": f"{name}@outlook.com",
            "showAs": "busy",
            "isAllDay": False,
            "isCancelled": False,
            "start": {"dateTime": "2026-11-03T09:00:00.0000000", "timeZone": "UTC"},
            "end": {"dateTime": "2026-11-03T10:00:00.0000000", "timeZone": "UTC"},
            **more,
        }


def test_google_says_when_its_owner_is_busy(google):
    me = {"self": True, "responseStatus": "declined"}
    given(
        google,
        meeting={},
        all_day={"start": {"date": "2026-11-05"}, "end": {"date": "2026-11-07"}},
        transparent={"transparency": "transparent"},
        cancelled={"status": "cancelled"},
        tentative={
            "status": "tentative",
            "start": {"dateTime": "2026-11-04T09:00:00Z"},
            "end": {"dateTime": "2026-11-04T10:00:00Z"},
        },
        declined={"attendees": [me]},
        others={
            "attendees": [{**me, "self": False}],
            "start": {"dateTime": "2026-11-08T09:00:00Z"},
            "end": {"dateTime": "2026-11-08T10:00:00Z"},
        },
        empty={"end": {"dateTime": "2026-11-03T10:00:00+01:00"}},
    )
    day = 24 * HOUR
    assert busy("google") == [
        Busy(START, START + HOUR, "meeting@google.com"),
        Busy(START + day, START + day + HOUR, "tentative@google.com"),
        Busy(
            datetime(2026, 11, 4, 23, tzinfo=UTC), datetime(2026, 11, 6, 23, tzinfo=UTC), "all_day@google.com"
        ),
        Busy(START + 5 * day, START + 5 * day + HOUR, "others@google.com"),
    ]


def test_microsoft_says_when_its_owner_is_busy(microsoft):
    outlook(
        microsoft,
        meeting={},
        all_day={
            "isAllDay": True,
            "start": {"dateTime": "2026-11-05T00:00:00.0000000"},
            "end": {"dateTime": "2026-11-07T00:00:00.0000000"},
        },
        free={"showAs": "free"},
        elsewhere={"showAs": "workingElsewhere"},
        cancelled={"isCancelled": True},
        declined={"responseStatus": {"response": "declined"}},
        tentative={
            "showAs": "tentative",
            "start": {"dateTime": "2026-11-04T09:00:00"},
            "end": {"dateTime": "2026-11-04T10:00:00"},
        },
        away={
            "showAs": "oof",
            "start": {"dateTime": "2026-11-08T09:00:00"},
            "end": {"dateTime": "2026-11-08T10:00:00"},
        },
    )
    day = 24 * HOUR
    assert busy("microsoft") == [
        Busy(START, START + HOUR, "meeting@outlook.com"),
        Busy(START + day, START + day + HOUR, "tentative@outlook.com"),
        Busy(
            datetime(2026, 11, 4, 23, tzinfo=UTC),
            datetime(2026, 11, 6, 23, tzinfo=UTC),
            "all_day@outlook.com",
        ),
        Busy(START + 5 * day, START + 5 * day + HOUR, "away@outlook.com"),
    ]


def test_what_has_many_pages_is_read_to_the_end(kind, provider):
    more = [
        {
            "start": {"dateTime": f"2026-11-{day:02}T09:00:00+00:00"},
            "end": {"dateTime": f"2026-11-{day:02}T10:00:00+00:00"},
        }
        for day in range(3, 10)
    ]
    events = {f"e{number}": each for number, each in enumerate(more)}
    if kind == "google":
        given(provider, **events)
    else:
        outlook(
            provider,
            **{
                name: {edge: {"dateTime": value["dateTime"][:19]} for edge, value in each.items()}
                for name, each in events.items()
            },
        )
    assert [each.starts_at.day for each in busy(kind)] == list(range(3, 10))


def test_what_we_write_is_known_by_the_sessions_id(kind, provider):
    with opened(account(kind)) as calendar:
        written = calendar.write(entry(), None)
        assert calendar.read_busy(ASKED) == [Busy(START, START + HOUR, UID)]
    assert list(provider.events) == [written.reference]
    (event,) = provider.events.values()
    assert event.get("summary", event.get("subject")) == "Mock interview"
    assert "https://northstar.test/s/" in str(event)


def test_written_twice_it_is_one_event(kind, provider):
    with opened(account(kind)) as calendar:
        first, again = calendar.write(entry(), None), calendar.write(entry(title="Changed"), None)
    assert (first.reference, len(provider.events)) == (again.reference, 1)
    if kind == "google":
        assert UUID(first.reference) == UUID(UID)
        assert provider.events[first.reference]["summary"] == "Changed"


def test_a_moved_session_moves(kind, provider):
    with opened(account(kind)) as calendar:
        written = calendar.write(entry(), None)
        calendar.write(entry(START + HOUR), written)
        assert calendar.read_busy(ASKED) == [Busy(START + HOUR, START + 2 * HOUR, UID)]


def test_one_that_its_owner_deleted_is_written_anew(kind, provider):
    with opened(account(kind)) as calendar:
        written = calendar.write(entry(), None)
        provider.events.clear()
        calendar.write(entry(START + HOUR), written)
        assert calendar.read_busy(ASKED) == [Busy(START + HOUR, START + 2 * HOUR, UID)]


def test_what_is_taken_out_is_gone_however_often(kind, provider):
    with opened(account(kind)) as calendar:
        written = calendar.write(entry(), None)
        calendar.remove(written)
        calendar.remove(written)
    assert provider.events == {}


def test_a_calendar_has_a_name_and_is_the_primary_one(kind, provider):
    with opened(account(kind)) as calendar:
        assert calendar.name() == {"google": "ada@google.test", "microsoft": "Calendar"}[kind]
        assert calendar.address() == "primary"


def test_a_token_that_is_renewed_is_the_one_from_then_on(kind, provider):
    provider.renews = True
    with opened(account(kind)) as calendar:
        calendar.read_busy(ASKED)
        assert calendar.secret == "lasting-1+"
    provider.renews = False
    with opened(account(kind, "lasting-1+")) as calendar:
        calendar.read_busy(ASKED)
        assert calendar.secret == "lasting-1+"


def test_one_errand_asks_for_one_token(kind, provider):
    with opened(account(kind)) as calendar:
        calendar.read_busy(ASKED)
        calendar.name()
    assert [each.path for each in provider.server.asked].count("/token") == 1


def test_access_that_was_withdrawn_is_told_as_such(kind, provider):
    provider.grants = set()
    with pytest.raises(RefusedError, match="withdrawn"):
        busy(kind)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, RefusedError),
        (404, UnreadableError),
        (429, UnreachableError),
        (500, UnreachableError),
        (418, UnreadableError),
    ],
)
def test_a_refusal_is_told_in_our_words(kind, provider, status, error):
    provider.failure = Answer("{}", status)
    with pytest.raises(error):
        busy(kind)
    with pytest.raises(error), opened(account(kind)) as calendar:
        calendar.write(entry(), None)


@pytest.mark.parametrize("status", [401, 500])
def test_a_removal_that_is_refused_is_told_too(kind, provider, status):
    provider.failure = Answer("{}", status)
    with pytest.raises((RefusedError, UnreachableError)), opened(account(kind)) as calendar:
        calendar.remove(Written("e1"))


def test_an_answer_that_is_no_json_is_unreadable(kind, provider):
    provider.failure = Answer("<html>")
    with pytest.raises(UnreadableError):
        busy(kind)


def test_a_door_that_gives_no_token_is_unreadable(google):
    google.door = lambda _: Answer("{}")
    with pytest.raises(UnreadableError):
        busy("google")


def test_a_next_page_elsewhere_does_not_get_the_token(microsoft):
    microsoft.failure = Answer('{"value": [], "@odata.nextLink": "http://127.0.0.1:1/steal"}')
    with pytest.raises(UnreadableError, match="somewhere else"):
        busy("microsoft")


def asked_for_consent(kind, provider, verifier="verifier"):
    url = consent_url(kind, redirect_uri="https://northstar.test/back/", state="state", verifier=verifier)
    query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    provider.challenge = query["code_challenge"]
    return url, query


def test_consent_is_asked_for_with_a_challenge(kind, provider):
    url, query = asked_for_consent(kind, provider)
    assert url.startswith(f"{provider.server.url}/authorize?")
    assert (query["client_id"], query["state"], query["response_type"], query["code_challenge_method"]) == (
        "client",
        "state",
        "code",
        "S256",
    )
    assert "verifier" not in query.values()


def lasting(kind, **more):
    given = {
        "code": "good-code",
        "redirect_uri": "https://northstar.test/back/",
        "verifier": "verifier",
        **more,
    }
    return lasting_token(kind, **given)


def test_consent_becomes_a_token_that_lasts(kind, provider):
    asked_for_consent(kind, provider)
    assert lasting(kind) == "lasting-1"


@pytest.mark.parametrize("more", [{"code": "stolen"}, {"verifier": "another"}])
def test_without_the_right_code_and_verifier_there_is_none(kind, provider, more):
    asked_for_consent(kind, provider)
    with pytest.raises(RefusedError):
        lasting(kind, **more)


def test_consent_that_does_not_last_is_refused(google):
    google.door = lambda _: Answer('{"access_token": "passing"}')
    with pytest.raises(RefusedError, match="no lasting access"):
        lasting("google")


def test_a_provider_is_on_with_its_keys_only(settings):
    assert providers_on() == []
    with providers.google(settings):
        assert providers_on() == ["google"]
