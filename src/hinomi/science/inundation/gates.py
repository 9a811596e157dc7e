"""What stands in a run besides water: gates that close and open, and a meter of its cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hinomi.kernel.errors import InputError
from hinomi.science.inundation.basin import Basin
from hinomi.science.inundation.finite import FiniteVolumeBasin
from hinomi.science.inundation.run import EdgeSeries


class StoppedError(Exception):
    """Whoever asked for the run does not want it any more."""


@dataclass(frozen=True)
class Gate(EdgeSeries):
    """Cells that are as high as a crest while the gate is closed (水門, 樋門, 陸閘).

    Set like an edge before each step. Water that stands where the gate comes down is lifted with
    the ground and runs off, so that none is made or lost.
    """

    side: str = ""
    kind: str = "gate"
    cells: tuple[tuple[int, int], ...] = ()
    crest_m: float = 0.0
    closed_s: tuple[tuple[float, float], ...] = ()
    """From, to [s]."""
    _open_m: dict[str, NDArray[Any]] = field(default_factory=dict, repr=False)

    def apply(self, basin: Basin | FiniteVolumeBasin, time_s: float) -> None:
        """Set the gate as it is then."""
        rows, columns = (list(part) for part in zip(*self.cells, strict=True))
        sill = self._open_m.setdefault("bed", basin.bed_m[rows, columns].copy())
        closed = any(start <= time_s < end for start, end in self.closed_s)
        basin.bed_m[rows, columns] = np.maximum(sill, self.crest_m) if closed else sill


@dataclass(frozen=True)
class Meter(EdgeSeries):
    """Counts steps, and ends a run that costs more than it may or that nobody wants any more."""

    side: str = ""
    kind: str = "meter"
    most_cell_steps: float = float("inf")
    stopped: Callable[[], bool] = lambda: False
    _steps: list[int] = field(default_factory=lambda: [0], repr=False)

    @property
    def steps(self) -> int:
        """Return how many steps were taken."""
        return self._steps[0]

    def apply(self, basin: Basin | FiniteVolumeBasin, time_s: float) -> None:
        """Count one step.

        Raises:
            InputError: the limit is reached.
            StoppedError: the run is not wanted any more.
        """
        self._steps[0] += 1
        cells = basin.bed_m.size
        if self._steps[0] * cells > self.most_cell_steps:
            raise InputError(
                f"the run was ended after {time_s / 60:.0f} min of its time: {cells:,} cells x"
                f" {self._steps[0]:,} steps pass the limit of {self.most_cell_steps:,.0f}. Take"
                " coarser cells (cell_m), fewer hours or a smaller ground.",
                f"計算量の上限({self.most_cell_steps:,.0f}セル・ステップ)に達したため、"
                f"{time_s / 60:.0f}分までで打ち切りました({cells:,}セル)。格子を粗くするか、"
                "時間か範囲を減らしてください。",
            )
        if self._steps[0] % 20 == 0 and self.stopped():
            raise StoppedError
