"""What the outer faces of a grid are: walls, given stages, given inflows, free outflow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hinomi.kernel.errors import InputError
from hinomi.science.inundation.laws import DRY_M, GRAVITY_M_S2

Array = NDArray[Any]

SIDES = ("west", "east", "north", "south")
"""West is the first column; north is row 0, as in rasters."""
KINDS = ("wall", "stage", "flow", "free")
WALL, STAGE, FLOW, FREE = range(4)
_LEAST_SLOPE = 1e-4
"""Water leaves a free edge of level ground as down this slope."""


class Edges:
    """The outer faces of a grid; all are walls until set.

    ``kinds``, ``values`` and ``depths`` have a row for each side and a place for each face.
    """

    def __init__(self, rows: int, columns: int, kind: np.dtype[Any]) -> None:
        longest = max(rows, columns)
        self.rows, self.columns = rows, columns
        self.kinds = np.zeros((4, longest), np.int8)
        self.values = np.zeros((4, longest), kind)
        self.depths = np.zeros((4, longest), kind)

    def length(self, side: str) -> int:
        """Return how many faces a side has."""
        return self.rows if side in SIDES[:2] else self.columns

    def set(
        self, side: str, kind: str, value: float | Array = 0.0,
        *, faces: slice = slice(None), depth_m: float | Array = 0.0,
    ) -> None:  # fmt: skip
        """Make faces of a side something else.

        Args:
            side: ``west``, ``east``, ``north`` (row 0) or ``south``.
            kind: ``wall``, ``stage`` (surface [m]), ``flow`` (inflow [m2/s], below 0 outflow) or
                ``free``.
            value: the surface or the inflow; one number or one for each face.
            faces: which of the side, counted from the first row or column.
            depth_m: [m] depth of an inflow that is faster than its waves; 0: what it finds.

        Raises:
            InputError: there is no such side or kind, or a value is no number.
        """
        if side not in SIDES or kind not in KINDS:
            raise InputError(
                f"edge {side!r} {kind!r}: expected one of {SIDES} and one of {KINDS}.",
                f"境界「{side}」「{kind}」はありません。",
            )
        if not (np.isfinite(value).all() and np.isfinite(depth_m).all()):
            raise InputError(f"edge {side}: its value is no number (境界値が数値ではありません)。")
        at = SIDES.index(side)
        whole = np.arange(self.length(side))[faces]
        self.kinds[at, whole] = KINDS.index(kind)
        self.values[at, whole] = value
        self.depths[at, whole] = depth_m

    def open_rows(self) -> tuple[Array, Array]:
        """Return which rows are open to the west and to the east (a north edge opens its row)."""
        west = self.kinds[0, : self.rows] != WALL
        east = self.kinds[1, : self.rows] != WALL
        for at, row in ((2, 0), (3, -1)):
            if (self.kinds[at, : self.columns] != WALL).any():
                west[row] = east[row] = True
        return west, east


def within_water(edges: Edges, depth_m: Array, dt_s: float, dx_m: float) -> Array:
    """Return the edges' values, with outflows of half of what their cells hold in the step at most.

    Args:
        edges: what the faces are.
        depth_m: [m, shape (rows, columns)].
        dt_s: [s] the step.
        dx_m: [m] the cell.
    """
    out = (edges.kinds == FLOW) & (edges.values < 0)
    if not out.any():
        return edges.values
    found = edges.values.copy()
    for at, rim in enumerate((depth_m[:, 0], depth_m[:, -1], depth_m[0], depth_m[-1])):
        part = out[at, : rim.size]
        most = -np.maximum(rim, 0) * dx_m / dt_s * 0.5
        found[at, : rim.size][part] = np.maximum(found[at, : rim.size], most)[part]
    return found


@dataclass(frozen=True)
class Rim:
    """The cells along a side: ``inner`` are those one further in; depths, beds [m], Manning's n."""

    depth: Array
    inner: Array
    bed: Array
    inner_bed: Array
    manning: Array


def inertial_flow(
    edges: Edges, at: int, rim: Rim, before: Array, dt_s: float, dx_m: float
) -> Array:
    """Return the inflow [m2/s] over one side for the local-inertial kernel.

    A stage pushes as a cell of that surface beyond the edge would (Bates et al. 2010, eq. 11); a
    free edge lets go at Manning's rate for the slope of the surface. No edge takes more than half
    of what its cells hold in the step, whatever outflow is asked for.

    Args:
        edges: what the faces are.
        at: side, as in :data:`SIDES`.
        rim: the cells along it.
        before: [m2/s] the inflow of the step before.
        dt_s: [s] the step.
        dx_m: [m] the cell.
    """
    depth, bed, manning = rim.depth, rim.bed, rim.manning
    n = depth.size
    kinds, values = edges.kinds[at, :n], edges.values[at, :n]
    surface = bed + depth
    outside = np.where(kinds == STAGE, values, surface)
    flow = np.maximum(np.maximum(outside, surface) - bed, DRY_M)
    push = GRAVITY_M_S2 * dt_s * flow * (outside - surface) / dx_m
    rub = 1 + GRAVITY_M_S2 * dt_s * manning**2 * np.abs(before) / flow ** (7 / 3)
    by_stage = np.where(flow > DRY_M, (before + push) / rub, 0.0)
    slope = np.maximum((rim.inner_bed + rim.inner - surface) / dx_m, _LEAST_SLOPE)
    wet = np.maximum(depth, 0.0)
    by_slope = -(wet ** (5 / 3)) * np.sqrt(slope) / np.maximum(manning, 0.01)
    q = np.where(kinds == STAGE, by_stage, np.where(kinds == FREE, by_slope, values))
    return np.where(kinds == WALL, before, np.maximum(q, -wet * dx_m / dt_s * 0.5))
