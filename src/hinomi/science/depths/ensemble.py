"""Tier 3: an ensemble of the inundation kernel, pulled towards the sensors as they report."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hinomi.kernel.errors import InputError
from hinomi.science.depths.analogues import Weighed, weigh
from hinomi.science.depths.ground import Ground
from hinomi.science.depths.posts import Settings
from hinomi.science.depths.surface import Surface
from hinomi.science.inundation.run import Case, Run

Array = NDArray[Any]
_LEAST_SD_M = 0.05
"""[m] Spread that an ensemble of a few members is never below: it knows less than it thinks."""
_SWITCH_M = 0.1
"""[m] Dry means below the lowest switch: a member's thin water there is left as it is."""
_DRY_SD_M = 0.05
"""[m] Of a place that is known to be dry."""
_GROUND_M = 0.05
"""[m] The ground's own error is the same in surface and members: only a cell's roughness counts."""
_MEMORY = 0.7
"""How much of the members' earlier likelihood counts beside the newest (forgetting)."""


class Ensemble:
    """Runs of one place under different rain, inflow or roughness, corrected by sensors.

    At each analysis a member's depth moves towards the connected surface of tier 1 by the gain
    P / (P + R) of a Kalman filter in each cell: P the ensemble's variance there, R that of the
    surface. Where the surface knows nothing a member keeps its water. Members are weighed by how
    well they foresaw the sensors before they were corrected, so that the forecast leans on those
    whose rain is right.

    Args:
        cases: the members: the same ground, kernel and cell.
        row: [shape (n,)] the sensors' rows.
        column: [shape (n,)] and columns.
        settings: of tier 1.

    Raises:
        InputError: fewer than two members, or grounds that differ.

    Limits:
        Cells are corrected one by one, momentum is left as it is, and a member's wrong rain goes on
        being wrong after the correction: look ahead some tens of minutes, not hours.

    References:
        Hostache et al. 2018, Water Resour. Res. 54, 5516 (flood maps in an ensemble of a hydraulic
        model); the gain is the scalar Kalman filter's (Evensen 2009, ch. 3).
    """

    def __init__(
        self, cases: Sequence[Case], row: Any, column: Any, settings: Settings | None = None
    ) -> None:
        if len(cases) < 2:
            raise InputError(f"{len(cases)} members: expected 2 or more (2つ以上必要です)。")
        first = cases[0]
        if any(c.dx_m != first.dx_m or not np.array_equal(c.bed_m, first.bed_m) for c in cases):
            raise InputError("members of different grounds (標高の違う計算は混ぜられません)。")
        self.runs = [Run(case) for case in cases]
        ground = Ground(np.asarray(first.bed_m, np.float32), first.dx_m, first.dx_m)
        self.surface = Surface(ground, row, column, settings or Settings(ground_m=_GROUND_M))
        self.weights = np.full(len(cases), 1 / len(cases))
        self.nudged_m3 = np.zeros(len(cases))
        """[m3] Water that corrections have added to each member, less what they took."""

    @property
    def time_s(self) -> float:
        """Return the time that the members stand at [s]."""
        return float(self.runs[0].basin.time_s)

    def advance(self, until_s: float) -> None:
        """Step all members on to a time [s]."""
        for run in self.runs:
            run.advance(until_s)

    def assimilate(self, low_m: Any, high_m: Any) -> Weighed | None:
        """Weigh and correct the members by what sensors say now, as :meth:`Surface.observe`.

        Returns:
            The members' weights by this report alone; None where no sensor says anything.
        """
        surface = self.surface
        surface.observe(low_m, high_m)
        cells, use = surface.posts.cells, surface.posts.usable
        low = np.where(use, np.asarray(low_m, float), np.nan)
        found: Weighed | None = None
        if (np.isfinite(low) & ~np.isnan(np.asarray(high_m, float))).any():
            at_posts = np.stack([r.basin.depth_m[cells[:, 0], cells[:, 1]] for r in self.runs])
            found = weigh(at_posts, low, high_m)
            weights = self.weights**_MEMORY * found.weights
            self.weights = weights / weights.sum()
        self._correct()
        return found

    def _correct(self) -> None:
        surface = self.surface
        known = np.isfinite(surface.depth_m)
        if not known.any():
            return
        spread = np.maximum(self._plain_sd_m()[known], _LEAST_SD_M) ** 2
        error = np.where(np.isfinite(surface.error_m), surface.error_m, _DRY_SD_M)[known] ** 2
        gain = spread / (spread + error)
        target = surface.depth_m[known]
        for number, run in enumerate(self.runs):
            maps = run.maps()
            depth = maps.depth_m.astype(np.float64)
            here = depth[known]
            move = gain * (np.where(target > 0, target, np.minimum(here, _SWITCH_M)) - here)
            depth[known] = np.maximum(here + move, 0.0)
            self.nudged_m3[number] += float((depth - maps.depth_m).sum()) * run.basin.dx_m**2
            changed = dataclasses.replace(maps, depth_m=depth.astype(maps.depth_m.dtype))
            self.runs[number] = Run(run.case, since=changed)

    def _plain_sd_m(self) -> Array:
        depths = np.stack([run.basin.depth_m for run in self.runs])
        return np.asarray(depths.std(axis=0, ddof=1), np.float64)

    def mean_m(self) -> Array:
        """Return the weighted mean depth [m]."""
        pairs = zip(self.weights, self.runs, strict=True)
        return np.asarray(sum(w * run.basin.depth_m.astype(np.float64) for w, run in pairs))

    def sd_m(self) -> Array:
        """Return the weighted standard deviation of the members' depth [m]."""
        mean = self.mean_m()
        pairs = zip(self.weights, self.runs, strict=True)
        square = sum(w * (run.basin.depth_m - mean) ** 2 for w, run in pairs)
        return np.asarray(np.sqrt(square))
