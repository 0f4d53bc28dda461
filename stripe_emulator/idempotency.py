"""Idempotency keys: the first answer, again, for a day.

v1 keeps what an endpoint answered once it had begun, refusals and 500s included. v2 keeps successes only
and tries failed work again. Neither keeps failed validation.
"""

from __future__ import annotations

import hashlib

from stripe_emulator import agenda
from stripe_emulator.errors import IdempotencyMismatch
from stripe_emulator.http import Request, Response
from stripe_emulator.world import World

KIND = "emulator.idempotency"
KEPT_FOR = 24 * 3600
LONGEST = 255


def replay(world: World, request: Request, account: str) -> Response | None:
    """The stored answer to this key, if there is one; a mismatch of parameters is an error."""
    found = world.store.get(KIND, _id(request, account))
    if found is None or world.now() - found.body["at"] >= KEPT_FOR:
        return None
    if found.body["fingerprint"] != _fingerprint(request):
        raise IdempotencyMismatch(
            f"Keys for idempotent requests can only be used with the parameters they were first used with. "
            f"Try another key than '{request.header('Idempotency-Key')}' if you meant a different request."
        )
    headers = {"Idempotent-Replayed": "true", "Original-Request": found.body["request"]}
    content = {"Content-Type": "application/json"}
    return Response(found.body["status"], found.body["body"].encode(), content | headers)


def remember(world: World, request: Request, account: str, response: Response, request_id: str) -> None:
    """Keep this answer under the request's key, within the step that did the work."""
    id = _id(request, account)
    if world.store.find(id) is not None:
        world.store.remove(id)
    stored = {
        "at": world.now(),
        "fingerprint": _fingerprint(request),
        "status": response.status,
        "body": response.body.decode(),
        "request": request_id,
    }
    world.store.add(KIND, id, stored)
    if not agenda.planned(world, "forget_keys", "all"):
        agenda.plan(world, "forget_keys", "all", world.now() + KEPT_FOR)


@agenda.job("forget_keys")
def forget_keys(world: World, subject: str) -> None:
    """Forget keys older than a day; come back when the next one gets there."""
    left = None
    for record in list(world.store.all(KIND)):
        if world.now() - record.body["at"] < KEPT_FOR:
            left = record.body["at"]
        else:
            world.store.remove(record.id)
    if left is not None:
        agenda.plan(world, "forget_keys", subject, left + KEPT_FOR)


def _id(request: Request, account: str) -> str:
    parts = (request.api_key, account, request.header("Idempotency-Key"))
    return "key:" + hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _fingerprint(request: Request) -> str:
    return hashlib.sha256(
        b"\n".join((request.method.encode(), request.target.encode(), request.body))
    ).hexdigest()
