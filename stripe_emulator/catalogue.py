"""Every endpoint the installed SDK can call: its verb, path, name and parameter type."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cache

from stripe_emulator import sdk


@dataclass(frozen=True)
class Endpoint:
    """`name` is the SDK's (``TransferService.create``), `params` where its parameter type lives."""

    method: str
    path: str
    name: str
    params: tuple[str, str] | None

    @property
    def pattern(self) -> re.Pattern[str]:
        return re.compile("^" + re.sub(r"\\\{\w+\\\}", "([^/]+)", re.escape(self.path)) + "$")


@cache
def endpoints() -> dict[tuple[str, str], Endpoint]:
    """By verb and path with its placeholders emptied: ``("POST", "/v1/transfers/{}/reversals")``."""
    found = {}
    for path in sorted(sdk.ROOT.rglob("*_service.py")):
        for endpoint in _of(path.relative_to(sdk.ROOT).with_suffix("").parts):
            found[key(endpoint.method, endpoint.path)] = endpoint
    return found


def key(method: str, path: str) -> tuple[str, str]:
    return method, re.sub(r"\{\w+\}", "{}", path)


@cache
def _patterns() -> list[tuple[re.Pattern[str], Endpoint]]:
    fixed_first = sorted(endpoints().values(), key=lambda endpoint: endpoint.path.count("{"))
    return [(endpoint.pattern, endpoint) for endpoint in fixed_first]


def lookup(method: str, path: str) -> Endpoint | None:
    """The endpoint a request would reach at Stripe."""
    for pattern, endpoint in _patterns():
        if endpoint.method == method and pattern.match(path):
            return endpoint
    return None


def _of(parts: tuple[str, ...]) -> list[Endpoint]:
    module = sdk.module(".".join(("stripe", *parts)))
    return [
        endpoint
        for service in module.classes.values()
        for function in service.body
        if isinstance(function, ast.FunctionDef) and not function.name.startswith("_")
        for endpoint in [_endpoint(module, service.name, function)]
        if endpoint is not None
    ]


def _endpoint(module: sdk.Module, service: str, function: ast.FunctionDef) -> Endpoint | None:
    for node in ast.walk(function):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "_request"
        ):
            verb, path = node.args[0], node.args[1]
            if isinstance(path, ast.Call) and isinstance(path.func, ast.Attribute):
                path = path.func.value  # "/v1/charges/{id}".format(...)
            method = str(ast.literal_eval(verb)).upper()
            return Endpoint(
                method, str(ast.literal_eval(path)), f"{service}.{function.name}", _params(module, function)
            )
    return None


def _params(module: sdk.Module, function: ast.FunctionDef) -> tuple[str, str] | None:
    for argument in function.args.args:
        if argument.arg == "params" and argument.annotation is not None:
            names = [node for node in ast.walk(argument.annotation) if isinstance(node, ast.Constant)]
            return module.imports.get(str(names[0].value)) if names else None
    return None
