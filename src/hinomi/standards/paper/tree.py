"""The tree of a document: what stands in a report, before it is a PDF, a workbook or a page."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypeAlias

import msgspec

Align = Literal["left", "right", "centre"]


class Cell(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A text or a figure, where it comes from, and how it looks."""

    text: str = ""
    value: float | None = None
    """A figure's number, so that a spreadsheet can reckon with it; ``text`` is what people read."""
    link: str = ""
    """Address of the source, relative to the server's base, or absolute."""
    head: bool = False
    """It names a row or a column."""
    strong: bool = False
    colour: str = ""
    """``#rrggbb`` of the ground; empty: paper."""
    ink: str = ""
    across: int = 1
    """Columns that it spans."""
    down: int = 1
    """Rows that it spans."""
    align: Align | None = None
    """Instead of the column's."""


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """One column of a table: its title, its share of the width, and how its cells stand."""

    title: str
    width: float = 1
    align: Align = "left"


class Heading(msgspec.Struct, frozen=True, tag="heading"):
    """A title inside the document; level 1 begins a sheet of a workbook."""

    text: str
    level: int = 1


class Paragraph(msgspec.Struct, frozen=True, tag="paragraph"):
    """Running text; ``small`` is a note."""

    text: str
    small: bool = False
    link: str = ""


class KeyFigures(msgspec.Struct, frozen=True, tag="figures"):
    """A row of large figures with their names: what a mayor reads first."""

    items: tuple[tuple[str, Cell], ...]


class Table(msgspec.Struct, frozen=True, kw_only=True, tag="table"):
    """A table. Without column titles (all empty) no heading row is drawn: a form's grid."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    empty: str = ""
    """What stands there when there are no rows."""
    small: bool = False
    """In small print: a form with many boxes."""


class Signatures(msgspec.Struct, frozen=True, tag="signatures"):
    """Boxes to be signed by hand, with the names that are known already."""

    items: tuple[tuple[str, str], ...]


class PageBreak(msgspec.Struct, frozen=True, tag="break"):
    """What follows begins on a new page."""


Block: TypeAlias = Heading | Paragraph | KeyFigures | Table | Signatures | PageBreak


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A document of several pages."""

    title: str
    language: str = "ja"
    letterhead: tuple[str, ...] = ()
    """Lines at the top right: who reports."""
    logo: str = ""
    """A few letters in a box at the top left."""
    subtitle: str = ""
    """The moment that it tells of."""
    banner: str = ""
    """On every page, in red: 訓練."""
    label: str = ""
    """In every page's foot: who may see it."""
    foot: str = ""
    created: datetime | None = None
    """What the file's own properties say; nothing is taken from the clock."""
    landscape: bool = False
    blocks: tuple[Block, ...] = ()


def absolute(link: str, base: str) -> str:
    """Return a link's full address.

    Example:
        >>> absolute("records/ab?status=exercise", "http://town.example/")
        'http://town.example/records/ab?status=exercise'
        >>> absolute("https://elsewhere.example/", "http://town.example")
        'https://elsewhere.example/'
    """
    if not link or "://" in link.split("?")[0]:
        return link
    return f"{base.rstrip('/')}/{link.lstrip('/')}"


def plain(text: str) -> str:
    """Return the text without what no font draws: variation selectors, controls but newlines."""
    return "".join(
        c for c in text if c == "\n" or (c.isprintable() and not _selects_a_variant(ord(c)))
    )


def _selects_a_variant(code: int) -> bool:
    # Unicode's variation selectors (FE00-FE0F) and their supplement (E0100-E01EF): they choose
    # between forms of one character (葛󠄀); fonts without the form draw a box for them.
    return 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF
