"""The tables that a template can ask for: which records, which columns, how each cell is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from hinomi.domains.response.share.reports.view import View, clock_time, number_cell, time_of
from hinomi.kernel.errors import Text
from hinomi.kernel.filters import Filter
from hinomi.kernel.records import Stored
from hinomi.standards.paper import Cell, Column, Table
from hinomi.standards.paper.tree import Align
from hinomi.vocabulary.levels import LEVELS

Given = tuple[View, Stored, Mapping[str, Any]]


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One column that a table can have."""

    title: Text
    give: Callable[[Given], Cell]
    width: float = 1
    align: Align = "left"


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """One table: its records, its columns by name, which of them are usual, its order."""

    collection: str
    parts: dict[str, Part]
    usual: tuple[str, ...]
    empty: Text
    filter: Filter | None = None
    area: str = ""
    """The property that holds the municipality's code."""
    order: Callable[[Stored], Any] | None = None
    choose: Callable[[View, list[Stored]], list[Stored]] | None = None
    """What the filter cannot say."""


def table(view: View, kind: Kind, names: Sequence[str], limit: int) -> tuple[Table, int]:
    """Return the table and how many rows its limit left out (0: no limit)."""
    found = view.find(kind.collection, kind.filter, area=kind.area)
    if kind.choose is not None:
        found = kind.choose(view, found)
    if kind.order is not None:
        found.sort(key=kind.order)
    shown = found[:limit] if limit else found
    parts = [kind.parts[name] for name in names or kind.usual]
    rows = tuple(_row(view, item, parts) for item in shown)
    columns = tuple(Column(title=view.say(p.title), width=p.width, align=p.align) for p in parts)
    return Table(columns=columns, rows=rows, empty=view.say(kind.empty)), len(found) - len(shown)


def _row(view: View, item: Stored, parts: Sequence[Part]) -> tuple[Cell, ...]:
    said = item.properties()
    cells = []
    for place, part in enumerate(parts):
        cell = part.give((view, item, said))
        # The row's name and every figure lead to the statement.
        if not cell.link and (place == 0 or cell.value is not None):
            cell = msgspec.structs.replace(cell, link=view.record_link(item.id))
        cells.append(cell)
    return tuple(cells)


def text(name: str, ja: str, en: str, *, width: float = 1, name_en: str = "") -> Part:
    """Return a column of texts; ``name_en`` is read instead in an English report."""

    def give(given: Given) -> Cell:
        view, _, said = given
        value = (said.get(name_en) if name_en and view.language != "ja" else None) or said.get(name)
        return Cell(text="" if value is None else str(value))

    return Part(title=Text(ja, en), give=give, width=width)


def number(name: str, ja: str, en: str, *, width: float = 0.8) -> Part:
    """Return a column of figures."""
    return Part(
        title=Text(ja, en), give=lambda given: number_cell(given[2].get(name)), width=width,
        align="right",
    )  # fmt: skip


def time(name: str, ja: str, en: str) -> Part:
    """Return a column of times; ``said_at``, ``start`` and ``end`` are the envelope's."""
    return Part(
        title=Text(ja, en),
        give=lambda given: Cell(text=clock_time(time_of(given[2].get(name)))),
        width=0.9,
    )


def word(name: str, ja: str, en: str, words: Mapping[str, Text], *, width: float = 1) -> Part:
    """Return a column of coded values, read as the table of words calls them."""

    def give(given: Given) -> Cell:
        view, _, said = given
        value = said.get(name)
        known = words.get(str(value))
        return Cell(text=view.say(known) if known else str(value or ""))

    return Part(title=Text(ja, en), give=give, width=width)


def level(name: str, ja: str, en: str) -> Part:
    """Return a column of levels in their official colours."""

    def give(given: Given) -> Cell:
        view, item, said = given
        value = said.get(name)
        if not isinstance(value, int) or not 0 <= value < len(LEVELS):
            return Cell(text="")
        look = LEVELS[value]
        return Cell(
            text=str(value), value=value, align="centre", colour=look.colour, ink=look.ink,
            link=view.record_link(item.id),
        )  # fmt: skip

    return Part(title=Text(ja, en), give=give, width=0.6, align="centre")
