"""Local stand-ins for the HTTP APIs of Google Calendar and Microsoft Graph: a token door and one calendar.

They keep what is written, answer in pages, and refuse tokens they did not hand out.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlencode

from tests.integrations.calendars.serving import Answer, Asked, Serving, serving

CODES = {"good-code": "lasting-1"}


@dataclass
class Provider:
    """``events`` is the calendar as the provider keeps it, by id; ``grants`` are the tokens that last."""

    server: Serving
    events: dict[str, dict[str, Any]] = field(default_factory=dict)
    grants: set[str] = field(default_factory=lambda: {"lasting-1"})
    renews: bool = False
    challenge: str = ""
    page_size: int = 2
    failure: Answer | None = None

    def door(self, asked: Asked) -> Answer:
        form = {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
        if (form["client_id"], form["client_secret"]) != ("client", "secret"):
            return _json({"error": "invalid_client"}, 401)
        if form["grant_type"] == "authorization_code":
            verified = (
                urlsafe_b64encode(sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
            )
            if form["code"] not in CODES or verified != self.challenge:
                return _json({"error": "invalid_grant"}, 400)
            return _json(
                {"access_token": "passing", "refresh_token": CODES[form["code"]], "expires_in": 3600}
            )
        if form["refresh_token"] not in self.grants:
            return _json({"error": "invalid_grant"}, 400)
        token = {"access_token": "passing", "expires_in": 3600}
        if self.renews:
            token["refresh_token"] = f"{form['refresh_token']}+"
            self.grants = {str(token["refresh_token"])}
        return _json(token)

    def page_of(self, events: list[dict[str, Any]], page: int) -> tuple[list[dict[str, Any]], bool]:
        """The events of one page, and whether there are more."""
        start = page * self.page_size
        return events[start : start + self.page_size], start + self.page_size < len(events)


@contextmanager
def google(settings: Any) -> Iterator[Provider]:
    """A Google of this test's own, switched on."""
    with serving(lambda _: Answer()) as server:
        provider = Provider(server)
        server.answer = lambda asked: _google(provider, asked)
        _switch_on(settings, "google", server.url)
        yield provider


@contextmanager
def microsoft(settings: Any) -> Iterator[Provider]:
    """A Microsoft of this test's own, switched on."""
    with serving(lambda _: Answer()) as server:
        provider = Provider(server)
        server.answer = lambda asked: _microsoft(provider, asked)
        _switch_on(settings, "microsoft", server.url)
        yield provider


def _switch_on(settings: Any, kind: str, url: str) -> None:
    keys = {"client_id": "client", "client_secret": "secret"}
    places = {"authorize": f"{url}/authorize", "token": f"{url}/token", "api": f"{url}/api"}
    both = {name: {**values} for name, values in settings.CALENDAR_PROVIDERS.items()}
    settings.CALENDAR_PROVIDERS = {**both, kind: {**both[kind], **keys, **places}}


def _at_the_door(provider: Provider, asked: Asked) -> Answer | None:
    """What is answered before anybody gets to the calendar."""
    if asked.path == "/token":
        return provider.door(asked)
    if asked.headers.get("authorization") != "Bearer passing":
        return _json({"error": {"code": 401}}, 401)
    return provider.failure


def _google(provider: Provider, asked: Asked) -> Answer:
    name = asked.path.removeprefix("/api/calendars/primary/events").strip("/")
    if answer := _at_the_door(provider, asked):
        return answer
    if asked.method == "GET":
        return _google_page(provider, asked)
    if asked.method == "DELETE":
        return Answer(status=204) if provider.events.pop(name, None) else _json({}, 410)
    return _google_write(provider, asked, name)


def _google_write(provider: Provider, asked: Asked, name: str) -> Answer:
    body = json.loads(asked.body)
    if asked.method == "POST" and body["id"] in provider.events:
        return _json({"error": {"code": 409}}, 409)
    if asked.method == "PUT" and name not in provider.events:
        return _json({"error": {"code": 404}}, 404)
    event = {**body, "id": name or body["id"], "etag": f'"{len(provider.server.asked)}"'}
    event["iCalUID"] = f"{event['id']}@google.com"
    provider.events[event["id"]] = event
    return _json(event)


def _google_page(provider: Provider, asked: Asked) -> Answer:
    if "timeMin" not in asked.query:
        return _json({"summary": "ada@google.test"})
    assert asked.query["singleEvents"] == ["true"]
    start, end = (datetime.fromisoformat(asked.query[name][0]) for name in ("timeMin", "timeMax"))
    found = [event for event in provider.events.values() if _google_overlaps(event, start, end)]
    page = int(asked.query.get("pageToken", ["0"])[0])
    items, more = provider.page_of(found, page)
    return _json({"items": items, **({"nextPageToken": str(page + 1)} if more else {})})


def _google_overlaps(event: dict[str, Any], start: datetime, end: datetime) -> bool:
    moments = [
        datetime.fromisoformat(event[edge].get("dateTime") or f"{event[edge]['date']}T00:00:00+00:00")
        for edge in ("start", "end")
    ]
    return moments[0] < end + timedelta(days=1) and moments[1] > start - timedelta(days=1)


def _microsoft(provider: Provider, asked: Asked) -> Answer:
    name = asked.path.removeprefix("/api/me/events").strip("/")
    if answer := _at_the_door(provider, asked):
        return answer
    if asked.path == "/api/me/calendar":
        return _json({"name": "Calendar"})
    if asked.path == "/api/me/calendarView":
        return _microsoft_page(provider, asked)
    if asked.method == "DELETE":
        return Answer(status=204) if provider.events.pop(name, None) else _json({}, 404)
    return _microsoft_write(provider, asked, name)


def _microsoft_write(provider: Provider, asked: Asked, name: str) -> Answer:
    body = json.loads(asked.body)
    if asked.method == "PATCH" and name not in provider.events:
        return _json({}, 404)
    same = (
        key
        for key, event in provider.events.items()
        if event.get("transactionId") == body.get("transactionId", 0)
    )
    key = name or next(same, f"AAMk{len(provider.server.asked)}")
    event = {
        **provider.events.get(key, {}),
        **body,
        "id": key,
        "@odata.etag": f'W/"{len(provider.server.asked)}"',
    }
    provider.events[key] = event
    return _json(event)


def _microsoft_page(provider: Provider, asked: Asked) -> Answer:
    assert asked.headers["prefer"] == 'outlook.timezone="UTC"'
    start, end = (datetime.fromisoformat(asked.query[name][0]) for name in ("startDateTime", "endDateTime"))
    found = [
        event
        for event in provider.events.values()
        if _utc(event["start"]) < end and _utc(event["end"]) > start
    ]
    page = int(asked.query.get("$skip", ["0"])[0])
    items, more = provider.page_of(found, page)
    query = urlencode({name: asked.query[name][0] for name in ("startDateTime", "endDateTime")})
    next_page = f"{provider.server.url}/api/me/calendarView?{query}&$skip={page + 1}"
    link = {"@odata.nextLink": next_page} if more else {}
    return _json({"value": items, **link})


def _utc(moment: dict[str, str]) -> datetime:
    return datetime.fromisoformat(moment["dateTime"]).replace(tzinfo=UTC)


def _json(body: Any, status: int = 200) -> Answer:
    return Answer(json.dumps(body), status, {"Content-Type": "application/json"})
