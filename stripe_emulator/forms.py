"""v1 bodies and query strings: ``a[b][0][c]=1`` becomes nested dicts."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

from stripe_emulator.errors import Invalid

KEY = re.compile(r"^([^\[\]]+)((?:\[[^\[\]]*\])*)$")
PART = re.compile(r"\[([^\[\]]*)\]")
MAX_FIELDS = 2000


def parse(text: str) -> dict[str, Any]:
    """Nested parameters with string leaves.

    A list, written with indices or ``[]``, is a dict of its positions: only the parameter's type can tell
    it from metadata with numbers for names.
    """
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="strict")
    except ValueError as error:
        raise Invalid("The request body could not be read as a form.") from error
    tree: dict[str, Any] = {}
    for key, value in pairs:
        _put(tree, _path(key), value)
    return tree


def _path(key: str) -> list[str]:
    match = KEY.match(key)
    if match is None:
        raise Invalid(f"Invalid parameter name: {key}", code="parameter_unknown", param=key)
    return [match[1], *PART.findall(match[2])]


def _put(tree: dict[str, Any], path: list[str], value: str) -> None:
    for part in path[:-1]:
        branch = tree.setdefault(part or str(len(tree)), {})
        if not isinstance(branch, dict):
            raise Invalid(f"Invalid {path[0]}: both a value and an object", param=path[0])
        tree = branch
    tree[path[-1] or str(len(tree))] = value
