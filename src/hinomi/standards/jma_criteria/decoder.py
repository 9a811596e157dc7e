"""Bytes to criteria: which of the seven tables it is is told by its columns."""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from typing import TYPE_CHECKING, Literal

import msgspec

from hinomi.kernel.errors import DataError, Problem, Text

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NONE = -1
"""No criterion of that level for the mesh: JMA writes -1 or －."""

Table = Literal["1-1", "1-2", "1-3", "1-4", "2-1", "2-2", "2-3"]
Index = Literal["surface", "runoff", "soil"]

AREA, MESH, RIVER, RIVER_NAME = "二次細分区域コード", "格子番号", "河川番号", "河川名"
_NO_NUMBER = frozenset({"", "-1", "－", "−", "-"})
_MAX_ROWS = 2_000_000
_MAX_PROBLEMS = 50
_LEVEL = re.compile("^レベル([2-5])")
_CURVE = re.compile("^60分雨量([0-9]+)ミリの時の土壌雨量指数$")
_UPDATED = re.compile("令和 *([0-9]+)年 *([0-9]{1,2})月 *([0-9]{1,2})日")
_SOIL: dict[int, Table] = {5: "2-1", 4: "2-2", 2: "2-3"}
_HYPHENS = re.compile("コ[−－‐-]ド")
"""JMA writes コ−ド with a minus sign in the soil tables."""
_SPREAD = str.maketrans("０１２３４５６７８９", "0123456789")


class Composite(msgspec.Struct):
    """複合基準: both indices at or over their values; each [shape (rows,)], NONE where not set."""

    level: int
    runoff: NDArray[np.int32]
    surface: NDArray[np.int32]


class Criteria(msgspec.Struct):
    """One table, a row for each area, mesh (and river)."""

    table: Table
    index: Index
    updated_on: date | None
    areas: list[str]
    """[length rows] 二次細分区域コード, 7 digits."""
    meshes: NDArray[np.int64]
    """[shape (rows,)] third mesh codes (基準地域メッシュ), 8 digits."""
    rivers: NDArray[np.int64]
    """[shape (rows,)] 河川番号; 0 where the table has none. One that ends in 000: no channel."""
    river_names: list[str]
    levels: dict[int, NDArray[np.int32]]
    """Level -> [shape (rows,)] the index from which it holds, NONE where not set."""
    composites: list[Composite]
    curves: dict[int, NDArray[np.int32]]
    """Of the soil water index: level -> [shape (rows, 151)] by 60-minute rain 0 to 150 mm."""
    problems: list[Problem]


def looks_like(data: bytes) -> bool:
    """Tell whether a file's first bytes are a criteria table's."""
    head = _HYPHENS.sub("コード", data[:8192].decode("cp932", errors="replace"))
    return AREA in head and MESH in head


def decode(data: bytes, *, soil_level: int | None = None) -> Criteria:
    """Return the table; rows that cannot be read are told and left out.

    Args:
        data: the file; lines that begin with # are remarks, the first one holds the date.
        soil_level: 5, 4 or 2: of the soil tables, whose columns do not tell the level; taken from
            the remarks (レベル５…) where None.

    Raises:
        DataError: no header, columns of no known table, or no row that can be read.
    """
    # Imported here: whether a file is such a table is asked where nothing of numbers is loaded.
    import numpy as np  # noqa: PLC0415

    text = _HYPHENS.sub("コード", data.decode("cp932", errors="replace")).translate(_SPREAD)
    lines = text.splitlines()
    remarks = "".join(line for line in lines[:20] if line.startswith("#"))
    body = [line for line in lines if line.strip() and not line.startswith("#")]
    at = next((i for i, line in enumerate(body[:20]) if AREA in line and MESH in line), None)
    if at is None:
        raise DataError([_problem("criteria.header", "/", ",".join(body[:1])[:200])])
    if len(body) - at > _MAX_ROWS:
        raise DataError([_problem("criteria.too-long", "/", f"{len(body)} rows")])
    rows = list(csv.reader(io.StringIO("\n".join(body[at:]))))
    columns = {name.strip(): place for place, name in enumerate(rows[0])}
    reader = _Rows(rows[1:], columns)
    found = Criteria(
        table=_table(columns, remarks, soil_level),
        index="surface",
        updated_on=_date(text[:2000]),
        areas=reader.areas,
        meshes=np.array(reader.meshes, np.int64),
        rivers=reader.numbers(RIVER, blank=0).astype(np.int64),
        river_names=reader.texts(RIVER_NAME),
        levels={},
        composites=[],
        curves={},
        problems=reader.problems,
    )
    found.index = _INDICES[found.table]
    _fill(found, reader, columns)
    if not found.areas:
        raise DataError(found.problems or [_problem("criteria.empty", "/", "no row")])
    return found


_INDICES: dict[Table, Index] = {
    "1-1": "surface", "1-3": "surface", "1-2": "runoff", "1-4": "runoff",
    "2-1": "soil", "2-2": "soil", "2-3": "soil",
}  # fmt: skip


