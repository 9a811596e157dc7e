"""One document, three formats: what stands in one stands in the others, and prints."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from itertools import pairwise

import openpyxl
import pypdf
import pytest

from hinomi.standards.paper import (
    Cell,
    Column,
    Document,
    Heading,
    KeyFigures,
    PageBreak,
    Paragraph,
    Signatures,
    Table,
    write_html,
    write_pdf,
    write_xlsx,
)
from hinomi.standards.paper.lines import NOT_FIRST, NOT_LAST, broken, may_break

ROWS = 120


def said(page: pypdf.PageObject) -> str:
    """Return a page's text; pypdf leaves the upper byte of two-byte text as NUL."""
    return page.extract_text().replace("\0", "").replace("\n", "")


@pytest.fixture(scope="module")
def document() -> Document:
    columns = (
        Column(title="市町村", width=2), Column(title="死者", align="right"), Column(title="備考"),
    )  # fmt: skip
    rows = tuple(
        (
            Cell(text=f"第{n}町"),
            Cell(text=f"{n:,}", value=n, link=f"records/{n}?status=test"),
            Cell(text="髙橋・𠮷田・葛\U000e0100飾"),
        )
        for n in range(ROWS)
    )
    grid = (
        (Cell(text="人的被害", head=True, down=2), Cell(text="死者"), Cell(text="1", value=1)),
        (Cell(text="行方不明"), Cell(text="–")),
    )
    return Document(
        title="被害状況", letterhead=("架空町",), logo="火の見", subtitle="3時現在",
        banner="訓練 EXERCISE", label="TLP:AMBER", foot="位置 7",
        created=datetime(2026, 9, 12, tzinfo=UTC),
        blocks=(
            KeyFigures((("死者", Cell(text="1,234", value=1234, colour="#aa00aa")),)),
            Heading("1 被害"),
            Table(columns=columns, rows=rows),
            PageBreak(),
            Heading("様式"),
            Table(columns=(Column(title=""),) * 3, rows=grid, small=True),
            Table(columns=(Column(title="x"),), rows=(), empty="ありません。"),
            Paragraph("注記", small=True),
            Signatures((("引継者", "山田"), ("引受者", ""))),
        ),
    )  # fmt: skip


def test_the_pdf_embeds_its_font_and_gives_its_japanese_back(document: Document) -> None:
    pdf = pypdf.PdfReader(io.BytesIO(write_pdf(document, "http://h")))
    assert len(pdf.pages) > 3
    fonts = {}
    for page in pdf.pages:
        for font in page["/Resources"]["/Font"].values():
            inner = font.get_object()["/DescendantFonts"][0].get_object()
            fonts[inner["/BaseFont"]] = inner["/FontDescriptor"].get_object()
    assert fonts
    assert all("/FontFile3" in f or "/FontFile2" in f for f in fonts.values())
    text = "".join(said(page) for page in pdf.pages)
    for wanted in ("被害状況", "髙橋・𠮷田・葛飾", "1,234", "引継者", "ありません"):
        assert wanted in text
    assert all("訓練" in said(page) for page in pdf.pages)
    assert all("市町村" in said(pdf.pages[n]) for n in (0, 1))


def test_every_link_of_the_pdf_is_absolute(document: Document) -> None:
    pdf = pypdf.PdfReader(io.BytesIO(write_pdf(document, "http://h/base/")))
    links = {
        a.get_object()["/A"]["/URI"]
        for page in pdf.pages
        for a in page.get("/Annots", ())
    }  # fmt: skip
    assert links == {f"http://h/base/records/{n}?status=test" for n in range(ROWS)}


