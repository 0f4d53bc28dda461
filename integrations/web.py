"""Calling an address that a stranger gave us: public hosts only, for so long and so much, then no more.

The host is looked up once per connection and that very answer is connected to, so neither a redirect nor a
name that changes its mind leads elsewhere.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPResponse, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, NewConnectionError

from integrations.addresses import UnknownHostError, public_addresses

MOST_BYTES = 10_000_000
MOST_SECONDS = 20.0
CONNECT_SECONDS = 5.0
MOST_REDIRECTS = 5
CHUNK = 65_536
USER_AGENT = "Northstar calendars"


class TooMuchError(requests.RequestException):
    """The answer is larger than we read."""


class TooSlowError(requests.RequestException):
    """The answer took longer than we wait."""


class Web(requests.Session):
    """A session for one errand, to be closed: it has ``seconds`` from now on, whatever it does with them.

    Besides the errors of ``requests`` it raises AddressRefusedError.
    """

    def __init__(self, seconds: float = MOST_SECONDS) -> None:
        super().__init__()
        # Neither proxies nor passwords from this machine's environment.
        self.trust_env = False
        self.max_redirects = MOST_REDIRECTS
        self.headers["User-Agent"] = USER_AGENT
        adapter = _PublicAdapter(ends_at=time.monotonic() + seconds)
        self.mount("http://", adapter)
        self.mount("https://", adapter)


class _Public:
    """A connection to a checked address, of which a second handle is kept so that it can be cut."""

    host: str
    port: int
    _dns_host: str  # what urllib3 looks up; ``host``, which a certificate is checked against, is made of it

    def __init__(self, *args: Any, handles: list[socket.socket], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.handles = handles

    def _new_conn(self) -> socket.socket:
        host = self._dns_host
        try:
            made = self._connect_to_one_of(public_addresses(host, self.port))
        except UnknownHostError as error:
            raise NewConnectionError(self, f"There is no host {host}.") from error  # type: ignore[arg-type]
        finally:
            self._dns_host = host
        self.handles.append(made.dup())
        return made

    def _connect_to_one_of(self, addresses: list[str]) -> socket.socket:
        *first, last = addresses
        for self._dns_host in first:
            with suppress(NewConnectionError):
                return super()._new_conn()  # type: ignore[misc,no-any-return]
        self._dns_host = last
        return super()._new_conn()  # type: ignore[misc,no-any-return]


class _PublicConnection(_Public, HTTPConnection):
    pass


class _PublicTlsConnection(_Public, HTTPSConnection):
    pass


class _PublicPool(HTTPConnectionPool):
    ConnectionCls = _PublicConnection


class _PublicTlsPool(HTTPSConnectionPool):
    ConnectionCls = _PublicTlsConnection


class _PublicAdapter(HTTPAdapter):
    def __init__(self, *, ends_at: float) -> None:
        super().__init__()
        self.ends_at = ends_at
        self.handles: list[socket.socket] = []
        self.poolmanager.pool_classes_by_scheme = {
            "http": partial(_PublicPool, handles=self.handles),
            "https": partial(_PublicTlsPool, handles=self.handles),
        }

    def send(  # noqa: PLR0917  (requests’ signature)
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: FBT001, FBT002, ARG002
        timeout: Any = None,  # noqa: ARG002
        verify: bool | str = True,  # noqa: FBT001, FBT002, ARG002
        cert: Any = None,  # noqa: ARG002
        proxies: Mapping[str, str] | None = None,  # noqa: ARG002
    ) -> requests.Response:
        """Send it and read all of the answer within the limits."""
        left = self._seconds_left()
        # A time-out counts from byte to byte: who sends one now and then would keep us for ever.
        alarm = threading.Timer(left, self._cut)
        alarm.daemon = True
        alarm.start()
        try:
            return self._read(
                super().send(request, stream=True, timeout=(min(CONNECT_SECONDS, left), left), verify=True)
            )
        except (TooMuchError, TooSlowError):
            raise
        except (requests.ConnectionError, HTTPError, OSError) as error:
            self._seconds_left()
            raise requests.ConnectionError(str(error), request=request) from error
        finally:
            alarm.cancel()

    def close(self) -> None:
        super().close()
        while self.handles:
            self.handles.pop().close()

    def _cut(self) -> None:
        for handle in self.handles:
            with suppress(OSError):
                handle.shutdown(socket.SHUT_RDWR)

    def _read(self, answer: requests.Response) -> requests.Response:
        try:
            answer._content = self._body(answer.raw)  # noqa: SLF001  (what ``content`` answers once it was read)
        finally:
            answer.raw.close()
        answer._content_consumed = True  # type: ignore[attr-defined]  # noqa: SLF001
        return answer

    def _body(self, raw: HTTPResponse) -> bytes:
        parts: list[bytes] = []
        size = 0
        while part := raw.read1(CHUNK, decode_content=True):
            size += len(part)
            if size > MOST_BYTES:
                raise TooMuchError("The answer is too large.")
            self._seconds_left()
            parts.append(part)
        # Where no length was announced, what was cut looks like what ended.
        self._seconds_left()
        return b"".join(parts)

    def _seconds_left(self) -> float:
        left = self.ends_at - time.monotonic()
        if left <= 0:
            raise TooSlowError("It took too long.")
        return left
