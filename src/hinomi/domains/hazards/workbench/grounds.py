"""A case's ground as one blob: elevation, and people and buildings where they are known."""

from __future__ import annotations

import csv
import io
import math
from hashlib import sha256
from typing import Any

import msgspec

from hinomi.domains.hazards.collections.scenarios import (
    SCENARIO_CASES,
    Curve,
    Gauge,
    ScenarioCase,
)
from hinomi.domains.hazards.predict_inundation import FloodCase, Ground
from hinomi.kernel.errors import InputError
from hinomi.kernel.marking import Marking
from hinomi.kernel.records import Origin, Record
from hinomi.vocabulary.grids import box

SOURCE = "hinomi"
MOST_CELLS = 4_000_000
"""A run holds about twenty grids of that size: 320 MB in float32."""
_COLUMNS = ("x", "y", "people", "buildings")


class Exposure(msgspec.Struct, frozen=True):
    """Where people and buildings are: cells (rows, columns) and how many."""

    row: Any
    column: Any
    people: Any
    buildings: Any


def pack(ground: Ground, exposure: Exposure | None) -> bytes:
    """Return the ground as NumPy's .npz: the same bytes for the same numbers."""
    import numpy as np  # noqa: PLC0415

    arrays = {"bed_m": np.asarray(ground.height_m, np.float32)}
    if ground.manning is not None:
        arrays["manning"] = np.asarray(ground.manning, np.float32)
    if exposure is not None:
        for name in ("row", "column", "people", "buildings"):
            kind = np.int32 if name in {"row", "column"} else np.float64
            arrays[name] = np.asarray(getattr(exposure, name), kind)
    out = io.BytesIO()
    np.savez_compressed(out, **arrays)  # type: ignore[arg-type]
    return out.getvalue()


def unpack(packed: bytes, case: ScenarioCase) -> tuple[Ground, Exposure | None]:
    """Return what :func:`pack` made.

    Raises:
        InputError: it is not of this case's size.
    """
    import numpy as np  # noqa: PLC0415

    with np.load(io.BytesIO(packed), allow_pickle=False) as held:
        found = {name: held[name] for name in held.files}
    bed = found["bed_m"]
    if bed.shape != (case.rows, case.columns):
        raise InputError("The ground is not the case's (地盤がケースと合いません)。")
    ground = Ground(
        bed, case.cell_m, case.west_m, case.north_m, case.grid_digest, found.get("manning")
    )
    if "people" not in found:
        return ground, None
    parts = [found[name] for name in ("row", "column", "people", "buildings")]
    return ground, Exposure(*parts)


def exposure_of(data: bytes, ground: Ground) -> Exposure:
    """Return people and buildings of a CSV (x, y, people, buildings) on a ground.

    Raises:
        InputError: a column is missing, or a value is no number or below 0.
    """
    import numpy as np  # noqa: PLC0415

    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    if not rows or not set(_COLUMNS) <= set(rows[0]):
        raise InputError(f"exposure: expected the columns {', '.join(_COLUMNS)} (列が違います)。")
    try:
        x, y, people, buildings = (np.array([float(r[c] or 0) for r in rows]) for c in _COLUMNS)
    except ValueError as error:
        raise InputError(f"exposure: {error} (数値ではありません)。") from None
    if not (np.isfinite(people) & np.isfinite(buildings) & (people >= 0) & (buildings >= 0)).all():
        raise InputError("exposure: expected 0 or more (人数・棟数は0以上です)。")
    row = np.floor((ground.north_m - y) / ground.cell_m)
    column = np.floor((x - ground.west_m) / ground.cell_m)
    height, width = ground.height_m.shape
    inside = (row >= 0) & (row < height) & (column >= 0) & (column < width)
    return Exposure(
        row[inside].astype(int), column[inside].astype(int), people[inside], buildings[inside]
    )


def place_of(crs: str, at: tuple[float, float]) -> tuple[float, float]:
    """Return longitude, latitude of a point of the plane."""
    from pyproj import Transformer  # noqa: PLC0415

    lon, lat = Transformer.from_crs(crs, "EPSG:4326", always_xy=True).transform(*at)
    return round(float(lon), 6), round(float(lat), 6)


def case_record(
    key: str,
    plan: FloodCase,
    ground: Ground,
    exposure: Exposure | None,
    marking: Marking,
    **said: Any,
) -> tuple[Record, bytes]:
    """Return the statement of a case, and its ground for a blob.

    Args:
        key: its name.
        plan: as written; it has a plane.
        ground: its elevation.
        exposure: people and buildings, if they are known.
        marking: who may see it; its runs are never wider.
        said: ``said_at``, ``made_from``, ``origin``.

    Raises:
        InputError: no plane, or too many cells.
    """
    rows, columns = ground.height_m.shape
    if not plan.crs:
        raise InputError("case: crs is needed to lay a run on the map (crsが必要です)。")
    if rows * columns > MOST_CELLS:
        raise InputError(
            f"case: {rows:,} x {columns:,} cells; expected at most {MOST_CELLS:,}. Take coarser"
            " cells (cell_m) or a smaller ground.",
            f"ケースは{rows:,}×{columns:,}セルです。{MOST_CELLS:,}セルまでにしてください"
            "(cell_mを大きくするか、範囲を狭く)。",
        )
    packed = pack(ground, exposure)
    west, south, east, north = bounds_of(plan.crs, ground)
    body = ScenarioCase(
        title=plan.title, plan=msgspec.to_builtins(plan), bounds=(west, south, east, north),
        rows=rows, columns=columns, cell_m=ground.cell_m, west_m=ground.west_m,
        north_m=ground.north_m, grid_digest=sha256(packed).hexdigest(),
        made_from=said.get("made_from", ""), river_code=plan.river,
        people=None if exposure is None else float(exposure.people.sum()),
        buildings=None if exposure is None else float(exposure.buildings.sum()),
        gauges=tuple(
            Gauge(
                name=post.name, place=place_of(plan.crs, post.at),
                observed=Curve(post.minutes, post.depth_m) if post.minutes else None,
            )
            for post in plan.gauge
        ),
    )  # fmt: skip
    record = Record(
        collection=SCENARIO_CASES.id, key=key, said_at=said["said_at"], body=body, source=SOURCE,
        place=box(west, south, east, north), origin=said.get("origin", Origin()), marking=marking,
    )  # fmt: skip
    return record, packed


def bounds_of(crs: str, ground: Ground) -> tuple[float, float, float, float]:
    """Return west, south, east, north [degree] of a ground, rounded outwards."""
    import numpy as np  # noqa: PLC0415
    from pyproj import Transformer  # noqa: PLC0415

    rows, columns = ground.height_m.shape
    x = ground.west_m + np.linspace(0, columns * ground.cell_m, 51)
    y = ground.north_m - np.linspace(0, rows * ground.cell_m, 51)
    rim_x = np.concatenate([x, x, np.full(51, x[0]), np.full(51, x[-1])])
    rim_y = np.concatenate([np.full(51, y[0]), np.full(51, y[-1]), y, y])
    lon, lat = Transformer.from_crs(crs, "EPSG:4326", always_xy=True).transform(rim_x, rim_y)

    def out(value: float, up: int) -> float:
        return (math.ceil if up else math.floor)(float(value) * 1e6) / 1e6

    return out(lon.min(), 0), out(lat.min(), 0), out(lon.max(), 1), out(lat.max(), 1)


__all__ = [
    "MOST_CELLS",
    "Exposure",
    "bounds_of",
    "case_record",
    "exposure_of",
    "pack",
    "place_of",
    "unpack",
]
