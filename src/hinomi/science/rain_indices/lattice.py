"""The lattice of third meshes (基準地域メッシュ, about 1 km) under any grid of rain."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hinomi.kernel.errors import InputError
from hinomi.science.rain_indices.mesh import STEP_LAT, STEP_LON, mesh_centre

Bounds = tuple[float, float, float, float]

MOST_MESHES = 12_000_000
"""All Japan on 1 km is 8.6 million (2560 x 3360)."""
_POINTS = 3
"""A mesh's rain is the mean of so many points a side: exact for whole cells of a third."""
_NEAR = 0.2
"""[meshes] Edges are stated in whole millionths of a degree: JMA's 3,360 rows end 0.13 off."""


class Lattice(NamedTuple):
    """A window of the lattice: whole meshes, rows from the north."""

    west: int
    """[meshes] from longitude 0."""
    north: int
    """[meshes] from the equator, upper edge."""
    rows: int
    columns: int

    @property
    def shape(self) -> tuple[int, int]:
        """Return rows and columns."""
        return self.rows, self.columns

    @property
    def bounds(self) -> Bounds:
        """Return west, south, east, north of the outer edges [degree]."""
        return (
            self.west * STEP_LON,
            (self.north - self.rows) * STEP_LAT,
            (self.west + self.columns) * STEP_LON,
            self.north * STEP_LAT,
        )


def lattice_of(bounds: Bounds) -> Lattice:
    """Return the meshes that a box covers a fifth of, or more.

    Args:
        bounds: west, south, east, north [degree].

    Raises:
        InputError: the box is none, or holds more than 12 million meshes.

    Example:
        >>> lattice_of((139.0, 35.0, 139.02, 35.015))
        Lattice(west=11120, north=4202, rows=2, columns=2)
    """
    west, south, east, north = bounds
    left, low = math.floor(west / STEP_LON + _NEAR), math.floor(south / STEP_LAT + _NEAR)
    right, top = math.ceil(east / STEP_LON - _NEAR), math.ceil(north / STEP_LAT - _NEAR)
    rows, columns = top - low, right - left
    if not (rows > 0 and columns > 0 and rows * columns <= MOST_MESHES):
        raise InputError(
            f"{rows} x {columns} meshes: expected 1 to {MOST_MESHES:,}.",
            f"格子が{rows}×{columns}です。1から{MOST_MESHES:,}まで。",
        )
    return Lattice(left, top, rows, columns)


def onto(values: NDArray[np.floating], bounds: Bounds, lattice: Lattice) -> NDArray[np.float32]:
    """Return a grid on the meshes: the mean of what is known at nine points of each.

    Args:
        values: [any unit, shape (rows, columns)] rows from the north, NaN where not known.
        bounds: of the grid's outer edges [degree].
        lattice: the meshes.

    Returns:
        [shape (lattice.rows, lattice.columns)] NaN where no point is known.
    """
    given = np.asarray(values, np.float32)
    if given.shape == lattice.shape and np.allclose(bounds, lattice.bounds, atol=_NEAR * STEP_LAT):
        return given
    west, south, east, north = bounds
    own_west, _, _, own_north = lattice.bounds
    rows = _cells(north - own_north, STEP_LAT, lattice.rows, (given.shape[0], north - south))
    columns = _cells(own_west - west, STEP_LON, lattice.columns, (given.shape[1], east - west))
    total = np.zeros(lattice.shape, np.float32)
    count = np.zeros(lattice.shape, np.uint8)
    for row in rows:
        inside_row = row >= 0
        lines = given[np.maximum(row, 0)]
        for column in columns:
            inside = inside_row[:, None] & (column >= 0)[None, :]
            found = lines[:, np.maximum(column, 0)]
            known = inside & np.isfinite(found)
            np.add(total, found, out=total, where=known)
            count += known
    with np.errstate(invalid="ignore", divide="ignore"):
        total /= count
    return total


def _cells(offset: float, step: float, count: int, axis: tuple[int, float]) -> NDArray[np.int64]:
    """Return which cells the points lie in, [shape (points a side, count)], -1 outside.

    Args:
        offset: [degree] how far inside the grid the lattice begins.
        step: [degree] of the lattice.
        count: of meshes along the axis.
        axis: the grid's number of cells and its extent [degree].
    """
    size, extent = axis
    part = (np.arange(_POINTS) + 0.5) / _POINTS
    at = offset + (np.arange(count)[None, :] + part[:, None]) * step
    found = np.floor(at / extent * size + 1e-9).astype(np.int64)
    found[(found < 0) | (found >= size)] = -1
    return found


def places(codes: NDArray[np.int64], lattice: Lattice) -> NDArray[np.int64]:
    """Return where third meshes lie in the lattice's flattened grid, -1 outside of it.

    Example:
        >>> one = Lattice(11181, 4282, 2, 2)  # Around Tokyo station
        >>> places(np.array([53394611, 53394600]), one).tolist()
        [0, -1]
    """
    longitude, latitude = mesh_centre(codes)
    column = np.floor(longitude / STEP_LON).astype(np.int64) - lattice.west
    row = lattice.north - 1 - np.floor(latitude / STEP_LAT).astype(np.int64)
    inside = (column >= 0) & (column < lattice.columns) & (row >= 0) & (row < lattice.rows)
    return np.where(inside, row * lattice.columns + column, -1)


def lattice_around(codes: NDArray[np.int64]) -> Lattice:
    """Return the smallest lattice that holds all these meshes.

    Example:
        >>> lattice_around(np.array([53394611, 53394600])).shape
        (2, 2)
    """
    longitude, latitude = mesh_centre(codes)
    return lattice_of(
        (float(longitude.min()), float(latitude.min()), float(longitude.max()),
         float(latitude.max()))
    )  # fmt: skip
