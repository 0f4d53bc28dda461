"""``expand[]``: identifiers replaced by the objects they name, up to four levels deep, through lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from stripe_emulator.errors import Invalid
from stripe_emulator.store import Body
from stripe_emulator.world import World

DEEPEST = 4
SCALARS = (bool, int, float)
ADDED: dict[tuple[str, str], Callable[[World, Body], Any]] = {}
"""Fields that exist only when asked for: (object, field) to what makes them."""
VIEWS: dict[str, Callable[[World, str], Body | None]] = {}
"""Objects that are shown otherwise than stored, by the prefix of their identifier."""


def expanded(world: World, body: Body, paths: list[str]) -> Body:
    """A copy of `body` with each dotted path expanded."""
    for path in paths:
        names = path.split(".")
        if len(names) - (names[0] == "data") > DEEPEST:
            raise Invalid(
                f"You cannot expand more than {DEEPEST} levels of a property: {path}", param="expand"
            )
        body = _along(world, body, names, path)
    return body


def _along(world: World, value: Any, names: list[str], path: str) -> Any:
    if not names or value is None:
        return value
    if isinstance(value, list):
        return [_along(world, item, names, path) for item in value]
    if not isinstance(value, dict):
        raise _fixed(path)
    first, rest = names[0], names[1:]
    return value | {first: _along(world, _opened(world, value, first, path), rest, path)}


def _opened(world: World, owner: Body, name: str, path: str) -> Any:
    added = ADDED.get((str(owner.get("object")), name))
    if added is not None:
        return added(world, owner)
    if name not in owner:
        raise _fixed(path)
    value = owner[name]
    if isinstance(value, SCALARS):
        raise _fixed(path)
    if isinstance(value, str):
        return fetched(world, value, path)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return [fetched(world, item, path) for item in value]
    return value


def fetched(world: World, id: str, path: str) -> Body:
    """The object an identifier names, as the API shows it."""
    view = VIEWS.get(id.partition("_")[0])
    found = view(world, id) if view else None
    record = world.store.find(id)
    if found is None and record is not None and not record.type.startswith("emulator."):
        found = record.body
    if found is None:
        raise _fixed(path)
    return found


def _fixed(path: str) -> Invalid:
    return Invalid(f"This property cannot be expanded ({path}).", code="parameter_invalid", param="expand")
