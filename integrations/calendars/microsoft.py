"""The owner's default calendar at Microsoft (Graph v1.0)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from integrations.calendars.errors import NOT_FOUND, refuse_failure
from integrations.calendars.gateway import Account, Busy, Entry, Question, Written
from integrations.calendars.oauth import Api
from integrations.web import Web

IN_UTC = {"Prefer": 'outlook.timezone="UTC"'}
PRIMARY = "primary"
PAGE = 500
FIELDS = "iCalUId,transactionId,isCancelled,isAllDay,showAs,responseStatus,start,end"
NOT_BUSY = {"free", "workingElsewhere"}


class MicrosoftCalendar:
    """Read and written. An event of ours carries the session's id as its transaction."""

    def __init__(self, account: Account, web: Web) -> None:
        self._api = Api("microsoft", account.secret, web)

    @property
    def secret(self) -> str:
        return self._api.secret

    def address(self) -> str:
        return PRIMARY

    def name(self) -> str:
        return str(self._api.get("/me/calendar", params={"$select": "name"}).get("name", ""))

    def read_busy(self, asked: Question) -> list[Busy]:
        params: dict[str, Any] | None = {
            "startDateTime": asked.from_at.astimezone(UTC).isoformat(),
            "endDateTime": asked.to_at.astimezone(UTC).isoformat(),
            "$select": FIELDS,
            "$top": PAGE,
        }
        found: set[Busy] = set()
        path = "/me/calendarView"
        while path:
            page = self._api.get(path, params=params, headers=IN_UTC)
            found.update(_busy(event, asked) for event in page.get("value", []) if _is_busy(event))
            # The address of the next page has all the parameters in it.
            path, params = page.get("@odata.nextLink", ""), None
        return sorted(busy for busy in found if busy.starts_at < busy.ends_at)

    def write(self, entry: Entry, known: Written | None) -> Written:
        """Asked twice with one transaction, Graph answers the event that the first time made."""
        body = {
            "subject": entry.title,
            "body": {"contentType": "text", "content": entry.description},
            "start": _moment(entry.starts_at),
            "end": _moment(entry.ends_at),
            "showAs": "busy",
        }
        if known is None:
            answer = self._api.ask("POST", "/me/events", json={**body, "transactionId": entry.uid})
        else:
            answer = self._api.ask("PATCH", f"/me/events/{known.reference}", json=body)
        if known is not None and answer.status_code == NOT_FOUND:
            return self.write(entry, None)
        event = refuse_failure(answer).json()
        return Written(str(event["id"]), str(event.get("@odata.etag", "")))

    def remove(self, known: Written) -> None:
        answer = self._api.ask("DELETE", f"/me/events/{known.reference}")
        if answer.status_code != NOT_FOUND:
            refuse_failure(answer)


def _is_busy(event: dict[str, Any]) -> bool:
    declined = event.get("responseStatus", {}).get("response") == "declined"
    return not (event.get("isCancelled") or declined or event.get("showAs") in NOT_BUSY)


def _busy(event: dict[str, Any], asked: Question) -> Busy:
    uid = event.get("transactionId") or event.get("iCalUId") or ""
    return Busy(_instant(event, "start", asked), _instant(event, "end", asked), str(uid))


def _instant(event: dict[str, Any], edge: str, asked: Question) -> datetime:
    """In UTC, as it was asked for; a whole day is a date written as a midnight, wherever the owner is."""
    zone = asked.zone if event.get("isAllDay") else UTC
    return datetime.fromisoformat(event[edge]["dateTime"]).replace(tzinfo=zone).astimezone(UTC)


def _moment(instant: datetime) -> dict[str, str]:
    return {"dateTime": instant.astimezone(UTC).replace(tzinfo=None).isoformat(), "timeZone": "UTC"}
