"""Bytes of a table or a map file as columns and rows of text, places in degrees."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from hinomi.kernel.errors import DataError, UnavailableError
from hinomi.runtime.imports import maps
from hinomi.runtime.imports.sheets import (
    MOST_BYTES,
    MOST_COLUMNS,
    MOST_ROWS,
    MOST_UNPACKED,
    Sheet,
    broken,
    cell_text,
)
from hinomi.standards import opendata_csv


def read(data: bytes, name: str, sheet: str = "") -> Sheet:
    """Return a CSV, Excel, Shapefile (ZIP), GeoPackage, GeoJSON, KML, FlatGeobuf or GML as a table.

    Raises:
        DataError: it is none of these, too large, or broken.
        UnavailableError: the extra ``formats`` is not installed.
    """
    if len(data) > MOST_BYTES:
        raise broken("import.too-large", "", f"{len(data):,} B", f"<= {MOST_BYTES:,} B")
    try:
        found = _read(data, name, sheet)
    except ModuleNotFoundError as error:
        raise UnavailableError(
            f"{error.name} is not installed: pip install 'hinomi[formats]'.",
            f"{error.name}がありません: pip install 'hinomi[formats]'",
        ) from None
    if len(found.rows) > MOST_ROWS or len(found.columns) > MOST_COLUMNS:
        size = f"{len(found.rows):,} x {len(found.columns):,}"
        raise broken("import.too-large", "", size, f"<= {MOST_ROWS:,} x {MOST_COLUMNS}")
    return found


def _read(data: bytes, name: str, sheet: str) -> Sheet:
    if data[:2] == b"PK":
        names = _check_zip(data)
        if "xl/workbook.xml" in names:
            return _excel(data, sheet)
        return maps.shapefile(data, names, sheet)
    head = data[:4_096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head[:1] in {b"{", b"["}:
        return maps.geojson(data)
    if b"<kml" in head:
        return maps.by_gdal(data, "KML")
    if head[:1] == b"<":
        raise broken("import.broken", "", head[:60].decode("utf-8", "replace"), "KML, or a table")
    if data[:15] == b"SQLite format 3" and data[68:70] == b"GP":
        return maps.by_gdal(data, "GeoPackage", sheet)
    if data[:3] == b"fgb":
        return maps.by_gdal(data, "FlatGeobuf")
    if data[:4] == b"\xd0\xcf\x11\xe0":
        raise broken("import.old-excel", "", name, ".xlsx (Excel 2007 or later), .csv")
    return _csv(data)


def _check_zip(data: bytes) -> set[str]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
    except zipfile.BadZipFile:
        raise broken("import.broken", "", "ZIP", "a whole file") from None
    size = sum(member.file_size for member in members)
    if size > MOST_UNPACKED or len(members) > 1_000:
        raise broken("import.too-large", "", f"{size:,} B unpacked", f"<= {MOST_UNPACKED:,} B")
    return {member.filename for member in members}


def _csv(data: bytes) -> Sheet:
    table = opendata_csv.decode(data)
    columns = list(dict.fromkeys(table.header))
    if len(columns) < 2:
        raise broken("import.no-table", "/line[1]", ",".join(columns)[:60], "a row of column names")
    return Sheet(format="CSV", columns=columns, rows=table.rows, problems=table.problems)


def _excel(data: bytes, wanted: str) -> Sheet:
    from openpyxl import load_workbook  # noqa: PLC0415 - heavy
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415

    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        if wanted and wanted not in book.sheetnames:
            raise broken("import.no-sheet", "", wanted, ", ".join(book.sheetnames))
        lines = _lines(book[wanted] if wanted else book.worksheets[0])
        book.close()
    except DataError:
        raise
    except (InvalidFileException, KeyError, ValueError, OSError, zipfile.BadZipFile) as error:
        raise broken("import.broken", "", str(error)[:100], "an Excel workbook") from None
    # Titles stand above many tables: the header is the first row that is filled as far as any.
    width = max((sum(map(bool, cells)) for _, cells in lines[:50]), default=0)
    at = next(
        (n for n, (_, c) in enumerate(lines) if width and sum(map(bool, c)) >= width * 0.7), -1
    )
    if at < 0 or width < 2:
        raise broken("import.no-table", "", "", "a row of column names")
    header = [" ".join(name.split()) for name in lines[at][1]]
    rows = [
        (number, {name: cell for name, cell in zip(header, cells, strict=False) if name})
        for number, cells in lines[at + 1 :]
    ]
    return Sheet(format="Excel", columns=[name for name in header if name], rows=rows)


def _lines(sheet: Any) -> list[tuple[int, list[str]]]:
    """Return the rows that are not blank, with their numbers."""
    found = []
    for number, cells in enumerate(sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS), 1):
        texts = [cell_text(cell) for cell in cells]
        if any(texts):
            found.append((number, texts))
        if len(found) > MOST_ROWS + 1:
            break
    return found
