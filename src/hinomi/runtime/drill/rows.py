"""A scenario's file: rows of a table, as Excel or a text editor writes them; cells to values."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from unicodedata import normalize

import msgspec

from hinomi.kernel.errors import DataError, Problem, Text
from hinomi.standards.opendata_csv.decoder import ENCODINGS

COLUMNS: dict[str, Text] = {
    "time": Text("時刻", "time"),
    "what": Text("種別", "what"),
    "where": Text("対象", "where"),
    "value": Text("値", "value"),
    "lon": Text("経度", "lon"),
    "lat": Text("緯度", "lat"),
    "text": Text("文", "text"),
    "expected": Text("期待する行動", "expected"),
    "within": Text("期限(分)", "within"),
    "clues": Text("手がかり", "clues"),
}
"""Column -> its name in Japanese and English files."""
MAX_ROWS = 5_000
MAX_BYTES = 4 * 1024 * 1024
_TOO_WIDE = (
    '列が多すぎます。文の中のカンマ(,)は「、」にするか、文を"で囲んでください。',
    "Too many columns: quote a text that has a comma.",
)
_NAMES = {normalize("NFKC", name): key for key, t in COLUMNS.items() for name in (t.ja, t.en)}
_TIME = re.compile(r"\+?(\d{1,3}):([0-5]\d)(?::([0-5]\d))?")
_MINUTES = re.compile(r"\+?(\d{1,5}(?:\.\d+)?)分?")
_LISTED = re.compile(r"[、,;；]+")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


class Row(msgspec.Struct):
    """One row by its columns' English names, empty where nothing is written."""

    line: int
    cells: dict[str, str]

    def __getitem__(self, name: str) -> str:
        return self.cells.get(name, "")


class FaultError(Exception):
    """One cell that makes no sense; ``fault`` names it and says what to write."""

    def __init__(self, column: str, ja: str, en: str, found: str = "", expected: str = "") -> None:
        super().__init__(en)
        self.column, self.text, self.found, self.expected = column, Text(ja, en), found, expected

    def at(self, line: int) -> Problem:
        """Return the problem with its line and column."""
        column = COLUMNS[self.column].ja if self.column in COLUMNS else ""
        path = f"/line[{line}]" + (f"/{column}" if column else "")
        return Problem("scenario.row", path, self.text, "error", self.found[:100], self.expected)


def read_rows(data: bytes) -> tuple[list[Row], list[Problem]]:
    """Return the rows of a scenario's table; lines that begin with ``#`` are comments.

    Raises:
        DataError: no table at all: too long, of an unknown encoding, without its columns.
    """
    text = _decoded(data)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    names: list[str] = []
    rows: list[Row] = []
    problems: list[Problem] = []
    line = 1
    try:
        for cells in reader:
            at, line = line, reader.line_num + 1
            stripped = [cell.strip() for cell in cells]
            if not any(stripped) or stripped[0].startswith("#"):
                continue
            if not names:
                names = _header(stripped, at)
            elif len(rows) >= MAX_ROWS:
                problems.append(_problem(at, f"{MAX_ROWS}行を超えています。", "Too many rows."))
                break
            else:
                rows.append(Row(at, dict(zip(names, stripped, strict=False))))
                if any(stripped[len(names) :]):
                    problems.append(_problem(at, *_TOO_WIDE))
    except csv.Error as error:
        ja = f'CSVとして読めません({error})。引用符(")の閉じ忘れがないか見てください。'
        problems.append(_problem(line, ja, f"Not CSV ({error}); is a quote open?"))
    if not names:
        raise DataError(
            problems or [_problem(1, "見出しの行がありません。", "There is no header.")]
        )
    return rows, problems


def after_of(text: str) -> timedelta:
    """Return a time from the start: ``1:30``, ``1:30:00``, ``90分``."""
    plain = normalize("NFKC", text).replace(" ", "")
    clock = _TIME.fullmatch(plain)
    if clock:
        hours, minutes, seconds = (int(part or 0) for part in clock.groups())
        return timedelta(hours=hours, minutes=minutes, seconds=seconds)
    minutes_only = _MINUTES.fullmatch(plain)
    if minutes_only:
        return timedelta(minutes=float(minutes_only[1]))
    raise FaultError(
        "time",
        "開始からの時間として読めません。1:30(1時間30分)のように書いてください。",
        "Not a time from the start; write 1:30 for an hour and a half.",
        text,
        "H:MM",
    )


def clock(after: timedelta) -> str:
    """Return a time from the start as a scenario writes it: ``1:30:05``."""
    seconds = int(after.total_seconds())
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def listed(text: str) -> list[str]:
    """Return the names of a list, divided by 、 or ; or a comma."""
    return [name.strip() for name in _LISTED.split(text) if name.strip()]


def numbers(text: str) -> list[float]:
    """Return all numbers in a text, full-width digits too."""
    return [float(found) for found in _NUMBER.findall(normalize("NFKC", text))]


def number(column: str, text: str, lowest: float, highest: float, unit: str) -> float:
    """Return a cell's one number within its limits."""
    found = numbers(text)
    if len(found) == 1 and lowest <= found[0] <= highest:
        return found[0]
    raise FaultError(
        column,
        f"{lowest:g}から{highest:g}までの数({unit})を書いてください。",
        f"Write a number from {lowest:g} to {highest:g} [{unit}].",
        text,
        f"{lowest:g} to {highest:g} {unit}",
    )


def point_of(row: Row) -> tuple[float, float] | None:
    """Return the row's position, None where both cells are empty."""
    if not row["lon"] and not row["lat"]:
        return None
    return (
        number("lon", row["lon"], 122, 154.5, "度"),
        number("lat", row["lat"], 20, 46, "度"),
    )


def _decoded(data: bytes) -> str:
    if len(data) <= MAX_BYTES:
        for encoding in ENCODINGS:
            try:
                text = data.decode(encoding)
            except UnicodeDecodeError:
                continue
            if "\0" not in text:
                return text
    ja = "シナリオはCSV(UTF-8またはShift_JIS)です。Excelでは「CSV UTF-8」で保存してください。"
    en = "A scenario is CSV in UTF-8 or Shift_JIS; in Excel save it as 'CSV UTF-8'."
    raise DataError([_problem(1, ja, en)])


def _header(cells: list[str], line: int) -> list[str]:
    names = [_NAMES.get(normalize("NFKC", cell), "") for cell in cells]
    missing = [COLUMNS[key].ja for key in ("time", "what") if key not in names]
    if missing:
        ja = f"見出しに「{'」「'.join(missing)}」の列がありません。"
        expected = ", ".join(t.ja for t in COLUMNS.values())
        raise DataError([_problem(line, ja, "Columns are missing.", ",".join(cells), expected)])
    return names


def _problem(line: int, ja: str, en: str, found: str = "", expected: str = "") -> Problem:
    return Problem("scenario.table", f"/line[{line}]", Text(ja, en), "error", found[:100], expected)
