"""Lists: v1 by cursor, newest first; v2 by page address."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from stripe_emulator.errors import Invalid, Missing
from stripe_emulator.router import Call
from stripe_emulator.store import Body, Record

Keep = Callable[[Record], bool]
V1_LIMIT, V1_MOST = 10, 100
V2_LIMIT = 20
CURSORS = "created limit starting_after ending_before"


def page(
    call: Call,
    kind: str,
    filters: str = "",
    *,
    also: str = "",
    keep: Keep | None = None,
    view: Callable[[Record], Body] | None = None,
) -> Body:
    """A v1 list of the acting account's objects of `kind`, by the call's ``limit`` and cursors.

    `filters` are parameters that equal a field; those named in `also` are seen to by `keep`. A filter that
    Stripe knows and nobody named is refused: ignoring it would list too much.
    """
    call.built(f"{CURSORS} {filters} {also}")
    limit = _limit(call, V1_LIMIT)
    created = call.params.get("created")
    equal = [name for name in filters.split() if name in call.params]

    def wanted(record: Record) -> bool:
        return (
            within(record.body.get("created"), created)
            and all(record.body.get(name) == call.params[name] for name in equal)
            and (keep is None or keep(record))
        )

    if "ending_before" in call.params:
        newer = call.world.store.all(kind, call.account, after=_cursor(call, kind, "ending_before"))
        found = list(islice(reversed(list(filter(wanted, newer))), limit + 1))
        rows = found[:limit][::-1]
    else:
        cursor = _cursor(call, kind, "starting_after") if "starting_after" in call.params else None
        older = call.world.store.all(kind, call.account, before=cursor)
        found = list(islice(filter(wanted, older), limit + 1))
        rows = found[:limit]
    show = view or (lambda record: record.body)
    return listing([show(record) for record in rows], call.path, has_more=len(found) > limit)


def part(call: Call, bodies: list[Body]) -> Body:
    """A v1 list of what lies within one object, first things first."""
    call.built("limit starting_after ending_before")
    limit, ids = _limit(call, V1_LIMIT), [body["id"] for body in bodies]
    for name in ("starting_after", "ending_before"):
        if name in call.params and call.params[name] not in ids:
            raise Missing("item", call.params[name], name)
    if "ending_before" in call.params:
        end = ids.index(call.params["ending_before"])
        start = max(0, end - limit)
        return listing(bodies[start:end], call.path, has_more=start > 0)
    start = ids.index(call.params["starting_after"]) + 1 if "starting_after" in call.params else 0
    return listing(bodies[start : start + limit], call.path, has_more=len(bodies) > start + limit)


def listing(data: list[Body], url: str, *, has_more: bool = False) -> Body:
    return {"object": "list", "data": data, "has_more": has_more, "url": url}


def _limit(call: Call, usual: int) -> int:
    limit: int = call.params.get("limit", usual)
    if not 1 <= limit <= V1_MOST:
        raise Invalid(
            f"Invalid limit: must be between 1 and {V1_MOST}", code="parameter_invalid", param="limit"
        )
    return limit


def _cursor(call: Call, kind: str, name: str) -> int:
    return call.world.get(kind, call.params[name], call.account, param=name).seq


def within(value: Any, wanted: Any) -> bool:
    """Whether a time passes a filter: an exact value, or bounds ``gt, gte, lt, lte``."""
    if wanted is None:
        return True
    if not isinstance(wanted, dict):
        return bool(value == wanted)
    tests = {
        "gt": lambda bound: value > bound,
        "gte": lambda bound: value >= bound,
        "lt": lambda bound: value < bound,
        "lte": lambda bound: value <= bound,
    }
    return all(tests[name](bound) for name, bound in wanted.items())


def page_v2(call: Call, records: Iterable[Record], view: Callable[[Record], Body]) -> Body:
    """A v2 list of `records` (newest first). The next page's address carries the filters and a token."""
    limit = _limit(call, V2_LIMIT)
    before = _decode(call.params["page"]) if "page" in call.params else None
    rest = (record for record in records if before is None or record.seq < before)
    found = list(islice(rest, limit + 1))
    rows = found[:limit]
    following = None
    if len(found) > limit:
        query = {**call.params, "limit": limit, "page": _encode(rows[-1].seq)}
        following = f"{call.path}?{urlencode(_flat(query))}"
    return {"data": [view(record) for record in rows], "next_page_url": following}


def _flat(query: Body) -> list[tuple[str, Any]]:
    pairs: list[tuple[str, Any]] = []
    for name, value in query.items():
        if isinstance(value, list):
            pairs += [(f"{name}[{position}]", item) for position, item in enumerate(value)]
        elif isinstance(value, dict):
            pairs += [(f"{name}[{key}]", item) for key, item in value.items()]
        else:
            pairs.append((name, str(value).lower() if isinstance(value, bool) else value))
    return pairs


def _encode(seq: int) -> str:
    return base64.urlsafe_b64encode(str(seq).encode()).decode().rstrip("=")


def _decode(token: str) -> int:
    try:
        return int(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except ValueError as error:
        raise Invalid("Invalid page token", code="parameter_invalid", param="page") from error
