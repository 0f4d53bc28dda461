"""Filters as addresses: each link is this page with one thing changed, shareable and without JavaScript."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import QueryDict


@dataclass(frozen=True)
class Address:
    """A path and its parameters; every change is another address, back on the first page."""

    path: str
    asked: QueryDict

    def __str__(self) -> str:
        query = self.asked.urlencode()
        return f"{self.path}?{query}" if query else self.path

    def having(self, **given: str) -> Address:
        """With these parameters, each in place of what it was."""
        changed = self._copy()
        for name, value in given.items():
            changed[name] = value
        return Address(self.path, changed)

    def without(self, names: Iterable[str]) -> Address:
        changed = self._copy()
        for name in names:
            changed.pop(name, None)
        return Address(self.path, changed)

    def toggled(self, name: str, value: str) -> Address:
        """With this value of a repeatable parameter added, or taken away where it was there."""
        changed = self._copy()
        values = changed.getlist(name)
        values = [each for each in values if each != value] if value in values else [*values, value]
        changed.setlist(name, values)
        return Address(self.path, changed)

    def pairs(self, *, besides: Iterable[str] = ()) -> list[tuple[str, str]]:
        """The parameters as name and value, for the hidden fields of a form that changes the others."""
        skipped = {*besides, "page"}
        return [
            (name, str(value))
            for name, values in self.asked.lists()
            if name not in skipped
            for value in values
        ]

    def _copy(self) -> QueryDict:
        changed = self.asked.copy()
        changed.pop("page", None)
        return changed
