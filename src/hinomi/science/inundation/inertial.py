"""The local-inertial kernel: shallow water without the advection of momentum.

    q' = (theta q + (1 - theta)/2 (q_before + q_after) - g hf dt dEta/dx)
         / (1 + g dt n^2 |q| / hf^(7/3)),        hf = max(eta) - max(z)

Bates, Horritt & Fewtrell 2010, J. Hydrol. 387, 33-45, eq. 11; the weight theta of de Almeida,
Bates, Freer & Souvignet 2012, Water Resour. Res. 48, W05528, eq. 12. Staggered grid: depth in the
cells, unit discharge on the faces.

No more than critical flow (Froude number 1) passes a face: faster flow is not in these equations,
and without the bound a levee's overflow would run away.

One sweep over the rows does it all: a row's faces and those below it, then the row's depth, while
everything is in the cache. So a cell costs 28 bytes of memory traffic in single precision, and
blocks of cells that are dry, with dry ones around them, cost nothing.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from hinomi.science.inundation.roots import seven_thirds_32, seven_thirds_64

Array = NDArray[Any]

GRAVITY_M_S2 = 9.80665
DRY_M = 1e-3
"""[m] a face with less depth of flow than this passes nothing."""
BLOCK = 256
"""Cells along a row that are looked at or left out together."""
_FAST = {"contract", "arcp", "nsz"}
_HALO = 6
"""Rows a band needs as they were: depth above and below it; faces above, at and below its ends."""


def coefficients(dt_s: float, dx_m: float, theta: float, kind: np.dtype[Any]) -> NDArray[Any]:
    """Return what the sweep multiplies with, in the precision of the grid."""
    beside = (1.0 - theta) / 2.0
    slope = GRAVITY_M_S2 * dt_s / dx_m
    friction = GRAVITY_M_S2 * dt_s
    return np.array(
        [DRY_M, theta, beside, slope, friction, dt_s / dx_m, dt_s, 0.0, 1.0, 0.5, GRAVITY_M_S2],
        dtype=kind,
    )


@numba.njit(error_model="numpy", fastmath={"nnan", "nsz"})
def _extremes(depth: Array, low: Any, high: Any) -> tuple[Any, Any]:
    for j in range(depth.size):
        low = min(low, depth[j])
        high = max(high, depth[j])
    return low, high


def _make(seven_thirds: Any) -> Any:  # noqa: C901, PLR0915 - numba inlines what one closure holds
    """Return the compiled steps for one precision: in one thread, and in many."""

    @numba.njit(error_model="numpy", fastmath=_FAST)
    def faces(  # type: ignore[no-untyped-def]  # noqa: PLR0913 - the rows of one stencil
        out, h_up, z_up, n_up, h_down, z_down, n_down, before, here, after, c
    ):
        """Write the discharge through the faces between two runs of cells; no branch inside."""
        dry, theta, beside, slope, friction = c[0], c[1], c[2], c[3], c[4]
        none, one, half, gravity = c[7], c[8], c[9], c[10]
        for j in range(out.size):
            up, down = h_up[j] + z_up[j], h_down[j] + z_down[j]
            flow = max(up, down) - max(z_up[j], z_down[j])
            wet = max(flow, dry)
            q = here[j]
            n = half * (n_up[j] + n_down[j])
            moved = theta * q + beside * (before[j] + after[j]) + slope * wet * (up - down)
            held = moved / (one + friction * n * n * abs(q) / seven_thirds(wet))
            most = wet * np.sqrt(gravity * wet)
            out[j] = max(min(held, most), -most) if flow > dry else none

    @numba.njit(error_model="numpy", fastmath=_FAST)
    def fill(depth, left, right, top, bottom, falls, c):  # type: ignore[no-untyped-def]  # noqa: PLR0913
        """Let a run of cells take what comes in over its faces and from above."""
        ratio, step = c[5], c[6]
        for j in range(depth.size):
            depth[j] += ratio * (left[j] - right[j] + top[j] - bottom[j]) + step * falls[j]

    @numba.njit(error_model="numpy", fastmath=_FAST)
    def band(h, z, qx, qy, manning, rain, first, last, halo, awake, wet, c):  # type: ignore[no-untyped-def]  # noqa: PLR0913
        """Move the rows [first, last) on by one step; return their least and greatest depth."""
        rows, columns = h.shape
        low = high = c[7]
        line = np.empty(columns + 1, h.dtype)
        top, bottom = np.empty(columns, h.dtype), np.empty(columns, h.dtype)
        old_above, old_here = halo[2].copy(), halo[3].copy()
        old_top = halo[3]
        n_rows, rain_rows = manning.shape[0], rain.shape[0]
        top[:] = old_top
        if first > 0:
            n_up, n_down = manning[min(first - 1, n_rows - 1)], manning[min(first, n_rows - 1)]
            faces(
                top, halo[0], z[first - 1], n_up, h[first], z[first], n_down, halo[2], old_top,
                qy[first + 1] if first + 1 < last else halo[4], c,
            )  # fmt: skip
        for i in range(first, last):
            end = i + 1 == last
            below = halo[1] if end else h[i + 1]
            old_above[:] = old_here
            old_here[:] = qy[i + 1]
            after = halo[5] if end else (qy[i + 2] if i + 2 <= rows else old_here)
            line[:] = qx[i]
            bottom[:] = old_here
            n_here, n_next = manning[min(i, n_rows - 1)], manning[min(i + 1, n_rows - 1)]
            falls = rain[min(i, rain_rows - 1)]
            for b in range(awake.shape[1]):
                if not awake[i, b]:
                    continue
                j0, j1 = b * BLOCK, min((b + 1) * BLOCK, columns)
                k0, k1 = max(j0, 1), min(j1 + 1, columns)
                faces(
                    line[k0:k1], h[i, k0 - 1 : k1 - 1], z[i, k0 - 1 : k1 - 1],
                    n_here[k0 - 1 : k1 - 1], h[i, k0:k1], z[i, k0:k1], n_here[k0:k1],
                    qx[i, k0 - 1 : k1 - 1], qx[i, k0:k1], qx[i, k0 + 1 : k1 + 1], c,
                )  # fmt: skip
                if i + 1 < rows:
                    faces(
                        bottom[j0:j1], h[i, j0:j1], z[i, j0:j1], n_here[j0:j1], below[j0:j1],
                        z[i + 1, j0:j1], n_next[j0:j1], old_above[j0:j1], old_here[j0:j1],
                        after[j0:j1], c,
                    )  # fmt: skip
            for b in range(awake.shape[1]):
                if awake[i, b]:
                    j0, j1 = b * BLOCK, min((b + 1) * BLOCK, columns)
                    fill(
                        h[i, j0:j1], line[j0:j1], line[j0 + 1 : j1 + 1], top[j0:j1],
                        bottom[j0:j1], falls[j0:j1], c,
                    )  # fmt: skip
                    block_low, block_high = _extremes(h[i, j0:j1], h[i, j0], h[i, j0])
                    wet[i, b] = block_high > c[0]
                    low, high = min(low, block_low), max(high, block_high)
            qx[i] = line
            if i + 1 < rows:
                qy[i + 1] = bottom
            top, bottom = bottom, top
        return low, high

    @numba.njit(error_model="numpy")
    def lend(h, qy, bands, halos):  # type: ignore[no-untyped-def]
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

    @numba.njit(error_model="numpy")
    def alone(h, z, qx, qy, manning, rain, bands, halos, awake, wet, lows, highs, c):  # type: ignore[no-untyped-def]  # noqa: PLR0913
        """Move the whole grid on in one thread."""
        lend(h, qy, bands, halos)
        lows[0], highs[0] = band(
            h, z, qx, qy, manning, rain, 0, h.shape[0], halos[0], awake, wet, c
        )

    @numba.njit(error_model="numpy", parallel=True)
    def together(h, z, qx, qy, manning, rain, bands, halos, awake, wet, lows, highs, c):  # type: ignore[no-untyped-def]  # noqa: PLR0913
        """Move the whole grid on, a thread for each band."""
        lend(h, qy, bands, halos)
        for k in numba.prange(bands.size - 1):
            lows[k], highs[k] = band(
                h, z, qx, qy, manning, rain, bands[k], bands[k + 1], halos[k], awake, wet, c
            )

    return alone, together


_STEPS = {np.dtype(np.float32): seven_thirds_32, np.dtype(np.float64): seven_thirds_64}
_compiled: dict[Any, Any] = {}


def compiled(kind: np.dtype[Any], bands: int) -> Any:
    """Return the step for a precision, compiled at its first use (some seconds)."""
    if kind not in _compiled:
        _compiled[kind] = _make(_STEPS[kind])
    alone, together = _compiled[kind]
    return alone if bands == 1 else together
