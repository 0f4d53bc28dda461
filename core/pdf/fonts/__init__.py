"""The typefaces of documents, and which of their characters exist."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fontTools.ttLib import TTFont

_HERE = Path(__file__).parent
_MOVING = {"Mn", "Mc", "Me", "Cf"}
_FROM_THE_RIGHT = {"R", "AL", "AN"}
MISSING = "\N{REPLACEMENT CHARACTER}"
"""Stands where no typeface of ours has a character, so that something is seen to be missing."""


@dataclass(frozen=True)
class Typeface:
    """A family with two weights, as files of this folder."""

    family: str

    @property
    def regular(self) -> Path:
        return _HERE / f"{self.family}-Regular.ttf"

    @property
    def semibold(self) -> Path:
        return _HERE / f"{self.family}-SemiBold.ttf"

    def has(self, character: str) -> bool:
        return ord(character) in _characters(self)


MAIN = Typeface("NotoSans")
OTHERS = (Typeface("NotoSansHebrew"), Typeface("NotoSansArabic"))


@cache
def _characters(typeface: Typeface) -> frozenset[int]:
    with TTFont(typeface.regular, lazy=True) as font:
        return frozenset(font.getBestCmap())


def drawable(text: str) -> str:
    """The text composed, its controls as spaces, and ``MISSING`` for every character that cannot be drawn."""
    return "".join(_drawable(character) for character in unicodedata.normalize("NFC", text))


def _drawable(character: str) -> str:
    if character == "\n" or unicodedata.category(character) == "Cf":
        return character
    if unicodedata.category(character) == "Cc":
        return " "
    return character if any(face.has(character) for face in (MAIN, *OTHERS)) else MISSING


def asks_for_shaping(text: str) -> bool:
    """Whether its characters change place or form beside others: marks, joiners, what runs from the right."""
    return any(
        unicodedata.category(character) in _MOVING or unicodedata.bidirectional(character) in _FROM_THE_RIGHT
        for character in text
    )


def needed(text: str) -> list[Typeface]:
    """The typefaces beside the main one that this text needs."""
    missing = [character for character in text if not MAIN.has(character)]
    return [face for face in OTHERS if any(face.has(character) for character in missing)]
