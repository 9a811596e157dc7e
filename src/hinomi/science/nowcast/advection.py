"""Semi-Lagrangian extrapolation of rain along its motion, one pass over the cells."""

from __future__ import annotations

import math

import numba
import numpy as np
from numpy.typing import NDArray

from hinomi.kernel.errors import InputError

MAX_STEPS = 72


def extrapolate(
    rain: NDArray[np.floating], motion: NDArray[np.floating], steps: int
) -> NDArray[np.float32]:
    """Return the rain moved on along a steady motion: backward trajectories, midpoint rule.

    The motion is constant in time, so each cell's trajectory is followed alone through all steps:
    nothing of the size of the grid is kept between them.

    Args:
        rain: [any unit, shape (rows, columns)] NaN where not known.
        motion: [cells per step, shape (2, rows, columns)] to the right, then downward.
        steps: how many, 1 to 72.

    Returns:
        [shape (steps, rows, columns)] NaN where the rain would come from outside or from NaN.

    Raises:
        InputError: shapes do not fit, motion is not finite, or steps are out of range.
    Limits:
        No growth, no decay, no turning of the motion: skill is gone after 30 to 60 minutes in
        showers, 2 to 3 hours in wide rain.

    References:
        Germann & Zawadzki 2002, Mon. Wea. Rev. 130, 2859; the same scheme as pysteps'
        ``extrapolation.semilagrangian`` with its defaults, which it is checked against.

    Example:
        >>> import numpy as np
        >>> rain = np.zeros((3, 4))
        >>> rain[1, 0] = 5
        >>> one_right = np.stack([np.ones((3, 4)), np.zeros((3, 4))])
        >>> extrapolate(rain, one_right, 2)[1, 1].tolist()
        [nan, nan, 5.0, 0.0]
    """
    if rain.ndim != 2:
        raise InputError(f"Rain of shape {rain.shape}: expected rows and columns.")
    return _followed(rain[None], motion, steps)


