"""Where we call because a stranger asked us to: the public internet, and nowhere else."""

from __future__ import annotations

import socket

import pytest

from integrations.addresses import (
    AddressRefusedError,
    UnknownHostError,
    checked_url,
    is_public,
    public_addresses,
)

PRIVATE = [
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",  # noqa: S104
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "192.0.0.8",
    "192.0.2.1",
    "198.18.0.1",
    "198.51.100.7",
    "203.0.113.9",
    "224.0.0.1",
    "239.1.1.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%eth0",
    "ff02::1",
    "2001:db8::1",
    "::ffff:127.0.0.1",
    "::ffff:10.1.2.3",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::7f00:1",
    "::127.0.0.1",
    "::ffff:0:127.0.0.1",
    "fec0::1",
    "2002:7f00:1::",
    "2002:c0a8:101::1",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_what_is_not_public_is_not_called(address):
    assert is_public(address) is False


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"]
)
def test_what_is_public_is(address):
    assert is_public(address) is True


@pytest.mark.parametrize(
    ("given", "called"),
    [
        ("https://calendar.test/a.ics", "https://calendar.test/a.ics"),
        (" https://calendar.test/a.ics ", "https://calendar.test/a.ics"),
        ("http://calendar.test:8080/?a=b", "http://calendar.test:8080/?a=b"),
        ("webcal://calendar.test/a.ics", "https://calendar.test/a.ics"),
        ("WEBCAL://calendar.test/a.ics", "https://calendar.test/a.ics"),
        ("https://calendar.test/a#today", "https://calendar.test/a"),
        ("https://1.1.1.1/a", "https://1.1.1.1/a"),
    ],
)
def test_an_address_is_read_as_calendars_write_it(given, called):
    assert checked_url(given) == called


@pytest.mark.parametrize(
    "url",
    [
        "",
        "calendar.test",
        "file:///etc/passwd",
        "ftp://calendar.test/",
        "gopher://calendar.test/",
        "https://",
        "https:///a",
        "https://ada:secret@calendar.test/",
        "https://ada@calendar.test/",
        "https://calendar.test:99999/",
        "https://[::1/",
        "https://calendar.test/a b",
        "https://calendar.test/\x00",
        "https://calendar.test/" + "a" * 2_000,
        *(f"https://[{address}]/" if ":" in address else f"https://{address}/" for address in PRIVATE),
    ],
)
def test_an_address_that_we_must_not_call_is_refused(url):
    with pytest.raises(AddressRefusedError) as refused:
        checked_url(url)
    assert refused.value.message.endswith(".")


def answering(monkeypatch, *addresses):
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_kwargs: found)


def test_a_name_is_called_at_the_addresses_it_has(monkeypatch):
    answering(monkeypatch, "1.1.1.1", "2606:4700::1111", "1.1.1.1")
    assert public_addresses("calendar.test", 443) == ["1.1.1.1", "2606:4700::1111"]


@pytest.mark.parametrize("address", PRIVATE)
def test_a_name_with_one_private_address_is_not_called_at_all(monkeypatch, address):
    answering(monkeypatch, "1.1.1.1", address)
    with pytest.raises(AddressRefusedError):
        public_addresses("calendar.test", 443)


@pytest.mark.parametrize("host", ["nobody.invalid", "a" * 300])
def test_a_name_that_leads_nowhere(host):
    with pytest.raises(UnknownHostError):
        public_addresses(host, 443)


def test_tests_may_call_this_machine(settings):
    settings.ALLOW_PRIVATE_ADDRESSES = True
    assert checked_url("http://127.0.0.1:5232/") == "http://127.0.0.1:5232/"
    assert public_addresses("127.0.0.1", 5232) == ["127.0.0.1"]
