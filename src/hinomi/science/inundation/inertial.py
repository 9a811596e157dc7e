"""The local-inertial kernel on processors: shallow water without the advection of momentum.

The scheme itself is in ``laws``. One sweep over the rows does it all: a row's faces and those below
it, then the row's depth and the greatest of it so far, while everything is in the cache. So a cell
costs 28 bytes of memory traffic in single precision (52 with the greatest depth, speed and the
arrival), and blocks of cells that are dry, with dry ones around them, cost nothing.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from hinomi.science.compiled import njit
from hinomi.science.inundation.laws import (
    DRY_M,
    GRAVITY_M_S2,
    depth_of_flow,
    discharge,
    filled,
    speed,
)
from hinomi.science.inundation.roots import inverse_seven_thirds

__all__ = ["BLOCK", "DRY_M", "GRAVITY_M_S2", "alone", "together"]

Array = NDArray[Any]

BLOCK = 512
"""Cells along a row that are looked at or left out together."""
_FAST = {"contract", "arcp", "nsz"}
_SUMS = {"nnan", "nsz", "reassoc"}
"""What lets a reduction be vectorised; a sum still carries a cell that is no number to its end."""


@numba.njit(error_model="numpy", fastmath=_SUMS)
def _looked_at(depth, lows, highs, c):  # type: ignore[no-untyped-def]
    """Return how many cells are wet, and a sum that is no number if a depth is none.

    The least and the greatest are kept place by place: a minimum over a run is not vectorised.
    """
    wet = total = c.none
    for j in range(depth.size):
        h = depth[j]
        lows[j] = min(lows[j], h)
        highs[j] = max(highs[j], h)
        wet += c.one if h > c.dry else c.none
        total += h
    return wet, total


@numba.njit(error_model="numpy")
def _copied(out, given):  # type: ignore[no-untyped-def]
    for j in range(out.size):
        out[j] = given[j]


_law = numba.njit(error_model="numpy", fastmath=_FAST, inline="always")
_depth_of_flow, _discharge = _law(depth_of_flow), _law(discharge)
_filled, _speed = _law(filled), _law(speed)


@numba.njit(error_model="numpy", fastmath=_FAST)
def _faces(  # type: ignore[no-untyped-def]  # noqa: PLR0913 - the rows of one stencil
    out, h_up, z_up, n_up, h_down, z_down, n_down, before, here, after, c
):
    """Write the discharge through the faces between two runs of cells; no branch inside."""
    for j in range(out.size):
        flow = _depth_of_flow(h_up[j], z_up[j], h_down[j], z_down[j])
        n = c.half * (n_up[j] + n_down[j])
        out[j] = _discharge(
            here[j], before[j], after[j], (h_up[j] + z_up[j]) - (h_down[j] + z_down[j]), flow,
            n * n * inverse_seven_thirds(max(flow, c.dry)), c,
        )  # fmt: skip


@numba.njit(error_model="numpy", fastmath=_FAST)
def _fill(depth, left, right, top, bottom, falls, c):  # type: ignore[no-untyped-def]  # noqa: PLR0913
    """Let a run of cells take what comes in over its faces and from above."""
    for j in range(depth.size):
        depth[j] = _filled(depth[j], left[j], right[j], top[j], bottom[j], falls[j], c)


@numba.njit(error_model="numpy", fastmath=_FAST)
def _note(deepest, fastest, came, depth, left, right, top, bottom, c):  # type: ignore[no-untyped-def]  # noqa: PLR0913
    """Keep the greatest depth and speed so far, and when the water came."""
    for j in range(depth.size):
        h = depth[j]
        deepest[j] = max(deepest[j], h)
        fastest[j] = max(fastest[j], _speed(h, left[j], right[j], top[j], bottom[j], c))
        came[j] = c.time if h >= c.comes and came[j] != came[j] else came[j]


@numba.njit(error_model="numpy")
def _band(state, manning, rain, ends, halo, awake, wet, noted, c):  # type: ignore[no-untyped-def]  # noqa: PLR0913
    """Move the rows [first, last) on by one step; return their least and greatest depth.

    Each row's old discharges are kept while its new ones are written in their place.
    """
    h, z, qx, qy = state
    first, last = ends
    rows, columns = h.shape
    total = c.none
    lows, highs = np.zeros(BLOCK, h.dtype), np.zeros(BLOCK, h.dtype)
    old_x = np.empty(columns + 1, h.dtype)
    old_above, old_here = halo[2].copy(), halo[3].copy()
    top = halo[3].copy()
    n_rows, rain_rows = manning.shape[0], rain.shape[0]
    if first > 0:
        n_up, n_down = manning[min(first - 1, n_rows - 1)], manning[min(first, n_rows - 1)]
        _faces(
            top, halo[0], z[first - 1], n_up, h[first], z[first], n_down, halo[2], old_here,
            qy[first + 1] if first + 1 < last else halo[4], c,
        )  # fmt: skip
    for i in range(first, last):
        end = i + 1 == last
        below = halo[1] if end else h[i + 1]
        old_above, old_here = old_here, old_above
        after = halo[5] if end else (qy[i + 2] if i + 2 <= rows else qy[i + 1])
        bottom, line = qy[i + 1], qx[i]
        _copied(old_here, bottom)
        _copied(old_x, line)
        n_here, n_next = manning[min(i, n_rows - 1)], manning[min(i + 1, n_rows - 1)]
        falls = rain[min(i, rain_rows - 1)]
        for b in range(awake.shape[1]):
            if not awake[i, b]:
                continue
            j0, j1 = b * BLOCK, min((b + 1) * BLOCK, columns)
            k0, k1 = max(j0, 1), min(j1 + 1, columns)
            _faces(
                line[k0:k1], h[i, k0 - 1 : k1 - 1], z[i, k0 - 1 : k1 - 1],
                n_here[k0 - 1 : k1 - 1], h[i, k0:k1], z[i, k0:k1], n_here[k0:k1],
                old_x[k0 - 1 : k1 - 1], old_x[k0:k1], old_x[k0 + 1 : k1 + 1], c,
            )  # fmt: skip
            if i + 1 < rows:
                _faces(
                    bottom[j0:j1], h[i, j0:j1], z[i, j0:j1], n_here[j0:j1], below[j0:j1],
                    z[i + 1, j0:j1], n_next[j0:j1], old_above[j0:j1], old_here[j0:j1],
                    after[j0:j1], c,
                )  # fmt: skip
        above = top if i == first else qy[i]
        for b in range(awake.shape[1]):
            if awake[i, b]:
                j0, j1 = b * BLOCK, min((b + 1) * BLOCK, columns)
                _fill(
                    h[i, j0:j1], line[j0:j1], line[j0 + 1 : j1 + 1], above[j0:j1],
                    bottom[j0:j1], falls[j0:j1], c,
                )  # fmt: skip
                cells, block = _looked_at(
                    h[i, j0:j1], lows[: j1 - j0], highs[: j1 - j0], c
                )  # fmt: skip
                wet[i, b] = cells > c.none
                total += block
                if wet[i, b] and noted[0].size > 0:
                    _note(
                        noted[0][i, j0:j1], noted[1][i, j0:j1], noted[2][i, j0:j1],
                        h[i, j0:j1], line[j0:j1], line[j0 + 1 : j1 + 1], above[j0:j1],
                        bottom[j0:j1], c,
                    )  # fmt: skip
    return lows.min(), highs.max(), total


@numba.njit(error_model="numpy")
def _lend(h, qy, bands, halos):  # type: ignore[no-untyped-def]
    """Copy for each band the rows beside it that others are about to change."""
    rows = h.shape[0]
    for k in range(bands.size - 1):
        first, last = bands[k], bands[k + 1]
        halos[k, 0] = h[max(first - 1, 0)]
        halos[k, 1] = h[min(last, rows - 1)]
        halos[k, 2] = qy[max(first - 1, 0)]
        halos[k, 3] = qy[first]
        halos[k, 4] = qy[first + 1]
        halos[k, 5] = qy[min(last + 1, rows)]


@njit(error_model="numpy")
def alone(state, manning, rain, bands, halos, awake, wet, noted, found, c):  # type: ignore[no-untyped-def]  # noqa: PLR0913
    """Move the whole grid on in one thread."""
    _lend(state[0], state[3], bands, halos)
    rows = state[0].shape[0]
    found[0, 0], found[0, 1], found[0, 2] = _band(
        state, manning, rain, (0, rows), halos[0], awake, wet, noted, c
    )


@njit(error_model="numpy", parallel=True)
def together(state, manning, rain, bands, halos, awake, wet, noted, found, c):  # type: ignore[no-untyped-def]  # noqa: PLR0913
    """Move the whole grid on, a thread for each band."""
    _lend(state[0], state[3], bands, halos)
    for k in numba.prange(bands.size - 1):
        found[k, 0], found[k, 1], found[k, 2] = _band(
            state, manning, rain, (bands[k], bands[k + 1]), halos[k], awake, wet, noted, c
        )
