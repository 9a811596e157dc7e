"""The local-inertial kernel on processors: shallow water without the advection of momentum.

The scheme itself is in ``laws``. One sweep over the rows, and one loop along a row, do it all: the
face on the right of a cell, the one below it, the cell's depth, the least, the greatest and the
sum. So each number comes from memory once and goes back once: 28 bytes a cell in single precision
(52 with the greatest depth, speed and the arrival). Blocks of cells that are dry, with dry ones
around them, are left out.

Three things keep the loop in vectors, as LLVM's remarks tell: no branch in the laws; what a cell
hands to its neighbour (the old and the new discharge of their face) is a local variable; and no
slice of an array is made inside (each costs two locked counts, which was a quarter of a step).
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba.extending import intrinsic
from numpy.typing import NDArray

from hinomi.science.compiled import njit
from hinomi.science.inundation.laws import (
    DRY_M,
    GRAVITY_M_S2,
    depth_of_flow,
    discharge,
    face_drag,
    filled,
    speed,
)
from hinomi.science.inundation.roots import seven_thirds

__all__ = ["BLOCK", "DRY_M", "GRAVITY_M_S2", "alone", "together"]

Array = NDArray[Any]

BLOCK = 512
"""Cells along a row that are looked at or left out together."""
_FAST = {"contract", "arcp", "nsz"}
_ONE = np.uintp(1)
"""Places are counted without a sign: what may be below 0 is looked at before it is taken."""


def _of_both(name: str) -> Any:
    @intrinsic
    def chosen(context: Any, a: Any, b: Any) -> Any:  # noqa: ARG001 - numba's shape
        def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
            kind = arguments[0].type
            shape = ir.FunctionType(kind, (kind, kind))
            called = builder.module.declare_intrinsic(f"llvm.{name}", (kind,), shape)
            return builder.call(called, arguments, fastmath=("nnan", "nsz"))

        return a(a, a), build

    return chosen


_least, _most = _of_both("minnum"), _of_both("maxnum")
"""The lesser and the greater of two, in a form that a vector reduces; ``min`` is none."""


@intrinsic
def _plus(context: Any, a: Any, b: Any) -> Any:  # noqa: ARG001 - numba's shape
    """Return a sum in any order; it still carries a cell that is no number to its end."""

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
        return builder.fadd(*arguments, flags=("reassoc", "nsz"))

    return a(a, a), build


_law = numba.njit(error_model="numpy", fastmath=_FAST, inline="always")
_part = numba.njit(error_model="numpy", fastmath=_FAST, forceinline=True)
_depth_of_flow, _discharge, _drag = _law(depth_of_flow), _law(discharge), _law(face_drag)
_filled, _speed = _law(filled), _law(speed)


@_law
def _through(h_up, z_up, h_down, z_down, q, before, after, drag, c):  # type: ignore[no-untyped-def]  # noqa: PLR0913 - one stencil
    """Return the discharge through the face between two cells."""
    flow = _depth_of_flow(h_up, z_up, h_down, z_down)
    return _discharge(
        q, before, after, (h_up + z_up) - (h_down + z_down), flow,
        seven_thirds(max(flow, c.dry)), drag, c,
    )  # fmt: skip


@_part
def _drags(drag_x, drag_y, manning, i, below, c):  # type: ignore[no-untyped-def]
    """Write the drag of a row's inner faces, and of those below it."""
    for k in range(_ONE, np.uintp(drag_y.size)):
        drag_x[k] = _drag(manning[i, k - _ONE], manning[i, k], c)
    for j in range(drag_y.size):
        drag_y[j] = _drag(manning[i, j], manning[below, j], c)


@_part
def _along(q, i, kept, h, up, z, z_up, below, down, after, then, drag, j0, j1, c):  # type: ignore[no-untyped-def]  # noqa: PLR0913
    """Write the discharges through the faces below a row, for a band whose row it is not."""
    for j in range(j0, j1):
        here = q[i, j]
        before = kept[j]
        q[i, j] = _through(
            h[up, j], z[z_up, j], below[down, j], z[z_up + 1, j], here, before, after[then, j],
            drag[j], c,
        )  # fmt: skip
        kept[j] = here


