"""What is done cell by cell: water that spreads from a sensor, and what hangs together."""

from __future__ import annotations

import math
from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

NEAREST_M = 1e-6
"""[m] At a sensor itself: its weight is then 10^12 times a neighbour's, so its word stands."""
DETOUR = math.sqrt(2.0)
"""A path by four neighbours is so much longer than the straight line at most, on open ground."""
Grid = NDArray[np.float32]
Box = tuple[int, int, int, int]
"""First row, first column, last row, last column (included)."""
Sums = tuple[NDArray[np.float64], NDArray[np.float64], Grid, NDArray[np.uint8]]
"""Of weights, of weights by values, of weights by variances; and marks: 1 where the water of a
sensor comes to, 2 where a sensor tells that none is."""
Rules = tuple[float, float, float, float]
"""Reach [m], fall [m/m], and a cell's width and length [m]."""


class Scratch(NamedTuple):
    """What one sensor's surroundings are worked out in, (2 a + 1) x (2 b + 1) cells, flat."""

    across: int
    """2 b + 1."""
    line: Grid
    """[m] straight distance from the middle."""
    path: Grid
    """[m] the way: -1 where none was found yet, infinite where nothing is looked for."""
    height: Grid
    spill: Grid
    queue: NDArray[np.int32]
    """The cells that water has come to, in order."""


def scratch(rules: Rules) -> Scratch:
    """Return the scratch for a reach."""
    reach, _, width, length = rules
    # One cell more than the reach: a rim that stops every way.
    half_r, half_c = int(reach / length) + 1, int(reach / width) + 1
    y, x = np.ogrid[-half_r : half_r + 1, -half_c : half_c + 1]
    line = np.hypot(y * length, x * width).astype(np.float32).ravel()
    path = np.where(line < reach, -1.0, np.inf).astype(np.float32)
    path = path.reshape(2 * half_r + 1, 2 * half_c + 1)
    path[[0, -1]] = np.inf
    path[:, [0, -1]] = np.inf
    local = np.empty(line.size, np.float32)
    return Scratch(
        2 * half_c + 1, line, path.ravel(), local, local.copy(), np.empty(line.size, np.int32)
    )


@numba.njit(error_model="numpy", cache=True)
def _cut(whole: Grid, row: int, column: int, across: int, local: Grid) -> None:
    """Copy the surroundings of a cell; outside the grid nothing is known."""
    rows, columns = whole.shape
    half_c, half_r = across // 2, local.size // across // 2
    left, right = max(column - half_c, 0), min(column + half_c + 1, columns)
    for r in range(2 * half_r + 1):
        at, source = r * across, row - half_r + r
        if source < 0 or source >= rows:
            local[at : at + across] = np.nan
            continue
        first = at + left - (column - half_c)
        last = first + right - left
        local[at:first] = np.nan
        local[first:last] = whole[source, left:right]
        local[last : at + across] = np.nan


@numba.njit(error_model="numpy", cache=True)
def spread(
    height: Grid, spill: Grid, cell: tuple[int, int], level: float, rules: Rules, work: Scratch
) -> int:
    """Let water of a level spread from a cell; return how many cells it comes to.

    It enters a cell that lies below the level, and where the level stands at most so much more
    above the spill height than at the sensor as ``fall`` allows over the distance: what would run
    off down a slope is not there. ``work`` then has the ways, until :func:`forget`.

    Args:
        height: [m] the ground.
        spill: [m] to which it holds water.
        cell: row and column of the sensor.
        level: [m] of the water.
        rules: reach, fall and the cell's size.
        work: a clean scratch.
    """
    reach, fall, width, length = rules
    if not height[cell[0], cell[1]] < level:
        return 0
    across, path, queue = work.across, work.path, work.queue
    _cut(height, cell[0], cell[1], across, work.height)
    _cut(spill, cell[0], cell[1], across, work.spill)
    ground, held = work.height, work.spill
    own = max(spill[cell[0], cell[1]], height[cell[0], cell[1]])
    slack = max(level - own, 0.0)
    longest = DETOUR * reach
    queue[0] = path.size // 2
    path[queue[0]] = 0.0
    done, found = 0, 1
    while done < found:
        at = queue[done]
        done += 1
        for turn in range(4):
            if turn < 2:
                near, far = at + 2 * turn - 1, path[at] + width
            else:
                near, far = at + (2 * turn - 5) * across, path[at] + length
            if path[near] >= 0 or not ground[near] < level or far > longest:
                continue
            if level - held[near] > slack + fall * work.line[near]:
                continue
            path[near] = far
            queue[found] = near
            found += 1
    return found


@numba.njit(error_model="numpy", cache=True)
def forget(work: Scratch, found: int) -> None:
    """Make the scratch clean again."""
    for k in range(found):
        work.path[work.queue[k]] = -1.0