class _Rows:
    """The rows whose area and mesh can be read, and what is wrong with the others."""

    def __init__(self, rows: list[list[str]], columns: dict[str, int]) -> None:
        self.areas: list[str] = []
        self.meshes: list[int] = []
        self.problems: list[Problem] = []
        self._rows: list[list[str]] = []
        self._columns = columns
        seen: set[tuple[str, ...]] = set()
        for number, row in enumerate(rows, 1):
            self._row(number, row, seen)

    def _row(self, number: int, row: list[str], seen: set[tuple[str, ...]]) -> None:
        path = f"/row[{number}]"
        if len(row) < len(self._columns):
            self._tell(path, f"{len(row)} cells of {len(self._columns)}")
            return
        area, mesh = row[self._columns[AREA]].strip(), row[self._columns[MESH]].strip()
        if not (area.isascii() and area.isdigit() and len(area) in (6, 7) and _is_mesh(mesh)):
            self._tell(path, f"{AREA} {area!r}, {MESH} {mesh!r}")
            return
        if tuple(row) in seen:  # JMA's own files hold some rows twice.
            return
        seen.add(tuple(row))
        self.areas.append(area.zfill(7))
        self.meshes.append(int(mesh))
        self._rows.append(row)

    def numbers(self, name: str, *, blank: int = NONE) -> NDArray[np.int32]:
        """Return a column's numbers, ``blank`` where there is none or the column is absent."""
        import numpy as np  # noqa: PLC0415

        at = self._columns.get(name)
        out = np.full(len(self._rows), blank, np.int32)
        for i, row in enumerate(self._rows if at is not None else ()):
            cell = row[at].strip() if at is not None else ""
            if cell in _NO_NUMBER:
                continue
            try:
                value = float(cell)
                out[i] = value if value == value and 0 <= value < 2**31 else _refuse(cell)
            except (ValueError, OverflowError):
                self._tell(f"/row[{i + 1}]/{name}", cell)
        return out

    def texts(self, name: str) -> list[str]:
        at = self._columns.get(name)
        return [row[at].strip() if at is not None else "" for row in self._rows]

    def _tell(self, path: str, found: str) -> None:
        if len(self.problems) < _MAX_PROBLEMS:
            self.problems.append(_problem("criteria.row", path, found))


def _refuse(cell: str) -> int:
    raise ValueError(cell)


def _is_mesh(text: str) -> bool:
    """Tell whether it is a third mesh code: ppuu, two digits below 8, two any."""
    return len(text) == 8 and text.isascii() and text.isdigit() and text[4] < "8" and text[5] < "8"


def _table(columns: dict[str, int], remarks: str, soil_level: int | None) -> Table:
    if any(_CURVE.match(name) for name in columns):
        level = soil_level or _stated_level(remarks)
        if level not in _SOIL:
            raise DataError([_problem("criteria.level", "/", f"level {level} of a soil table")])
        return _SOIL[level]
    levels = any(_LEVEL.match(name) for name in columns)
    if RIVER in columns:
        return "1-2" if levels else "1-4"
    return "1-1" if levels else "1-3"


def _stated_level(remarks: str) -> int | None:
    found = re.search("レベル([2-5])", remarks)
    return int(found[1]) if found else None


def _fill(found: Criteria, reader: _Rows, columns: dict[str, int]) -> None:
    import numpy as np  # noqa: PLC0415

    if found.index == "soil":
        level = next(level for level, table in _SOIL.items() if table == found.table)
        by_rain = {int(m[1]): name for name in columns if (m := _CURVE.match(name))}
        if sorted(by_rain) != list(range(len(by_rain))):
            raise DataError([_problem("criteria.curve", "/", f"rain {sorted(by_rain)}")])
        curve = [reader.numbers(by_rain[rain]) for rain in sorted(by_rain)]
        found.curves[level] = np.stack(curve, axis=1)
        return
    parts: dict[int, dict[str, NDArray[np.int32]]] = {}
    for name in columns:
        stated = _LEVEL.match(name)
        if not stated:
            continue
        level = int(stated[1])
        if "複合基準における" in name:
            which = "surface" if "表面雨量指数" in name else "runoff"
            parts.setdefault(level, {})[which] = reader.numbers(name)
        else:
            found.levels[level] = reader.numbers(name)
    found.composites += [
        Composite(level, both["runoff"], both["surface"])
        for level, both in sorted(parts.items())
        if len(both) == 2
    ]


def _date(head: str) -> date | None:
    found = _UPDATED.search(head)
    try:
        return date(2018 + int(found[1]), int(found[2]), int(found[3])) if found else None
    except ValueError:
        return None


def _problem(code: str, path: str, found: str) -> Problem:
    return Problem(
        code,
        path,
        Text(f"基準値の表として読めません: {found}", f"Not a row of JMA's criteria: {found}"),
        found=found[:200],
        expected=f"{AREA},{MESH},[{RIVER},{RIVER_NAME},]レベル５…基準値,…",
    )