@_part
def _stretch(  # type: ignore[no-untyped-def]  # noqa: PLR0913 - what a loop over a row touches
    h, z, qx, qy, i, below, down, z_down, after, then, above, up, kept, drag_x, drag_y, falls, n,
    j0, j1, before, left, inner, c,
):  # fmt: skip
    """Move a stretch of a row on: right face, face below, depth; return what it comes to.

    ``before``, ``left``: the old and the new discharge through the stretch's first face. Below the
    last row (not ``inner``) the face keeps what the edge has set.
    """
    low, high, total = c.none, c.none, c.none
    for j in range(j0, j1):
        here = qx[i, j + _ONE]
        depth, bed = h[i, j], z[i, j]
        right = _through(
            depth, bed, h[i, j + _ONE], z[i, j + _ONE], here, before, qx[i, j + _ONE + _ONE],
            drag_x[j + _ONE], c,
        )  # fmt: skip
        qx[i, j + _ONE] = right
        was = qy[i + 1, j]
        bottom = _through(
            depth, bed, below[down, j], z[z_down, j], was, kept[j], after[then, j], drag_y[j], c
        )
        bottom = bottom if inner else was
        kept[j] = was
        qy[i + 1, j] = bottom
        now = _filled(depth, left, right, above[up, j], bottom, falls[n, j], c)
        h[i, j] = now
        low, high, total = _least(low, now), _most(high, now), _plus(total, now)
        before, left = here, right
    return low, high, total, before, left


@_part
def _note(deepest, fastest, came, h, qx, qy, i, above, up, j0, j1, c):  # type: ignore[no-untyped-def]  # noqa: PLR0913
    """Keep the greatest depth and speed so far, and when the water came."""
    for j in range(j0, j1):
        now = h[i, j]
        deepest[i, j] = max(deepest[i, j], now)
        fastest[i, j] = max(
            fastest[i, j], _speed(now, qx[i, j], qx[i, j + _ONE], above[up, j], qy[i + 1, j], c)
        )
        came[i, j] = c.time if now >= c.comes and came[i, j] != came[i, j] else came[i, j]


@_part
def _run(  # type: ignore[no-untyped-def]  # noqa: PLR0913 - what a loop over a row touches
    h, z, qx, qy, i, below, down, z_down, after, then, above, up, kept, drag_x, drag_y, falls, n,
    j0, j1, inner, c,
):  # fmt: skip
    """Move the cells [j0, j1) of a row on, with the face on their left; return what it comes to."""
    columns = np.uintp(h.shape[1])
    before = left = qx[i, j0]
    if j0 > 0:
        left = _through(
            h[i, j0 - _ONE], z[i, j0 - _ONE], h[i, j0], z[i, j0], before, qx[i, j0 - _ONE],
            qx[i, j0 + _ONE], drag_x[j0], c,
        )  # fmt: skip
        qx[i, j0] = left
    e = min(j1, columns - _ONE)
    low, high, total, before, left = _stretch(
        h, z, qx, qy, i, below, down, z_down, after, then, above, up, kept, drag_x, drag_y, falls,
        n, j0, e, before, left, inner, c,
    )  # fmt: skip
    if e < j1:
        was = qy[i + 1, e]
        if inner:
            qy[i + 1, e] = _through(
                h[i, e], z[i, e], below[down, e], z[z_down, e], was, kept[e], after[then, e],
                drag_y[e], c,
            )  # fmt: skip
        kept[e] = was
        now = _filled(h[i, e], left, qx[i, j1], above[up, e], qy[i + 1, e], falls[n, e], c)
        h[i, e] = now
        low, high, total = min(low, now), max(high, now), total + now
    return low, high, total