@numba.njit(error_model="numpy", cache=True)
def _distance(work: Scratch, at: int) -> float:
    """Return the straight line, or the way around what stands between if that is longer [m]."""
    return float(max(work.line[at], work.path[at] / DETOUR, NEAREST_M))


@numba.njit(error_model="numpy", cache=True)
def meet(  # noqa: PLR0913 - a kernel takes its arrays apart
    height: Grid,
    spill: Grid,
    cells: NDArray[np.int64],
    levels: NDArray[np.float64],
    which: NDArray[np.int64],
    pairs: tuple[NDArray[np.int64], NDArray[np.int64]],
    rules: Rules,
    work: Scratch,
    away: NDArray[np.float64],
) -> None:
    """Set how far the water of some sensors goes to those near by [m]; -1 where it does not.

    Args:
        height: [m] the ground.
        spill: [m] to which it holds water.
        cells: rows and columns of all sensors.
        levels: [m] of their water.
        which: the sensors whose water is let go.
        pairs: where each sensor's neighbours begin (one more than sensors), and the neighbours.
        rules: reach, fall and the cell's size.
        work: a scratch.
        away: [m, shape of the neighbours] is set for ``which``.
    """
    starts, others = pairs
    half_c, half_r = work.across // 2, work.path.size // work.across // 2
    for i in which:
        row0, column0 = cells[i, 0], cells[i, 1]
        found = spread(height, spill, (row0, column0), levels[i], rules, work)
        for k in range(starts[i], starts[i + 1]):
            row, column = cells[others[k], 0] - row0, cells[others[k], 1] - column0
            away[k] = -1.0
            if abs(row) <= half_r and abs(column) <= half_c:
                at = (half_r + row) * work.across + half_c + column
                if 0 <= work.path[at] < np.inf and found:
                    away[k] = _distance(work, at)
        forget(work, found)


@numba.njit(error_model="numpy", cache=True)
def lay(  # noqa: PLR0913 - a kernel takes its arrays apart
    height: Grid,
    spill: Grid,
    cells: NDArray[np.int64],
    said: NDArray[np.float64],
    rules: Rules,
    box: Box,
    sums: Sums,
    work: Scratch,
) -> None:
    """Add to a box what sensors say of the water's level there, each as far as its water comes.

    Weights are Franke and Little's, ((R - d) / (R d))^2: exact at the sensors, nothing at the
    reach R, smooth between.

    Args:
        height: [m] the ground.
        spill: [m] to which it holds water.
        cells: rows and columns of the sensors.
        said: for each its value [m], the level to which its water spreads [m, NaN: none], its
            variance [m2], and 1 if it is under water.
        rules: reach, fall and the cell's size.
        box: the part that is added to; the rest stays as it is.
        sums: what is added to.
        work: a scratch.
    """
    reach = rules[0]
    weights, values, variances, marks = sums
    half_c, half_r = work.across // 2, work.path.size // work.across // 2
    for k in range(len(cells)):
        top, left = cells[k, 0] - half_r, cells[k, 1] - half_c
        if not math.isfinite(said[k, 1]) or top > box[2] or left > box[3]:
            continue
        if cells[k, 0] + half_r < box[0] or cells[k, 1] + half_c < box[1]:
            continue
        found = spread(height, spill, (cells[k, 0], cells[k, 1]), said[k, 1], rules, work)
        under = np.uint8(said[k, 3] > 0)
        for n in range(found):
            at = work.queue[n]
            r = at // work.across
            row, column = top + r, left + at - r * work.across
            if box[0] <= row <= box[2] and box[1] <= column <= box[3]:
                d = _distance(work, at)
                w = max(reach - d, 0.0) / (reach * d)
                w *= w
                weights[row, column] += w
                values[row, column] += w * said[k, 0]
                variances[row, column] += np.float32(w * said[k, 2])
                marks[row, column] |= under
        forget(work, found)


@numba.njit(error_model="numpy", cache=True)
def calm(
    height: Grid,
    cells: NDArray[np.int64],
    above: NDArray[np.float64],
    rules: Rules,
    box: Box,
    marks: NDArray[np.uint8],
) -> None:
    """Mark (2) what lies within reach of a sensor and not below its water or, if dry, itself."""
    reach, width, length = rules[0], rules[2], rules[3]
    for k in range(len(cells)):
        if not math.isfinite(above[k]):
            continue
        half_r = int(reach / length)
        for row in range(max(cells[k, 0] - half_r, box[0]), min(cells[k, 0] + half_r, box[2]) + 1):
            off = (row - cells[k, 0]) * length
            half_c = int(math.sqrt(max(reach * reach - off * off, 0.0)) / width)
            first, last = max(cells[k, 1] - half_c, box[1]), min(cells[k, 1] + half_c, box[3])
            for column in range(first, last + 1):
                if height[row, column] >= above[k]:
                    marks[row, column] |= 2


