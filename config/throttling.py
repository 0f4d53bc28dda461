"""Throttles of the embedded default: loopback is this machine's owner and is not counted."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING

from rest_framework.throttling import AnonRateThrottle, SimpleRateThrottle, UserRateThrottle

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.views import APIView


class _RemoteOnly(SimpleRateThrottle):
    def allow_request(self, request: Request, view: APIView) -> bool:
        return _is_loopback(request.META.get("REMOTE_ADDR", "")) or super().allow_request(request, view)


class RemoteAnonRateThrottle(_RemoteOnly, AnonRateThrottle):
    """Anonymous callers from another machine."""


class RemoteUserRateThrottle(_RemoteOnly, UserRateThrottle):
    """Signed-in callers from another machine."""


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
