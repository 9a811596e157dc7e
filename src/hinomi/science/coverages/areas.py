"""The mean of a grid over an area, by one rule for holes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hinomi.science.coverages.cells import cells_at, cells_within
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
    where = cells_within(grid.bounds, grid.values.shape[1:], area)
    if where[0].size:
        within = area.intersection(box(*grid.bounds)).area / area.area if area.area else 1.0
    else:
        middle = area.representative_point()
        x, y = np.array([middle.x]), np.array([middle.y])
        row, column = cells_at(grid.bounds, grid.values.shape[1:], x, y)
        if row[0] < 0 or column[0] < 0:
            return np.full(len(grid.values), np.nan)
        where, within = (row, column), 1.0
    cells = grid.values[:, where[0], where[1]].astype(np.float64)
    good = np.isfinite(cells) & (cells >= 0) & (cells <= most)
    count = good.sum(axis=1)
    total = np.where(good, cells, 0.0).sum(axis=1)
    known = within * count / cells.shape[1] >= LEAST_KNOWN - 1e-9
    found = np.full(count.shape, np.nan)
    np.divide(total, count, out=found, where=known & (count > 0))
    return found
