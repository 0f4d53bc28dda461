"""What every request has before a view is asked."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from core.locales import accepted, written_for


class ReaderLocale:
    """Amounts are written as the reader's browser says he reads them. Caches are told so already."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with written_for(accepted(request.headers.get("Accept-Language", ""))):
            return self.get_response(request)
