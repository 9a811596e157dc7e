"""Tier 1: a connected water surface through what sensors say, redone where something changed."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hinomi.science.depths import kernels
from hinomi.science.depths.ground import Ground
from hinomi.science.depths.kernels import Box
from hinomi.science.depths.posts import Array, Finding, Said, Settings, posts_on, said_of

_LEAST_SD_M = 0.02
"""[m] Of a sensor's own word, however exact it says it is: waves, and how it was mounted."""
_DRY_SD_M = 0.05
_SILENT = math.nan


class Surface:
    """The water's surface over a ground, as sensors tell it.

    Each sensor under water sends its level out over the ground that is lower, as far as its reach,
    around ridges and not through them, and not down slopes that hold no pool. Where several come,
    the level is their mean by Franke and Little's weights; a dry sensor that this water would come
    to holds it down to its own ground. So a level lake is exact, no level is above or below all
    that is said, and a dry sensor never ends wet.

    The result depends on what is said now and on nothing before; :meth:`observe` redoes only the
    windows that changed words can reach, and gives, bit for bit, what all anew would give.

    Args:
        ground: what the water stands on.
        row: [shape (n,)] the sensors' rows.
        column: [shape (n,)] and columns.
        settings: how far they speak for.

    Limits:
        No flow: on slopes, and behind walls, culverts and drains that the ground does not show, it
        may be wrong by metres. Beyond the sensors' reach nothing is known (NaN). A sensor over
        whose highest switch the water stands gives a lower bound only.

    References:
        Franke & Nielson 1980, Int. J. Numer. Methods Eng. 15, 1691 (the weights); FwDET: Cohen et
        al. 2018, JAWRA 54, 847 (levels at the flood's edge carried inward; here by sensors).

    Example:
        >>> bowl = np.full((5, 9), 2.0, np.float32)
        >>> bowl[1:4, 1:8] = 1.0
        >>> made = Surface(Ground(bowl, 10.0, 10.0), [2], [4])
        >>> made.observe([0.5], [0.5])
        (0, 0, 4, 8)
        >>> float(made.depth_m[2, 7]), float(made.depth_m[0, 0])
        (0.5, 0.0)
    """

    def __init__(
        self, ground: Ground, row: Any, column: Any, settings: Settings | None = None
    ) -> None:
        self.ground = ground
        self.settings = settings or Settings()
        self.posts = posts_on(ground, row, column)
        shape = ground.height_m.shape
        self.depth_m = np.full(shape, np.nan, np.float32)
        """[m] 0 where water is known not to be, NaN where nothing is known."""
        self.error_m = np.full(shape, np.nan, np.float32)
        """[m] standard error of the depth, NaN where there is none."""
        self.findings: tuple[Finding, ...] = self.posts.findings
        reach = self.settings.reach_m
        self._rules = reach, self.settings.fall, ground.width_m, ground.length_m
        self._work = kernels.scratch(self._rules)
        self._raw = np.zeros(shape, np.float32)
        self._raw_error = np.zeros(shape, np.float32)
        self._sums = (
            np.zeros(shape), np.zeros(shape), np.zeros(shape, np.float32),
            np.zeros(shape, np.uint8),
        )  # fmt: skip
        count = len(self.posts.cells)
        self._words = np.full((count, 5), _SILENT)
        """Of each: value, level it spreads to, variance, 1 under water, what it calls dry."""
        self._pairs = _Pairs(self.posts.cells, ground, reach)
        # Distances at the levels that are said, and at those that others have raised.
        self._met = [_Met(count, len(self._pairs.other)) for _ in range(2)]

    def observe(self, low_m: Any, high_m: Any) -> Box | None:
        """Take what the sensors say now; redo what that changes.

        Args:
            low_m: [m, shape (n,)] the least depth at each; 0: dry; NaN: it says nothing.
            high_m: [m, shape (n,)] the greatest; infinite: over its highest switch.

        Returns:
            First row, first column, last row, last column of what was redone; None: nothing.
        """
        said, faults = said_of(self.posts, low_m, high_m)
        words, more = self._judged(said)
        self.findings = (*self.posts.findings, *faults, *more)
        same = (words == self._words) | (np.isnan(words) & np.isnan(self._words))
        changed = np.flatnonzero(~same.all(axis=1))
        self._words = words
        if not changed.size:
            return None
        boxes = list(_joined([self._box(int(i)) for i in changed]))
        for box in boxes:
            self._redo(box)
        under = words[:, 3] > 0
        kernels.connected(
            self.ground.height_m, self._raw, self._raw_error,
            np.ascontiguousarray(self.posts.cells[under]), self._sums[3],
            (self.depth_m, self.error_m),
        )  # fmt: skip
        whole = np.array(boxes)
        (top, left), (bottom, right) = whole[:, :2].min(axis=0), whole[:, 2:].max(axis=0)
        return int(top), int(left), int(bottom), int(right)

    def _box(self, post: int) -> Box:
        row, column = int(self.posts.cells[post, 0]), int(self.posts.cells[post, 1])
        half_c = self._work.across // 2
        half_r = self._work.path.size // self._work.across // 2
        rows, columns = self.ground.height_m.shape
        return (
            max(row - half_r, 0), max(column - half_c, 0),
            min(row + half_r, rows - 1), min(column + half_c, columns - 1),
        )  # fmt: skip

    def _redo(self, box: Box) -> None:
        ground, cells, words = self.ground, self.posts.cells, self._words
        part = np.s_[box[0] : box[2] + 1, box[1] : box[3] + 1]
        for array in self._sums:
            array[part] = 0
        kernels.lay(
            ground.height_m, ground.spill_m, cells, words, self._rules, box, self._sums,
            self._work,
        )  # fmt: skip
        kernels.calm(
            ground.height_m, cells, np.ascontiguousarray(words[:, 4]), self._rules, box,
            self._sums[3],
        )  # fmt: skip
        kernels.level_out(
            ground.height_m, self._sums, self.settings.reach_m,
            (self.settings.ground_m, self.settings.slope_m_per_m), box, self._raw,
            self._raw_error,
        )  # fmt: skip
        dry = cells[np.isfinite(words[:, 4]) & ~(words[:, 3] > 0)]
        self._raw[dry[:, 0], dry[:, 1]] = 0.0

    def _judged(self, said: Said) -> tuple[Array, list[Finding]]:
        """Return what goes into the surface, from all that is said, and what is wrong with it."""
        floor = self.posts.floor_m
        words = np.full(self._words.shape, _SILENT)
        two = said.wet & ~said.open
        words[two, 0] = (floor + (said.low_m + said.high_m) / 2)[two]
        words[two, 2] = np.maximum((said.high_m[two] - said.low_m[two]) ** 2 / 12, _LEAST_SD_M**2)
        words[said.open, 0] = (floor + said.low_m)[said.open]
        words[said.open, 2] = self.settings.deep_m**2
        words[said.wet, 1] = words[said.wet, 0]
        words[said.wet, 3] = 1.0
        faults = self._outvote(said, words)
        faults += self._deepen(said, words)
        words[said.wet, 4] = words[said.wet, 1]
        words[said.dry, 3] = 0.0
        words[said.dry, 4] = floor[said.dry]
        one, other = self._pairs.one, self._pairs.other
        away = self._away(1, words[:, 1], said.wet, said.dry)
        held = said.wet[one] & said.dry[other] & (away >= 0)
        at = np.unique(other[held])
        words[at, 0], words[at, 2] = floor[at], _DRY_SD_M**2
        level = np.full(len(words), -np.inf)
        np.maximum.at(level, other[held], words[one[held], 1])
        words[at, 1] = level[at]
        return words, faults

    def _away(self, kept: int, level: Array, of: NDArray[np.bool_], to: NDArray[np.bool_]) -> Array:
        """Return how far the water of some goes to others that lie lower [m]; -1: it does not.

        Kept by level: what stands still costs nothing.
        """
        pairs, met = self._pairs, self._met[kept]
        with np.errstate(invalid="ignore"):
            lower = of[pairs.one] & to[pairs.other]
            lower &= self.posts.floor_m[pairs.other] < level[pairs.one]
        asked = np.zeros(len(level), np.bool_)
        asked[pairs.one[lower]] = True
        new = np.flatnonzero(asked & (met.level != level))
        if new.size:
            kernels.meet(
                self.ground.height_m, self.ground.spill_m, self.posts.cells, level, new,
                (pairs.starts, pairs.other), self._rules, self._work, met.away,
            )  # fmt: skip
            met.level[new] = level[new]
        return np.where(lower, met.away, -1.0)

    def _outvote(self, said: Said, words: Array) -> list[Finding]:
        """Leave out those under water whom more dry ones contradict than wet ones stand by."""
        settings, floor = self.settings, self.posts.floor_m
        one, other = self._pairs.one, self._pairs.other
        away = self._away(0, words[:, 1], said.wet, said.dry)
        gap = (floor + said.low_m)[one] - floor[other]
        against = away >= 0
        against &= gap > settings.contrary_m + settings.contrary_slope * away
        count = np.bincount(one[against], minlength=len(words))
        doubted = count > 0
        beside = self._away(0, words[:, 1], said.wet & doubted, said.wet) >= 0
        by = 1 + np.bincount(one[beside], minlength=len(words))
        out = (count >= 2) & (count > by)
        words[out] = _SILENT
        said.wet[out] = False
        said.open[out] = False
        return [
            Finding(int(i), "outvoted" if out[i] else "contradicts",
                    tuple(int(j) for j in other[mine][:8]), float(gap[mine].max()))
            for i in np.flatnonzero(doubted)
            for mine in [against & (one == i)]
        ]  # fmt: skip

    def _deepen(self, said: Said, words: Array) -> list[Finding]:
        """Raise those over their highest switch to what others, whose water comes there, say."""
        one, other = self._pairs.one, self._pairs.other
        away = self._away(0, words[:, 1], said.wet & ~said.open, said.open)
        reach, count = self.settings.reach_m, len(words)
        pair = np.flatnonzero((away >= 0) & (away < reach))
        d = np.maximum(away[pair], kernels.NEAREST_M)
        w = ((reach - d) / (reach * d)) ** 2
        weight, value, variance = (
            np.bincount(other[pair], w * of, minlength=count)
            for of in (1.0, words[one[pair], 0], words[one[pair], 2])
        )
        told = said.open & (weight > 0)
        level = np.divide(value, weight, out=np.zeros(count), where=told)
        with np.errstate(invalid="ignore"):
            higher = told & (level > words[:, 0])
        words[higher, 0] = words[higher, 1] = level[higher]
        words[higher, 2] = variance[higher] / weight[higher] + _LEAST_SD_M**2
        return [Finding(int(i), "saturated") for i in np.flatnonzero(said.open & ~higher)]


