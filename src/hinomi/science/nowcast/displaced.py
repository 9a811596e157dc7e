"""Many futures by moving the extrapolated rain a little: where a shower may be, not whether."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from hinomi.kernel.errors import InputError

KM_PER_MIN = 0.25
"""[km/min] how fast the radius grows within which a shower may be. Germann & Zawadzki's box (2004,
J. Appl. Meteorol. 43, 74-89: 1 km a minute) is twice as wide: on FMI's showers of 2017-05-09 the
half has the lower CRPS by a tenth, on KNMI's rain of 2010-08-26 the whole by a fourteenth."""
MEMBERS = 32
_GOLDEN = math.pi * (3 - math.sqrt(5))


def displacements(radius_cells: float, members: int) -> list[tuple[int, int]]:
    """Return offsets spread evenly over a disc (Vogel's spiral), down and right [cells].

    Example:
        >>> displacements(0, 2)
        [(0, 0), (0, 0)]
    """
    found = []
    for k in range(members):
        radius, angle = radius_cells * math.sqrt((k + 0.5) / members), k * _GOLDEN
        found.append((round(radius * math.sin(angle)), round(radius * math.cos(angle))))
    return found


def displaced(
    rain: NDArray[np.floating], radius_cells: float, *, members: int = MEMBERS, stride: int = 1
) -> NDArray[np.float32]:
    """Return an ensemble of one moment: the extrapolated rain, each member moved elsewhere.

    Displacement stands for all that extrapolation does not know, growth and decay too: with lead
    time showers lose their place first. The same field gives the same members.

    Args:
        rain: [any unit, shape (rows, columns)] extrapolated, NaN where not known.
        radius_cells: [cells] how far a shower may be off.
        members: how many futures.
        stride: [cells] every how many rows and columns are given: 1 is all.

    Returns:
        [shape (members, rows / stride, columns / stride)] what comes from outside the grid is NaN.

    Raises:
        InputError: no grid, or numbers out of range.

    References:
        Germann & Zawadzki 2004, J. Appl. Meteorol. 43, 74-89 (local Lagrangian probability).

    Example:
        >>> displaced(np.eye(3), 1.0, members=4).mean(axis=0).shape
        (3, 3)
    """
    if rain.ndim != 2 or radius_cells < 0 or members < 1 or stride < 1:
        raise InputError(f"rain {rain.shape}, radius {radius_cells}, {members} members, {stride}.")
    rows, columns = rain.shape
    edge = math.ceil(radius_cells) + 1
    wide = np.full((rows + 2 * edge, columns + 2 * edge), np.nan, np.float32)
    wide[edge : edge + rows, edge : edge + columns] = rain
    moved = [
        wide[edge + down : edge + down + rows : stride, edge + right : edge + right + columns :
             stride]
        for down, right in displacements(radius_cells, members)
    ]  # fmt: skip
    return np.stack(moved)
