"""Where things lie: which blocks are told to leave, which are in water, which roads closed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from hinomi.domains.response.evacuation.facts import DEEP_RANK, Area, Facts, middle
from hinomi.science import coverages
from hinomi.science.evacuation.roads import Roads

NEAR_DEGREE = 0.00015
"""A closure closes the lines so near to it: about 15 m, the width of a road and of a slip."""
HEAVY_RAIN_MM_H = 50.0
"""気象庁「雨の強さと降り方」: 50 mm/h 非常に激しい雨, an umbrella is useless, driving dangerous."""
ELDERLY_LEVEL = 3
SOON_MIN = 60.0
"""A road that deep water reaches so soon after the start is closed from the start on: half of those
told have left after 35 minutes (Rayleigh, 30 min), and are then on their way. Assumed."""


class Told:
    """Level, time and water of each block, in the blocks' order."""

    def __init__(self, facts: Facts) -> None:

        self.points: NDArray[Any] = np.array([middle(p) for *_, p in facts.blocks]).reshape(-1, 2)
        count = len(facts.blocks)
        self.wet, arrival = _inside(self.points, [a for a in facts.water if a.level >= DEEP_RANK])
        start = facts.case.starts_at
        self.water_min: NDArray[Any] = np.array([_minutes(at, start, np.inf) for at in arrival])
        """[min] when deep water comes, from the start; infinite: not, or nobody knows."""
        self.level: NDArray[Any] = np.zeros(count, np.int64)
        self.told_min: NDArray[Any] = np.zeros(count)
        dry = ~self.wet if facts.water_known else np.zeros(count, bool)
        self._tell(np.ones(count, bool), facts.told_level - 1, _minutes(facts.told_at, start, 0.0))
        for order in facts.orders:
            at = _minutes(order.at, start, 0.0)
            if order.place is None:
                # An order for the whole town asks those in dangerous places to leave.
                self._tell(~dry, order.level, at)
                self._tell(dry, min(order.level, ELDERLY_LEVEL), at)
            else:
                self._tell(_inside(self.points, [order])[0], order.level, at)
        self._tell(~dry, facts.case.assume_level, 0.0)
        self.rain: NDArray[Any] = _rain(facts, self.points)

    def _tell(self, where: NDArray[np.bool_], level: int, at_min: float) -> None:
        higher = where & (self.level < level)
        self.level[higher] = level
        self.told_min[higher] = at_min


def _minutes(at: datetime | None, start: datetime, otherwise: float) -> float:
    return otherwise if at is None else (at - start).total_seconds() / 60


def _inside(points: Any, areas: list[Area]) -> tuple[Any, list[datetime | None]]:
    """Return whether each point is in one of the areas, and the areas' earliest time there."""
    inside = np.zeros(len(points), bool)
    times: list[datetime | None] = [None] * len(points)
    for area in areas:
        if area.place is None:
            continue
        shape = shapely.make_valid(shapely.geometry.shape(area.place))
        shapely.prepare(shape)
        for n in np.flatnonzero(shapely.contains_xy(shape, points[:, 0], points[:, 1])):
            inside[n] = True
            before = times[n]
            if area.at is not None and (before is None or area.at < before):
                times[n] = area.at
    return inside, times


def wet_at(facts: Facts, points: Any) -> Any:
    """Return whether deep water is forecast at each point [bool]."""
    return _inside(points, [a for a in facts.water if a.level >= DEEP_RANK])[0]


def closed_links(facts: Facts, roads: Roads) -> NDArray[np.int64]:
    """Return the links that nobody passes: where a road is closed, or deep water is forecast."""
    points = np.concatenate([np.asarray(line, float)[:, :2] for _, line in facts.lines])
    half = roads.tail.size // 2
    counts = roads.last[:half] - roads.first[:half] + 1
    number = np.repeat(np.arange(half), counts)
    inside = np.arange(number.size) - np.repeat(np.cumsum(counts) - counts, counts)
    shapes = shapely.linestrings(points[roads.first[:half][number] + inside], indices=number)
    tree = shapely.STRtree(list(np.atleast_1d(shapes)))
    start = facts.case.starts_at
    deep = [
        a.place
        for a in facts.water
        if a.level >= DEEP_RANK and a.place is not None and _minutes(a.at, start, 0.0) <= SOON_MIN
    ]
    wet = [shapely.make_valid(shapely.geometry.shape(place)) for place in deep]
    shut = [shapely.geometry.shape(place) for place in facts.closures]
    found = [tree.query(shape, predicate="intersects") for shape in wet]
    found += [tree.query(shape, predicate="dwithin", distance=NEAR_DEGREE) for shape in shut]
    return np.unique(np.concatenate(found)) if found else np.zeros(0, np.int64)


def _rain(facts: Facts, points: Any) -> Any:
    """Return the greatest rain of the nowcast's hour at each block [mm/h]; 0 where none is known.

    A picture of another place, or one whose cells are gone, is no rain that we know of.
    """
    none = np.zeros(len(points))
    if facts.rain is None or not len(points):
        return none

    grid = coverages.unpack(facts.rain[1])
    shape = grid.values.shape[1:]
    row, column = coverages.cells_at(grid.bounds, shape, points[:, 0], points[:, 1])
    good = (row >= 0) & (column >= 0)
    most = np.nan_to_num(np.nanmax(np.nan_to_num(grid.values, nan=-1.0), axis=0), nan=0.0)
    none[good] = np.maximum(most[row[good], column[good]], 0.0)
    return none
