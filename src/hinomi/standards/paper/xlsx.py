"""The document as an Excel workbook: a sheet for each chapter, figures as numbers, links kept."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from typing import Any

from hinomi.kernel.errors import UnavailableError
from hinomi.standards.paper.tree import (
    Block,
    Cell,
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

_LONGEST_TEXT = 32_767
_LONGEST_LINK = 2_079
_MOST_LINKS = 65_000
"""Excel's own limits: characters in a cell, in an address, addresses in a sheet (65,530)."""
_SHEET_CHARS = 100.0
"""Width of a sheet [characters of the standard font]."""
_FORBIDDEN = re.compile(r"[\[\]:*?/\\']")
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_ALIGN = {"left": "left", "right": "right", "centre": "center"}
_LINK = "#0b4f9c"


def write_xlsx(document: Document, base: str) -> bytes:
    """Return the workbook's bytes; the same document gives the same bytes.

    No cell is a formula, whatever people have written: texts stay texts.

    Raises:
        UnavailableError: the package that writes workbooks is not installed.
    """
    try:
        import xlsxwriter  # noqa: PLC0415
    except ImportError:
        raise UnavailableError(
            "Excel needs the packages of the extra 'reports': pip install 'hinomi[reports]'.",
            "Excelには追加パッケージreportsが必要です: pip install 'hinomi[reports]'",
        ) from None
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    made = (document.created or _EPOCH).astimezone(UTC).replace(tzinfo=None)
    book.set_properties({"title": plain(document.title), "created": made, "author": "Hinomi"})
    formats = _Formats(book)
    names: set[str] = set()
    for title, blocks in _chapters(document):
        sheet = book.add_worksheet(_sheet_name(title, names))
        _Sheet(sheet, formats, document, base).write(blocks)
    book.close()
    return out.getvalue()


def _chapters(document: Document) -> list[tuple[str, list[Block]]]:
    """Return the blocks by chapter; what stands before the first heading opens the book."""
    chapters: list[tuple[str, list[Block]]] = []
    for block in document.blocks:
        if isinstance(block, Heading) and block.level == 1:
            chapters.append((block.text, [block]))
        elif chapters:
            chapters[-1][1].append(block)
        else:
            chapters.append((document.title, [block]))
    return chapters or [(document.title, [])]


def _sheet_name(title: str, taken: set[str]) -> str:
    """Return a sheet's name: 31 characters, none that Excel forbids, no name twice."""
    stem = _FORBIDDEN.sub(" ", plain(title)).strip()[:28] or "1"
    name, number = stem, 2
    while name.casefold() in taken:
        name, number = f"{stem[:27]} {number}", number + 1
    taken.add(name.casefold())
    return name


