"""What every test stands on: sockets lead to this machine only."""

from __future__ import annotations

import socket
from ipaddress import ip_address

import pytest


class OutsideWorldError(RuntimeError):
    """A test wanted to leave the machine."""


@pytest.fixture(autouse=True, scope="session")
def _sockets_only_to_loopback():
    connect = socket.socket.connect

    def guarded(self, address):
        if self.family in {socket.AF_INET, socket.AF_INET6} and not _is_loopback(address[0]):
            raise OutsideWorldError(f"a test may not connect to {address[0]}")
        return connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        yield


def _is_loopback(host):
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
