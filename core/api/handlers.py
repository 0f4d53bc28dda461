"""Every refusal of the API has one form: ``{"error": {"code", "message", "fields"?, …}}``."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from core.errors import DomainError

_CODES: dict[int, str] = {
    400: "invalid",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    415: "unsupported_media_type",
    429: "throttled",
}


def exception_handler(error: Exception, _context: dict[str, Any]) -> Response | None:
    """Render a refusal; anything else is a bug and stays a 500."""
    if isinstance(error, DomainError):
        set_rollback()
        return Response(error.as_json(), status=error.status)
    known = _as_api_exception(error)
    if known is None:
        return None
    set_rollback()
    return Response({"error": _envelope(known)}, status=known.status_code, headers=_headers(known))


def _as_api_exception(error: Exception) -> exceptions.APIException | None:
    if isinstance(error, Http404):
        return exceptions.NotFound()
    if isinstance(error, PermissionDenied):
        return exceptions.PermissionDenied()
    if isinstance(error, RequestDataTooBig):
        return exceptions.ParseError("The request is too large.")
    return error if isinstance(error, exceptions.APIException) else None


def _envelope(error: exceptions.APIException) -> dict[str, Any]:
    code = _CODES.get(error.status_code, "refused")
    if isinstance(error, exceptions.ValidationError):
        detail = error.detail
        fields = detail if isinstance(detail, dict) else {"non_field_errors": detail}
        return {"code": code, "message": "Some of this could not be understood.", "fields": fields}
    return {"code": code, "message": str(error.detail)}


def _headers(error: exceptions.APIException) -> dict[str, str]:
    headers = {}
    if getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = str(error.auth_header)  # type: ignore[attr-defined]
    if getattr(error, "wait", None):
        headers["Retry-After"] = str(int(error.wait))  # type: ignore[attr-defined]
    return headers