def test_the_workbook_holds_numbers_links_and_print_settings(document: Document) -> None:
    book = openpyxl.load_workbook(io.BytesIO(write_xlsx(document, "http://h")))
    assert book.sheetnames == ["被害状況", "1 被害", "様式"]
    sheet = book["1 被害"]
    cell = next(c for row in sheet for c in row if c.value == 77)
    assert cell.hyperlink.target == "http://h/records/77?status=test"
    for one in book:
        assert (one.page_setup.paperSize, one.page_setup.fitToHeight) == (9, 0)
        assert "訓練" in one.oddHeader.center.text
        assert "TLP:AMBER" in one.oddFooter.left.text


@pytest.mark.parametrize("write", [write_pdf, write_xlsx, write_html], ids=["pdf", "xlsx", "html"])
def test_the_same_document_gives_the_same_bytes(write: object, document: Document) -> None:
    assert callable(write)
    assert write(document, "http://h") == write(document, "http://h")


def test_names_that_excel_refuses_become_sheets_all_the_same() -> None:
    titles = ("a/b:c?*[d]", "x" * 60, "X" * 60, "", "'")
    blocks = tuple(b for t in titles for b in (Heading(t), Paragraph("text")))
    book = openpyxl.load_workbook(
        io.BytesIO(write_xlsx(Document(title="t", blocks=blocks), "http://h"))
    )
    assert len(book.sheetnames) == len(titles)


def test_the_page_links_only_to_the_web(document: Document) -> None:
    bad = Document(title="t", blocks=(Paragraph("x", link="javascript://a%0aalert(1)"),))
    assert "javascript" not in write_html(bad, "http://h").decode()
    page = write_html(document, "http://h").decode()
    assert 'href="http://h/records/5?status=test"' in page
    assert "<style>" in page
    served = write_html(document, "http://h", style="http://h/style.css").decode()
    assert "<style>" not in served
    assert "style=" not in served.split("<body")[1]


TOLD = (
    "避難指示(警戒レベル4)を発令しました。「河原田川」は10,000人が対象で、水位3.85mを観測。…… "
    "北陸自動車道はハイウェイ・ラジオを、詳しくはhttps://example.jp/noto をご覧ください、とのこと。"
)


@pytest.mark.parametrize("width", range(2, 30))
def test_no_line_begins_or_ends_with_what_may_not(width: int) -> None:
    lines = broken(TOLD, width, lambda c: 0.5 if c.isascii() else 1.0).split("\n")
    assert "".join(lines).replace(" ", "") == TOLD.replace(" ", ""), "nothing is lost"
    for line, after in pairwise(lines):
        fits = sum(0.5 if c.isascii() else 1.0 for c in line) <= width
        assert fits
        torn = not any(may_break(*pair) for pair in pairwise(line + after[0]))
        assert torn or (after[0] not in NOT_FIRST and line[-1] not in NOT_LAST), (line, after)
    if width >= 12:
        assert any("10,000" in line for line in lines), "a number is one word"


def test_the_pdfs_lines_obey_in_paragraphs_and_cells() -> None:
    cells = tuple(
        (Cell(text="欄", down=1), Cell(text=TOLD[:n], across=2)) for n in range(30, 60, 3)
    )
    hung = ((Cell(text="吊", down=2), Cell(text=TOLD), Cell(text="あ")),
            (Cell(text="い"), Cell(text=TOLD)))  # fmt: skip
    columns = (Column(title="左", width=0.4), Column(title="中"), Column(title="右", width=0.7))
    paragraphs = tuple(Paragraph("あ" * n + TOLD) for n in range(20))
    blocks = (*paragraphs, Table(columns=columns, rows=(*cells, *hung)), Heading(TOLD))
    for language in ("ja", "en"):
        made = write_pdf(Document(title=TOLD, language=language, blocks=blocks), "http://h")
        pages = pypdf.PdfReader(io.BytesIO(made)).pages
        lines = [line.strip() for page in pages
                 for line in page.extract_text().replace("\0", "").splitlines()]  # fmt: skip
        assert len(lines) > 60
        assert [line for line in lines if line and line[0] in NOT_FIRST] == []
        assert [line for line in lines if line and line[-1] in NOT_LAST] == []
