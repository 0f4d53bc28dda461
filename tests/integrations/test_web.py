"""Calling a stranger's address over real sockets: never into a private network, never for ever."""

from __future__ import annotations

import gzip
import socket
import threading
import time

import pytest
import requests

from integrations import web as web_module
from integrations.addresses import AddressRefusedError
from integrations.web import TooMuchError, TooSlowError, Web
from tests.integrations.calendars.serving import Answer, serving
from tests.site import free_port

REAL = socket.getaddrinfo


@pytest.fixture
def allowed(settings):
    settings.ALLOW_PRIVATE_ADDRESSES = True


@pytest.fixture
def server():
    with serving(lambda _: Answer("hello")) as server:
        yield server


def test_what_answers_is_read(allowed, server):
    with Web() as web:
        answer = web.get(server.url + "/a")
        assert (answer.status_code, answer.text) == (200, "hello")
        assert web.put(server.url + "/b", data=b"body").ok
    assert [(each.method, each.path, each.body) for each in server.asked] == [
        ("GET", "/a", b""),
        ("PUT", "/b", b"body"),
    ]


def test_this_machine_is_not_called(server):
    with Web() as web, pytest.raises(AddressRefusedError):
        web.get(server.url)
    assert server.asked == []


@pytest.mark.parametrize(
    "name", ["http://localhost", "http://127.1", "http://2130706433", "http://0x7f000001"]
)
def test_a_name_for_this_machine_is_not_called_either(server, name):
    port = server.url.rpartition(":")[2]
    with Web() as web, pytest.raises(AddressRefusedError):
        web.get(f"{name}:{port}/")
    assert server.asked == []


def resolving(monkeypatch, **names):
    """Name servers that answer each name with its next address; the last one from then on."""
    waiting = {name.replace("_", "."): list(addresses) for name, addresses in names.items()}

    def answer(host, port, *args, **kwargs):
        if host not in waiting:
            return REAL(host, port, *args, **kwargs)
        addresses = waiting[host]
        address = addresses.pop(0) if len(addresses) > 1 else addresses[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", answer)


def test_a_redirect_into_a_private_network_is_not_followed(monkeypatch, server):
    """The first host counts as public here, the second is what it is."""
    monkeypatch.setattr("integrations.addresses.is_public", lambda address: address == "127.0.0.1")
    server.answer = lambda _: Answer(status=302, headers={"Location": "http://10.0.0.8/secret"})
    with Web() as web, pytest.raises(AddressRefusedError):
        web.get(server.url)


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/"])
def test_a_redirect_to_another_scheme_is_not_followed(allowed, server, target):
    server.answer = lambda _: Answer(status=302, headers={"Location": target})
    with Web() as web, pytest.raises(requests.RequestException):
        web.get(server.url)


def test_redirects_end(allowed, server):
    server.answer = lambda _: Answer(status=302, headers={"Location": "/again"})
    with Web() as web, pytest.raises(requests.TooManyRedirects):
        web.get(server.url)
    assert len(server.asked) == 6


def test_a_name_that_changes_its_mind_is_called_where_it_was_checked(monkeypatch, server):
    """It says a public address when it is checked, a private one when it is asked again: it is asked once."""
    port = server.url.rpartition(":")[2]
    monkeypatch.setattr("integrations.addresses.is_public", lambda address: address == "127.0.0.1")
    resolving(monkeypatch, calendar_test=["127.0.0.1", "10.0.0.8"])
    with Web() as web:
        assert web.get(f"http://calendar.test:{port}/").text == "hello"
    assert server.asked[0].headers["host"] == f"calendar.test:{port}"


def test_a_second_connection_is_checked_again(monkeypatch, server):
    port = server.url.rpartition(":")[2]
    monkeypatch.setattr("integrations.addresses.is_public", lambda address: address == "127.0.0.1")
    resolving(monkeypatch, calendar_test=["127.0.0.1", "10.0.0.8"])
    server.answer = lambda _: Answer("hello", headers={"Connection": "close"})
    with Web() as web:
        assert web.get(f"http://calendar.test:{port}/").ok
        with pytest.raises(AddressRefusedError):
            web.get(f"http://calendar.test:{port}/")


def test_the_next_address_is_tried_when_one_does_not_answer(allowed, monkeypatch, server):
    port = server.url.rpartition(":")[2]
    both = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, int(port)))
        for address in ("127.0.0.9", "127.0.0.1")
    ]
    refusing = socket.socket.connect

    def connect(self, address):
        if address[0] == "127.0.0.9":
            raise ConnectionRefusedError
        return refusing(self, address)

    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *args, **kwargs: both if host == "calendar.test" else REAL(host, *args, **kwargs),
    )
    monkeypatch.setattr(socket.socket, "connect", connect)
    with Web() as web:
        assert web.get(f"http://calendar.test:{port}/").text == "hello"


@pytest.mark.parametrize("place", ["nobody.invalid", "127.0.0.1:{port}"])
def test_where_nobody_answers(allowed, place):
    with Web() as web, pytest.raises(requests.ConnectionError):
        web.get(f"http://{place.format(port=free_port())}/")


@pytest.mark.parametrize("packed", [False, True])
def test_an_answer_has_a_largest_size_packed_or_not(allowed, monkeypatch, server, packed):
    monkeypatch.setattr(web_module, "MOST_BYTES", 100_000)
    body = b"a" * 100_001
    headers = {"Content-Encoding": "gzip"} if packed else {}
    server.answer = lambda _: Answer(gzip.compress(body) if packed else body, headers=headers)
    with Web() as web, pytest.raises(TooMuchError):
        web.get(server.url)
    body = b"a" * 100_000
    with Web() as web:
        assert len(web.get(server.url).content) == 100_000


def trickling(part):
    """A server that sends ``part`` a byte at a time, for ever; its port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        client, _ = listener.accept()
        with client:
            client.recv(65_536)
            try:
                for byte in part + b"a" * 10_000:
                    client.sendall(bytes([byte]))
                    time.sleep(0.02)
            except OSError:
                pass

    threading.Thread(target=serve, daemon=True).start()
    return listener


@pytest.mark.parametrize("part", [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_an_answer_that_trickles_is_cut_off(allowed, part):
    with trickling(part) as listener, Web(seconds=0.5) as web:
        began = time.monotonic()
        with pytest.raises(TooSlowError):
            web.get(f"http://127.0.0.1:{listener.getsockname()[1]}/")
        assert time.monotonic() - began < 2


def test_an_errand_has_one_time_for_all_its_calls(allowed, server):
    with Web(seconds=0) as web, pytest.raises(TooSlowError):
        web.get(server.url)
    assert server.asked == []


def test_an_answer_that_breaks_off_is_no_answer(allowed, server):
    server.answer = lambda _: Answer("half", headers={"Content-Length": "8", "Connection": "close"})
    with Web() as web, pytest.raises(requests.ConnectionError):
        web.get(server.url)


def test_the_passwords_of_this_machine_stay_here(allowed, monkeypatch, tmp_path, server):
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login root password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    with Web() as web:
        assert web.get(server.url).ok
    assert "authorization" not in server.asked[0].headers