class _Formats:
    """Cell formats by look; a workbook keeps each once."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._made: dict[tuple[tuple[str, Any], ...], Any] = {}

    def of(self, **look: Any) -> Any:
        """Return the format of a look."""
        key = tuple(sorted(look.items()))
        if key not in self._made:
            whole = {"font_name": "Yu Gothic", "valign": "vcenter", "text_wrap": True, **look}
            self._made[key] = self._book.add_format(whole)
        return self._made[key]


class _Sheet:
    """One sheet while it is written, from the top."""

    def __init__(self, sheet: Any, formats: _Formats, document: Document, base: str) -> None:
        self._sheet = sheet
        self._formats = formats
        self._document = document
        self._base = base
        self._row = 0
        self._links = 0

    def write(self, blocks: list[Block]) -> None:
        """Write a chapter's blocks below the document's head."""
        self._set_up(blocks)
        self._head()
        for block in blocks:
            self._block(block)

    def _set_up(self, blocks: list[Block]) -> None:
        document, sheet = self._document, self._sheet
        tables = [b for b in blocks if isinstance(b, Table)]
        widest = max(tables, key=lambda t: len(t.columns), default=None)
        widths = [c.width for c in widest.columns] if widest else [1.0] * 4
        self._columns = max(len(widths), 2)
        share = _SHEET_CHARS / sum(widths)
        for place, width in enumerate(widths):
            sheet.set_column(place, place, max(5.0, width * share))
        sheet.set_paper(9)  # A4
        if document.landscape:
            sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(0.5, 0.5, 0.8, 0.7)
        banner = plain(document.banner).replace("&", "&&")
        if banner:
            sheet.set_header(f'&C&"Yu Gothic,Bold"&14&KC00000{banner}')
            sheet.set_tab_color("#c00000")
        label = plain(f"{banner} {document.label}").strip().replace("&", "&&")
        sheet.set_footer(f"&L{label}&C&P / &N&R{plain(document.foot).replace('&', '&&')}")

    def _head(self) -> None:
        document = self._document
        if document.banner:
            look = {"bg_color": "#c00000", "font_color": "#ffffff", "bold": True, "font_size": 14}
            self._line(document.banner, align="center", **look)
        for line in (document.subtitle, *document.letterhead):
            if line:
                self._line(line, align="right")
        self._line(document.title, align="center", bold=True, font_size=14)

    def _line(self, text: str, **look: Any) -> None:
        made = self._formats.of(**look)
        last = self._columns - 1
        self._sheet.merge_range(self._row, 0, self._row, last, "", made)
        self._sheet.write_string(self._row, 0, plain(text)[:_LONGEST_TEXT], made)
        longest = max((len(part) for part in text.split("\n")), default=0)
        lines = text.count("\n") + 1 + int(longest * 1.9 // _SHEET_CHARS)
        if lines > 1:
            self._sheet.set_row(self._row, 18 * lines)
        self._row += 1

    def _block(self, block: Block) -> None:
        match block:
            case Heading():
                self._line(block.text, bold=True, font_size=12 if block.level == 1 else 11)
            case Paragraph():
                self._line(block.text, font_size=9 if block.small else 11)
            case KeyFigures():
                for name, cell in block.items:
                    self._cell(self._row, 0, Cell(text=name, head=True))
                    self._cell(self._row, 1, cell)
                    self._row += 1
                self._row += 1
            case Table():
                self._table(block)
            case Signatures():
                for role, name in block.items:
                    self._cell(self._row, 0, Cell(text=role, head=True))
                    self._cell(self._row, 1, Cell(text=name))
                    self._sheet.set_row(self._row, 40)
                    self._row += 1
            case PageBreak():
                self._sheet.set_h_pagebreaks([self._row])

    def _table(self, block: Table) -> None:
        if not block.rows:
            self._line(block.empty)
            return
        if any(c.title for c in block.columns):
            for place, column in enumerate(block.columns):
                self._cell(self._row, place, Cell(text=column.title, head=True, align="centre"))
            self._row += 1
        taken: set[tuple[int, int]] = set()
        for cells in block.rows:
            place = 0
            for cell in cells:
                while (self._row, place) in taken:
                    place += 1
                align = cell.align or block.columns[min(place, len(block.columns) - 1)].align
                self._cell(self._row, place, cell, align)
                taken |= {
                    (self._row + r, place + c) for r in range(cell.down) for c in range(cell.across)
                }
                place += cell.across
            self._row += 1
        self._row += 1

    def _cell(self, row: int, place: int, cell: Cell, align: str = "left") -> None:
        look: dict[str, Any] = {"border": 1, "border_color": "#78828c", "align": _ALIGN[align]}
        if cell.head or cell.strong:
            look["bold"] = True
        if cell.head or cell.colour:
            look["bg_color"] = cell.colour or "#e7ecf3"
        if cell.link or cell.ink:
            look["font_color"] = cell.ink or _LINK
        if cell.value is not None:
            look["num_format"] = "#,##0" if cell.value == int(cell.value) else "#,##0.##"
        made = self._formats.of(**look)
        if cell.across > 1 or cell.down > 1:
            self._sheet.merge_range(
                row, place, row + cell.down - 1, place + cell.across - 1, "", made
            )
        text = plain(cell.text)[:_LONGEST_TEXT]
        link = absolute(cell.link, self._base)
        if link and len(link) <= _LONGEST_LINK and self._links < _MOST_LINKS:
            self._links += 1
            self._sheet.write_url(row, place, link, made, text[:255])
        if cell.value is not None:
            self._sheet.write_number(row, place, cell.value, made)
        else:
            self._sheet.write_string(row, place, text, made)
