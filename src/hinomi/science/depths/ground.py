"""The ground that water stands on, and how high it is held: depressions filled to their spill."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from hinomi.kernel.errors import InputError

MOST_CELLS = 16_000_000
_MOST_LEVELS = 1 << 20
_LEVEL_M = 0.01
"""[m] to which heights are sorted: the centimetre that GSI's elevation is stated in."""
_SPIKE_M = 9_000.0
"""[m] No ground is higher, none lower than its negative: such cells are voids."""


STEEP = 0.01
"""[m/m] Ground that falls more than that, taken over some 60 m, holds no pool: streets in which
water runs, alluvial fans. Plains that are flooded fall by 1/300 to 1/5000."""
_STEEP_OVER_M = 30.0


@dataclass(frozen=True)
class Ground:
    """Heights on a regular grid, rows from the north.

    A cell without a height is a void: nothing is known there, and water may drain into it (in
    GSI's elevation rivers and the sea are voids).
    """

    height_m: NDArray[np.float32]
    """[m, shape (rows, columns)] NaN where not known."""
    width_m: float
    """[m] of a cell, west to east."""
    length_m: float
    """[m] of a cell, north to south."""
    spill_m: NDArray[np.float32] = field(init=False, repr=False)
    """[m] Height to which each cell would hold water before it runs off the grid; minus infinite on
    slopes, which hold none."""

    def __post_init__(self) -> None:
        height = np.array(self.height_m, np.float32, order="C")
        if height.ndim != 2 or min(height.shape) < 2 or height.size > MOST_CELLS:
            raise InputError(
                f"ground of shape {height.shape}: expected rows x columns, 2 x 2 to"
                f" {MOST_CELLS:,} cells.",
                f"標高の格子{height.shape}は使えません(2×2以上、{MOST_CELLS:,}セルまで)。",
            )
        for name in ("width_m", "length_m"):
            size = getattr(self, name)
            if not (math.isfinite(size) and size > 0):
                raise InputError(f"{name}={size}: expected above 0 m (格子幅は0より大きい値)。")
        with np.errstate(invalid="ignore"):
            height[~(np.abs(height) < _SPIKE_M)] = np.nan
        if not np.isfinite(height).any():
            raise InputError("ground: no cell has a height.", "標高のあるセルがありません。")
        object.__setattr__(self, "height_m", height)
        spill = filled(height)
        runs_off = _slope(spill, self.width_m, self.length_m) > STEEP
        # In a hollow of the slope it stands.
        spill[runs_off & (spill <= height)] = -np.inf
        object.__setattr__(self, "spill_m", spill)


def _slope(height_m: NDArray[np.float32], width_m: float, length_m: float) -> NDArray[np.float32]:
    """Return the slope [m/m] over some 30 m on either side, 0 where that is not known."""
    parts = []
    for axis, cell in ((0, length_m), (1, width_m)):
        by = max(round(_STEEP_OVER_M / cell), 1)
        wide = np.pad(height_m, [(by, by) if a == axis else (0, 0) for a in (0, 1)], mode="edge")
        ahead = wide[2 * by :] if axis == 0 else wide[:, 2 * by :]
        behind = wide[: -2 * by] if axis == 0 else wide[:, : -2 * by]
        parts.append((ahead - behind) / np.float32(2 * by * cell))
    slope: NDArray[np.float32] = np.nan_to_num(np.hypot(*parts))
    return slope


def filled(height_m: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the ground with its depressions filled to where they spill, by 4 neighbours.

    The priority flood of Barnes, Lehman & Mulla 2014 (Computers & Geosciences 62, 117), with
    buckets of a centimetre instead of a heap, so that it costs the same for each cell. Water
    leaves over the grid's edges and into voids.

    Args:
        height_m: [m, shape (rows, columns)] NaN where not known.

    Returns:
        [m, the same shape] nowhere below the ground, NaN where that is.

    Limits:
        Spills are found in order of the centimetre; so a filled height may be one too high.

    Example:
        >>> bowl = np.full((5, 5), 3.0, np.float32)
        >>> bowl[1:4, 1:4], bowl[2, 4] = 1.0, 2.0
        >>> float(filled(bowl)[2, 2])
        2.0
    """
    known = np.isfinite(height_m)
    least, most = float(height_m[known].min()), float(height_m[known].max())
    unit = max(_LEVEL_M, (most - least) / _MOST_LEVELS)
    level = np.zeros(height_m.shape, np.int32)
    level[known] = ((height_m[known] - least) / unit).astype(np.int32)
    padded = np.pad(height_m, 1, constant_values=np.nan)
    _flood(padded.ravel(), np.pad(level, 1).ravel(), padded.shape[1], int(level.max()) + 1)
    return np.ascontiguousarray(padded[1:-1, 1:-1])


def spikes(height_m: NDArray[np.floating[Any]], by_m: float = 50.0) -> NDArray[np.bool_]:
    """Return the cells that stand out, up or down, from all four neighbours: errors, no ground.

    Args:
        height_m: [m, shape (rows, columns)] NaN where not known.
        by_m: [m] by how much; of a 5 m mesh's neighbours 50 m is steeper than rock stands.
    """
    padded = np.pad(np.asarray(height_m, np.float64), 1, constant_values=np.nan)
    middle = padded[1:-1, 1:-1]
    beside = np.stack([padded[:-2, 1:-1], padded[2:, 1:-1], padded[1:-1, :-2], padded[1:-1, 2:]])
    known = np.isfinite(beside)
    above = ((middle - beside > by_m) | ~known).all(axis=0)
    below = ((beside - middle > by_m) | ~known).all(axis=0)
    found: NDArray[np.bool_] = (above | below) & (known.sum(axis=0) >= 2) & np.isfinite(middle)
    return found


@numba.njit(error_model="numpy", cache=True)
def _flood(height: NDArray[np.float32], level: NDArray[np.int32], across: int, levels: int) -> None:
    """Raise ``height`` in place; both arrays are flat, with a rim of voids."""
    head = np.full(levels, -1, np.int32)
    after = np.empty(height.size, np.int32)
    seen = np.zeros(height.size, np.bool_)
    beside = (-across, -1, 1, across)
    for cell in range(height.size):
        if height[cell] == height[cell]:
            for step in beside:
                if height[cell + step] != height[cell + step]:
                    seen[cell] = True
                    after[cell] = head[level[cell]]
                    head[level[cell]] = cell
                    break
        else:
            seen[cell] = True
    for now in range(levels):
        while head[now] >= 0:
            cell = head[now]
            head[now] = after[cell]
            for step in beside:
                near = cell + step
                if not seen[near]:
                    seen[near] = True
                    if height[near] < height[cell]:
                        height[near] = height[cell]
                    at = max(level[near], now)
                    after[near] = head[at]
                    head[at] = near
