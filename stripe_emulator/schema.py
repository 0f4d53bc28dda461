"""Response bodies against the SDK's annotated classes: missing, unknown and wrongly typed fields.

``complaints(body)`` is an empty list when the official SDK would describe the body the same way. The
classes cannot say *nullable* and *sometimes absent* apart (both are ``Optional``), so neither can this.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import cache
from typing import Any

from stripe._object_classes import OBJECT_CLASSES, V2_OBJECT_CLASSES
from stripe.events._event_classes import _V2_EVENT_CLASS_LOOKUP

from stripe_emulator import sdk

Checker = Callable[[Any, str], list[str]]
"""Takes a value and its path, gives what is wrong with it."""

RAW_ERROR = "error"
EVENT = "v2.core.event"


def complaints(body: Any) -> list[str]:
    """What is wrong with a response or an event payload, as sentences with paths."""
    if not isinstance(body, dict):
        return [f"expected an object, got {type(body).__name__}"]
    if RAW_ERROR in body:
        return []
    if isinstance(body.get("data"), list):
        listed = [found for item in body["data"] for found in complaints(item)]
        return listed + _envelope(body)
    if body.get("deleted") is True or set(body) == {"id", "object"}:
        return []
    name = str(body.get("object"))
    checker = of_event(str(body.get("type"))) if name == EVENT else of(name)
    return checker(body, name) if checker else [f"unknown object {name!r}"]


def _envelope(body: dict[str, Any]) -> list[str]:
    v1 = {"object", "data", "has_more", "url"}
    return [] if set(body) in (v1, {"data", "next_page_url"}) else [f"strange list with {sorted(body)}"]


@cache
def of(name: str) -> Checker | None:
    """The checker of an object by the name in its ``object`` field."""
    origin = (V2_OBJECT_CLASSES | OBJECT_CLASSES).get(name)
    return _object(_class(*origin)) if origin else None


@cache
def of_event(type: str) -> Checker | None:
    """The checker of one type of thin event: what all have, and its own data and related object."""
    base = _class(*V2_OBJECT_CLASSES[EVENT])
    if type not in _V2_EVENT_CLASS_LOOKUP:
        return _object(base)
    return _object(base, _class(*_V2_EVENT_CLASS_LOOKUP[type]))


def _class(module: str, name: str) -> sdk.Class:
    found = sdk.module(module).find(name)
    if found is None:
        raise LookupError(f"{module} has no {name}")
    return found


def _fields(cls: sdk.Class) -> dict[str, tuple[ast.expr, sdk.Class]]:
    """What a class annotates, by the name on the wire."""
    remapped = cls.constant("_field_remappings")
    names = {python: wire for wire, python in remapped.items()} if isinstance(remapped, dict) else {}
    return {
        names.get(name, name): (sdk.unquoted(node), cls)
        for name, node in cls.fields().items()
        if not name.startswith("_") and name != "OBJECT_NAME"
    }


def _dicts(cls: sdk.Class) -> list[str]:
    """Fields whose values the SDK walks through without asking whether they are there."""
    names = cls.constant("_inner_class_dicts")
    return list(names) if isinstance(names, list) else []


def _object(*classes: sdk.Class) -> Checker:
    cls = classes[-1]
    fields = {name: field for part in classes for name, field in _fields(part).items()}
    required = [name for name, (node, _) in fields.items() if sdk.name_of(node) != "Optional"]
    never_null = {name for part in classes for name in _dicts(part)}
    compiled: dict[str, Checker] = {}

    def check(value: Any, path: str) -> list[str]:
        if not isinstance(value, dict):
            return [f"{path}: expected an object {cls.name}, got {value!r}"[:200]]
        found = [f"{path}.{name}: missing" for name in required if name not in value]
        for name, item in value.items():
            if name not in fields:
                found.append(f"{path}.{name}: unknown field")
                continue
            if item is None and name in never_null:
                found.append(f"{path}.{name}: the SDK breaks on null here")
            if name not in compiled:
                compiled[name] = _checker(*fields[name])
            found += compiled[name](item, f"{path}.{name}")
        return found

    return check


def _checker(node: ast.expr, cls: sdk.Class) -> Checker:
    node = sdk.unquoted(node)
    options = sdk.alternatives(node)
    if len(options) > 1:
        return _any_of([_checker(option, cls) for option in options])
    name = sdk.name_of(node)
    if name in WRAPPERS:
        return WRAPPERS[name](_checker(sdk.members(node)[0], cls))
    if name in ("UntypedStripeObject", "Dict"):
        return _mapping(_checker(sdk.members(node)[-1], cls))
    if name == "Literal":
        return _literal(sdk.literals(node))
    if name in SCALARS:
        return _scalar(name, SCALARS[name])
    found = cls.resolve(name)
    if found is None:
        raise LookupError(f"{cls.module.name}: {cls.name} refers to {name}, which cannot be found")
    return _lazy(found)


def _lazy(cls: sdk.Class) -> Checker:
    compiled: list[Checker] = []

    def check(value: Any, path: str) -> list[str]:
        if not compiled:
            compiled.append(_object(cls))
        return compiled[0](value, path)

    return check


def _any_of(checkers: list[Checker]) -> Checker:
    def check(value: Any, path: str) -> list[str]:
        attempts = []
        for checker in checkers:
            found = checker(value, path)
            if not found:
                return []
            attempts.append(found)
        return min(attempts, key=len)

    return check


def _optional(inner: Checker) -> Checker:
    return lambda value, path: [] if value is None else inner(value, path)


def _expandable(inner: Checker) -> Checker:
    return lambda value, path: [] if isinstance(value, str) else inner(value, path)


def _list(inner: Checker) -> Checker:
    def check(value: Any, path: str) -> list[str]:
        if not isinstance(value, list):
            return [f"{path}: expected a list, got {value!r}"[:200]]
        return [found for i, item in enumerate(value) for found in inner(item, f"{path}[{i}]")]

    return check


def _list_object(inner: Checker) -> Checker:
    items = _list(inner)

    def check(value: Any, path: str) -> list[str]:
        if not isinstance(value, dict) or value.get("object") != "list":
            return [f"{path}: expected a list object"]
        return items(value.get("data"), f"{path}.data") + _envelope(value)

    return check


def _mapping(inner: Checker) -> Checker:
    def check(value: Any, path: str) -> list[str]:
        if not isinstance(value, dict):
            return [f"{path}: expected an object, got {value!r}"[:200]]
        return [found for key, item in value.items() for found in inner(item, f"{path}[{key}]")]

    return check


def _literal(allowed: list[object]) -> Checker:
    return lambda value, path: [] if value in allowed else [f"{path}: {value!r} is none of {allowed[:6]}"]


def _scalar(name: str, types: tuple[type, ...]) -> Checker:
    def check(value: Any, path: str) -> list[str]:
        fits = isinstance(value, types) and (name in ("bool", "Any") or not isinstance(value, bool))
        return [] if fits else [f"{path}: expected {name}, got {value!r}"[:200]]

    return check


WRAPPERS: dict[str, Callable[[Checker], Checker]] = {
    "Optional": _optional,
    "ExpandableField": _expandable,
    "List": _list,
    "ListObject": _list_object,
}
SCALARS: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "int": (int,),
    "float": (int, float),
    "bool": (bool,),
    "Decimal": (str,),  # decimals travel as strings
    "Any": (object,),
    "object": (object,),
}
