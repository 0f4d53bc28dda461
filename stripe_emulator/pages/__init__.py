"""The pages people see: checkout, 3D Secure, onboarding, express dashboard, billing portal, controls."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from stripe_emulator.http import Request, Response
from stripe_emulator.pages import checkout, invoice, onboard, overview, portal
from stripe_emulator.pages.render import message
from stripe_emulator.store import Body

if TYPE_CHECKING:
    from stripe_emulator.emulator import Emulator

STATIC = {
    "/static/emulator.css": ("emulator.css", "text/css; charset=utf-8"),
    "/static/icon.svg": ("icon.svg", "image/svg+xml"),
}


def answer(emulator: Emulator, request: Request) -> Response:
    path, _, rest = request.path.rpartition("/")
    if request.method in ("GET", "HEAD"):
        return _get(emulator, request.path, path, rest, _fields(request.query))
    if request.method != "POST":
        return message("Not here", "Pages are read and their forms sent, nothing else.", status=405)
    return _post(emulator, request.path, path, rest, _fields(request.body.decode(errors="replace")))


def _get(emulator: Emulator, whole: str, path: str, rest: str, query: Body) -> Response:
    if whole == "/healthz":
        return Response.of({"status": "ok"})
    if whole in STATIC:
        return _static(*STATIC[whole])
    if whole == "/":
        return overview.show(emulator)
    page = GET.get(path)
    return page(emulator, rest, query) if page else _nothing()


def _post(emulator: Emulator, whole: str, path: str, rest: str, form: Body) -> Response:
    if whole in overview.COMMANDS or path == overview.REPLAY:
        return overview.command(emulator, whole, form)
    page = POST.get(path)
    return page(emulator, rest, form) if page else _nothing()


Page = Callable[["Emulator", str, Body], Response]
GET: dict[str, Page] = {
    "/objects": lambda emulator, kind, _: overview.objects(emulator, kind),
    "/c/pay": checkout.show,
    "/3ds": lambda emulator, intent, _: checkout.ask(emulator, intent),
    "/i": invoice.show,
    "/onboarding": lambda emulator, token, _: onboard.show(emulator, token),
    "/express": lambda emulator, token, _: onboard.dashboard(emulator, token),
    "/p/session": portal.show,
}
POST: dict[str, Page] = {
    "/c/pay": checkout.submit,
    "/3ds": checkout.decide,
    "/i": invoice.submit,
    "/onboarding": onboard.submit,
    "/express": onboard.change_bank,
    "/p/session": portal.submit,
}
"""Pages by the path before their identifier."""


def _nothing() -> Response:
    return message("Nothing here", "The emulator has no page at this address.", "/", "Overview", status=404)


def _fields(text: str) -> Body:
    return {name: values[-1] for name, values in parse_qs(text, keep_blank_values=True).items()}


def _static(name: str, kind: str) -> Response:
    content = files(__package__).joinpath(name).read_bytes()
    return Response(200, content, {"Content-Type": kind, "Cache-Control": "max-age=60"})
