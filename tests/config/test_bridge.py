"""The bridge hands a WSGI application exactly what was sent, and sends exactly what it answered."""

from __future__ import annotations

import asyncio

import pytest

from config.bridge import Bridge

SCOPE = {
    "type": "http",
    "http_version": "1.1",
    "method": "POST",
    "path": "/caf\ufffd",
    "raw_path": b"/caf%E9/%C3%A9",
    "query_string": b"q=%FF",
    "headers": [
        (b"host", b"127.0.0.1:8000"),
        (b"content-type", b"text/plain"),
        (b"cookie", b"a=1"),
        (b"cookie", b"b=2"),
        (b"accept", b"text/html"),
        (b"accept", b"text/plain"),
    ],
    "client": ["127.0.0.1", 50000],
    "server": ["127.0.0.1", 8000],
}


def ask(application, messages):
    """What the bridge sends for a request that arrives as ``messages``."""
    sent = []
    waiting = list(messages)

    async def receive():
        return waiting.pop(0)

    async def send(message):
        sent.append(message)

    asyncio.run(Bridge(application, threads=1)(SCOPE, receive, send))
    return sent


def body(*chunks):
    last = len(chunks) - 1
    return [
        {"type": "http.request", "body": chunk, "more_body": index < last}
        for index, chunk in enumerate(chunks)
    ]


def test_a_request_arrives_as_pep_3333_has_it():
    seen: dict[str, object] = {}

    def application(environ, start_response):
        seen.update(environ, read=environ["wsgi.input"].read())
        start_response("204 No Content", [])
        return []

    ask(application, body(b"one ", b"two"))
    assert seen["read"] == b"one two"
    assert seen["CONTENT_LENGTH"] == "7"
    assert seen["CONTENT_TYPE"] == "text/plain"
    assert seen["PATH_INFO"] == b"/caf\xe9/\xc3\xa9".decode("latin-1")
    assert seen["QUERY_STRING"] == "q=%FF"
    assert seen["HTTP_COOKIE"] == "a=1; b=2"
    assert seen["HTTP_ACCEPT"] == "text/html,text/plain"
    assert (seen["REMOTE_ADDR"], seen["SERVER_NAME"], seen["SERVER_PORT"]) == (
        "127.0.0.1",
        "127.0.0.1",
        "8000",
    )


def test_an_answer_leaves_piece_by_piece_and_is_closed():
    closed = []

    class Pieces(list[bytes]):
        def close(self):
            closed.append(True)

    def application(_environ, start_response):
        start_response("201 Created", [("X-Name", "caf\xe9")])
        return Pieces([b"one", b"two"])

    assert ask(application, body(b"")) == [
        {"type": "http.response.start", "status": 201, "headers": [(b"x-name", b"caf\xe9")]},
        {"type": "http.response.body", "body": b"one", "more_body": True},
        {"type": "http.response.body", "body": b"two", "more_body": True},
        {"type": "http.response.body", "body": b"", "more_body": False},
    ]
    assert closed == [True]


def test_a_client_that_leaves_before_its_body_ends_costs_no_thread():
    def application(_environ, _start_response):
        pytest.fail("nobody waits for an answer")

    leaving = [*body(b"half", b"")[:1], {"type": "http.disconnect"}]
    assert ask(application, leaving) == []
