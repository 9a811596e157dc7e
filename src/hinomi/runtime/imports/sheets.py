"""A table as it is read, before anyone says what its columns are."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import msgspec

from hinomi.kernel.errors import DataError, Problem, Text
from hinomi.kernel.geometry import Geometry

MOST_ROWS = 200_000
MOST_BYTES = 64 * 1024 * 1024
MOST_UNPACKED = 512 * 1024 * 1024
MOST_COLUMNS = 500


class Sheet(msgspec.Struct, kw_only=True):
    """A table: its columns, its rows as the sender wrote them, and a map file's places."""

    format: str
    columns: list[str]
    rows: list[tuple[int, dict[str, str]]]
    """Line or row number in the file, and the cells."""
    places: list[Geometry | None] | None = None
    """For each row; None where the file has no geometries."""
    problems: list[Problem] = []


def cell_text(value: Any) -> str:
    """Return a cell as text: whole numbers without a point, times in ISO 8601."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        if value != value:
            return ""
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value).strip()


def broken(code: str, path: str, found: str, expected: str) -> DataError:
    """Return the refusal of a whole file."""
    text = _TEXTS[code]
    return DataError([Problem(code, path, text, found=found, expected=expected)])


_TEXTS = {
    "import.too-large": Text("ファイルが大きすぎます。", "The file is too large."),
    "import.broken": Text("ファイルを読めません。", "The file cannot be read."),
    "import.no-table": Text("見出しのある表がありません。", "There is no table with column names."),
    "import.no-sheet": Text("そのシートはありません。", "There is no such sheet."),
    "import.old-excel": Text(
        "古い形式のExcel(.xls)です。.xlsxで保存し直してください。",
        "This is Excel's old format (.xls); save it as .xlsx.",
    ),
}
