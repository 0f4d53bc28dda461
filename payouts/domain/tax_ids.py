"""Whether a tax id looks like one of its country. Plausible, not verified: only the tax office knows."""

from __future__ import annotations

import re

_ANY = re.compile(r"[A-Z0-9]{5,20}")
_SHAPES = {
    # A VAT number with or without its prefix; where companies alone have one, the personal number too.
    "AT": r"(AT)?U\d{8}",
    "AU": r"\d{9}|\d{11}",
    "BE": r"(BE)?[01]?\d{9}",
    "BG": r"(BG)?\d{9,10}",
    "BR": r"\d{11}|\d{14}",
    "CA": r"\d{9}(RT\d{4})?",
    "CH": r"(CHE)?\d{9}(MWST|TVA|IVA)?",
    "CY": r"(CY)?\d{8}[A-Z]",
    "CZ": r"(CZ)?\d{8,10}",
    "DE": r"(DE)?\d{9}|\d{10,11}",
    "DK": r"(DK)?\d{8}",
    "EE": r"(EE)?\d{9}",
    "ES": r"(ES)?[A-Z0-9]\d{7}[A-Z0-9]",
    "FI": r"(FI)?\d{8}",
    "FR": r"(FR)?[A-Z0-9]{2}\d{9}|\d{9}|\d{13,14}",
    "GB": r"(GB)?(\d{9}|\d{12})|\d{10}|[A-Z]{2}\d{6}[A-D]",
    "GR": r"(EL|GR)?\d{9}",
    "HR": r"(HR)?\d{11}",
    "HU": r"(HU)?\d{8}|\d{10,11}",
    "IE": r"(IE)?\d{7}[A-W][A-I]?",
    "IN": r"[A-Z]{5}\d{4}[A-Z]|\d{2}[A-Z]{5}\d{4}[A-Z][A-Z0-9]Z[A-Z0-9]",
    "IT": r"(IT)?\d{11}|[A-Z]{6}\d{2}[A-Z]\d{2}[A-Z]\d{3}[A-Z]",
    "JP": r"T?\d{12,13}",
    "LT": r"(LT)?(\d{9}|\d{12})",
    "LU": r"(LU)?\d{8}|\d{13}",
    "LV": r"(LV)?\d{11}",
    "MT": r"(MT)?\d{8}",
    "NL": r"(NL)?\d{9}(B\d{2})?",
    "NO": r"\d{9}(MVA)?|\d{11}",
    "NZ": r"\d{8,9}",
    "PL": r"(PL)?\d{10}|\d{11}",
    "PT": r"(PT)?\d{9}",
    "RO": r"(RO)?\d{2,10}|\d{13}",
    "SE": r"(SE)?\d{10}(01)?",
    "SG": r"[STFGM]\d{7}[A-Z]|\d{8,9}[A-Z]",
    "SI": r"(SI)?\d{8}",
    "SK": r"(SK)?\d{10}",
    "US": r"(?!000|666)\d{9}",
}
SHAPES = {country: re.compile(shape) for country, shape in _SHAPES.items()}
_PUNCTUATION = re.compile(r"[\s.\-/]")


def tidied(tax_id: str) -> str:
    """Without spaces, dots and dashes, in capitals: ``gb 123 4567 89`` is ``GB123456789``."""
    return _PUNCTUATION.sub("", tax_id).upper()


def is_plausible(country: str, tax_id: str) -> bool:
    """Whether a tidied tax id has a shape that ``country`` gives out; any sensible one where we know none."""
    shape = SHAPES.get(country, _ANY)
    return shape.fullmatch(tax_id) is not None and len(set(tax_id)) > 1
