"""How words are compared: the same folding for what is indexed and for what is asked."""

from __future__ import annotations

import re
from unicodedata import combining, normalize

# Letters that do not decompose into a base letter and a mark.
_WHOLE_LETTERS = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
)
_WORD = re.compile(r"\w+")


def fold(text: str) -> str:
    """Lower case without accents: ``Łukasz Ríos`` → ``lukasz rios``."""
    decomposed = normalize("NFKD", text.casefold().translate(_WHOLE_LETTERS))
    return "".join(letter for letter in decomposed if not combining(letter)).replace("\x00", "")


def words(text: str) -> list[str]:
    """The folded words of ``text``, in order."""
    return _WORD.findall(fold(text))
