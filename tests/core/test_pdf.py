"""Documents: whatever a name is written in, the same bytes for the same words, every page whole."""

import logging
from datetime import UTC, datetime
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from core.pdf import Column, Document, Party
from core.pdf.fonts import MISSING, asks_for_shaping, drawable

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def paper(title="Invoice 17", **more):
    return Document(title, issuer="Northstar", now=NOW, **more)


def read(document):
    return PdfReader(BytesIO(document.pdf()))


def words(document):
    return [" ".join(page.extract_text().split()) for page in read(document).pages]


def test_it_says_what_it_was_told_in_order():
    document = paper(subtitle="Issued on 24 November 2026")
    document.parties(Party("From", "Northstar Ltd", ["Leeds"]), Party("To", "Ben", ["London"]))
    document.facts([("Number", "INV-000017")])
    document.table([Column("What"), Column("Amount", is_number=True)], [["A session", "$120.00"]])
    document.totals([("Tax", "$20.00"), ("Total", "$120.00")])
    document.heading("What went back")
    document.note("Nothing.")
    (page,) = words(document)
    assert page == (
        "Invoice 17 Issued on 24 November 2026 From Northstar Ltd Leeds To Ben London Number INV-000017 "
        "What Amount A session $120.00 Tax $20.00 Total $120.00 What went back Nothing. "
        "Page 1 of 1 Northstar · Invoice 17"
    )


def test_it_knows_its_title_its_language_and_its_day():
    document = read(paper(language="en-GB"))
    assert document.metadata.title == "Invoice 17"
    assert document.metadata.author == "Northstar"
    assert document.metadata.creation_date == NOW
    catalog = document.trailer["/Root"]
    assert catalog["/Lang"] == "en-GB"
    assert catalog["/ViewerPreferences"]["/DisplayDocTitle"] == True  # noqa: E712  (pypdf's own boolean)


def test_headings_are_in_its_outline():
    document = paper()
    document.heading("What went back")
    assert [entry.title for entry in read(document).outline] == ["What went back"]


def test_the_same_words_at_the_same_time_are_the_same_bytes():
    def made():
        document = paper("Ça ira, שלום, محمد")
        document.table([Column("What")], [["Ελλάδα"]])
        return document.pdf()

    assert made() == made()


def test_the_head_of_a_table_stands_on_every_page_and_no_row_is_torn():
    document = paper()
    rows = [[f"Session {number}\nits second line", f"${number}.00"] for number in range(60)]
    document.table([Column("What"), Column("Amount", is_number=True)], rows)
    pages = words(document)
    assert len(pages) > 2
    assert all("What Amount" in page for page in pages)
    assert [page.count("Session") for page in pages] == [page.count("second line") for page in pages]
    assert [f"Page {number} of {len(pages)}" in page for number, page in enumerate(pages, 1)] == [True] * len(
        pages
    )


def test_a_cell_without_end_is_cut_short_and_fits_a_page():
    document = paper()
    document.table([Column("What", width=1), Column("More", width=6)], [["x" * 5_000, "y" * 5_000]])
    assert "…" in words(document)[0]


@pytest.mark.parametrize(
    "name", ["محمد بن عبد الله", "דוד בן גוריון", "Ελένη", "Дмитрий", "e\u0301a\u0308", "नमस्ते"]
)
def test_names_of_many_scripts_are_drawn_whole(name, caplog):
    assert MISSING not in drawable(name)
    with caplog.at_level(logging.WARNING):
        paper(name).pdf()
    assert caplog.records == []


@pytest.mark.parametrize("text", ["محمد", "דוד", "नमस्ते", "n\u0324a", "Ada \u200f2026"])
def test_what_changes_beside_others_is_shaped(text):
    assert asks_for_shaping(drawable(text))


@pytest.mark.parametrize(
    "text", ["−$1,234.50", "Ελένη", "Дмитрий", "Çağ ﬁ Ở", "Thu 15 Oct · “60 minutes” – €5"]
)
def test_what_stands_for_itself_costs_no_shaping(text):
    assert not asks_for_shaping(drawable(text))


def test_a_foot_that_is_shaped_stands_under_rows_that_are_not():
    document = paper("שלום 17")
    document.table([Column("What")], [[f"Session {number}"] for number in range(80)])
    feet = [
        page.partition("Page ")[2].replace(f"{number} of", "N of", 1)
        for number, page in enumerate(words(document), 1)
    ]
    assert len(feet) > 1
    assert len(set(feet)) == 1


def test_what_no_typeface_has_is_seen_to_be_missing_and_crashes_nothing(caplog):
    assert drawable("北京 Li 🎉") == f"{MISSING * 2} Li {MISSING}"
    with caplog.at_level(logging.WARNING):
        paper("北京 🎉").pdf()
    assert caplog.records == []


def test_controls_do_not_reach_the_page():
    assert drawable("a\x00b\tc") == "a b c"


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=40))
def test_no_text_crashes_it(text):
    document = paper(text or "x")
    document.parties(Party(text, text, [text]), Party("To", text))
    document.table([Column(text), Column("Amount", is_number=True)], [[text, text]])
    document.totals([(text, text)])
    assert document.pdf().startswith(b"%PDF")
