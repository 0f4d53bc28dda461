"""The house rules that an import law cannot say. Each takes a module's tree and gives what breaks it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = (
    "pages",
    "operations",
    "notifications",
    "marketplace",
    "scheduling",
    "payments",
    "payouts",
    "accounts",
)
SITE = (*APPS, "integrations", "core", "config")
DOORS = {"models", "domain", "queries", "events", "states", "rules"}
LONGEST_MODULE = 400


@dataclass(frozen=True)
class Module:
    """One Python file: its path from the root, and its tree."""

    path: str
    tree: ast.Module

    @property
    def app(self) -> str:
        return self.path.split("/")[0]


Rule = Callable[[Module], Iterator[ast.AST]]


def module(path: str, source: str) -> Module:
    return Module(path, ast.parse(source))


def site_modules() -> list[Module]:
    paths = (path for app in SITE for path in sorted((ROOT / app).rglob("*.py")))
    return [
        module(str(path.relative_to(ROOT)), path.read_text())
        for path in paths
        if "migrations" not in path.parts
    ]


def broken(rule: Rule, modules: list[Module]) -> list[str]:
    """``path:line`` of everything that breaks a rule."""
    return [f"{found.path}:{getattr(node, 'lineno', 1)}" for found in modules for node in rule(found)]


def other_apps_are_entered_by_their_doors(found: Module) -> Iterator[ast.AST]:
    """Another app may import only models, domain, queries, events, states and rules of an app."""
    if found.app not in APPS:
        return
    for node, target in _imports(found.tree):
        app, _, rest = target.partition(".")
        if app in APPS and app != found.app and rest.split(".")[0] not in DOORS:
            yield node


def no_clock_in_the_domain(found: Module) -> Iterator[ast.AST]:
    """In ``domain/`` the time comes in as an argument."""
    if "/domain" not in found.path:
        return
    clocks = {"now", "utcnow", "today", "localtime", "localdate", "time", "monotonic"}
    owners = {"datetime", "date", "timezone", "time", "clock"}
    for node in ast.walk(found.tree):
        if isinstance(node, ast.Attribute) and node.attr in clocks and _last_name(node.value) in owners:
            yield node
    for node, target in _imports(found.tree):
        if target.startswith("core.clock") or target in {"django.utils.timezone.now", "time.time"}:
            yield node


def only_move_to_assigns_a_state(found: Module) -> Iterator[ast.AST]:
    """A state changes by ``move_to``, which knows the legal moves."""
    for function, node in _with_function(found.tree):
        if function != "move_to" and any(_is_state(target) for target in _targets(node)):
            yield node


def no_vague_class_names(found: Module) -> Iterator[ast.AST]:
    """No Service, no Helper; a Manager only where Django means one."""
    for node in ast.walk(found.tree):
        if not isinstance(node, ast.ClassDef):
            continue
        is_djangos = any("Manager" in ast.unparse(base) for base in node.bases)
        if node.name.endswith(("Service", "Helper")) or (node.name.endswith("Manager") and not is_djangos):
            yield node


def no_row_signals(found: Module) -> Iterator[ast.AST]:
    """What follows from a change is called or announced, never hung on save or delete."""
    signals = {"pre_save", "post_save", "pre_delete", "post_delete", "m2m_changed"}
    for node, target in _imports(found.tree):
        if target.rpartition(".")[2] in signals:
            yield node


def money_is_whole(found: Module) -> Iterator[ast.AST]:
    """Where money is counted there is no float, no true division, and nowhere a ``round``."""
    counts_money = found.app in {"payments", "payouts"} or found.path == "core/money.py"
    for node in ast.walk(found.tree):
        if (isinstance(node, ast.Call) and _last_name(node.func) == "round") or (
            counts_money and _is_inexact(node)
        ):
            yield node


def modules_are_short(found: Module) -> Iterator[ast.AST]:
    """Past 400 lines two nouns share a file."""
    last = max((getattr(node, "end_lineno", 0) or 0 for node in found.tree.body), default=0)
    if last > LONGEST_MODULE:
        yield found.tree.body[-1]


RULES: list[Rule] = [
    other_apps_are_entered_by_their_doors,
    no_clock_in_the_domain,
    only_move_to_assigns_a_state,
    no_vague_class_names,
    no_row_signals,
    money_is_whole,
    modules_are_short,
]


def _imports(tree: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    """Each import with the dotted path of what it names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from ((node, f"{node.module}.{alias.name}") for alias in node.names)


def _with_function(tree: ast.AST, name: str = "") -> Iterator[tuple[str, ast.AST]]:
    """Each node with the name of the innermost function around it."""
    for child in ast.iter_child_nodes(tree):
        inside = child.name if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) else name
        yield inside, child
        yield from _with_function(child, inside)


def _targets(node: ast.AST) -> list[ast.expr]:
    if isinstance(node, ast.Assign):
        return node.targets
    # An annotation alone (`state: str`) assigns nothing.
    if isinstance(node, ast.AugAssign) or (isinstance(node, ast.AnnAssign) and node.value is not None):
        return [node.target]
    return []


def _is_state(target: ast.expr) -> bool:
    if isinstance(target, ast.Tuple | ast.List):
        return any(_is_state(element) for element in target.elts)
    return isinstance(target, ast.Attribute) and target.attr == "state"


def _is_inexact(node: ast.AST) -> bool:
    return (
        (isinstance(node, ast.Name) and node.id == "float")
        or (isinstance(node, ast.Constant) and isinstance(node.value, float))
        or (isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div))
    )


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
