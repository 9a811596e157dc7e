"""Tables behind the rain indices: JMA's criteria by mesh, and coefficients of one's own."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import TYPE_CHECKING

from hinomi.domains.hazards.collections.rain_indices import RAIN_TABLES, RainTable
from hinomi.kernel.errors import DataError, Problem, Text
from hinomi.kernel.ports import Gazetteer, Parsed, Payload, Source
from hinomi.kernel.records import Origin, Record
from hinomi.standards import jma_criteria
from hinomi.vocabulary.grids import box

if TYPE_CHECKING:
    from hinomi.science.rain_indices import Meshes

COLUMNS = (
    "格子番号", "地盤", "都市率", "地形係数", "下流の格子番号", "川幅m", "勾配",
)  # fmt: skip
"""Of a table of meshes; the last three may be empty."""
MESHES = "meshes"
_MOST_ROWS = 500_000
_MOST_PROBLEMS = 50
_LARGEST = 10.0
"""A factor of the terrain beyond it is a slip of the comma."""


def detect(payload: Payload) -> bool:
    """Tell whether it is one of JMA's tables, or one of meshes, by its head."""
    return jma_criteria.looks_like(payload.data) or _is_meshes(payload.data)


def _is_meshes(data: bytes) -> bool:
    head = data[:400].decode("utf-8-sig", errors="replace")
    return all(name in head for name in COLUMNS)


def parse(payload: Payload, gazetteer: Gazetteer) -> Parsed:  # noqa: ARG001 - the port's shape
    """Return one record for the table; what it says is read by whoever computes."""
    from hinomi.science.rain_indices import lattice_around  # noqa: PLC0415 - numba

    parsed = Parsed(kind="rain-table")
    areas: tuple[str, ...] = ()
    updated: date | None = None
    table = MESHES
    if _is_meshes(payload.data):
        meshes, parsed.problems = decode_meshes(payload.data)
        codes = meshes.codes
    else:
        found = jma_criteria.decode(payload.data)
        parsed.problems = found.problems
        table, codes, updated = found.table, found.meshes, found.updated_on
        areas = tuple(sorted(set(found.areas)))
    west, south, east, north = (round(v, 6) for v in lattice_around(codes).bounds)
    first = areas[0][:2] if areas else payload.digest[:8]
    parsed.records.append(
        Record(
            collection=RAIN_TABLES.id,
            # A prefecture's table replaces the one before.
            key=f"{table}/{first}-{len(areas)}" if areas else f"{table}/{first}",
            said_at=payload.taken_at,
            body=RainTable(
                table=table, ours=table == MESHES, areas=areas, rows=len(codes),
                bounds=(west, south, east, north), digest=payload.digest, updated_on=updated,
            ),
            place=box(west, south, east, north), source="rain-tables",
            origin=Origin(payload.digest, payload.address, "/"),
        )
    )  # fmt: skip
    return parsed


def decode_meshes(data: bytes) -> tuple[Meshes, list[Problem]]:
    """Return the table of meshes; rows that cannot be read are told and left out.

    Raises:
        DataError: no row can be read.
    """
    import numpy as np  # noqa: PLC0415

    from hinomi.science.rain_indices import Meshes  # noqa: PLC0415

    rows = csv.DictReader(io.StringIO(data.decode("utf-8-sig", errors="replace")))
    kept: dict[int, tuple[float, ...]] = {}
    problems: list[Problem] = []
    for number, row in enumerate(rows, 2):
        if number > _MOST_ROWS:
            raise DataError([_problem("rain-tables.too-long", "/", f"over {_MOST_ROWS} rows")])
        try:
            code, *values = _mesh(row)
        except (ValueError, TypeError) as error:
            if len(problems) < _MOST_PROBLEMS:
                problems.append(_problem("rain-tables.row", f"/row[{number}]", str(error)))
            continue
        kept[int(code)] = tuple(values)
    if not kept:
        raise DataError(problems or [_problem("rain-tables.empty", "/", "no row")])
    columns = np.array(list(kept.values()), np.float64).T
    ground, urban, terrain, below, width, slope = columns
    codes = np.array(list(kept), np.int64)
    return (
        Meshes(codes, ground.astype(np.int64), urban, terrain, below.astype(np.int64), width,
               slope),
        problems,
    )  # fmt: skip


def _mesh(row: dict[str, str]) -> tuple[float, ...]:
    code, below = int(row[COLUMNS[0]]), int(row[COLUMNS[4]] or 0)
    ground, urban, terrain = int(row[COLUMNS[1]]), float(row[COLUMNS[2]]), float(row[COLUMNS[3]])
    width, slope = float(row[COLUMNS[5]] or -1), float(row[COLUMNS[6]] or -1)
    if not (10**7 <= code < 10**8 and (below == 0 or 10**7 <= below < 10**8)):
        raise ValueError(f"{COLUMNS[0]} {code}, {COLUMNS[4]} {below}")
    if not (0 <= urban <= 1 and 0 < terrain <= _LARGEST and -1 <= slope < 1 and width < 1e5):
        raise ValueError(f"{COLUMNS[2]} {urban}, {COLUMNS[3]} {terrain}, {width} m, {slope}")
    return code, ground, urban, terrain, below, width, slope


_TEXT = Text("格子の表として読めません。", "Not a row of a table of meshes.")


def _problem(code: str, path: str, found: str) -> Problem:
    return Problem(code, path, _TEXT, found=found[:200], expected=",".join(COLUMNS))


SOURCE = Source(
    id="rain-tables",
    title=Text("雨の指数の基準・係数の表", "Tables of the rain indices"),
    gives=(RAIN_TABLES.id,),
    licence="JMA: public data licence (PDL1.0); coefficients: whoever sent them",
    reference="https://www.jma.go.jp/jma/kishou/know/kijun_new/ (別紙1-1から2-3)",
    detect=detect,
    parse=parse,
)
