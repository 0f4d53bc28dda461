"""Which addresses of the network we call because a stranger asked us to: public ones, and no others."""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

LONGEST_URL = 2_000
# A translator in between would call the IPv4 address inside (RFC 6052).
_TRANSLATED = IPv6Network("64:ff9b::/96")
# All that has been handed out for hosts (RFC 4291, 2.4): neither compatible, translated nor site-local ones.
_HANDED_OUT = IPv6Network("2000::/3")
# For protocols among neighbours (RFC 6890), which Python counts as private only in part.
_PROTOCOLS = IPv4Network("192.0.0.0/24")
_LAST_32_BITS = 2**32 - 1


class AddressRefusedError(Exception):
    """We do not call there. ``message`` says why, for whoever gave the address."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class UnknownHostError(Exception):
    """There is no such host at the moment."""


def checked_url(url: str) -> str:
    """The address as we call it, refused where its form alone says that we must not. Asks no name server.

    ``webcal://`` is what calendars call https.

    Raises:
        AddressRefusedError: not http or https, with a password in it, or a private address.
    """
    parts = _split(url.strip())
    if parts.scheme == "webcal":
        parts = parts._replace(scheme="https")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise AddressRefusedError("An address begins with https://.")
    if parts.username is not None or parts.password is not None:
        raise AddressRefusedError("Name and password do not belong into the address.")
    _refuse_literal(parts.hostname)
    return parts._replace(fragment="").geturl()


def public_addresses(host: str, port: int) -> list[str]:
    """The IP addresses of a host, which are the ones to connect to: asked again it may answer others.

    One that is not public among them is enough to refuse them all.

    Raises:
        UnknownHostError: the name leads nowhere.
        AddressRefusedError: it leads into a private network.
    """
    try:
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise UnknownHostError(host) from error
    addresses = [str(each[4][0]) for each in found]
    for address in addresses:
        _refuse_unless_public(address)
    return list(dict.fromkeys(addresses))


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet, however it is dressed up."""
    plain = _undressed(ip_address(address.partition("%")[0]))
    if isinstance(plain, IPv6Address) and plain not in _HANDED_OUT:
        return False
    return plain.is_global and not plain.is_multicast and plain not in _PROTOCOLS


def _split(url: str) -> SplitResult:
    if len(url) > LONGEST_URL or any(character.isspace() or not character.isprintable() for character in url):
        raise AddressRefusedError("This is no address.")
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise AddressRefusedError("This is no address.") from error
    return parts


def _refuse_literal(host: str) -> None:
    try:
        ip_address(host.partition("%")[0])
    except ValueError:
        return
    _refuse_unless_public(host)


def _refuse_unless_public(address: str) -> None:
    if not settings.ALLOW_PRIVATE_ADDRESSES and not is_public(address):
        raise AddressRefusedError("This address leads into a private network, where we do not call.")


def _undressed(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that an IPv6 address stands for, where it does."""
    if isinstance(address, IPv4Address):
        return address
    if address in _TRANSLATED:
        return IPv4Address(int(address) & _LAST_32_BITS)
    return address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1] or address
