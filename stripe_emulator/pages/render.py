"""Templates, escaping and the headers every page has."""

from __future__ import annotations

import html
from functools import cache
from importlib.resources import files
from string import Template
from typing import Any
from urllib.parse import urlsplit

from stripe_emulator.http import Response
from stripe_emulator.money import places

SYMBOLS = {"usd": "$", "eur": "€", "gbp": "£", "jpy": "¥"}


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()

    def __add__(self, other: str) -> Markup:
        return Markup(str(self) + str(escape(other)))


def escape(value: Any) -> Markup:
    return value if isinstance(value, Markup) else Markup(html.escape("" if value is None else str(value)))


def join(parts: list[Markup]) -> Markup:
    return Markup("".join(parts))


@cache
def _template(name: str) -> Template:
    return Template(files(__package__).joinpath("templates", f"{name}.html").read_text(encoding="utf-8"))


def fragment(name: str, /, **values: Any) -> Markup:
    """A template with its values, each escaped unless it is markup."""
    return Markup(_template(name).substitute({key: escape(value) for key, value in values.items()}))


def page(
    title: str, body: Markup, *, status: int = 200, leads_to: tuple[str | None, ...] = (), wide: bool = False
) -> Response:
    """A whole page. `leads_to`: addresses elsewhere that its forms may end up at."""
    content = fragment("page", title=title, body=body, kind="wide" if wide else "narrow")
    origins = " ".join(sorted({origin(url) for url in leads_to if url}))
    headers = {
        "Content-Type": "text/html; charset=utf-8",
        "Cache-Control": "no-store",
        "Content-Security-Policy": (
            "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
            f"form-action 'self' {origins}"
        ).strip(),
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(status, content.encode(), headers)


def message(
    title: str, text: str, link: str | None = None, label: str = "", *, status: int = 200
) -> Response:
    """A page that says one thing and offers one way on."""
    action = fragment("link", url=link, label=label) if link else Markup()
    return page(title, fragment("message", title=title, text=text, action=action), status=status)


def redirect(url: str) -> Response:
    return Response(303, b"", {"Location": url, "Cache-Control": "no-store"})


def origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def money(amount: int, currency: str) -> str:
    """``$1,200.00``; currencies without a sign of their own come with their code."""
    sign = "−" if amount < 0 else ""
    decimals = places(currency)
    whole, rest = divmod(abs(amount), 10**decimals)
    figure = f"{whole:,}.{rest:0{decimals}}" if decimals else f"{whole:,}"
    symbol = SYMBOLS.get(currency)
    return f"{sign}{symbol}{figure}" if symbol else f"{sign}{figure} {currency.upper()}"


def grouped(number: str) -> str:
    """A card number in groups of four."""
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))
