"""The rivers of any DEM: pits filled, D8 directions, upstream area, an order from heads down."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hinomi.kernel.errors import InputError, Text
from hinomi.science.coverages.spikes import levelled, spikes

Array = NDArray[Any]

_NODATA = -9999.0
_LARGEST_VOID = 400
"""Cells: a hole up to that large is closed from around it, a larger one stays a hole."""
_LEAST_SLOPE = 1e-5
"""[-] Filled ground is level; water on it still has to go on."""
_DEEP_FILL_M = 30.0


@dataclass(frozen=True)
class Fault:
    """What was wrong with the DEM and what was done about it: what, how many cells, where."""

    code: str
    text: Text
    cells: int
    where: tuple[tuple[int, int], ...] = ()
    """Rows and columns of the first few."""


@dataclass(frozen=True)
class Network:
    """Where every cell's water goes. Cells are counted row by row; arrays are of all cells."""

    downstream: Array
    """[int, shape (cells,)] the next cell; itself at an outlet, -1 where there is no ground."""
    order: Array
    """[int] the cells with ground, each after all that flow into it."""
    upstream_m2: Array
    """[m2, shape (rows, columns)] area that drains through the cell, its own included."""
    length_m: Array
    """[m, shape (cells,)] to the next cell; at an outlet one cell's width."""
    slope: Array
    """[-, shape (cells,)] to the next cell on the filled ground, never below 1e-5."""
    cell_m2: Array
    """[m2, shape (cells,)] of each cell."""
    filled_m: Array
    """[m, shape (rows, columns)] the ground with its pits filled; NaN where there is none."""
    faults: tuple[Fault, ...]

    @property
    def shape(self) -> tuple[int, int]:
        """Return rows and columns."""
        rows, columns = self.filled_m.shape
        return int(rows), int(columns)

    def basin(self, row: int, column: int) -> Array:
        """Return which cells drain through this one, [bool, shape (rows, columns)]."""
        inside = np.zeros(self.downstream.size, bool)
        inside[self._cell(row, column)] = True
        for cell in self.order[::-1]:
            inside[cell] |= inside[self.downstream[cell]]
        return inside.reshape(self.shape)

    def snap(self, row: int, column: int, *, reach: int = 3) -> tuple[int, int]:
        """Return the cell within reach with the greatest upstream area: a gauge is in its river.

        Raises:
            InputError: outside, or no ground there.
        """
        cell = self._cell(row, column)
        rows, columns = self.shape
        top, left = max(0, row - reach), max(0, column - reach)
        near = self.upstream_m2[top : min(rows, row + reach + 1), left : left + 2 * reach + 1]
        near = near[:, : columns - left]
        if self.downstream[cell] < 0 and not np.isfinite(near).any():
            raise InputError("gauge: no ground in the DEM there (標高がありません)。")
        best = int(np.nanargmax(near))
        return top + best // near.shape[1], left + best % near.shape[1]

    def main_stem(self, row: int, column: int) -> tuple[float, float]:
        """Return length [m] and mean slope [-] of the longest way of water to a cell."""
        away = np.zeros(self.downstream.size)
        outlet = self._cell(row, column)
        farthest, longest = outlet, 0.0
        inside = np.zeros(self.downstream.size, bool)
        inside[outlet] = True
        for cell in self.order[::-1]:
            below = self.downstream[cell]
            if cell != outlet and inside[below]:
                inside[cell] = True
                away[cell] = away[below] + self.length_m[cell]
                if away[cell] > longest:
                    farthest, longest = int(cell), float(away[cell])
        ground = self.filled_m.ravel()
        if longest == 0.0:
            return 0.0, float(self.slope[outlet])
        return longest, max((float(ground[farthest] - ground[outlet])) / longest, _LEAST_SLOPE)

    def _cell(self, row: int, column: int) -> int:
        rows, columns = self.shape
        if not (0 <= row < rows and 0 <= column < columns):
            raise InputError(
                f"row {row}, column {column}: outside of the DEM of {rows} x {columns} cells.",
                f"行{row}・列{column}は標高データ({rows}×{columns})の外です。",
            )
        return row * columns + column


