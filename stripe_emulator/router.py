"""Which function answers which endpoint."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

from stripe_emulator.errors import Unbuilt
from stripe_emulator.store import Body
from stripe_emulator.world import World


@dataclass
class Call:
    """One API request on its way to a resource: parameters are checked and typed, `account` is who acts."""

    world: World
    account: str
    params: Body
    ids: tuple[str, ...] = ()
    path: str = ""
    expand: list[str] = field(default_factory=list)

    @property
    def id(self) -> str:
        """The last identifier in the path."""
        return self.ids[-1]

    def built(self, names: str) -> None:
        """Refuse, by its name, a parameter that Stripe knows and this endpoint would only ignore."""
        for name in self.params:
            if name not in names.split():
                raise Unbuilt(f"the parameter {name} of {self.path}")


Handler = Callable[[Call], Body]
ROUTES: dict[tuple[str, str], Handler] = {}


def route(method: str, path: str) -> Callable[[Handler], Handler]:
    """Registers a handler under a path with ``{}`` for identifiers."""

    def register(handler: Handler) -> Handler:
        ROUTES[method, path] = handler
        return handler

    return register


@cache
def _pattern(path: str) -> re.Pattern[str]:
    return re.compile("^" + re.escape(path).replace(r"\{\}", "([^/]+)") + "$")


def find(method: str, path: str) -> tuple[str, Handler, tuple[str, ...]] | None:
    """The route's path, its handler and the identifiers; fixed paths win over placeholders."""
    if (method, path) in ROUTES:
        return path, ROUTES[method, path], ()
    for (verb, template), handler in ROUTES.items():
        match = _pattern(template).match(path) if verb == method and "{}" in template else None
        if match:
            return template, handler, match.groups()
    return None
