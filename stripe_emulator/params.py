"""Request parameters against the SDK's parameter types.

Unknown keys, missing keys, wrong types, closed enums.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import cache
from typing import Any

from stripe_emulator import sdk
from stripe_emulator.errors import Invalid, missing_param

Coercer = Callable[[Any, str], Any]
"""Takes what was sent and its path, gives the typed value or raises `Invalid`."""


@cache
def coercer(module: str, name: str) -> Coercer:
    """For a parameter type such as ``stripe.params._transfer_create_params``, ``TransferCreateParams``."""
    cls = sdk.module(module).find(name)
    assert cls is not None, name
    return _object(cls)


def _object(cls: sdk.Class) -> Coercer:
    annotations = cls.fields()
    fields: dict[str, Coercer] = {}
    required = [
        name for name, node in annotations.items() if sdk.name_of(sdk.unquoted(node)) != "NotRequired"
    ]

    def field(name: str) -> Coercer:
        if name not in fields:
            fields[name] = _coercer(annotations[name], cls)
        return fields[name]

    def coerce(value: Any, path: str) -> Any:
        if not isinstance(value, dict):
            raise Invalid(f"Invalid object: {path}", code="parameter_invalid", param=path)
        for name in value:
            if name not in annotations:
                full = _at(path, name)
                raise Invalid(f"Received unknown parameter: {full}", code="parameter_unknown", param=full)
        for name in required:
            if name not in value:
                raise missing_param(_at(path, name))
        return {name: field(name)(item, _at(path, name)) for name, item in value.items()}

    return coerce


def _at(path: str, name: str) -> str:
    return f"{path}[{name}]" if path else name


def _coercer(node: ast.expr, cls: sdk.Class) -> Coercer:
    options = sdk.alternatives(node)
    if len(options) == 1 or _is_enum(options):
        return _single(options[0], cls)
    return _first_of(
        [_single(option, cls) for option in options if sdk.name_of(option) != "UntypedStripeObject"]
    )


def _is_enum(options: list[ast.expr]) -> bool:
    """Whether this is ``Literal[...] | str``: open for the SDK's sake, closed at Stripe."""
    names = [sdk.name_of(option) for option in options]
    return names == ["Literal", "str"] and sdk.literals(options[0]) != [""]


def _first_of(coercers: list[Coercer]) -> Coercer:
    def coerce(value: Any, path: str) -> Any:
        failures = []
        for attempt in coercers:
            try:
                return attempt(value, path)
            except Invalid as error:
                failures.append(error)
        # the deepest complaint is the most helpful one
        raise max(failures, key=lambda error: len(error.param))

    return coerce


def _single(node: ast.expr, cls: sdk.Class) -> Coercer:
    name = sdk.name_of(node)
    if name in WRAPPERS:
        return WRAPPERS[name](_coercer(sdk.members(node)[-1], cls))
    if name == "Literal":
        return _enum([str(value) for value in sdk.literals(node)])
    if name in SCALARS:
        return SCALARS[name]
    found = cls.resolve(name)
    return _object(found) if found is not None else _anything


def _itself(inner: Coercer) -> Coercer:
    return inner


def _nullable(inner: Coercer) -> Coercer:
    return lambda value, path: None if value is None else inner(value, path)


def _anything(value: Any, _path: str) -> Any:
    return value


def _list(item: Coercer) -> Coercer:
    def coerce(value: Any, path: str) -> list[Any]:
        if isinstance(value, dict) and all(key.isdecimal() for key in value):
            value = [value[key] for key in sorted(value, key=int)]
        if not isinstance(value, list):
            raise Invalid(f"Invalid array: {path}", code="parameter_invalid", param=path)
        return [item(entry, f"{path}[{position}]") for position, entry in enumerate(value)]

    return coerce


def _mapping(item: Coercer) -> Coercer:
    def coerce(value: Any, path: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise Invalid(f"Invalid object: {path}", code="parameter_invalid", param=path)
        return {
            key: item(entry, f"{path}[{key}]") if entry is not None else None for key, entry in value.items()
        }

    return coerce


def _enum(allowed: list[str]) -> Coercer:
    def coerce(value: Any, path: str) -> str:
        if not isinstance(value, str) or value not in allowed:
            shown = ", ".join(allowed[:8]) or "''"
            raise Invalid(f"Invalid {path}: must be one of {shown}", code="parameter_invalid", param=path)
        return value

    return coerce


def _string(value: Any, path: str) -> str:
    if not isinstance(value, str):
        raise Invalid(f"Invalid string: {path}", code="parameter_invalid", param=path)
    return value


def _integer(value: Any, path: str) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value.removeprefix("-").isascii() and value.removeprefix("-").isdecimal():
        return int(value)
    raise Invalid(f"Invalid integer: {value}", code="parameter_invalid_integer", param=path)


def _number(value: Any, path: str) -> str:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, str):
        try:
            float(value)
        except ValueError:
            pass
        else:
            return value
    raise Invalid(f"Invalid decimal: {value}", code="parameter_invalid", param=path)


def _boolean(value: Any, path: str) -> bool:
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return bool(value == "true")
    raise Invalid(f"Invalid boolean: {value}", code="parameter_invalid", param=path)


WRAPPERS: dict[str, Callable[[Coercer], Coercer]] = {
    "NotRequired": _itself,
    "Optional": _nullable,
    "List": _list,
    "Sequence": _list,
    "Dict": _mapping,
}
SCALARS: dict[str, Coercer] = {
    "str": _string,
    "int": _integer,
    "float": _number,
    "Decimal": _number,
    "bool": _boolean,
    "Any": _anything,
}