def carried(rain: NDArray[np.floating], motion: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return rain that changes on its way: field k moved on by k + 1 steps.

    Args:
        rain: [any unit, shape (steps, rows, columns)] where it would be if nothing moved.
        motion: [cells per step, shape (2, rows, columns)].

    Returns:
        [shape (steps, rows, columns)] as :func:`extrapolate` gives it.

    Raises:
        InputError: shapes do not fit, motion is not finite, or steps are out of range.
    """
    if rain.ndim != 3:
        raise InputError(f"Rain of shape {rain.shape}: expected steps, rows and columns.")
    return _followed(rain, motion, len(rain))


def _followed(
    rain: NDArray[np.floating], motion: NDArray[np.floating], steps: int
) -> NDArray[np.float32]:
    grid = rain.shape[1:]
    if motion.shape != (2, *grid) or min(grid) < 2:
        raise InputError(f"Rain of shape {grid} and motion of {motion.shape} do not fit.")
    if not 1 <= steps <= MAX_STEPS:
        raise InputError(f"steps={steps}: expected 1 to {MAX_STEPS}.")
    if not np.isfinite(motion).all():
        raise InputError("The motion must be finite everywhere.", "移動ベクトルに欠測があります。")
    pairs = np.ascontiguousarray(np.moveaxis(motion, 0, -1), dtype=np.float32)
    fields = np.ascontiguousarray(rain, dtype=np.float32)
    out = np.empty((steps, *grid), np.float32)
    _follow(fields, pairs, out)
    return out


@numba.njit(error_model="numpy", fastmath={"contract"}, cache=True)
def _follow(
    rain: NDArray[np.float32], pairs: NDArray[np.float32], out: NDArray[np.float32]
) -> None:
    """Follow all trajectories of a row step by step; ``pairs`` has both components side by side.

    ``rain`` is one field for all steps, or one for each.

    Row by row, not cell by cell: one cell's steps wait for each other, a row's cells do not.
    """
    steps, rows, columns = out.shape
    fields, moves = rain.reshape(len(rain), -1), pairs.reshape(-1)
    changes = len(rain) > 1
    dx, dy = np.empty(columns, np.float32), np.empty(columns, np.float32)
    u, v = np.empty(columns, np.float32), np.empty(columns, np.float32)
    for i in range(rows):
        dx[:], dy[:] = 0, 0
        for j in range(columns):
            u[j], v[j] = pairs[i, j, 0], pairs[i, j, 1]
        for k in range(steps):
            _move(moves, i, rows, np.float32(0.5), dx, dy, u, v)
            for j in range(columns):
                dx[j] -= u[j]
                dy[j] -= v[j]
            _move(moves, i, rows, np.float32(0), dx, dy, u, v)
            _read(fields[k if changes else 0], i, rows, dx, dy, out[k, i])


@numba.njit(error_model="numpy", fastmath={"contract"}, cache=True)
def _move(  # noqa: PLR0913 - a kernel's arrays
    moves: NDArray[np.float32],
    i: int,
    rows: int,
    back: np.float32,
    dx: NDArray[np.float32],
    dy: NDArray[np.float32],
    u: NDArray[np.float32],
    v: NDArray[np.float32],
) -> None:
    """Set u, v to the motion where the row's cells are, ``back`` times the old motion before.

    Indices are unsigned, so that no test for negative ones (Python's counting from the end) is
    made; positions are clamped, which outside the grid gives the motion of the nearest edge.
    """
    columns = dx.size
    zero, one = np.float32(0), np.float32(1)
    right, low = np.float32(columns - 1), np.float32(rows - 1)
    last_column, last_row = np.int32(columns - 2), np.int32(rows - 2)
    y0 = np.float32(i)
    for j in range(columns):
        x, y = np.float32(j) + (dx[j] - u[j] * back), y0 + (dy[j] - v[j] * back)
        x, y = min(max(x, zero), right), min(max(y, zero), low)
        q, p = min(np.int32(x), last_column), min(np.int32(y), last_row)
        fx, fy = x - np.float32(q), y - np.float32(p)
        at = np.uint64(2 * (p * columns + q))
        under = at + np.uint64(2 * columns)
        a, b = (one - fy) * (one - fx), (one - fy) * fx
        c, d = fy * (one - fx), fy * fx
        u[j] = (a * moves[at] + b * moves[at + np.uint64(2)]) + (
            c * moves[under] + d * moves[under + np.uint64(2)]
        )
        v[j] = (a * moves[at + np.uint64(1)] + b * moves[at + np.uint64(3)]) + (
            c * moves[under + np.uint64(1)] + d * moves[under + np.uint64(3)]
        )


@numba.njit(error_model="numpy", fastmath={"contract"}, cache=True)
def _read(
    field: NDArray[np.float32],
    i: int,
    rows: int,
    dx: NDArray[np.float32],
    dy: NDArray[np.float32],
    out: NDArray[np.float32],
) -> None:
    """Write the rain between four cells where the row's cells come from; NaN from outside."""
    columns = dx.size
    zero, one, unknown = np.float32(0), np.float32(1), np.float32(math.nan)
    right, low = np.float32(columns - 1), np.float32(rows - 1)
    last_column, last_row = np.int32(columns - 2), np.int32(rows - 2)
    for j in range(columns):
        x, y = np.float32(j) + dx[j], np.float32(i) + dy[j]
        inside = (x >= zero) & (y >= zero) & (x <= right) & (y <= low)
        x, y = min(max(x, zero), right), min(max(y, zero), low)
        q, p = min(np.int32(x), last_column), min(np.int32(y), last_row)
        # Fractions come from the displacement, which is small: float32 holds it to 1e-6 of a
        # cell, the place itself only to 1e-4.
        fx, fy = np.float32(j - q) + dx[j], np.float32(i - p) + dy[j]
        at = np.uint64(p * columns + q)
        under = at + np.uint64(columns)
        top = field[at] * (one - fx) + field[at + np.uint64(1)] * fx
        below = field[under] * (one - fx) + field[under + np.uint64(1)] * fx
        out[j] = top * (one - fy) + below * fy if inside else unknown
