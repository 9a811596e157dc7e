"""The document as PDF on A4, with its Japanese font inside (fpdf2; Noto Sans JP, OFL)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from hinomi.kernel.errors import UnavailableError
from hinomi.standards.paper.lines import broken
from hinomi.standards.paper.tree import (
    Block,
    Cell,
    Column,
    Document,
    Heading,
    KeyFigures,
    PageBreak,
    Paragraph,
    Signatures,
    Table,
    absolute,
    plain,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fpdf import FPDF

_FONT = "paper"
_MARGIN_MM = 14.0
_RED = (192, 0, 0)
_INK = (27, 36, 48)
_LINK = (11, 79, 156)
_HEAD = (231, 236, 243)
_LINE = (120, 130, 140)
_ALIGN = {"left": "L", "right": "R", "centre": "C"}
_TITLE_PT, _HEADING_PT, _TEXT_PT, _SMALL_PT = 16.0, 12.0, 9.5, 8.0
_PT_TO_MM = 25.4 / 72
_PADDING_MM = 1.0
_SLACK_MM = 0.05
"""Against rounding: a line that is a hair too wide would be broken once more, by no rule."""


class _Look(NamedTuple):
    """What all blocks need: where links lead, how wide a character is."""

    base: str
    widths: dict[str, float]
    """At a size of 1 pt [mm]."""


def write_pdf(document: Document, base: str) -> bytes:
    """Return the document's bytes; the same document gives the same bytes.

    Args:
        document: what to write.
        base: address of the server that the links lead to.

    Raises:
        UnavailableError: the packages that write PDF are not installed.
    """
    pdf = _open(document)
    look = _Look(base, {})
    pdf.add_page()
    _top(pdf, document, look)
    for block in document.blocks:
        _block(pdf, block, look)
    return bytes(pdf.output())


def _open(document: Document) -> FPDF:
    try:
        # Imported here: heavy, and a town that prints HTML does not need them.
        import pylopdf_fonts_jp  # noqa: PLC0415
        from fpdf import FPDF  # noqa: PLC0415
    except ImportError:
        raise UnavailableError(
            "PDF needs the packages of the extra 'reports': pip install 'hinomi[reports]'.",
            "PDFには追加パッケージreportsが必要です: pip install 'hinomi[reports]'",
        ) from None

    class Pages(FPDF):
        """FPDF calls these two on each page."""

        def header(self) -> None:
            _header(self, document)

        def footer(self) -> None:
            _footer(self, document)

    pdf = Pages(orientation="landscape" if document.landscape else "portrait", format="A4")
    pdf.set_margins(_MARGIN_MM, _MARGIN_MM)
    pdf.set_auto_page_break(auto=True, margin=16)
    pdf.add_font(_FONT, "", pylopdf_fonts_jp.sans_path())
    pdf.set_font(_FONT, size=_TEXT_PT)
    pdf.set_title(plain(document.title))
    pdf.set_lang("ja" if document.language == "ja" else "en")
    pdf.set_producer("Hinomi")
    if document.created is not None:
        pdf.set_creation_date(document.created)
    pdf.alias_nb_pages()
    return pdf


def _header(pdf: FPDF, document: Document) -> None:
    if not document.banner:
        return
    with pdf.local_context():
        pdf.set_fill_color(*_RED)
        pdf.rect(0, 0, pdf.w, 9, style="F")
        pdf.set_text_color(255, 255, 255)
        pdf.set_font(_FONT, size=13)
        pdf.set_xy(0, 1)
        pdf.cell(pdf.w, 7, plain(document.banner), align="C")
        pdf.set_text_color(246, 220, 220)
        pdf.set_font(_FONT, size=90)
        with pdf.rotation(40, pdf.w / 2, pdf.h / 2):
            pdf.set_xy(0, pdf.h / 2 - 20)
            pdf.cell(pdf.w, 40, plain(document.banner.split()[0]), align="C")
    pdf.set_xy(_MARGIN_MM, _MARGIN_MM)


def _footer(pdf: FPDF, document: Document) -> None:
    with pdf.local_context():
        pdf.set_font(_FONT, size=_SMALL_PT)
        pdf.set_text_color(90, 100, 110)
        pdf.set_y(-12)
        third = (pdf.w - 2 * _MARGIN_MM) / 3
        pdf.cell(third, 6, plain(" ".join([*document.banner.split()[:1], document.label])))
        pdf.cell(third, 6, f"{pdf.page_no()} / {{nb}}", align="C")
        pdf.cell(third, 6, plain(document.foot), align="R")


def _top(pdf: FPDF, document: Document, look: _Look) -> None:
    top = pdf.get_y()
    if document.logo:
        pdf.set_font(_FONT, size=11)
        width = pdf.get_string_width(plain(document.logo)) + 6
        pdf.cell(width, 8, plain(document.logo), border=1, align="C")
    pdf.set_font(_FONT, size=_TEXT_PT)
    pdf.set_xy(pdf.l_margin, top)
    for line in (document.subtitle, *document.letterhead):
        if line:
            pdf.cell(0, 5, plain(line), align="R", new_x="LMARGIN", new_y="NEXT")
    pdf.ln(4)
    pdf.set_text_color(*_INK)
    pdf.set_font(_FONT, size=_TITLE_PT)
    title = _fit(pdf, document.title, pdf.epw - 2 * pdf.c_margin, look)
    pdf.multi_cell(0, 9, title, align="C", new_x="LMARGIN", new_y="NEXT")
    pdf.ln(2)


def _block(pdf: FPDF, block: Block, look: _Look) -> None:
    match block:
        case Heading():
            _heading(pdf, block, look)
        case Paragraph():
            _paragraph(pdf, block, look)
        case KeyFigures():
            _figures(pdf, block, look)
        case Table():
            _table(pdf, block, look)
        case Signatures():
            _signatures(pdf, block)
        case PageBreak():
            pdf.add_page()


def _heading(pdf: FPDF, block: Heading, look: _Look) -> None:
    size = _HEADING_PT if block.level == 1 else _TEXT_PT + 1
    # A heading alone at a page's foot says nothing.
    if pdf.will_page_break(26):
        pdf.add_page()
    pdf.ln(3)
    pdf.set_font(_FONT, size=size)
    pdf.set_text_color(*_INK)
    if block.level == 1:
        pdf.set_fill_color(*_INK)
        pdf.rect(pdf.l_margin, pdf.get_y() + 0.8, 1.6, 5.4, style="F")
        pdf.set_x(pdf.l_margin + 3)
    room = pdf.w - pdf.r_margin - pdf.get_x() - 2 * pdf.c_margin
    text = _fit(pdf, block.text, room, look)
    pdf.multi_cell(0, 7, text, align="L", new_x="LMARGIN", new_y="NEXT")
    pdf.ln(1)
    pdf.set_font(_FONT, size=_TEXT_PT)


def _paragraph(pdf: FPDF, block: Paragraph, look: _Look) -> None:
    size = _SMALL_PT if block.small else _TEXT_PT
    pdf.set_font(_FONT, size=size)
    pdf.set_text_color(*(_LINK if block.link else _INK))
    pdf.multi_cell(
        0, size * _PT_TO_MM * 1.6, _fit(pdf, block.text, pdf.epw - 2 * pdf.c_margin, look),
        align="L", new_x="LMARGIN", new_y="NEXT",
        link=absolute(block.link, look.base) or "",
    )  # fmt: skip
    pdf.ln(1)


def _figures(pdf: FPDF, block: KeyFigures, look: _Look) -> None:
    per_row = 6 if pdf.w > pdf.h else 4
    gap, height = 2.0, 19.0
    width = (pdf.epw - gap * (per_row - 1)) / per_row
    for start in range(0, len(block.items), per_row):
        if pdf.will_page_break(height + gap):
            pdf.add_page()
        top = pdf.get_y()
        for place, (name, cell) in enumerate(block.items[start : start + per_row]):
            left = pdf.l_margin + place * (width + gap)
            _figure(pdf, (left, top, width, height), name, cell, absolute(cell.link, look.base))
        pdf.set_xy(pdf.l_margin, top + height + gap)


def _figure(
    pdf: FPDF, box: tuple[float, float, float, float], name: str, cell: Cell, link: str
) -> None:
    left, top, width, height = box
    pdf.set_draw_color(*_LINE)
    pdf.set_fill_color(*_rgb(cell.colour, (255, 255, 255)))
    pdf.rect(left, top, width, height, style="DF")
    ink = _rgb(cell.ink, _INK)
    pdf.set_text_color(*ink)
    pdf.set_font(_FONT, size=_fitting(pdf, plain(name), _SMALL_PT, width - 3))
    pdf.set_xy(left, top + 1.5)
    pdf.cell(width, 4, plain(name), align="C")
    pdf.set_font(_FONT, size=_fitting(pdf, plain(cell.text), 17, width - 3))
    pdf.set_xy(left, top + 6.5)
    pdf.cell(width, 10, plain(cell.text), align="C", link=link or "")
    pdf.set_text_color(*_INK)


def _fitting(pdf: FPDF, text: str, size: float, width: float) -> float:
    """Return the size, or the smaller one at which the text fits the width."""
    pdf.set_font(_FONT, size=size)
    needed = pdf.get_string_width(text)
    return size if needed <= width else max(5.0, size * width / needed)


def _table(pdf: FPDF, block: Table, look: _Look) -> None:
    size = _SMALL_PT - 0.6 if block.small else _SMALL_PT + 0.6
    pdf.set_font(_FONT, size=size)
    pdf.set_draw_color(*_LINE)
    pdf.set_text_color(*_INK)
    pdf.set_fill_color(0)  # fpdf's word for "none": a table's plain cells take what was set last.
    if not block.rows:
        _paragraph(pdf, Paragraph(block.empty), look)
        return
    titled = any(c.title for c in block.columns)
    with pdf.table(
        col_widths=tuple(c.width for c in block.columns),
        first_row_as_headings=titled,
        num_heading_rows=1 if titled else 0,
        headings_style=_face(fill=_HEAD),
        line_height=size * _PT_TO_MM * 1.35,
        padding=(0.5 if block.small else 0.9, _PADDING_MM),
        text_align=tuple(_ALIGN[c.align] for c in block.columns),
        width=pdf.epw,
    ) as drawn:
        if titled:
            heads = drawn.row()
            for column, (room,) in zip(block.columns, _rooms(block.columns, pdf.epw), strict=True):
                heads.cell(_fit(pdf, column.title, room, look), align="C")
        for cells, rooms in zip(block.rows, _row_rooms(block, pdf.epw), strict=True):
            texts = [_fit(pdf, c.text, w, look) for c, w in zip(cells, rooms, strict=True)]
            _row(drawn.row(), cells, texts, len(block.columns), look)
    pdf.ln(2)


def _rooms(columns: tuple[Column, ...], width: float) -> list[tuple[float]]:
    """Return each column's room for text [mm]."""
    unit = width / sum(c.width for c in columns)
    return [(c.width * unit - 2 * _PADDING_MM,) for c in columns]


