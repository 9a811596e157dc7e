"""Spreadsheets: CSV that Excel opens without a wizard, and Excel's own format."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import shapely

from hinomi.kernel.errors import InputError
from hinomi.runtime.exports.notes import Notes
from hinomi.vocabulary.times import JST

MOST_ROWS = 1_048_575
"""Rows of an Excel sheet below its header (Microsoft, Excel specifications and limits)."""
LONGEST = 32_767
"""Characters in one cell, from the same page."""
_RUNS = ("=", "+", "-", "@", "\t", "\r")
"""First characters of a text that a spreadsheet would run as a formula."""


def write_csv(columns: Any, batches: Iterable[Any], notes: Notes, target: Path) -> None:
    """Write UTF-8 with a byte order mark, and beside it what the file is (CSV on the Web).

    References:
        W3C, Model for Tabular Data and Metadata on the Web, 2015: ``FILE.csv-metadata.json``.
    """
    with target.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(_header(columns))
        for row in _rows(columns, batches):
            writer.writerow([_safe(_plain(value)) for value in row])
    told = {
        "@context": "http://www.w3.org/ns/csvw",
        "url": target.name,
        "dc:title": notes.title,
        "dc:license": notes.licence,
        "notes": [notes.fields()],
    }
    beside = target.with_name(f"{target.name}-metadata.json")
    beside.write_bytes(msgspec.json.format(msgspec.json.encode(told), indent=2))


def write_xlsx(columns: Any, batches: Iterable[Any], notes: Notes, target: Path) -> None:
    """Write a sheet with the rows and one that says what they are; times are Japan's."""
    from openpyxl import Workbook  # noqa: PLC0415 - heavy
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415
    from openpyxl.styles import Font  # noqa: PLC0415

    book = Workbook(write_only=True)
    book.properties.title = notes.title
    book.properties.description = "\n".join(f"{k}: {v}" for k, v in notes.fields().items())
    sheet = book.create_sheet(f"{notes.word}データ")
    sheet.freeze_panes = "B2"
    head = []
    for name in _header(columns):
        cell = WriteOnlyCell(sheet, name)
        cell.font = Font(bold=True)
        head.append(cell)
    sheet.append(head)
    for number, row in enumerate(_rows(columns, batches)):
        if number >= MOST_ROWS:
            raise InputError(
                f"Excel holds {MOST_ROWS:,} rows; choose another format or filter.",
                f"Excelは{MOST_ROWS:,}行までです。別の形式にするか、条件で絞ってください。",
            )
        sheet.append([_excel_cell(WriteOnlyCell, sheet, value) for value in row])
    about = book.create_sheet("説明")
    for name, text in notes.fields().items():
        about.append([name, _excel_cell(WriteOnlyCell, about, text)])
    book.save(target)


def _excel_cell(make: Any, sheet: Any, value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(JST).replace(tzinfo=None)
    if not isinstance(value, str):
        return value
    # Control characters have no place in its XML.
    cleaned = "".join(c for c in value[:LONGEST] if c >= " " or c in "\t\n")
    cell = make(sheet, cleaned)
    cell.data_type = "s"
    return cell


def _header(columns: Any) -> list[str]:
    return [*columns.kinds, "longitude", "latitude", "geometry"]


def _rows(columns: Any, batches: Iterable[Any]) -> Iterator[list[Any]]:
    """Yield rows; a point's place is in two columns, every other geometry is WKT."""
    for batch in batches:
        table = [batch.column(n).to_pylist() for n in range(len(columns.kinds))]
        shapes = shapely.from_wkb(batch.column("geometry").to_numpy(zero_copy_only=False))
        points = shapely.get_type_id(shapes) == 0
        x, y = shapely.get_x(shapes), shapely.get_y(shapes)
        for n, row in enumerate(zip(*table, strict=True)):
            if points[n]:
                yield [*row, float(x[n]), float(y[n]), None]
            else:
                # Shapely's WKT of nothing is nothing.
                yield [*row, None, None, shapely.to_wkt(shapes[n], rounding_precision=7)]


def _plain(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.astimezone(JST).isoformat()
    return value


def _safe(value: Any) -> Any:
    """Quote by ``'`` a text that a spreadsheet would run."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_RUNS) else value
