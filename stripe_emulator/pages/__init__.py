"""The pages people see: checkout, 3D Secure, onboarding, the express dashboard and the control page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stripe_emulator.http import Request, Response

if TYPE_CHECKING:
    from stripe_emulator.emulator import Emulator


def answer(emulator: Emulator, request: Request) -> Response:
    if request.path == "/healthz":
        return Response.of({"status": "ok"})
    return Response.of({"error": {"message": "not found"}}, 404)
