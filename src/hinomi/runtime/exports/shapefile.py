"""Shapefile for programs that read nothing newer: Shift_JIS (cp932), ten-letter names, a README.

What the format cannot hold is told in the README: shortened texts and characters that cp932 lacks,
which become 〓 (U+3013, the mark that Japanese printers put for a missing letter).
"""

from __future__ import annotations

import re
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import shapely

from hinomi.runtime.exports.notes import Notes

ENCODING = "cp932"
LONGEST = 254
"""Bytes of a text in dBASE III."""
MISSING = "〓"
_PRIVATE = re.compile("[\ue000-\uf8ff]")
"""Letters of someone's own (外字): Python gives them codes that other programs do not have."""
_SETS = {
    "point": ("Point", {0}), "multipoint": ("MultiPoint", {4}),
    "line": ("LineString", {1, 2, 5}), "area": ("Polygon", {3, 6}),
}  # fmt: skip
"""One file can hold one of these: its name's end, GDAL's type, GEOS's type ids."""


class _Loss:
    """How many texts could not be kept as they were."""

    def __init__(self) -> None:
        self.cut = self.replaced = self.without_place = 0


def write(columns: Any, batches: Callable[[], Iterator[Any]], notes: Notes, target: Path) -> None:
    """Write a ZIP with one Shapefile for each kind of geometry, and README.txt."""
    import pyogrio  # noqa: PLC0415 - heavy

    names = short_names([*columns.kinds])
    loss = _Loss()
    stem = f"{notes.word}{'_' if notes.word else ''}{notes.collection.replace('.', '_')}"
    there = _types(batches())
    # Missing, or a collection of several kinds.
    loss.without_place = there[-1] + there[7]
    with tempfile.TemporaryDirectory() as folder:
        for end, (kind, types) in _SETS.items():
            if not any(there[one] for one in types):
                continue
            path = Path(folder) / f"{stem}_{end}.shp"
            chosen = _chosen(columns, batches(), types, names, loss)
            first = next(chosen)
            pyogrio.write_arrow(
                pa.RecordBatchReader.from_batches(first.schema, _again(first, chosen)),
                path, driver="ESRI Shapefile", geometry_name="geometry", geometry_type=kind,
                crs="EPSG:4326", encoding=ENCODING.upper(),
            )  # fmt: skip
        readme = Path(folder) / "README.txt"
        readme.write_text(_readme(names, notes, loss), encoding="utf-8-sig")
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
            for path in sorted(Path(folder).iterdir()):
                out.write(path, path.name)


def short_names(names: list[str]) -> dict[str, str]:
    """Return names of at most ten letters, no two the same.

    Example:
        >>> short_names(["municipality", "municipality_code", "name"])
        {'municipality': 'municipali', 'municipality_code': 'municipa_2', 'name': 'name'}
    """
    found: dict[str, str] = {}
    used: set[str] = set()
    for name in names:
        short, number = name[:10], 1
        while short.lower() in used:
            number += 1
            short = f"{name[: 9 - len(str(number))]}_{number}"
        used.add(short.lower())
        found[name] = short
    return found


def _chosen(
    columns: Any, batches: Iterator[Any], types: set[int], names: dict[str, str], loss: _Loss
) -> Iterator[Any]:
    """Yield the rows with these types of geometry, their texts as cp932 can hold them."""
    for batch in batches:
        shapes = shapely.from_wkb(batch.column("geometry").to_numpy(zero_copy_only=False))
        fits = np.isin(shapely.get_type_id(shapes), list(types))
        if not fits.any():
            continue
        some = batch.filter(pa.array(fits))
        arrays, fields = [], []
        for name, kind in columns.kinds.items():
            column = some.column(some.schema.get_field_index(name))
            if kind in {"string", "json"}:
                column = pa.array([_held(text, loss) for text in column.to_pylist()], pa.string())
            elif kind == "time":
                # dBASE knows days only: the moment is written out.
                texts = [None if t is None else t.isoformat() for t in column.to_pylist()]
                column = pa.array(texts, pa.string())
            elif kind == "boolean":
                column = column.cast(pa.int32())
            arrays.append(column)
            fields.append(pa.field(names[name], column.type))
        place = batch.schema.field("geometry")
        arrays.append(some.column(some.schema.get_field_index("geometry")))
        yield pa.RecordBatch.from_arrays(arrays, schema=pa.schema([*fields, place]))


def _held(text: str | None, loss: _Loss) -> str | None:
    if text is None:
        return None
    try:
        data = text.encode(ENCODING)
    except UnicodeEncodeError:
        data = b""
    if not data or _PRIVATE.search(text):
        text = "".join(c if _has(c) else MISSING for c in text)
        data = text.encode(ENCODING)
        loss.replaced += data.count(MISSING.encode(ENCODING)) > 0
    if len(data) <= LONGEST:
        return text
    loss.cut += 1
    return data[:LONGEST].decode(ENCODING, "ignore")


def _has(character: str) -> bool:
    if _PRIVATE.match(character):
        return False
    try:
        character.encode(ENCODING)
    except UnicodeEncodeError:
        return False
    return True


def _again(first: Any, rest: Iterator[Any]) -> Iterator[Any]:
    yield first
    yield from rest


def _types(batches: Iterator[Any]) -> Counter[int]:
    """Return how many geometries there are of each of GEOS's types, -1 for none."""
    found: Counter[int] = Counter()
    for batch in batches:
        shapes = shapely.from_wkb(batch.column("geometry").to_numpy(zero_copy_only=False))
        found.update(shapely.get_type_id(shapes).tolist())
    return found


def _readme(names: dict[str, str], notes: Notes, loss: _Loss) -> str:
    lines = [f"{name}: {text}" for name, text in notes.fields().items()]
    lines += [
        "",
        "文字コード: Shift_JIS (cp932) / Encoding: Shift_JIS (cp932)",
        f"Shift_JISにない文字を{MISSING}にした値 / values with replaced letters: {loss.replaced}",
        f"{LONGEST}バイトで切った値 / values cut at {LONGEST} bytes: {loss.cut}",
        f"位置がなく収録できない地物 / left out for want of one geometry: {loss.without_place}",
        "",
        "列名 / columns:",
        *(f"  {short} = {name}" for name, short in names.items()),
    ]
    return "\r\n".join(lines) + "\r\n"
