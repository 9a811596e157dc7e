"""Outlines of classes on a grid: the ground that each class covers, as polygons."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

MOST_RUNS = 20_000
"""Runs of cells that are joined in some tenths of a second."""


def outlines(
    classes: NDArray[np.uint8],
    bounds: tuple[float, float, float, float],
    *,
    most_runs: int = MOST_RUNS,
) -> Iterator[tuple[int, Any]]:
    """Yield each class that occurs, 0 apart, with the polygons it covers, the lowest first.

    Of a very ragged grid blocks of cells are taken as their highest class first.

    Args:
        classes: [shape (rows, columns)] rows from the north; 0 is nothing.
        bounds: west, south, east, north of the cells' outer edges.
        most_runs: cells side by side of one class are a run; of more, cells are taken together.

    Example:
        >>> grid = np.array([[0, 1], [2, 1]], np.uint8)
        >>> [(n, shape.wkt) for n, shape in outlines(grid, (0, 0, 2, 2))][0][0]
        1
    """
    grid = classes
    west, south, east, north = bounds
    width, height = (east - west) / grid.shape[1], (north - south) / grid.shape[0]
    while np.count_nonzero(np.diff(grid.astype(np.int16), axis=1)) > most_runs:
        even = np.pad(grid, ((0, grid.shape[0] % 2), (0, grid.shape[1] % 2)))
        grid = even.reshape(even.shape[0] // 2, 2, even.shape[1] // 2, 2).max((1, 3))
        width, height = 2 * width, 2 * height
    for number in np.unique(grid[grid > 0]).tolist():
        inside = np.pad(grid == number, ((0, 0), (1, 1))).astype(np.int8)
        step = np.diff(inside, axis=1)
        row, first = np.nonzero(step == 1)
        _, last = np.nonzero(step == -1)
        top = north - row * height
        boxes = shapely.box(
            west + first * width, np.maximum(top - height, south),
            np.minimum(west + last * width, east), top,
        )  # fmt: skip
        yield number, shapely.set_precision(shapely.union_all(boxes), 1e-9)
