"""The builder: what a document consists of, and how each part looks on paper."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from fpdf import FPDF, FontFace
from fpdf.enums import Align, TableBordersLayout, XPos, YPos
from fpdf.prefs import ViewerPreferences

from core.pdf.fonts import MAIN, Typeface, asks_for_shaping, drawable, needed

# Paper and ink of the site, and its one green. Millimetres and points.
_INK, _SOFT, _ACCENT, _LINE = (28, 33, 41), (82, 88, 97), (16, 84, 60), (205, 201, 193)
_MARGIN, _FOOT = 20.0, 22.0
_SMALL, _TEXT, _HEADING, _TITLE = 8.5, 9.5, 12.0, 21.0
_LEADING = 5.0
_GAP = 7.0
_LONGEST_CELL = 300  # characters: a row has to fit on one page
_HAIR = 0.2

BOLD = "B"  # fpdf's word for the second weight of a family


@dataclass(frozen=True)
class Party:
    """Somebody a document is from or for: his part, his name, further lines such as address and tax id."""

    role: str
    name: str
    lines: Sequence[str] = ()


@dataclass(frozen=True)
class Column:
    """A column of a table: ``width`` in relation to the others; numbers stand to the right."""

    title: str
    width: int = 1
    is_number: bool = False


class Document:
    """A document on A4, written from top to bottom; ``pdf`` ends it.

    ``issuer`` and the title stand at the foot of every page beside its number. ``language`` is a BCP 47 tag.
    """

    def __init__(
        self, title: str, *, subtitle: str = "", issuer: str, now: datetime, language: str = "en"
    ) -> None:
        self._paper = _Paper(foot=drawable(f"{issuer} · {title}"))
        self._paper.set_title(title)
        self._paper.set_author(issuer)
        self._paper.set_lang(language)
        self._paper.set_creation_date(now)
        self._paper.add_page()
        self._line(title, size=_TITLE, style=BOLD, leading=9)
        if subtitle:
            self._line(subtitle, color=_SOFT)
        self._paper.rule(after=_GAP)

    def parties(self, first: Party, second: Party) -> None:
        """Two parties beside each other."""
        top, width = self._paper.get_y(), (self._paper.epw - _GAP) / 2
        ends = []
        for party, left in ((first, _MARGIN), (second, _MARGIN + width + _GAP)):
            self._paper.set_xy(left, top)
            self._line(party.role, size=_SMALL, color=_SOFT, width=width, left=left)
            self._line(party.name, style=BOLD, width=width, left=left)
            for line in party.lines:
                self._line(line, width=width, left=left)
            ends.append(self._paper.get_y())
        self._paper.set_y(max(ends) + _GAP)

    def facts(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Names and what they are, one pair a line."""
        columns = [Column("", width=5), Column("", width=13)]
        self._rows(columns, [list(pair) for pair in pairs], ruled=False, first_is_soft=True)

    def heading(self, text: str) -> None:
        """What follows is about this; also in the outline of the document."""
        text = drawable(text)
        if self._paper.will_page_break(4 * _LEADING):
            self._paper.add_page()
        self._paper.start_section(text)
        self._line(text, size=_HEADING, style=BOLD, leading=7)

    def table(self, columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
        """Ruled lines under a head that is repeated on every page. A row is never torn apart."""
        self._rows(columns, rows, ruled=True)

    def totals(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Sums at the right, the last of them the one that counts."""
        self._paper.set_y(self._paper.get_y() - _GAP / 2)
        width = self._paper.epw / 2
        height = len(pairs) * (_LEADING + 2)
        if self._paper.will_page_break(height):
            self._paper.add_page()
        for position, (name, amount) in enumerate(pairs, start=1):
            self._total(name, amount, width=width, is_last=position == len(pairs))
        self._paper.ln(_GAP)

    def note(self, text: str) -> None:
        """A paragraph in small print."""
        self._line(text, size=_SMALL, color=_SOFT, leading=4.5)
        self._paper.ln(2)

    def pdf(self) -> bytes:
        """The finished document."""
        return bytes(self._paper.output())

    def _line(
        self,
        text: str,
        *,
        size: float = _TEXT,
        style: str = "",
        color: tuple[int, int, int] = _INK,
        leading: float = _LEADING,
        width: float = 0,
        left: float = _MARGIN,
    ) -> None:
        self._paper.set_x(left)
        self._paper.set_font(MAIN.family, style, size)
        self._paper.set_text_color(*color)
        self._paper.multi_cell(
            width, leading, self._ready(text), align=Align.L, new_x=XPos.LMARGIN, new_y=YPos.NEXT
        )

    def _rows(
        self,
        columns: Sequence[Column],
        rows: Sequence[Sequence[str]],
        *,
        ruled: bool,
        first_is_soft: bool = False,
    ) -> None:
        self._paper.set_font(MAIN.family, "", _TEXT)
        self._paper.set_text_color(*_INK)
        self._paper.set_draw_color(*_LINE)
        self._paper.set_line_width(_HAIR)
        soft = FontFace(color=_SOFT)
        with self._paper.table(
            col_widths=[column.width for column in columns],
            text_align=[Align.R if column.is_number else Align.L for column in columns],
            borders_layout=TableBordersLayout.HORIZONTAL_LINES if ruled else TableBordersLayout.NONE,
            first_row_as_headings=ruled,
            headings_style=FontFace(emphasis=BOLD, color=_SOFT, size_pt=_SMALL),
            line_height=_LEADING,
            v_align="T",
        ) as table:
            titles = [[column.title for column in columns]] if ruled else []
            for cells in [*titles, *rows]:
                row = table.row()
                for position, (column, cell) in enumerate(zip(columns, cells, strict=True)):
                    row.cell(
                        self._ready(_shortened(cell)),
                        style=soft if first_is_soft and position == 0 else None,
                        padding=_padding(column, 1.2 if ruled else 0.4),
                    )
        self._paper.ln(_GAP)

    def _total(self, name: str, amount: str, *, width: float, is_last: bool) -> None:
        left = _MARGIN + self._paper.epw - width
        top = self._paper.get_y()
        if is_last:
            self._paper.set_draw_color(*_INK)
            self._paper.line(left, top, left + width, top)
        self._paper.set_font(MAIN.family, BOLD if is_last else "", _HEADING if is_last else _TEXT)
        self._paper.set_text_color(*(_INK if is_last else _SOFT))
        self._paper.set_xy(left, top + 1)
        self._paper.cell(width * 0.6, _LEADING, self._ready(name))
        self._paper.set_text_color(*_INK)
        self._paper.cell(width * 0.4, _LEADING, self._ready(amount), align=Align.R)
        self._paper.set_y(top + _LEADING + 2)

    def _ready(self, text: str) -> str:
        text = drawable(text)
        self._paper.provide(needed(text))
        return text


def _padding(column: Column, above_and_below: float) -> tuple[float, float, float, float]:
    """Flush with the page's edge on its own side, some room on the other. Top, right, bottom, left."""
    right, left = (0, 2) if column.is_number else (2, 0)
    return above_and_below, right, above_and_below, left


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_CELL else text[: _LONGEST_CELL - 1] + "…"


class _Paper(FPDF):
    """A4 with our margins, our typefaces and our foot."""

    def __init__(self, *, foot: str) -> None:
        super().__init__(orientation="portrait", unit="mm", format="A4")
        self._foot = foot
        self._others: list[Typeface] = []
        self.viewer_preferences = ViewerPreferences(display_doc_title=True)
        self.set_margins(_MARGIN, _MARGIN)
        self.c_margin = 0
        self.set_auto_page_break(auto=True, margin=_FOOT)
        self._add(MAIN)
        self.set_text_shaping(features={"tnum": True})
        self._shaping = self.text_shaping
        self.provide(needed(foot))

    def provide(self, typefaces: Iterable[Typeface]) -> None:
        """Have these at hand for the characters that the main one lacks."""
        new = [face for face in typefaces if face not in self._others]
        if not new:
            return
        for face in new:
            self._add(face)
        self._others += new
        self.set_fallback_fonts([face.family for face in self._others])

    def normalize_text(self, text: str) -> str:
        """Called by fpdf with each text before it is set: shape it only if its script asks for that.

        Shaping costs fpdf2 a call of HarfBuzz for every character, and again for every line so far: seconds
        for a month of sessions. Figures of the main typeface are tabular without it.
        """
        self.text_shaping = self._shaping if asks_for_shaping(text) else None
        return super().normalize_text(text)

    def _add(self, typeface: Typeface) -> None:
        self.add_font(typeface.family, "", typeface.regular)
        self.add_font(typeface.family, BOLD, typeface.semibold)

    def rule(self, *, after: float) -> None:
        """One green line across the page."""
        self.ln(2)
        self.set_draw_color(*_ACCENT)
        self.set_line_width(0.6)
        self.line(_MARGIN, self.get_y(), self.w - _MARGIN, self.get_y())
        self.set_line_width(_HAIR)
        self.ln(after)

    def footer(self) -> None:
        """The page's number and what it belongs to; called by fpdf at the end of each page."""
        self.set_y(-_FOOT + 8)
        self.set_font(MAIN.family, "", _SMALL)
        self.set_text_color(*_SOFT)
        half = self.epw / 2
        self.cell(half, _LEADING, f"Page {self.page_no()} of {{nb}}")
        self.cell(half, _LEADING, self._foot, align=Align.R)
