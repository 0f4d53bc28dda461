"""What was bought, in the seller's own words: payments knows lines and sources, not what they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple


class Ware(NamedTuple):
    """``title`` names it on a line, ``detail`` says the rest; ``url`` is its own page, empty without one."""

    title: str
    detail: str = ""
    url: str = ""


Describer = Callable[[Sequence[str]], Mapping[str, Ware]]
"""Sources to what they are, for all of them at once; those it does not know are left out."""

_DESCRIBERS: dict[str, Describer] = {}


def describes(noun: str) -> Callable[[Describer], Describer]:
    """Bind the describer of all sources that begin with ``noun:``."""

    def bind(describer: Describer) -> Describer:
        _DESCRIBERS[noun] = describer
        return describer

    return bind


def wares(sources: Iterable[str]) -> dict[str, Ware]:
    """What each source is; one call of its describer per noun, and a plain word where nobody knows."""
    by_noun: dict[str, list[str]] = defaultdict(list)
    for source in dict.fromkeys(sources):
        by_noun[source.partition(":")[0]].append(source)
    found = {source: Ware(noun.capitalize()) for noun, named in by_noun.items() for source in named}
    for noun, named in by_noun.items():
        if noun in _DESCRIBERS:
            found.update(_DESCRIBERS[noun](named))
    return found
