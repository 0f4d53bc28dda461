"""A calendar published as a file at an address that only its owner knows."""

from __future__ import annotations

from integrations.calendars.errors import UnreadableError, refuse_failure
from integrations.calendars.events import busy_times, title_of
from integrations.calendars.gateway import Account, Busy, Entry, Question, Written
from integrations.web import Web


class IcsCalendar:
    """Read only."""

    def __init__(self, account: Account, web: Web) -> None:
        self._account, self._web = account, web
        self._content: bytes | None = None

    @property
    def secret(self) -> str:
        return self._account.secret

    def address(self) -> str:
        return self._account.address

    def name(self) -> str:
        return title_of(self._fetch())

    def read_busy(self, asked: Question) -> list[Busy]:
        return busy_times(self._fetch(), asked)

    def write(self, entry: Entry, known: Written | None) -> Written:  # noqa: ARG002  (the interface's signature)
        raise UnreadableError("A calendar at an address can only be read.")

    def remove(self, known: Written) -> None:  # noqa: ARG002
        raise UnreadableError("A calendar at an address can only be read.")

    def _fetch(self) -> bytes:
        if self._content is None:
            self._content = self._ask()
        return self._content

    def _ask(self) -> bytes:
        account = self._account
        auth = (account.username, account.secret) if account.username else None
        headers = {"Accept": "text/calendar, text/plain;q=0.5, */*;q=0.1"}
        answer = refuse_failure(self._web.get(account.address, auth=auth, headers=headers))
        return answer.content
