"""The mean of a grid over an area, by one rule for holes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hinomi.science.coverages.packing import Packed

LEAST_KNOWN = 0.5
"""Of less than half of the area nothing is said: its mean may be anything."""
HIGHEST_RAIN_MM_H = 300.0
"""[mm/h] More over a cell is no rain: Japan's greatest hour is 187 mm (長浦岳 1982)."""


def area_means(
    grid: Packed, outline: Mapping[str, Any], *, most: float = HIGHEST_RAIN_MM_H
) -> NDArray[np.float64]:
    """Return a grid's mean over an area at each of its moments.

    The rule: a cell belongs to the area if its middle lies in it; an area without a middle takes
    the cell in which it lies. A cell counts if it is a number from 0 to ``most``. The mean is that
    of the cells that count, and is not known (NaN) where they are less than half of the area, what
    lies outside the grid being a hole like any other.

    Args:
        grid: values on longitude and latitude, rows from the north.
        outline: GeoJSON Polygon or MultiPolygon.
        most: the greatest value that can be.

    Returns:
        [the grid's unit, shape (times,)].

    Example:
        >>> from datetime import UTC, datetime
        >>> values = np.array([[[1.0, 3.0], [np.nan, -1.0]]], np.float32)
        >>> grid = Packed(
        ...     parameter="rain", unit="mm/h", times=(datetime(2026, 9, 1, tzinfo=UTC),),
        ...     bounds=(0, 0, 2, 2), values=values)
        >>> square = [[[0, 0], [2, 0], [2, 2], [0, 2], [0, 0]]]
        >>> area_means(grid, {"type": "Polygon", "coordinates": square})
        array([2.])
    """
    from shapely.geometry import box, shape  # noqa: PLC0415 - heavy

    area = shape(dict(outline))
    west, south, east, north = grid.bounds
    _, rows, columns = grid.values.shape
    where = _cells(area, grid.bounds, (rows, columns))
    if where[0].size:
        within = area.intersection(box(*grid.bounds)).area / area.area if area.area else 1.0
    else:
        middle = area.representative_point()
        row = int(np.floor((north - middle.y) / (north - south) * rows))
        column = int(np.floor((middle.x - west) / (east - west) * columns))
        if not (0 <= row < rows and 0 <= column < columns):
            return np.full(len(grid.values), np.nan)
        where, within = (np.array([row]), np.array([column])), 1.0
    cells = grid.values[:, where[0], where[1]].astype(np.float64)
    good = np.isfinite(cells) & (cells >= 0) & (cells <= most)
    count = good.sum(axis=1)
    total = np.where(good, cells, 0.0).sum(axis=1)
    known = within * count / cells.shape[1] >= LEAST_KNOWN - 1e-9
    found = np.full(count.shape, np.nan)
    np.divide(total, count, out=found, where=known & (count > 0))
    return found


def _cells(
    area: Any, bounds: tuple[float, float, float, float], shape: tuple[int, int]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return rows and columns of the cells whose middle lies in the area."""
    from shapely import contains_xy, prepare  # noqa: PLC0415

    west, south, east, north = bounds
    x = west + (np.arange(shape[1]) + 0.5) * (east - west) / shape[1]
    y = north - (np.arange(shape[0]) + 0.5) * (north - south) / shape[0]
    left, low, right, top = area.bounds
    row, column = (
        part.ravel()
        for part in np.meshgrid(
            np.flatnonzero((y >= low) & (y <= top)), np.flatnonzero((x >= left) & (x <= right)),
            indexing="ij",
        )
    )  # fmt: skip
    prepare(area)
    inside = contains_xy(area, x[column], y[row])
    return row[inside], column[inside]
