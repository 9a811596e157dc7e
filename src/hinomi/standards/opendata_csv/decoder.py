"""Bytes to a table: encoding found, header read, rows that do not fit set apart."""

from __future__ import annotations

import csv
import io

import msgspec

from hinomi.kernel.errors import DataError, Problem, Text

ENCODINGS = ("utf-8-sig", "cp932")
HEAD_BYTES = 8192


class Table(msgspec.Struct):
    """A header and its rows, each with the line it begins on."""

    header: tuple[str, ...]
    rows: list[tuple[int, dict[str, str]]]
    encoding: str
    problems: list[Problem]
    unit: str = "line"
    """What a row is in the file, for the paths of problems."""


def header_of(data: bytes) -> tuple[str, ...]:
    """Return the column names in a file's first bytes; empty where it is no CSV text."""
    head = data[:HEAD_BYTES]
    line, newline, _ = head.partition(b"\n")
    if not newline and len(data) > HEAD_BYTES:
        return ()
    for encoding in ENCODINGS:
        try:
            text = line.decode(encoding)
            return tuple(name.strip() for name in next(csv.reader([text]), ()))
        except (UnicodeDecodeError, csv.Error):
            continue
    return ()


def decode(data: bytes) -> Table:
    """Return the table; blank lines are skipped, a row of another length is a problem.

    Raises:
        DataError: neither UTF-8 nor Windows-31J, no header, or not CSV at all.
    """
    text, encoding = _text(data)
    reader = csv.reader(io.StringIO(text, newline=""))
    rows: list[tuple[int, dict[str, str]]] = []
    problems: list[Problem] = []
    header: tuple[str, ...] = ()
    line = 1
    try:
        for cells in reader:
            if not header:
                header = tuple(cell.strip() for cell in cells)
            elif any(cell.strip() for cell in cells):
                if len(cells) == len(header):
                    stripped = (cell.strip() for cell in cells)
                    rows.append((line, dict(zip(header, stripped, strict=True))))
                else:
                    problems.append(_length(line, len(cells), len(header)))
            line = reader.line_num + 1
    except csv.Error as error:
        problems.append(_broken(line, str(error)))
    if not header:
        raise DataError(problems or [_broken(1, "no header")])
    return Table(header, rows, encoding, problems)


def _text(data: bytes) -> tuple[str, str]:
    for encoding in ENCODINGS:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text, encoding
    raise DataError(
        [
            Problem(
                "csv.encoding",
                "",
                Text(
                    "文字コードがUTF-8でもWindows-31J(Shift_JIS)でもありません。",
                    "The text is neither UTF-8 nor Windows-31J (Shift_JIS).",
                ),
                expected="UTF-8 or Windows-31J",
            )
        ]
    )


def _length(line: int, found: int, expected: int) -> Problem:
    return Problem(
        "csv.length",
        f"/line[{line}]",
        Text(f"列の数が見出しと違います({found}列)。", f"The row has {found} columns."),
        found=str(found),
        expected=str(expected),
    )


def _broken(line: int, why: str) -> Problem:
    return Problem(
        "csv.broken",
        f"/line[{line}]",
        Text(f"CSVとして読めません: {why}", f"This cannot be read as CSV: {why}"),
        found=why[:200],
        expected="comma-separated values (RFC 4180)",
    )
