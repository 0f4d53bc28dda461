"""The owner's primary calendar at Google (Calendar API v3)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from integrations.calendars.errors import CONFLICT, GONE, NOT_FOUND, refuse_failure
from integrations.calendars.gateway import Account, Busy, Entry, Question, Written
from integrations.calendars.oauth import Api
from integrations.web import Web

EVENTS = "/calendars/primary/events"
FIELDS = (
    "summary,nextPageToken,items(iCalUID,status,transparency,start,end,"
    "attendees(self,responseStatus),extendedProperties/private)"
)
PRIMARY = "primary"
PAGE = 2_500
OURS = "northstar"


class GoogleCalendar:
    """Read and written. An event of ours carries the session's id, for Google gives it a UID of its own."""

    def __init__(self, account: Account, web: Web) -> None:
        self._api = Api("google", account.secret, web)

    @property
    def secret(self) -> str:
        return self._api.secret

    def address(self) -> str:
        return PRIMARY

    def name(self) -> str:
        return str(self._api.get(EVENTS, params={"maxResults": 1, "fields": "summary"}).get("summary", ""))

    def read_busy(self, asked: Question) -> list[Busy]:
        params: dict[str, Any] = {
            "singleEvents": "true",
            "timeMin": asked.from_at.astimezone(UTC).isoformat(),
            "timeMax": asked.to_at.astimezone(UTC).isoformat(),
            "maxResults": PAGE,
            "fields": FIELDS,
        }
        found: set[Busy] = set()
        while True:
            page = self._api.get(EVENTS, params=params)
            found.update(_busy(event, asked) for event in page.get("items", []) if _is_busy(event))
            if not page.get("nextPageToken"):
                return sorted(busy for busy in found if busy.starts_at < busy.ends_at)
            params["pageToken"] = page["nextPageToken"]

    def write(self, entry: Entry, known: Written | None) -> Written:
        """The event's id is made from the session's, so it is one event however often it is written."""
        name = known.reference if known else UUID(entry.uid).hex
        body = {
            "summary": entry.title,
            "description": entry.description,
            "start": {"dateTime": entry.starts_at.astimezone(UTC).isoformat()},
            "end": {"dateTime": entry.ends_at.astimezone(UTC).isoformat()},
            "status": "confirmed",
            "extendedProperties": {"private": {OURS: entry.uid}},
        }
        if known is None:
            answer = self._api.ask("POST", EVENTS, json={**body, "id": name})
            if answer.status_code != CONFLICT:
                return _written(refuse_failure(answer).json())
        answer = self._api.ask("PUT", f"{EVENTS}/{name}", json=body)
        if known is not None and answer.status_code in {NOT_FOUND, GONE}:
            return self.write(entry, None)
        return _written(refuse_failure(answer).json())

    def remove(self, known: Written) -> None:
        answer = self._api.ask("DELETE", f"{EVENTS}/{known.reference}")
        if answer.status_code not in {NOT_FOUND, GONE}:
            refuse_failure(answer)


def _written(event: dict[str, Any]) -> Written:
    return Written(str(event["id"]), str(event.get("etag", "")))


def _is_busy(event: dict[str, Any]) -> bool:
    declined = any(
        guest.get("self") and guest.get("responseStatus") == "declined"
        for guest in event.get("attendees", [])
    )
    cancelled = event.get("status") == "cancelled"
    return not (declined or cancelled or event.get("transparency") == "transparent")


def _busy(event: dict[str, Any], asked: Question) -> Busy:
    ours = event.get("extendedProperties", {}).get("private", {}).get(OURS, "")
    start, end = _instant(event["start"], asked), _instant(event["end"], asked)
    return Busy(start, end, ours or str(event.get("iCalUID", "")))


def _instant(moment: dict[str, Any], asked: Question) -> datetime:
    """A whole day lasts from midnight to midnight where the owner is."""
    if "dateTime" in moment:
        return datetime.fromisoformat(moment["dateTime"]).astimezone(UTC)
    return datetime.combine(date.fromisoformat(moment["date"]), time(), asked.zone).astimezone(UTC)
