"""A part of a grid: the cells in an outline, and the moments of a span."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from hinomi.science.coverages.cells import cells_at, cells_within, middles
from hinomi.science.coverages.packing import Packed

_EARTH_KM = 6371.0088
"""[km] mean radius (IUGG)."""
Span = tuple[datetime | None, datetime | None]


class Cut(msgspec.Struct, frozen=True, kw_only=True):
    """A parameter's values on the cells of a part, by the cells' middles."""

    parameter: str
    unit: str
    times: tuple[datetime, ...]
    x: NDArray[np.float64]
    """[degree] longitudes, rising."""
    y: NDArray[np.float64]
    """[degree] latitudes, falling."""
    values: NDArray[np.float32]
    """[unit, shape (times, y, x)] NaN where not known or outside of the outline."""


def moments_in(times: tuple[datetime, ...], span: Span) -> list[int]:
    """Return which moments lie in a span; where none does, the one nearest to its start.

    Example:
        >>> from datetime import UTC
        >>> hours = tuple(datetime(2026, 9, 1, h, tzinfo=UTC) for h in range(4))
        >>> moments_in(hours, (hours[1], None)), moments_in(hours, (hours[2], hours[2]))
        ([1, 2, 3], [2])
    """
    start, end = span
    found = [
        i for i, time in enumerate(times)
        if (start is None or time >= start) and (end is None or time <= end)
    ]  # fmt: skip
    if not found:
        near = start or end
        found = [0 if near is None else min(range(len(times)), key=lambda i: abs(times[i] - near))]
    return found


def cut(grid: Packed, outline: Any, span: Span, *, most: int) -> Cut | int | None:
    """Return the cells whose middle lies in an outline (shapely's), clipped to its box.

    An outline without a middle takes the cell in which it lies.

    Args:
        grid: values on longitude and latitude.
        outline: Polygon or MultiPolygon [degree].
        span: the moments; where none lies in it the one nearest to its start.
        most: values that are given at most.

    Returns:
        None where the outline does not reach the grid; a number: so many values there would be.
    """
    shape = grid.values.shape[1:]
    moments = moments_in(grid.times, span)
    # Before its cells are looked for: a sliver across the country has a box as large as it.
    x, y = middles(grid.bounds, shape)
    west, south, east, north = outline.bounds
    boxed = (
        len(moments)
        * int(np.count_nonzero((x >= west) & (x <= east)))
        * int(np.count_nonzero((y >= south) & (y <= north)))
    )
    if boxed > most:
        return boxed
    rows, columns = cells_within(grid.bounds, shape, outline)
    if not rows.size:
        middle = outline.representative_point()
        rows, columns = cells_at(grid.bounds, shape, np.array([middle.x]), np.array([middle.y]))
        if rows[0] < 0 or columns[0] < 0:
            return None
    top, left = int(rows.min()), int(columns.min())
    height, width = int(rows.max()) - top + 1, int(columns.max()) - left + 1
    if len(moments) * height * width > most:
        return len(moments) * height * width
    inside = np.zeros((height, width), np.bool_)
    inside[rows - top, columns - left] = True
    window = grid.values[moments, top : top + height, left : left + width]
    return Cut(
        parameter=grid.parameter, unit=grid.unit, times=tuple(grid.times[i] for i in moments),
        x=x[left : left + width], y=y[top : top + height],
        values=np.where(inside, window, np.float32(np.nan)),
    )  # fmt: skip


def netcdf(cuts: list[Cut]) -> bytes | None:
    """Return cuts of one grid as NetCDF 3 with CF's attributes; None where they are of several.

    Cuts of one parameter follow each other in time; those of other parameters have the same times.
    """
    import xarray  # noqa: PLC0415 - heavy

    series: dict[str, list[Cut]] = {}
    for one in cuts:
        series.setdefault(one.parameter, []).append(one)
    times = {tuple(time for one in found for time in one.times) for found in series.values()}
    places = {(one.x.tobytes(), one.y.tobytes()) for one in cuts}
    if len(times) != 1 or len(places) != 1:
        return None
    (moments,) = times
    if any(b <= a for a, b in pairwise(moments)):
        return None
    variables = {
        name: (("time", "lat", "lon"), np.concatenate([one.values for one in found]),
               {"units": found[0].unit, "long_name": name})
        for name, found in series.items()
    }  # fmt: skip
    data = xarray.Dataset(
        variables,
        coords={
            "time": ("time", [time.timestamp() for time in moments],
                     {"units": "seconds since 1970-01-01", "standard_name": "time"}),
            "lat": ("lat", cuts[0].y, {"units": "degrees_north", "standard_name": "latitude"}),
            "lon": ("lon", cuts[0].x, {"units": "degrees_east", "standard_name": "longitude"}),
        },
        attrs={"Conventions": "CF-1.11"},
    )  # fmt: skip
    return bytes(data.to_netcdf(engine="scipy"))


def disc(longitude: float, latitude: float, km: float) -> Any:
    """Return the circle around a place on a sphere, as a polygon of 256 corners (within 0.01 %).

    Example:
        >>> round(disc(135.0, 35.0, 111.195).bounds[3], 3)
        36.0
    """
    from shapely import Polygon  # noqa: PLC0415 - heavy

    turn = np.linspace(0, 2 * np.pi, 257)
    far, low = km / _EARTH_KM, np.radians(latitude)
    lat = np.arcsin(np.sin(low) * np.cos(far) + np.cos(low) * np.sin(far) * np.cos(turn))
    east = np.arctan2(
        np.sin(turn) * np.sin(far) * np.cos(low), np.cos(far) - np.sin(low) * np.sin(lat)
    )
    return Polygon(np.column_stack([longitude + np.degrees(east), np.degrees(lat)]))
