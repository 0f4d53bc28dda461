"""Getting into somebody's calendar with his consent (OAuth 2.0 with PKCE, RFC 6749 and 7636)."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

import requests
from django.conf import settings

from integrations.calendars.errors import RefusedError, UnreadableError, in_our_words, refuse_failure
from integrations.web import Web

WITHDRAWN = "Access was withdrawn. Please connect the calendar again."
REFUSALS = {400, 401, 403}


@dataclass(frozen=True)
class Provider:
    """Where a provider asks for consent, hands out tokens and answers, and how it knows us."""

    client_id: str
    client_secret: str
    authorize: str
    token: str
    api: str
    scope: str

    @property
    def is_on(self) -> bool:
        return bool(self.client_id and self.client_secret)


def provider_of(kind: str) -> Provider:
    """The provider of a kind of calendar, switched on by its keys."""
    return Provider(**settings.CALENDAR_PROVIDERS[kind])


def providers_on() -> list[str]:
    """The kinds that can be connected here."""
    return [kind for kind in settings.CALENDAR_PROVIDERS if provider_of(kind).is_on]


def consent_url(kind: str, *, redirect_uri: str, state: str, verifier: str) -> str:
    """Where the owner says yes. ``state`` and ``verifier`` are random and wait in his session."""
    provider = provider_of(kind)
    challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    question = {
        "client_id": provider.client_id,
        "redirect_uri": redirect_uri,
        "response_type": "code",
        "scope": provider.scope,
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        # Google hands out a token that lasts only when it is asked so.
        "access_type": "offline",
        "prompt": "consent",
    }
    return f"{provider.authorize}?{urlencode(question)}"


def lasting_token(kind: str, *, code: str, redirect_uri: str, verifier: str) -> str:
    """The token that lasts, for the code with which the owner came back.

    Raises:
        CalendarError: the provider does not give one.
    """
    with Web() as web, in_our_words():
        answer = _ask_for_token(
            web,
            provider_of(kind),
            grant_type="authorization_code",
            code=code,
            redirect_uri=redirect_uri,
            code_verifier=verifier,
        )
    token = str(answer.get("refresh_token", ""))
    if not token:
        raise RefusedError("The calendar gave no lasting access. Please connect it again.")
    return token


class Api:
    """The HTTP API of a provider, in the name of the owner. ``secret`` is his token that lasts."""

    def __init__(self, kind: str, secret: str, web: Web) -> None:
        self.secret = secret
        self._provider, self._web = provider_of(kind), web
        self._access = ""

    def get(self, path: str, **kwargs: Any) -> dict[str, Any]:
        """A JSON object; ``path`` is below the API's address, or a whole address of the same API."""
        answer: dict[str, Any] = refuse_failure(self.ask("GET", path, **kwargs)).json()
        return answer

    def ask(self, method: str, path: str, **kwargs: Any) -> requests.Response:
        """Whatever comes back."""
        url = path if "://" in path else self._provider.api + path
        if not url.startswith(self._provider.api + "/"):
            # A link to the next page must not carry the owner's token anywhere else.
            raise UnreadableError("The calendar refers to somewhere else.")
        headers = {"Authorization": f"Bearer {self._token()}", **kwargs.pop("headers", {})}
        return self._web.request(method, url, headers=headers, **kwargs)

    def _token(self) -> str:
        if not self._access:
            answer = _ask_for_token(
                self._web, self._provider, grant_type="refresh_token", refresh_token=self.secret
            )
            self._access = str(answer["access_token"])
            self.secret = str(answer.get("refresh_token") or self.secret)
        return self._access


def _ask_for_token(web: Web, provider: Provider, **grant: str) -> dict[str, Any]:
    ours = {"client_id": provider.client_id, "client_secret": provider.client_secret}
    answer = web.post(provider.token, data={**ours, **grant})
    if answer.status_code in REFUSALS:
        raise RefusedError(WITHDRAWN)
    token: dict[str, Any] = refuse_failure(answer).json()
    if "access_token" not in token:
        raise UnreadableError("The calendar answers without a token.")
    return token
