"""Documents as they leave the site."""

from __future__ import annotations

from django.http import HttpResponse


def as_pdf(document: bytes, name: str) -> HttpResponse:
    """A document to open in the browser, kept by nobody on the way: it is one person's own."""
    answer = HttpResponse(document, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{name}"'
    answer["Cache-Control"] = "private, no-store"
    return answer
