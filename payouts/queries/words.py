"""What a source is called where people read it. Payouts knows strings; who owns a noun says what it means."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

Describe = Callable[[list[str]], Mapping[str, str]]
DESCRIBERS: dict[str, Describe] = {}


def describes(noun: str) -> Callable[[Describe], Describe]:
    """Register who answers for sources that begin with ``noun:``, many at once.

    Say only what will never be otherwise: invoices and statements of the past keep their words.
    """

    def bind(describe: Describe) -> Describe:
        DESCRIBERS[noun] = describe
        return describe

    return bind


def words_of(sources: Iterable[str]) -> dict[str, str]:
    """What each source is called; those of which nobody knows anything are left out."""
    by_noun: dict[str, list[str]] = defaultdict(list)
    for source in dict.fromkeys(sources):
        by_noun[source.partition(":")[0]].append(source)
    found: dict[str, str] = {}
    for noun, named in by_noun.items():
        if noun in DESCRIBERS:
            found.update(DESCRIBERS[noun](named))
    return found