class _Pairs:
    """Sensors within reach of each other: ``one`` to ``other``, both ways, by ``one``."""

    def __init__(self, cells: NDArray[np.int64], ground: Ground, reach_m: float) -> None:
        from scipy.spatial import KDTree  # noqa: PLC0415 - heavy

        found = np.empty((0, 2), np.int64)
        if len(cells) > 1:
            metres = cells * np.array([ground.length_m, ground.width_m])
            found = KDTree(metres).query_pairs(reach_m, output_type="ndarray").astype(np.int64)
        both = np.concatenate([found, found[:, ::-1]])
        both = both[np.lexsort((both[:, 1], both[:, 0]))]
        self.one = np.ascontiguousarray(both[:, 0])
        self.other = np.ascontiguousarray(both[:, 1])
        self.starts = np.searchsorted(self.one, np.arange(len(cells) + 1)).astype(np.int64)


class _Met:
    """How far water went, pair by pair, and at which level of each sensor that was."""

    def __init__(self, count: int, pairs: int) -> None:
        self.level = np.full(count, np.nan)
        self.away = np.full(pairs, -1.0)


def _joined(boxes: list[Box]) -> Iterator[Box]:
    """Yield boxes that hold all of these, those that overlap taken together."""
    left = sorted(set(boxes))
    while left:
        one = left.pop()
        while touching := [b for b in left if _overlap(b, one)]:
            left = [b for b in left if b not in touching]
            held = np.array([one, *touching])
            (top, west), (bottom, east) = held[:, :2].min(axis=0), held[:, 2:].max(axis=0)
            one = int(top), int(west), int(bottom), int(east)
        yield one


def _overlap(one: Box, two: Box) -> bool:
    return one[0] <= two[2] and two[0] <= one[2] and one[1] <= two[3] and two[1] <= one[3]
