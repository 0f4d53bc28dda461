"""A request and a response, the same for both transports."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit


@dataclass
class Request:
    """`headers` are looked up without regard to case."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def __post_init__(self) -> None:
        self._headers = {name.lower(): value for name, value in self.headers.items()}
        parts = urlsplit(self.target)
        self.path = parts.path
        self.query = parts.query

    def header(self, name: str) -> str:
        return self._headers.get(name.lower(), "")

    @property
    def is_foreign(self) -> bool:
        """Whether a browser says that a page of another site sent this."""
        sender = self.header("Origin")
        if self.method in ("GET", "HEAD") or sender in ("", "null"):
            return False
        return urlsplit(sender).netloc != self.header("Host")

    @property
    def api_key(self) -> str:
        scheme, _, credentials = self.header("Authorization").partition(" ")
        if scheme.lower() == "bearer":
            return credentials.strip()
        if scheme.lower() == "basic":
            return _user_of(credentials)
        return ""


def _user_of(credentials: str) -> str:
    try:
        return base64.b64decode(credentials, validate=True).decode().partition(":")[0]
    except ValueError:
        return ""


@dataclass
class Response:
    """`lost`: the client never gets it (``timeout`` or ``reset``), after `wait` seconds."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    lost: str = ""
    wait: float = 0.0

    @classmethod
    def of(cls, body: Any, status: int = 200, **headers: str) -> Response:
        content = json.dumps(body, separators=(",", ":")).encode()
        return cls(status, content, {"Content-Type": "application/json", **headers})

    def json(self) -> Any:
        return json.loads(self.body)
