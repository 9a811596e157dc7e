"""Sensor posts on the ground, what they say as intervals of depth, and what is wrong with that."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from hinomi.kernel.errors import InputError
from hinomi.science.depths.ground import Ground

Array = NDArray[np.float64]
MOST_POSTS = 20_000

Fault = Literal["outside", "void", "nonsense", "same-cell", "contradicts", "outvoted", "saturated"]
"""``outside`` the grid; on a ``void``; an interval that is ``nonsense``; another one in the
``same-cell`` says otherwise; a dry one ``contradicts`` this one under water; so many do that this
one is ``outvoted`` and left out; ``saturated``: deeper than its highest switch, by how much no
other tells."""


@dataclass(frozen=True)
class Finding:
    """What is wrong with a post, and by which others that shows."""

    post: int
    fault: Fault
    others: tuple[int, ...] = ()
    metres: float = math.nan
    """By how much the two disagree [m]."""


@dataclass(frozen=True)
class Settings:
    """How far sensors speak for, and how sure anything is."""

    reach_m: float = 500.0
    """[m] Beyond it nothing is said."""
    fall: float = 0.003
    """[m/m] By so much of the distance may the ground, its hollows filled, lie lower than at the
    sensor: plains that are flooded fall by 1/300 or less; farther down another surface begins."""
    slope_m_per_m: float = 0.001
    """[m/m] Standard deviation of a flood's surface slope: 1/1000, as of rivers of the plains."""
    ground_m: float = 0.3
    """[m] Standard deviation of the ground's height: GSI states 0.3 m for its 5 m mesh by laser
    (基盤地図情報 数値標高モデル DEM5A)."""
    contrary_m: float = 0.6
    """[m] Two standard deviations of the ground: less is no contradiction."""
    contrary_slope: float = 0.005
    """[m/m] Nor is what so steep a surface explains."""
    deep_m: float = 0.3
    """[m] Standard deviation where water stands over the highest switch and nobody says how far."""

    def __post_init__(self) -> None:
        for name in self.__dataclass_fields__:
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0):
                raise InputError(f"{name}={value}: expected above 0 ({name}は0より大きい値).")


@dataclass(frozen=True)
class Posts:
    """Where sensors stand, as cells of a grid."""

    cells: NDArray[np.int64]
    """[shape (n, 2)] row and column, moved to the nearest cell for those outside."""
    usable: NDArray[np.bool_]
    floor_m: Array
    """[m] the ground at each."""
    findings: tuple[Finding, ...]


def posts_on(ground: Ground, row: Any, column: Any) -> Posts:
    """Return the posts of cells (whole numbers); those on no ground are told and not used.

    Raises:
        InputError: rows and columns do not fit, or there are more than 20,000.
    """
    rows, columns = np.asarray(row), np.asarray(column)
    if rows.ndim != 1 or rows.shape != columns.shape or len(rows) > MOST_POSTS:
        raise InputError(
            f"posts: rows {rows.shape} and columns {columns.shape}; expected as many of both,"
            f" at most {MOST_POSTS:,}.",
            f"センサーの行と列は同数で、{MOST_POSTS:,}台までです。",
        )
    cells = np.stack([rows, columns], axis=1).astype(np.int64)
    inside = ((cells >= 0) & (cells < ground.height_m.shape)).all(axis=1)
    cells = np.clip(cells, 0, np.array(ground.height_m.shape) - 1)
    floor = ground.height_m[cells[:, 0], cells[:, 1]].astype(np.float64)
    known = np.isfinite(floor)
    faults: list[Finding] = [Finding(int(i), "outside") for i in np.flatnonzero(~inside)]
    faults += [Finding(int(i), "void") for i in np.flatnonzero(inside & ~known)]
    return Posts(cells, inside & known, floor, tuple(faults))


@dataclass(frozen=True)
class Said:
    """What the posts say, sorted by kind: each is of at most one."""

    low_m: Array
    high_m: Array
    dry: NDArray[np.bool_]
    wet: NDArray[np.bool_]
    """Under water, how deep or at least how deep."""
    open: NDArray[np.bool_]
    """Of these, without an upper bound: over the highest switch."""


def said_of(posts: Posts, low_m: Any, high_m: Any) -> tuple[Said, list[Finding]]:
    """Return what is said by intervals of depth [m]; NaN says nothing.

    Args:
        posts: of which the intervals are.
        low_m: [m, shape (n,)] 0 and below: dry.
        high_m: [m, shape (n,)] infinite: over the highest switch.

    Raises:
        InputError: there are not as many as posts.
    """
    low, high = np.array(low_m, np.float64), np.array(high_m, np.float64)
    if low.shape != posts.usable.shape or high.shape != posts.usable.shape:
        raise InputError(
            f"intervals {low.shape}, {high.shape}: expected {posts.usable.shape}.",
            "水深の区間とセンサーの数が合いません。",
        )
    silent = np.isnan(low) | np.isnan(high)
    nonsense = ~silent & ((low > high) | np.isinf(low) | (low < 0) | (high < 0))
    use = posts.usable & ~silent & ~nonsense
    faults = [Finding(int(i), "nonsense") for i in np.flatnonzero(nonsense)]
    dry, wet = use & (low <= 0), use & (low > 0)
    one = posts.cells[:, 0] << 32 | posts.cells[:, 1]
    # Of several in a cell a dry one stands, else the first: what is left says nothing more.
    first: dict[int, int] = {}
    for i in [*np.flatnonzero(dry), *np.flatnonzero(wet)]:
        held = first.setdefault(int(one[i]), int(i))
        if held != i:
            if low[i] > high[held] or low[held] > high[i] or dry[held] != dry[i]:
                gap = float(abs(low[i] - low[held]))
                faults.append(Finding(int(i), "same-cell", (held,), gap))
            dry[i] = wet[i] = False
    return Said(low, high, dry, wet, wet & np.isinf(high)), faults
