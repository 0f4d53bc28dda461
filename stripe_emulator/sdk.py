"""The sources of the installed `stripe` package, read as syntax trees.

What its authors say the API looks like.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import stripe

ROOT = Path(stripe.__file__).parent


@dataclass(frozen=True, eq=False)
class Class:
    """An annotated class: its own fields, the classes written inside it and where names are looked up."""

    name: str
    module: Module
    node: ast.ClassDef

    def fields(self) -> dict[str, ast.expr]:
        found = {}
        for item in self.node.body:
            if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name):
                found[item.target.id] = item.annotation
        return found

    def constant(self, name: str) -> object:
        """The literal assigned to a class attribute, with or without annotation.

        ``None`` if there is none.
        """
        for item in self.node.body:
            targets = item.targets if isinstance(item, ast.Assign) else [getattr(item, "target", None)]
            value = getattr(item, "value", None)
            if value is not None and any(isinstance(t, ast.Name) and t.id == name for t in targets):
                return ast.literal_eval(value)
        return None

    def inner(self, name: str) -> Class | None:
        for item in self.node.body:
            if isinstance(item, ast.ClassDef) and item.name == name:
                return Class(name, self.module, item)
        return None

    def resolve(self, name: str) -> Class | None:
        """The class that `name` means in this one's body."""
        return self.inner(name) or self.module.find(name)


class Module:
    """One source file: its top-level classes and what its names were imported as."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.tree = ast.parse(source_of(name).read_text())
        self.classes = {node.name: node for node in self.tree.body if isinstance(node, ast.ClassDef)}
        self.imports: dict[str, tuple[str, str]] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("stripe"):
                for alias in node.names:
                    self.imports[alias.asname or alias.name] = (node.module or "", alias.name)

    def find(self, name: str) -> Class | None:
        if name in self.classes:
            return Class(name, self, self.classes[name])
        if name in self.imports:
            origin, original = self.imports[name]
            return module(origin).find(original)
        return None


def source_of(name: str) -> Path:
    path = ROOT.joinpath(*name.split(".")[1:])
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


@cache
def module(name: str) -> Module:
    return Module(name)


@cache
def annotation(text: str) -> ast.expr:
    """The expression inside a quoted annotation."""
    return ast.parse(text, mode="eval").body


def unquoted(node: ast.expr) -> ast.expr:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return annotation(node.value)
    return node


def members(node: ast.expr) -> list[ast.expr]:
    """The arguments of ``X[a, b]``."""
    assert isinstance(node, ast.Subscript)
    return list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]


def alternatives(node: ast.expr) -> list[ast.expr]:
    """The members of ``Union[a, b]`` or ``a | b``; the node itself when it is neither."""
    node = unquoted(node)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return alternatives(node.left) + alternatives(node.right)
    if isinstance(node, ast.Subscript) and name_of(node.value) == "Union":
        return [inner for member in members(node) for inner in alternatives(member)]
    return [node]


def name_of(node: ast.expr) -> str:
    """``List`` for ``List[...]``, the last part for dotted names."""
    if isinstance(node, ast.Subscript):
        return name_of(node.value)
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def literals(node: ast.expr) -> list[object]:
    return [ast.literal_eval(member) for member in members(node)]
