"""A run: a case in, maps and a balance out; it can stop and go on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from hinomi.kernel.errors import InputError
from hinomi.science.inundation.basin import Basin, Greatest
from hinomi.science.inundation.channels import Channels
from hinomi.science.inundation.finite import FiniteVolumeBasin
from hinomi.science.inundation.laws import GRAVITY_M_S2
from hinomi.science.inundation.ranks import rank_of
from hinomi.science.inundation.sources import GreenAmpt, Hydrograph, Pump, Source, Sources

Array = NDArray[Any]
_LONGEST_S = 60.0
"""[s] no step is longer, so that hydrographs and arrival times stay sharp."""
_COMES_M = 0.1
"""[m] no more comes into a cell in a step, so that the step that was stable stays so."""


@dataclass(frozen=True)
class EdgeSeries:
    """A stage [m] or flow [m2/s] over time on faces of a side; ``wall`` and ``free`` need none."""

    side: str
    kind: str
    series: Hydrograph | None = None
    first: int = 0
    last: int | None = None

    def apply(self, basin: Basin | FiniteVolumeBasin, time_s: float) -> None:
        """Set the edge as it is then."""
        value = 0.0 if self.series is None else self.series.at(time_s)
        basin.edges.set(self.side, self.kind, value, faces=slice(self.first, self.last))


@dataclass(frozen=True)
class Case:
    """All that a run is made of. Arrays are (rows, columns), row 0 in the north."""

    bed_m: Array
    dx_m: float
    end_s: float
    manning: float | Array = 0.03
    kernel: Literal["inertial", "finite-volume"] = "inertial"
    precision: Literal["float32", "float64"] = "float32"
    depth_m: Array | None = None
    """[m] water at the start; None is dry."""
    sources: tuple[Source, ...] = ()
    edges: tuple[EdgeSeries, ...] = ()
    channels: Channels | None = None
    """Channels narrower than a cell."""
    save_every_s: float = 600.0
    threads: int | None = None
    device: Literal["cpu", "cuda"] = "cpu"
    """Where it is computed; ``cuda`` for the local-inertial kernel only."""


@dataclass
class Maps:
    """What a run leaves: the state (to go on from) and the greatest of each cell so far."""

    time_s: float
    depth_m: Array
    across_m2_s: Array
    """Discharge along columns; on the faces (inertial) or in the cells (finite volume)."""
    along_m2_s: Array
    max_depth_m: Array
    max_speed_m_s: Array
    arrival_s: Array
    """[s] when the depth first passed 5 cm; NaN: never."""
    volume_m3: float
    balance_error: float
    """Water on the grid less what came and went, over what was handled."""
    least_m: float
    totals_m3: dict[str, float] = field(default_factory=dict)
    channel_m: Array | None = None
    """[m] water in channels narrower than a cell, below their banks; NaN: no channel."""
    channel_m3_s: Array | None = None
    """Discharge of their links."""
    soaked_m: Array | None = None
    """[m] what has soaked in, where the soil takes water."""
    state: dict[str, Array] = field(default_factory=dict)
    """What else a run needs to go on bit by bit: pumps that run, soils, speeds, the water at the
    start; by name."""

    @property
    def rank(self) -> NDArray[np.uint8]:
        """The class of the greatest depth (浸水ランク)."""
        return rank_of(self.max_depth_m)


def _basin(case: Case, precision: Any) -> Basin | FiniteVolumeBasin:
    """Return the water that the case asks for, still dry."""
    given: dict[str, Any] = {
        "manning": case.manning, "precision": precision, "channels": case.channels,
        "threads": case.threads,
    }  # fmt: skip
    if case.kernel == "inertial" and case.device == "cuda":
        from hinomi.science.inundation.device import CudaBasin  # noqa: PLC0415 - numba.cuda is heavy

        return CudaBasin(case.bed_m, case.dx_m, **given)
    if case.kernel == "inertial":
        return Basin(case.bed_m, case.dx_m, **given)
    if case.device != "cpu":
        raise InputError(
            "device='cuda': the finite-volume kernel runs on processors only; take"
            " kernel='inertial' or device='cpu'.",
            "device='cuda'で計算できるのはkernel='inertial'だけです。",
        )
    return FiniteVolumeBasin(case.bed_m, case.dx_m, **given)


def _fresh(source: Source) -> Source:
    """Return a source as it is at the start of a run, apart from the case's and other runs'."""
    if isinstance(source, GreenAmpt):
        return replace(source, soaked_m=np.zeros((0, 0)))
    return replace(source, running=False) if isinstance(source, Pump) else source


class Run:
    """A case under way: :meth:`advance` to a time, :meth:`maps` whenever one likes."""

    def __init__(self, case: Case, *, since: Maps | None = None) -> None:
        if not (np.isfinite(case.end_s) and case.end_s > 0):
            raise InputError(f"end_s={case.end_s}: expected above 0 s (計算時間は0より大きい値)。")
        self.case = case
        precision = np.float32 if case.precision == "float32" else np.float64
        self.basin = _basin(case, precision)
        shape = self.basin.bed_m.shape
        self._start_with(case.depth_m, shape)
        self.greatest = Greatest(self.basin.depth_m)
        self.sources = Sources(tuple(_fresh(one) for one in case.sources), self.basin)
        self._first_m3 = self.basin.volume_m3()
        if since is not None:
            self._resume(since)
            self.sources.resume(since.totals_m3, since.state)
            self._first_m3 = float(since.state["first_m3"][0])

    def _start_with(self, depth_m: Array | None, shape: tuple[int, ...]) -> None:
        if depth_m is None:
            return
        given = np.asarray(depth_m, float)
        if given.shape != shape or not np.isfinite(given).all() or (given < 0).any():
            raise InputError(
                f"depth_m: expected {shape}, no gaps, nothing below 0.",
                "初期水深は標高と同じ格子で、欠測や負の値のないものが必要です。",
            )
        self.basin.depth_m[:] = given

    def _resume(self, since: Maps) -> None:
        basin = self.basin
        shape = (np.shape(basin.depth_m), np.shape(self._discharges()[0]))
        if (np.shape(since.depth_m), np.shape(since.across_m2_s)) != shape:
            raise InputError(
                "restart: its grid or kernel is another one than the case's.",
                "再開データの格子または計算法が、この計算と違います。",
            )
        needs = {"first_m3"} | (
            {"u_m_s", "v_m_s"} if isinstance(basin, FiniteVolumeBasin) else set()
        )
        if not needs <= set(since.state):
            raise InputError(
                "restart: it was written before runs kept all of their state; run it anew.",
                "再開データが古く、計算の状態が揃っていません。始めから計算し直してください。",
            )
        basin.depth_m[:] = since.depth_m
        if isinstance(basin, Basin):
            basin.qx_m2_s[:], basin.qy_m2_s[:] = since.across_m2_s, since.along_m2_s
        else:
            wet = basin.depth_m > 0
            basin.u_m_s[:] = np.where(wet, since.state["u_m_s"], 0)
            basin.v_m_s[:] = np.where(wet, since.state["v_m_s"], 0)
        network = basin.channels
        if (network is None) != (since.channel_m is None):
            raise InputError(
                "restart: it has channels and the case has none, or the other way round.",
                "再開データと計算の一方にだけ河道があります。",
            )
        if network is not None and since.channel_m is not None:
            network.below_m[:] = since.channel_m[network.rows, network.columns]
            network.flow_m3_s[:] = since.channel_m3_s
            network.out_m3_s[:] = since.state["outlets_m3_s"]
        basin.time_s, basin.least_m = since.time_s, since.least_m
        basin.passed_m3 = since.totals_m3.get("edges", 0.0)
        greatest = self.greatest
        greatest.depth_m[:] = since.max_depth_m
        greatest.speed_m_s[:], greatest.arrival_s[:] = since.max_speed_m_s, since.arrival_s

    def _discharges(self) -> tuple[Array, Array]:
        basin = self.basin
        if isinstance(basin, Basin):
            return basin.qx_m2_s, basin.qy_m2_s
        return basin.depth_m * basin.u_m_s, basin.depth_m * basin.v_m_s

    def advance(self, until_s: float, rain_m_s: Array | None = None) -> None:
        """Step on to a time [s], under more rain than the case has if ``rain_m_s`` is given."""
        basin, more = self.basin, rain_m_s is not None and bool(np.any(rain_m_s))
        while basin.time_s < until_s - 1e-6:
            for edge in self.case.edges:
                edge.apply(basin, basin.time_s)
            dt_s = min(self._step_s(), until_s - basin.time_s)
            source: Any = self.sources.rate_m_s(basin, dt_s) if self.case.sources else 0.0
            if more and rain_m_s is not None:
                source = source + rain_m_s
                came = float(rain_m_s.sum(dtype=np.float64)) * dt_s * basin.dx_m**2
                self.sources.totals_m3["rain"] += came
            basin.step(dt_s, source, self.greatest)

    def _step_s(self) -> float:
        """Return a step that is stable also for what comes in during it."""
        basin = self.basin
        dt_s = min(basin.longest_step_s(), _LONGEST_S)
        if not self.case.sources and not self.case.edges:
            return dt_s
        peak = self.sources.peak_m_s(basin)
        wave = np.sqrt(GRAVITY_M_S2 * (basin.deepest_m() + _COMES_M))
        most = _COMES_M / peak if peak > 0 else dt_s
        return float(min(dt_s, 0.6 * basin.dx_m / wave, most))

    def maps(self) -> Maps:
        """Return the state and the greatest so far, as copies."""
        basin = self.basin
        self.greatest.home()
        across, along = self._discharges()
        volume, network = basin.volume_m3(), basin.channels
        expected = self._first_m3 + basin.passed_m3 + self.sources.net_m3()
        handled = max(abs(self._first_m3), abs(expected), sum(self.sources.totals_m3.values()), 1.0)
        return Maps(
            time_s=basin.time_s, depth_m=basin.depth_m.copy(), across_m2_s=across.copy(),
            along_m2_s=along.copy(), max_depth_m=self.greatest.depth_m.copy(),
            max_speed_m_s=self.greatest.speed_m_s.copy(),
            arrival_s=self.greatest.arrival_s.copy(),
            volume_m3=volume, balance_error=(volume - expected) / handled, least_m=basin.least_m,
            totals_m3={**self.sources.totals_m3, "edges": basin.passed_m3},
            channel_m=None if network is None else network.grid_m(),
            channel_m3_s=None if network is None else network.flow_m3_s.copy(),
            soaked_m=self.sources.soaked_m(), state=self._state(),
        )  # fmt: skip

    def _state(self) -> dict[str, Array]:
        """Return what the maps themselves do not tell, and a run that goes on must know."""
        basin, found = self.basin, {"first_m3": np.array([self._first_m3])}
        if isinstance(basin, FiniteVolumeBasin):
            # Momentum divided by depth again costs a rounding.
            found |= {"u_m_s": basin.u_m_s.copy(), "v_m_s": basin.v_m_s.copy()}
        if basin.channels is not None:
            found["outlets_m3_s"] = basin.channels.out_m3_s.copy()
        return found | self.sources.kept()


def run(
    case: Case, *, since: Maps | None = None, saved: Callable[[Maps], None] | None = None
) -> Maps:
    """Run a case to its end.

    Args:
        case: what to run.
        since: what an earlier run left; this one goes on from there.
        saved: is given the maps every ``save_every_s``, and at the end.

    Returns:
        The maps at the end.
    """
    work = Run(case, since=since)
    every = case.save_every_s
    # Counted, not added up: a run that goes on stops at the same moments as one that never stopped.
    number = np.floor(work.basin.time_s / every + 1e-6)
    while work.basin.time_s < case.end_s - 1e-6:
        number += 1
        work.advance(min(float(number * every), case.end_s))
        if saved is not None:
            saved(work.maps())
    return work.maps()
