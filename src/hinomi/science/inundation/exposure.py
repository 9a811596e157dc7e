"""Who and what stands in the water: people, buildings and roads inside a map of depth.

Every function takes a depth map as an array with row 0 in the north, its bounds (west, south,
east, north), and shapes in the same plane, metres or degrees alike. What lies where the map has no
value is counted as unknown, never as dry.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from hinomi.kernel.errors import InputError
from hinomi.science.inundation.ranks import RANKS, rank_of

Array = NDArray[Any]
Bounds = tuple[float, float, float, float]
"""West, south, east, north: the outer edges of the outer cells."""

CAR_LIMIT_M = 0.3
"""[m] water in which cars no longer drive: Pregnolato, Ford, Wilkinson & Dawson 2017, Transp. Res.
D 55, 67-81, section 3 (their depth-disruption curve reaches no speed at 300 mm)."""
WALK_LIMIT_M = 0.5
"""[m] water in which people no longer walk: from here on the handbook's classes (see ``ranks``)
have houses flooded above the floor, and its readers are told to stay upstairs."""
CLASSES = len(RANKS) + 1
"""Dry, and the six classes of depth."""
_MOST_PAIRS = 2_000_000
"""Cells looked at together, so that memory is bounded: some 300 MB."""


class Residents(NamedTuple):
    """People by class of depth; the sum over a shape is the people that were given."""

    by_rank: Array
    """[people, shape (n, 7)] of each shape; column 0 is dry."""
    unknown: Array
    """[people, shape (n,)] where the map has no value, or does not reach."""


class Roads(NamedTuple):
    """What of each road is under water, and since when."""

    deepest_m: Array
    """[m, shape (n,)] greatest depth along it at any moment; NaN: the map says nothing of it."""
    share: Array
    """[shape (n,)] of its length that is closed at any moment, 0 to 1."""
    first: Array
    """[shape (n,)] the first moment at which a part of it is closed; -1: never."""
    last: Array
    """[shape (n,)] the last such moment; -1: never."""


class _Frame(NamedTuple):
    """A grid and where it lies."""

    bounds: Bounds
    rows: int
    columns: int

    @property
    def cell(self) -> tuple[float, float]:
        west, south, east, north = self.bounds
        return (east - west) / self.columns, (north - south) / self.rows

    def places(self, x: Array, y: Array) -> tuple[Array, Array]:
        """Return the (fractional) row and column of points."""
        (width, height), (west, _, _, north) = self.cell, self.bounds
        return (north - y) / height, (x - west) / width

    def at(self, x: Array, y: Array) -> Array:
        """Return the flat index of the cells of points; -1 beyond the map."""
        row, column = (np.floor(part) for part in self.places(x, y))
        inside = (row >= 0) & (row < self.rows) & (column >= 0) & (column < self.columns)
        flat = np.where(inside, row * self.columns + column, -1)
        return flat.astype(np.int64)

    def centres(self, flat: Array) -> tuple[Array, Array]:
        """Return the middles of cells."""
        (width, height), (west, _, _, north) = self.cell, self.bounds
        row, column = np.divmod(flat, self.columns)
        return west + (column + 0.5) * width, north - (row + 0.5) * height


def people_inside(
    depth_m: Array, bounds: Bounds, shapes: Sequence[Any] | Array, people: Array
) -> Residents:
    """Return how many people live at each class of depth (浸水域内人口).

    The people of a census block or mesh are spread evenly over its ground, and counted by the
    cells whose middle lies in it; a block smaller than a cell by the cell that it lies in.

    Args:
        depth_m: [m, shape (rows, columns)] a map of depth, such as the greatest of a run.
        bounds: of the map.
        shapes: blocks, meshes or points, shape (n,), in the plane of the bounds.
        people: [people, shape (n,)] living in each.

    Raises:
        InputError: sizes that do not fit, people below 0, a gap, or bounds that span nothing.

    Limits:
        Where people live, not where they are; a block of houses and fields counts as if people
        lived in the fields too.
    """
    grid, frame = _checked(depth_m, bounds)
    blocks = _shapes(shapes)
    count = np.asarray(people, float)
    if count.shape != blocks.shape or not (np.isfinite(count) & (count >= 0)).all():
        raise InputError(
            f"people: expected {blocks.size} numbers of 0 or more, no gaps.",
            f"人口は{blocks.size}件、0以上で欠測のない値が必要です。",
        )
    whole = shapely.area(blocks)
    reach = shapely.area(shapely.intersection(blocks, shapely.box(*frame.bounds)))
    held = np.where(whole > 0, reach / np.where(whole > 0, whole, 1), 1.0)
    tally = np.zeros((blocks.size, CLASSES + 1))
    ranks = np.where(np.isfinite(grid), rank_of(grid), CLASSES).ravel()
    for of, cells in _pairs(blocks, frame, touched=False):
        np.add.at(tally, (of, ranks[cells]), 1.0)
    small = np.flatnonzero(tally.sum(axis=1) == 0)
    middle = shapely.point_on_surface(blocks[small])
    cells = frame.at(shapely.get_x(middle), shapely.get_y(middle))
    tally[small, np.where(cells >= 0, ranks[cells], CLASSES)] = 1.0
    tally *= (count * held / tally.sum(axis=1))[:, None]
    return Residents(tally[:, :CLASSES], tally[:, CLASSES] + count * (1 - held))


def buildings_inside(depth_m: Array, bounds: Bounds, shapes: Sequence[Any] | Array) -> Array:
    """Return the greatest depth [m, shape (n,)] at each building: of the cells it stands on.

    Its class (床下 is 1, 床上 2 and more) is :func:`~hinomi.science.inundation.ranks.rank_of` it;
    :func:`tally` counts them. NaN where the map says nothing of the building.

    Args:
        depth_m: [m, shape (rows, columns)] a map of depth.
        bounds: of the map.
        shapes: footprints or points, shape (n,), in the plane of the bounds.

    Raises:
        InputError: no depth map, or bounds that span nothing.
    """
    grid, frame = _checked(depth_m, bounds)
    houses = _shapes(shapes)
    deepest = np.full(houses.size, -np.inf)
    flat = grid.ravel()
    for of, cells in _pairs(houses, frame, touched=True):
        known = np.isfinite(flat[cells])
        np.maximum.at(deepest, of[known], flat[cells[known]])
    return np.where(np.isfinite(deepest), deepest, np.nan)


def tally(depth_m: Array) -> tuple[Array, int]:
    """Return how many things stand at each class of depth (column 0 is dry), and at none known.

    Example:
        >>> counts, unknown = tally(np.array([0.0, 0.3, 0.6, np.nan]))
        >>> counts.tolist(), unknown
        ([1, 1, 1, 0, 0, 0, 0], 1)
    """
    known = np.isfinite(depth_m)
    counts = np.bincount(rank_of(depth_m[known]), minlength=CLASSES)
    return counts, int((~known).sum())


def roads_inside(
    depth_m: Array,
    bounds: Bounds,
    lines: Sequence[Any] | Array,
    *,
    limit_m: float = CAR_LIMIT_M,
) -> Roads:
    """Return which roads the water closes (冠水), how much of each, from when to when.

    Each road is looked at every half cell.

    Args:
        depth_m: [m, shape (rows, columns) or (moments, rows, columns)] depth at a moment or more.
        bounds: of the map.
        lines: (multi) line strings, shape (n,), in the plane of the bounds.
        limit_m: [m] the depth that closes a road.

    Raises:
        InputError: no depth map, bounds that span nothing, a limit of 0 or less, or no lines.

    Limits:
        Elevation is the ground's: a bridge counts as flooded with what it crosses, an underpass
        that the elevation does not have stays dry.
    """
    moments = np.asarray(depth_m)
    moments = moments[None] if moments.ndim == 2 else moments
    grid, frame = _checked(moments, bounds)
    roads = _shapes(lines)
    if not limit_m > 0:
        raise InputError(f"limit_m={limit_m}: expected above 0 m (0より大きい値)。")
    of, cells = _along(roads, frame)
    deepest = np.full(roads.size, -np.inf)
    over = np.zeros(cells.size, bool)
    first, last = np.full(roads.size, -1), np.full(roads.size, -1)
    for moment, field in enumerate(grid):
        here = np.where(cells >= 0, field.ravel()[cells], np.nan)
        known = np.isfinite(here)
        np.maximum.at(deepest, of[known], here[known])
        closed = known & (here >= limit_m)
        over |= closed
        some = np.unique(of[closed])
        first[some] = np.where(first[some] < 0, moment, first[some])
        last[some] = moment
    pieces = np.bincount(of, minlength=roads.size)
    share = np.bincount(of, weights=over, minlength=roads.size) / np.maximum(pieces, 1)
    return Roads(np.where(np.isfinite(deepest), deepest, np.nan), share, first, last)


def _checked(depth_m: Array, bounds: Bounds) -> tuple[Array, _Frame]:
    grid = np.asarray(depth_m)
    west, south, east, north = bounds
    if grid.ndim not in (2, 3) or not grid.size:
        raise InputError(
            f"depth_m: shape {grid.shape}; expected (rows, columns).",
            f"水深は2次元の格子が必要です: {grid.shape}",
        )
    if not (np.isfinite(bounds).all() and west < east and south < north):
        raise InputError(
            f"bounds {tuple(bounds)}: expected west < east and south < north.",
            f"範囲が正しくありません: {tuple(bounds)}",
        )
    return grid, _Frame(bounds, *grid.shape[-2:])


def _shapes(shapes: Sequence[Any] | Array) -> Array:
    found = np.empty(len(shapes), object)
    found[:] = list(shapes)
    unusable = shapely.is_missing(found) | shapely.is_empty(found)
    if unusable.any():
        raise InputError(
            f"shapes[{int(unusable.argmax())}]: no shape there ({int(unusable.sum())} of"
            f" {found.size}); leave such out.",
            f"図形のないものが{int(unusable.sum())}件あります。除いてください。",
        )
    return found


def _pairs(shapes: Array, frame: _Frame, *, touched: bool) -> Iterator[tuple[Array, Array]]:
    """Yield (which shape, flat index of a cell) for cells that shapes touch, or have middles of."""
    if not shapes.size:
        return
    shapely.prepare(shapes)
    west, south, east, north = shapely.bounds(shapes).T
    top, left = (np.floor(part) for part in frame.places(west, north))
    bottom, right = (np.floor(part) for part in frame.places(east, south))
    top, left = np.maximum(top, 0), np.maximum(left, 0)
    bottom, right = np.minimum(bottom, frame.rows - 1), np.minimum(right, frame.columns - 1)
    high = np.maximum(bottom - top + 1, 0).astype(np.int64)
    wide = np.maximum(right - left + 1, 0).astype(np.int64)
    size = high * wide
    group = (np.cumsum(size) - size) // _MOST_PAIRS
    for number in np.unique(group):
        chosen = np.flatnonzero(group == number)
        of = np.repeat(chosen, size[chosen])
        within = np.arange(of.size) - np.repeat(
            np.cumsum(size[chosen]) - size[chosen], size[chosen]
        )
        row, column = np.divmod(within, wide[of])
        flat = ((top[of] + row) * frame.columns + left[of] + column).astype(np.int64)
        x, y = frame.centres(flat)
        if touched:
            half_x, half_y = (0.5 * part for part in frame.cell)
            box = shapely.box(x - half_x, y - half_y, x + half_x, y + half_y)
            kept = shapely.intersects(shapes[of], box)
        else:
            kept = shapely.contains_xy(shapes[of], x, y)
        yield of[kept], flat[kept]


def _along(roads: Array, frame: _Frame) -> tuple[Array, Array]:
    """Return points each half cell along roads: which road, flat index of the cell or -1."""
    parts, of_part = shapely.get_parts(roads, return_index=True)
    if not (shapely.get_dimensions(parts) == 1).all():
        raise InputError("lines: expected line strings (線が必要です)。")
    length = shapely.length(parts)
    step = 0.5 * min(frame.cell)
    pieces = np.maximum(np.ceil(length / step), 1).astype(np.int64)
    if pieces.sum() > 50 * _MOST_PAIRS:
        raise InputError(
            f"lines: {pieces.sum():,} half cells along them; cut the roads to the map first.",
            "道路が長すぎます。地図の範囲で切り取ってください。",
        )
    part = np.repeat(np.arange(parts.size), pieces)
    within = np.arange(part.size) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    point = shapely.line_interpolate_point(
        parts[part], (within + 0.5) * (length / pieces)[part]
    )  # fmt: skip
    return of_part[part], frame.at(shapely.get_x(point), shapely.get_y(point))
