"""Which cells of a grid lie at points, and which in an outline."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Bounds = tuple[float, float, float, float]
Cells = tuple[NDArray[np.int64], NDArray[np.int64]]
"""Rows from the north, and columns."""


def cells_at(
    bounds: Bounds, shape: tuple[int, ...], x: NDArray[np.float64], y: NDArray[np.float64]
) -> Cells:
    """Return the columns that x fall in and the rows that y fall in, each -1 outside the grid.

    Args:
        bounds: west, south, east, north of the grid.
        shape: its rows and columns.
        x: of points, or along one axis; as ``bounds``.
        y: likewise; may differ from x in number.

    Example:
        >>> rows, columns = cells_at((0, 0, 4, 2), (2, 4), np.array([3.5, 4.5]), np.array([1.5]))
        >>> rows.tolist(), columns.tolist()
        ([0], [3, -1])
    """
    west, south, east, north = bounds
    row = np.floor((north - y) / (north - south) * shape[0]).astype(np.int64)
    column = np.floor((x - west) / (east - west) * shape[1]).astype(np.int64)
    row[(row < 0) | (row >= shape[0])] = -1
    column[(column < 0) | (column >= shape[1])] = -1
    return row, column


def middles(
    bounds: Bounds, shape: tuple[int, ...]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the middles of a grid's columns, rising, and of its rows from the north, falling.

    Example:
        >>> x, y = middles((0, 0, 4, 2), (2, 4))
        >>> x.tolist(), y.tolist()
        ([0.5, 1.5, 2.5, 3.5], [1.5, 0.5])
    """
    west, south, east, north = bounds
    return (
        west + (np.arange(shape[1]) + 0.5) * (east - west) / shape[1],
        north - (np.arange(shape[0]) + 0.5) * (north - south) / shape[0],
    )


def cells_within(bounds: Bounds, shape: tuple[int, ...], area: Any) -> Cells:
    """Return the cells whose middle lies in an area (shapely's), [shape (n,) each].

    Example:
        >>> from shapely import box
        >>> rows, columns = cells_within((0, 0, 4, 2), (2, 4), box(1, 0, 3, 1))
        >>> rows.tolist(), columns.tolist()
        ([1, 1], [1, 2])
    """
    from shapely import contains_xy, prepare  # noqa: PLC0415 - heavy

    x, y = middles(bounds, shape)
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
