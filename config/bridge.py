"""HTTP of an ASGI server, answered by the WSGI application in a bounded pool of threads.

psycopg2 has no pool: under ASGI each request would open a connection of its own.
Here eight threads keep eight.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from tempfile import SpooledTemporaryFile
from typing import IO, Any
from urllib.parse import unquote_to_bytes
from wsgiref.types import WSGIApplication

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Coroutine[Any, Any, None]]

THREADS = 8
IN_MEMORY = 1_000_000


class Bridge:
    """An ASGI application for HTTP around a WSGI one."""

    def __init__(self, application: WSGIApplication, threads: int = THREADS) -> None:
        self.application = application
        self.pool = ThreadPoolExecutor(threads, thread_name_prefix="http")

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        loop = asyncio.get_running_loop()
        with SpooledTemporaryFile(IN_MEMORY) as body:
            # Read whole before a thread is taken: eight slow senders must not stop the site.
            if not await _read(receive, body):
                return
            answer = _Answer(lambda message: asyncio.run_coroutine_threadsafe(send(message), loop).result())
            await loop.run_in_executor(self.pool, answer.give, self.application, _environ(scope, body))


class _Answer:
    """One response on its way from a thread to the loop."""

    def __init__(self, send: Callable[[Message], None]) -> None:
        self.send = send
        self.start: Message | None = None

    def give(self, application: WSGIApplication, environ: dict[str, Any]) -> None:
        chunks = application(environ, self._start)
        try:
            for chunk in chunks:
                self._write(chunk, more=True)
            self._write(b"", more=False)
        finally:
            getattr(chunks, "close", lambda: None)()

    def _start(
        self, status: str, headers: list[tuple[str, str]], _failure: Any = None
    ) -> Callable[[bytes], None]:
        self.start = {
            "type": "http.response.start",
            "status": int(status[:3]),
            "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers],
        }
        return lambda chunk: self._write(chunk, more=True)

    def _write(self, chunk: bytes, *, more: bool) -> None:
        if self.start is not None:
            self.send(self.start)
            self.start = None
        self.send({"type": "http.response.body", "body": chunk, "more_body": more})


async def _read(receive: Receive, body: IO[bytes]) -> bool:
    """Fill ``body`` and rewind it; ``False`` when the client went away first."""
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return False
        body.write(message.get("body", b""))
        more = message.get("more_body", False)
    body.seek(0)
    return True


def _environ(scope: Message, body: IO[bytes]) -> dict[str, Any]:
    """PEP 3333's view of an ASGI scope. Text is bytes as Latin-1, the path is unquoted but not decoded."""
    body.seek(0, 2)
    length = body.tell()
    body.seek(0)
    host, port = scope.get("server") or ("127.0.0.1", 0)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": host,
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": (scope.get("client") or ("", 0))[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in scope["headers"]:
        _add_header(environ, name.decode("latin-1"), value.decode("latin-1"))
    # What was read is what counts, also where the body came in chunks and no length was told.
    environ["CONTENT_LENGTH"] = str(length)
    return environ


def _add_header(environ: dict[str, Any], name: str, value: str) -> None:
    key = name.upper().replace("-", "_")
    if key != "CONTENT_TYPE":
        key = f"HTTP_{key}"
    separator = "; " if key == "HTTP_COOKIE" else ","
    environ[key] = f"{environ[key]}{separator}{value}" if key in environ else value
