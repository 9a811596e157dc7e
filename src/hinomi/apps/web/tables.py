"""Tables for spreadsheets: features and readings as CSV (RFC 4180, UTF-8)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from hinomi.kernel.records import Stored
from hinomi.standards.cql2.shapes import wkt


def features_csv(items: Sequence[Stored]) -> bytes:
    """Return features as rows: id, properties in their order, geometry as WKT."""
    features = [msgspec.json.decode(item.feature) for item in items]
    columns = dict.fromkeys(name for f in features for name in f["properties"])
    rows = (
        [
            f["id"],
            *(_cell(f["properties"].get(name)) for name in columns),
            wkt(f["geometry"]) if f["geometry"] else "",
        ]
        for f in features
    )
    return write(["id", *columns, "geometry"], rows)


def write(header: list[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Return a CSV with its header."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue().encode()


def _cell(value: Any) -> Any:
    """Return a value as a cell; a text that a spreadsheet would run is quoted by a ``'``."""
    if value is None or isinstance(value, bool):
        return "" if value is None else str(value).lower()
    if isinstance(value, list | dict):
        return msgspec.json.encode(value).decode()
    if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"}:
        return f"'{value}"
    return value