@numba.njit(error_model="numpy", cache=True)
def level_out(  # noqa: PLR0913 - a kernel takes its arrays apart
    height: Grid,
    sums: Sums,
    reach: float,
    errors: tuple[float, float],
    box: Box,
    raw: Grid,
    spread_m: Grid,
) -> None:
    """Turn sums into depth and standard error [m] in a box; 0 where the ground is higher.

    The error's parts: the sensors' own, the ground's (``errors[0]``, [m]), and what a surface may
    slope (``errors[1]``, [m/m]) over the distance to the sensors that count there.
    """
    weights, values, variances, marks = sums
    for row in range(box[0], box[2] + 1):
        for column in range(box[1], box[3] + 1):
            w = weights[row, column]
            if not (marks[row, column] & 1) or w <= 0.0:
                raw[row, column] = 0.0
                spread_m[row, column] = np.nan
                continue
            depth = values[row, column] / w - height[row, column]
            raw[row, column] = np.float32(max(depth, 0.0))
            d = 1.0 / (math.sqrt(w) + 1.0 / reach)
            spread_m[row, column] = np.float32(
                math.sqrt(variances[row, column] / w + errors[0] ** 2 + (errors[1] * d) ** 2)
            )


@numba.njit(error_model="numpy", cache=True)
def connected(
    height: Grid,
    raw: Grid,
    spread_m: Grid,
    cells: NDArray[np.int64],
    marks: NDArray[np.uint8],
    out: tuple[Grid, Grid],
) -> None:
    """Give depth and error where water hangs together with a sensor under water (4 neighbours).

    Rows are cut into runs of wet cells; runs that touch are one. The depth is 0 where water is
    known not to be, NaN where nothing is known.
    """
    starts, first, last, root = _runs(raw)
    keeps = np.zeros(max(root.size, 1), np.bool_)
    for k in range(len(cells)):
        for n in range(starts[cells[k, 0]], starts[cells[k, 0] + 1]):
            if first[n] <= cells[k, 1] < last[n]:
                keeps[_top(root, n)] = True
    depth, error = out
    error[:] = np.nan
    for row in range(len(raw)):
        for column in range(raw.shape[1]):
            known = marks[row, column] != 0 and height[row, column] == height[row, column]
            depth[row, column] = 0.0 if known else np.nan
        for n in range(starts[row], starts[row + 1]):
            if keeps[_top(root, n)]:
                depth[row, first[n] : last[n]] = raw[row, first[n] : last[n]]
                error[row, first[n] : last[n]] = spread_m[row, first[n] : last[n]]
            else:
                _unknown(depth[row, first[n] : last[n]], marks[row, first[n] : last[n]])


@numba.njit(error_model="numpy", cache=True)
def _unknown(depth: Grid, marks: NDArray[np.uint8]) -> None:
    """Forget what hangs together with no sensor, but where one tells that no water is."""
    for column in range(depth.size):
        if not marks[column] & 2:
            depth[column] = np.nan


@numba.njit(error_model="numpy", cache=True)
def _runs(
    raw: Grid,
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32], NDArray[np.int64]]:
    """Return where each row's runs of wet cells begin, their ends, and which are one."""
    rows, columns = raw.shape
    starts = np.empty(rows + 1, np.int64)
    room, runs = 1024, 0
    first, last, root = np.empty(room, np.int32), np.empty(room, np.int32), np.empty(room, np.int64)
    for row in range(rows):
        starts[row] = runs
        column = 0
        while column < columns:
            begin = column
            while column < columns and raw[row, column] > 0:
                column += 1
            if column == begin:
                column += 1
                continue
            if runs == room:
                room *= 2
                first = np.concatenate((first, np.empty(runs, np.int32)))
                last = np.concatenate((last, np.empty(runs, np.int32)))
                root = np.concatenate((root, np.empty(runs, np.int64)))
            first[runs], last[runs], root[runs] = begin, column, runs
            runs += 1
        if row:
            _join(starts[row - 1], starts[row], runs, first, last, root)
    starts[rows] = runs
    return starts, first[:runs], last[:runs], root[:runs]


@numba.njit(error_model="numpy", cache=True)
def _top(root: NDArray[np.int64], run: int) -> int:
    while root[run] != run:
        root[run] = root[root[run]]
        run = root[run]
    return run


@numba.njit(error_model="numpy", cache=True)
def _join(
    above: int,
    here: int,
    end: int,
    first: NDArray[np.int32],
    last: NDArray[np.int32],
    root: NDArray[np.int64],
) -> None:
    """Join the runs of a row with those of the row above that they touch."""
    up, down = above, here
    while up < here and down < end:
        if first[up] < last[down] and first[down] < last[up]:
            a, b = _top(root, up), _top(root, down)
            root[max(a, b)] = min(a, b)
        if last[up] < last[down]:
            up += 1
        else:
            down += 1
