"""A document as an answer over HTTP."""

from __future__ import annotations

from django.http import HttpResponse


def as_pdf(content: bytes, name: str) -> HttpResponse:
    """To be looked at in the browser, with a file's name for who keeps it; for this person only."""
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={
            "Content-Disposition": f'inline; filename="{name}.pdf"',
            "Cache-Control": "private, no-store",
        },
    )
