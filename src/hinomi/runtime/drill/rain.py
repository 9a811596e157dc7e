"""Rain of a drill: a typhoon's rain over the fictional prefecture, in the layout of JMA's GRIB2.

One file each half hour tells what fell in ten minutes, what is forecast for six hours and how full
the soil's tanks are, so that nowcast and indices have something to work on. As with the typhoon's
own telegrams, hours ahead are the story's: played faster, the forecast still spans six hours.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from importlib.util import find_spec
from typing import TYPE_CHECKING

from hinomi.runtime.drill.prefecture import CENTRE, RADIUS_DEG, Ground
from hinomi.runtime.drill.typhoon import Fix, position

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from hinomi.science.rain_indices import Lattice
    from hinomi.standards.grib2 import Statement

EVERY = timedelta(minutes=10)
"""As JMA's analysed rain of ten minutes: near enough to see where it moves."""
FROM = timedelta(minutes=30)
"""The first minutes have enough to do."""
STEP = timedelta(minutes=10)
BEFORE = timedelta(hours=12)
"""So long it has rained when the drill begins: the tanks are not empty."""
HOURS_AHEAD = 6
CURVES_TO_MM = 11
"""Of JMA's 151 columns so many: the last holds for all heavier rain."""
CRITERIA_MM = {2: 70, 4: 130, 5: 190}
"""Soil water index from which a level holds at no rain; invented, as all here."""
_PARTS = ("xarray", "zarr", "numba")
_EYE_KM, _WALL_MM_H, _BAND_MM_H = 90.0, 45.0, 30.0
_KM_A_DEGREE = 111.2


def possible() -> bool:
    """Tell whether what reads grids of rain is installed (hinomi[models])."""
    return all(find_spec(name) is not None for name in _PARTS)


def lattice() -> Lattice:
    """Return the meshes of the picture: the island and the sea around it."""
    from hinomi.science.rain_indices import lattice_of  # noqa: PLC0415 - heavy

    reach = RADIUS_DEG * 1.6
    west, south = CENTRE[0] - reach * 1.2, CENTRE[1] - reach
    return lattice_of((west, south, CENTRE[0] + reach * 1.2, CENTRE[1] + reach))


def rates(fixes: Sequence[Fix], after: timedelta, over: Lattice) -> NDArray[np.float64]:
    """Return the rain [mm/h] at a time of the drill: an eye's wall and bands that turn inward."""
    import numpy as np  # noqa: PLC0415

    west, south, east, north = over.bounds
    rows, columns = over.shape
    longitude = west + (np.arange(columns) + 0.5) * (east - west) / columns
    latitude = north - (np.arange(rows) + 0.5) * (north - south) / rows
    eye = position(fixes, after)
    x = (longitude[None, :] - eye[0]) * _KM_A_DEGREE * math.cos(math.radians(eye[1]))
    y = (latitude[:, None] - eye[1]) * _KM_A_DEGREE
    away, bearing = np.hypot(x, y), np.arctan2(y, x)
    turned = 2 * (bearing - 1.2 * np.log(np.maximum(away, 1.0) / 40)) - after.total_seconds() / 2400
    bands = np.maximum(0.0, np.cos(turned)) ** 3 * np.exp(-away / 260)
    wall = np.exp(-(((away - _EYE_KM) / 55) ** 2))
    found: NDArray[np.float64] = _WALL_MM_H * wall + _BAND_MM_H * bands
    found[found < 0.4] = 0.0
    return found


def picture(fixes: Sequence[Fix], after: timedelta, at: datetime) -> bytes:
    """Return a file of what fell, what is forecast and the tanks, as of a time of the drill."""
    import numpy as np  # noqa: PLC0415

    from hinomi.science.rain_indices import step  # noqa: PLC0415
    from hinomi.standards import grib2  # noqa: PLC0415

    over, at = lattice(), at.replace(microsecond=0)
    hour = timedelta(hours=1)
    tanks = np.zeros((3, *over.shape))
    time = -BEFORE
    while time < after:
        time = min(time + STEP, after)
        step(tanks, rates(fixes, time, over) / 6)
    statements = [_statement(rates(fixes, after, over) / 6, 200, (at - STEP, at))]
    for number in range(1, HOURS_AHEAD + 1):
        middle = after + hour * (number - 0.5)
        span = (at + hour * (number - 1), at + hour * number)
        statements.append(_statement(rates(fixes, middle, over), 200, span))
    statements.append(_statement(tanks.sum(axis=0), 206, None, 200))
    statements += [_statement(tanks[i], 206, None, 201, i + 1) for i in (0, 1)]
    west, _, _, north = over.bounds
    grid = grib2.Grid(
        columns=over.columns, rows=over.rows, west=west + 1 / 160, north=north - 1 / 240,
        step_lon=1 / 80, step_lat=1 / 120,
    )  # fmt: skip
    return grib2.encode(statements, grid, at)


def _statement(
    values: NDArray[np.float64],
    parameter: int,
    span: tuple[datetime, datetime] | None,
    surface: int = 1,
    number: int | None = None,
) -> Statement:
    import numpy as np  # noqa: PLC0415

    from hinomi.standards.grib2 import Statement  # noqa: PLC0415

    tenths = np.rint(values * 10).astype(np.int64).clip(0, 9_998)
    top = int(tenths.max()) + 1
    start, end = span or (None, None)
    return Statement(
        parameter=parameter, levels=tenths + 1, level_values=tuple(range(top)), surface=surface,
        surface_value=number, start=start, end=end,
    )  # fmt: skip


def criteria(grounds: Sequence[Ground], level: int) -> bytes:
    """Return a table of invented criteria for the prefecture's meshes, in JMA's layout."""
    import numpy as np  # noqa: PLC0415
    from shapely import points, prepare  # noqa: PLC0415
    from shapely.geometry import shape  # noqa: PLC0415

    from hinomi.science.rain_indices import mesh_code  # noqa: PLC0415

    over = lattice()
    west, _, _, north = over.bounds
    longitude = west + (np.arange(over.columns) + 0.5) / 80
    latitude = north - (np.arange(over.rows) + 0.5) / 120
    at = np.stack(np.meshgrid(longitude, latitude), axis=-1).reshape(-1, 2)
    places = points(at)
    codes = mesh_code(at[:, 0], at[:, 1])
    head = ",".join(f"60分雨量{mm}ミリの時の土壌雨量指数" for mm in range(CURVES_TO_MM))
    lines = [f"#訓練用の架空の基準 レベル{level}", f"二次細分区域コード,格子番号,{head}"]
    base = CRITERIA_MM[level]
    row = ",".join(str(base - mm) for mm in range(CURVES_TO_MM))
    for ground in grounds:
        outline = shape(ground.place)
        prepare(outline)
        inside = codes[outline.contains(places)]
        lines += [f"{ground.town.code},{code},{row}" for code in inside.tolist()]
    return ("\n".join(lines) + "\n").encode("cp932")
