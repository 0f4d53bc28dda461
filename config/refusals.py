"""Refusals that no view made: below /api/ they have the form of the API, elsewhere they are pages."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.views import defaults

from core.errors import DomainError, ForbiddenError, InvalidError, NotFoundError

API = "/api/"


class ServerError(DomainError):
    """A bug of ours, or something we need is down."""

    code = "server_error"
    status = 500
    message = "That was our fault. Nothing is half done; please try again in a moment."


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    return _as_json(InvalidError()) if _is_api(request) else defaults.bad_request(request, exception)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    return _as_json(ForbiddenError()) if _is_api(request) else defaults.permission_denied(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    return _as_json(NotFoundError()) if _is_api(request) else defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponseBase:
    return _as_json(ServerError()) if _is_api(request) else defaults.server_error(request)


def _is_api(request: HttpRequest) -> bool:
    return request.path_info.startswith(API)


def _as_json(error: DomainError) -> JsonResponse:
    return JsonResponse(error.as_json(), status=error.status)