def network(elevation_m: Array, size_m: tuple[float, float] | float) -> Network:
    """Return the network of a DEM: D8 (O'Callaghan & Mark 1984) on ground with its pits filled.

    Small holes are closed from around them, spikes and wells are put to the middle of their
    neighbours, pits are filled (Wang & Liu 2006, by pyflwdir); all of it is told in ``faults``.
    Ground that ends at the DEM's edge or at a large hole drains out there.

    Args:
        elevation_m: [m, shape (rows, columns)] NaN where it is not known.
        size_m: [m] a cell's width and height, or both.

    Raises:
        InputError: no ground at all, or cells without a size.
        ModuleNotFoundError: pyflwdir is not installed (hinomi[models]).

    Limits:
        D8 knows eight directions: on even slopes rivers run too straight. What lies under a road
        or a weir is not in a DEM: see ``faults`` for pits that were filled deeply.

    References:
        Wang & Liu 2006, Int. J. Geogr. Inf. Sci. 20, 193; Eilander et al. 2021, HESS 25, 5287.
    """
    import pyflwdir  # noqa: PLC0415 - numba and all: seconds
    from pyflwdir import dem  # noqa: PLC0415

    width, height = (size_m, size_m) if isinstance(size_m, float | int) else size_m
    given = np.asarray(elevation_m, float)
    if given.ndim != 2 or not (width > 0 and height > 0) or not np.isfinite(given).any():
        raise InputError("DEM: expected rows and columns of metres (標高の格子が必要です)。")
    ground, faults = _mended(given, min(width, height))
    known = np.isfinite(ground)
    filled, d8 = dem.fill_depressions(
        np.where(known, ground, _NODATA).astype(np.float32), nodata=_NODATA, outlets="edge"
    )
    faults += _deep(filled - ground, known)
    flow = pyflwdir.from_array(d8, ftype="d8", transform=(width, 0.0, 0.0, 0.0, -height, 0.0))
    rows, columns = given.shape
    downstream = np.where(known.ravel(), flow.idxs_ds, -1).astype(np.int64)
    length = _lengths(downstream, columns, (width, height))
    level = np.where(known, filled, np.nan).astype(float)
    flat = level.ravel()
    slope = np.full(flat.size, _LEAST_SLOPE)
    ok = downstream >= 0
    slope[ok] = np.maximum((flat[ok] - flat[downstream[ok]]) / length[ok], _LEAST_SLOPE)
    cell = np.full(flat.size, width * height)
    upstream = flow.accuflux(cell.reshape(rows, columns).astype(np.float64), nodata=-1.0)
    return Network(
        downstream=downstream, order=np.asarray(flow.idxs_seq[::-1], np.int64),
        upstream_m2=np.where(known, upstream, np.nan), length_m=length, slope=slope, cell_m2=cell,
        filled_m=level, faults=tuple(faults),
    )  # fmt: skip


def _lengths(downstream: Array, columns: int, size: tuple[float, float]) -> Array:
    here = np.arange(downstream.size)
    there = np.where(downstream >= 0, downstream, here)
    across = np.abs(there % columns - here % columns) * size[0]
    along = np.abs(there // columns - here // columns) * size[1]
    away = np.hypot(across, along)
    return np.where(away > 0, away, math.sqrt(size[0] * size[1]))


def _mended(ground: Array, size_m: float) -> tuple[Array, list[Fault]]:
    """Return the ground without spikes and small holes, and what was found."""
    from scipy import ndimage  # noqa: PLC0415 - heavy

    faults: list[Fault] = []
    ground = ground.copy()
    found = spikes(ground, size_m)
    if found.any():
        ground = levelled(ground, found)
        faults.append(_fault("dem.spike", found))
    holes, _ = ndimage.label(~np.isfinite(ground), structure=np.ones((3, 3)))
    sizes = np.bincount(holes.ravel())
    edge = np.unique(np.concatenate([holes[0], holes[-1], holes[:, 0], holes[:, -1]]))
    small = sizes <= _LARGEST_VOID
    small[edge] = small[0] = False
    closed = small[holes]
    if closed.any():
        row, column = ndimage.distance_transform_edt(
            ~np.isfinite(ground), return_distances=False, return_indices=True
        )
        nearest = ground[row, column]
        smooth = ndimage.uniform_filter(nearest, 5)
        ground[closed] = smooth[closed]
        faults.append(_fault("dem.void-closed", closed))
    left = ~np.isfinite(ground)
    left &= ~np.isin(holes, edge)
    if left.any():
        faults.append(_fault("dem.void", left))
    return ground, faults


def _deep(raised: Array, known: Array) -> list[Fault]:
    deep = known & (raised > _DEEP_FILL_M)
    return [_fault("dem.deep-fill", deep)] if deep.any() else []


_TEXTS = {
    "dem.spike": Text(
        "周囲とかけ離れた標高を周囲の中央値に置き換えました。",
        "Spikes or wells were put to the middle of their neighbours.",
    ),
    "dem.void-closed": Text(
        "欠測の穴を周囲の標高で埋めました。", "Holes were closed from around them."
    ),
    "dem.void": Text(
        "大きな欠測があり、そこで川が途切れます。", "Large holes are left: rivers end there."
    ),
    "dem.deep-fill": Text(
        "30m以上埋めたくぼ地があります。橋・ダムか標高の誤りです。",
        "Pits filled by over 30 m: a bridge, a dam or a fault of the DEM.",
    ),
}


def _fault(code: str, cells: Array) -> Fault:
    first = tuple((int(r), int(c)) for r, c in np.argwhere(cells)[:5])
    return Fault(code, _TEXTS[code], int(cells.sum()), first)
