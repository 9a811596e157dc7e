"""Looking at a grid: a window of it as pixels, classes of values, one place over time."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hinomi.science.coverages.cells import Bounds, cells_at

_RADIUS_M = 6_378_137.0
"""[m] Of Web Mercator's sphere (EPSG:3857)."""


def window(
    values: NDArray[np.float32], bounds: Bounds, wanted: Bounds, size: tuple[int, int]
) -> NDArray[np.float32]:
    """Return a window in Web Mercator: each pixel takes the cell under its middle.

    Args:
        values: [shape (rows, columns)] from the north.
        bounds: west, south, east, north of the values [degree].
        wanted: west, south, east, north of the window [m, EPSG:3857].
        size: width and height [pixel].

    Returns:
        [shape (height, width)] NaN outside the grid.
    """
    width, height = size
    west, south, east, north = wanted
    lon = np.degrees((west + (np.arange(width) + 0.5) * (east - west) / width) / _RADIUS_M)
    metres = north - (np.arange(height) + 0.5) * (north - south) / height
    lat = np.degrees(2 * np.arctan(np.exp(metres / _RADIUS_M)) - math.pi / 2)
    row, column = cells_at(bounds, values.shape, lon, lat)
    within = (row >= 0)[:, None] & (column >= 0)[None, :]
    found = values[np.maximum(row, 0)[:, None], np.maximum(column, 0)[None, :]]
    return np.where(within, found, np.float32(np.nan))


def over_time(
    values: NDArray[np.float32], bounds: Bounds, longitude: float, latitude: float
) -> NDArray[np.float32]:
    """Return one place's values, [shape (times,)]; NaN where the grid does not reach it."""
    row, column = cells_at(bounds, values.shape[1:], np.array([longitude]), np.array([latitude]))
    if row[0] < 0 or column[0] < 0:
        return np.full(len(values), np.nan, np.float32)
    return values[:, row[0], column[0]]


def classes_of(values: NDArray[np.float32], steps: Sequence[float]) -> NDArray[np.uint8]:
    """Return 0 where not known or below every step, else 1 for the lowest step reached, 2, ...

    Args:
        values: any shape.
        steps: rising, at most 254.
    """
    found = np.searchsorted(np.asarray(steps, np.float32), values, side="right").astype(np.uint8)
    found[~np.isfinite(values)] = 0
    return found