def _row_rooms(table: Table, width: float) -> Iterator[list[float]]:
    """Yield each row's cells' rooms for text [mm]: a cell may span columns and hang into rows."""
    unit = width / sum(c.width for c in table.columns)
    hanging = [0] * len(table.columns)
    for cells in table.rows:
        rooms: list[float] = []
        at = 0
        below = [max(rows - 1, 0) for rows in hanging]
        for cell in cells:
            while at < len(hanging) and hanging[at]:
                at += 1
            spanned = range(at, min(at + cell.across, len(hanging)))
            rooms.append(sum(table.columns[n].width for n in spanned) * unit - 2 * _PADDING_MM)
            for n in spanned:
                below[n] = cell.down - 1
            at += cell.across
        hanging = below
        yield rooms


def _fit(pdf: FPDF, text: str, width: float, look: _Look) -> str:
    """Return a text broken for a line of that width [mm] in the present font."""
    size = pdf.font_size_pt

    def measure(character: str) -> float:
        known = look.widths.get(character)
        if known is None:
            known = look.widths[character] = pdf.get_string_width(character) / size
        return known * size

    return broken(plain(text), width - _SLACK_MM, measure)


def _row(row: Any, cells: tuple[Cell, ...], texts: list[str], most: int, look: _Look) -> None:
    for cell, text in zip(cells, texts, strict=True):
        fill = _rgb(cell.colour, None) if cell.colour else (_HEAD if cell.head else None)
        ink = _rgb(cell.ink, None) if cell.ink else (_LINK if cell.link else None)
        row.cell(
            text,
            align=_ALIGN[cell.align] if cell.align else None,
            style=_face(fill=fill, ink=ink) if fill or ink else None,
            colspan=min(cell.across, most),
            rowspan=cell.down,
            link=absolute(cell.link, look.base) or None,
        )


def _signatures(pdf: FPDF, block: Signatures) -> None:
    if pdf.will_page_break(30):
        pdf.add_page()
    pdf.ln(3)
    width = pdf.epw / max(len(block.items), 1)
    top = pdf.get_y()
    pdf.set_font(_FONT, size=_TEXT_PT)
    for place, (role, name) in enumerate(block.items):
        left = pdf.l_margin + place * width
        pdf.set_draw_color(*_LINE)
        pdf.rect(left, top, width, 22)
        pdf.set_xy(left, top + 1)
        pdf.cell(width, 6, plain(role), align="C")
        pdf.set_xy(left, top + 9)
        pdf.cell(width, 8, plain(name), align="C")
    pdf.set_xy(pdf.l_margin, top + 25)


def _face(
    *, fill: tuple[int, int, int] | None = None, ink: tuple[int, int, int] | None = None
) -> Any:
    from fpdf.fonts import FontFace  # noqa: PLC0415

    return FontFace(fill_color=fill, color=ink)


def _rgb(colour: str, otherwise: Any) -> Any:
    if len(colour) != len("#rrggbb"):
        return otherwise
    return tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5))
