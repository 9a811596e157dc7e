"""Indices against JMA's criteria: which level a mesh reaches, and what that is for an area."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hinomi.kernel.errors import InputError

UNKNOWN = -1
"""Level of a mesh whose index or rain is not known: never silently 0."""
BELOW = 0
"""Below every criterion that the table has."""


class AreaLevel(NamedTuple):
    """An area's meshes by level."""

    level: int
    """The highest that a known mesh reaches; UNKNOWN where none is known."""
    meshes: tuple[int, int, int, int, int, int]
    """How many meshes reach level 0 to 5 as their highest."""
    unknown: int


def index_levels(
    index: NDArray[np.floating],
    criteria: Mapping[int, NDArray[np.integer]],
    *,
    judged_at_4: NDArray[np.bool_] | None = None,
) -> NDArray[np.int8]:
    """Return the highest level whose criterion the surface or runoff index reaches.

    Args:
        index: [shape (n,)] NaN where not known.
        criteria: level -> [shape (n,)] from which index it holds; below 0 is none (別紙1-1, 1-2).
        judged_at_4: [shape (n,)] the meshes at which level 4 is judged (別紙1-3, 1-4); None: all
            that have a criterion.

    Returns:
        [shape (n,)] 0 to 5, UNKNOWN where the index is.
    """
    levels = np.zeros(np.shape(index), np.int8)
    for level in sorted(criteria):
        reached = (criteria[level] >= 0) & (index >= criteria[level])
        if level == 4 and judged_at_4 is not None:
            reached &= judged_at_4
        levels[reached] = level
    levels[~np.isfinite(index)] = UNKNOWN
    return levels


def composite_levels(
    runoff: NDArray[np.floating],
    surface: NDArray[np.floating],
    criteria: Mapping[int, tuple[NDArray[np.integer], NDArray[np.integer]]],
) -> NDArray[np.int8]:
    """Return the highest level whose composite criterion (複合基準) both indices reach.

    Args:
        runoff: [shape (n,)] NaN where not known.
        surface: [shape (n,)] at the same meshes.
        criteria: level -> runoff's and surface's values, below 0 is none.
    """
    levels = np.zeros(runoff.shape, np.int8)
    for level in sorted(criteria):
        of_runoff, of_surface = criteria[level]
        set_there = (of_runoff >= 0) & (of_surface >= 0)
        levels[set_there & (runoff >= of_runoff) & (surface >= of_surface)] = level
    levels[~(np.isfinite(runoff) & np.isfinite(surface))] = UNKNOWN
    return levels


def soil_levels(
    index_mm: NDArray[np.floating],
    hour_mm: NDArray[np.floating],
    curve: NDArray[np.integer],
    level: int,
) -> NDArray[np.int8]:
    """Return the level where rain and soil water index pass the criterion's curve (別紙2).

    Args:
        index_mm: [mm, shape (n,)] soil water index.
        hour_mm: [mm, shape (n,)] rain of the 60 minutes before; beyond the curve its end holds.
        curve: [mm, shape (n, 151)] the index from which the level holds, by whole mm of rain;
            below 0 is none.
        level: of the curve.

    Raises:
        InputError: shapes do not fit.
    """
    if curve.shape[:1] != index_mm.shape or hour_mm.shape != index_mm.shape:
        raise InputError(f"Index {index_mm.shape}, rain {hour_mm.shape}, curve {curve.shape}.")
    known = np.isfinite(index_mm) & np.isfinite(hour_mm) & (hour_mm >= 0)
    rain = np.where(known, hour_mm, 0).astype(np.int64).clip(0, curve.shape[1] - 1)
    needed = np.take_along_axis(curve, rain[:, None], axis=1)[:, 0]
    levels = np.where((needed >= 0) & (index_mm >= needed), level, BELOW)
    return np.where(known, levels, UNKNOWN).astype(np.int8)


def area_levels(areas: Sequence[str], levels: NDArray[np.int8]) -> dict[str, AreaLevel]:
    """Return each area's level and how many of its meshes reach which.

    Example:
        >>> import numpy as np
        >>> area_levels(["a", "a", "b"], np.array([2, 4, -1], np.int8))["a"].level
        4
    """
    codes, place = np.unique(np.asarray(areas), return_inverse=True)
    counts = np.zeros((codes.size, 7), np.int64)
    np.add.at(counts, (place, levels.astype(np.int64) + 1), 1)
    found = {}
    for code, row in zip(codes.tolist(), counts.tolist(), strict=True):
        highest = max((level for level in range(6) if row[level + 1]), default=UNKNOWN)
        a, b, c, d, e, f = row[1:]
        found[code] = AreaLevel(highest, (a, b, c, d, e, f), row[0])
    return found
