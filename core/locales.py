"""How the reader writes numbers. Our words are English; amounts are written as they are where he reads them.

A page takes it from what his browser says, a letter from what it said when he last signed in. Papers, and
everything nobody in particular reads, are written as the site does.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache

from babel import Locale
from django.utils.translation.trans_real import parse_accept_lang_header

SITE = "en_US"
# A closed list, the first of each language standing for the rest of it: strangers who ask in every language
# CLDR knows would fill our memory with it.
_KNOWN = """
    en_US en_AU en_CA en_GB en_HK en_IE en_IN en_NZ en_SG en_ZA ar_AE ar_BH ar_EG ar_JO ar_KW ar_OM
    ar_SA ar_TN bg_BG cs_CZ da_DK de_DE de_AT de_CH el_GR es_ES es_AR es_CL es_CO es_MX et_EE fa_IR
    fi_FI fr_FR fr_BE fr_CA fr_CH he_IL hi_IN hr_HR hu_HU id_ID is_IS it_IT it_CH ja_JP ko_KR lt_LT
    lv_LV ms_MY nb_NO nl_NL nl_BE pl_PL pt_PT pt_BR ro_RO sk_SK sl_SI sv_SE th_TH tr_TR uk_UA vi_VN
    zh_CN zh_HK zh_TW
"""
KNOWN = tuple(_KNOWN.split())
_BY_TAG = {name.lower(): name for name in KNOWN}
_FIRST = {name.partition("_")[0]: name for name in reversed(KNOWN)}

_reader: ContextVar[str] = ContextVar("reader_locale", default=SITE)


def reader_locale() -> Locale:
    """The locale in which amounts are to be written now."""
    return _locale(_reader.get())


@contextmanager
def written_for(name: str) -> Iterator[None]:
    """Amounts within are written for a reader of this locale; for one we do not know, as the site writes."""
    before = _reader.set(name if name in KNOWN else SITE)
    try:
        yield
    finally:
        _reader.reset(before)


@lru_cache(maxsize=256)
def accepted(header: str) -> str:
    """What an ``Accept-Language`` header comes to: the first of its languages that we know, or the site's."""
    asked = (language for language, _weight in parse_accept_lang_header(header))
    return next((found for language in asked if (found := _known(language))), SITE)


def _known(language: str) -> str | None:
    """A tag in lower case; a script in it says nothing of numbers."""
    base, *rest = language.split("-")
    place = rest[-1] if rest else ""
    return _BY_TAG.get(f"{base}_{place}") or _FIRST.get(base)


@lru_cache(maxsize=len(KNOWN))
def _locale(name: str) -> Locale:
    return Locale.parse(name)