@_part
def _look(deepest, fastest, came, wet, h, qx, qy, i, above, up, first, end, c):  # type: ignore[no-untyped-def]  # noqa: PLR0913
    """Note which of a row's blocks [first, end) are wet, and what they have reached."""
    for a in range(first, end):
        u0, u1 = np.uintp(a * BLOCK), np.uintp(min((a + 1) * BLOCK, h.shape[1]))
        some = False
        for j in range(u0, u1):
            if h[i, j] > c.dry:
                some = True
                break
        wet[i, a] = some
        if some and deepest.size > 0:
            _note(deepest, fastest, came, h, qx, qy, i, above, up, u0, u1, c)


@_part
def _open(top, kept, state, manning, halo, drag_x, drag_y, first, last, c):  # type: ignore[no-untyped-def]  # noqa: PLR0913
    """Write what passes the faces above a band's first row, into rows of its own."""
    h, z, _, qy = state
    if first == 0:
        kept[:] = qy[0]
        return
    n_last = manning.shape[0] - 1
    _drags(drag_x, drag_y, manning, min(first - 1, n_last), min(first, n_last), c)
    after, then = (qy, first + 1) if first + 1 < last else (halo, 4)
    _along(
        top, 0, kept, halo, 0, z, first - 1, h, first, after, then, drag_y, np.uintp(0),
        np.uintp(kept.size), c,
    )  # fmt: skip


@numba.njit(error_model="numpy", fastmath=_FAST)
def _band(  # type: ignore[no-untyped-def]  # noqa: PLR0913 - the sweep
    state, manning, rain, ends, halo, awake, wet, noted, c
):
    """Move the rows [first, last) on by one step; return their least and greatest depth and sum.

    ``kept`` holds the old discharges through the faces above a row, ``top`` the new ones above the
    first row, which are another band's to write. The scratch rows lie apart as the grids do
    (``basin.apart``).
    """
    h, z, qx, qy = state
    first, last = ends
    rows, columns = h.shape
    blocks = awake.shape[1]
    low = high = total = c.none
    top = np.empty((1, columns), h.dtype)
    top[0] = halo[3]
    apart = columns + 1024 // h.itemsize - columns % (512 // h.itemsize)
    scratch = np.zeros(3 * apart, h.dtype)
    kept, drag_x = scratch[:columns], scratch[apart : apart + columns + 1]
    drag_y = scratch[2 * apart : 2 * apart + columns]
    kept[:] = halo[2]
    n_last, rain_last = manning.shape[0] - 1, rain.shape[0] - 1
    deepest, fastest, came = noted
    _open(top, kept, state, manning, halo, drag_x, drag_y, first, last, c)
    for i in range(first, last):
        inner = i + 1 < rows
        below, down = (halo, 1) if i + 1 == last else (h, i + 1)
        after, then = (halo, 5) if i + 1 == last else (qy, i + 2)
        above, up = (top, 0) if i == first else (qy, i)
        z_down = min(i + 1, rows - 1)
        n = min(i, rain_last)
        if i == first or n_last > 0:
            _drags(drag_x, drag_y, manning, min(i, n_last), min(i + 1, n_last), c)
        end = 0
        for b in range(blocks):
            if not awake[i, b]:
                if i + 1 < last and awake[i + 1, b]:
                    for j in range(b * BLOCK, min((b + 1) * BLOCK, columns)):
                        kept[j] = qy[i + 1, j]
                continue
            if b < end:
                continue
            end = b + 1
            while end < blocks and awake[i, end]:
                end += 1
            j0, j1 = np.uintp(b * BLOCK), np.uintp(min(end * BLOCK, columns))
            least, most, block = _run(
                h, z, qx, qy, i, below, down, z_down, after, then, above, up, kept, drag_x,
                drag_y, rain, n, j0, j1, inner, c,
            )  # fmt: skip
            low, high, total = min(low, least), max(high, most), total + block
            _look(deepest, fastest, came, wet, h, qx, qy, i, above, up, b, end, c)
    return low, high, total


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
