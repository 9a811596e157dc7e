"""Water that comes and goes inside a grid: rain, inflow, breaches, pumps, drains, infiltration."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from hinomi.kernel.errors import InputError
from hinomi.science.inundation.edges import Edges

Array = NDArray[Any]

MM_H = 1e-3 / 3600
"""[m/s] in a millimetre an hour."""


class Water(Protocol):
    """What both kernels' basins are to what stands around them."""

    bed_m: Array
    depth_m: Array
    dx_m: float
    time_s: float
    passed_m3: float
    edges: Edges

    def longest_step_s(self) -> float:
        """Return the step that is stable now [s]."""

    def step(
        self, dt_s: float, source_m_s: float | Array = 0.0, greatest: Any = None
    ) -> None:  # fmt: skip
        """Move the water on."""

    def volume_m3(self) -> float:
        """Return the water on the grid."""

    def speed_m_s(self) -> Array:
        """Return the speed in each cell."""


@dataclass(frozen=True)
class Hydrograph:
    """Values over time, straight between them; before the first and after the last, as they."""

    times_s: tuple[float, ...]
    values: tuple[float, ...]

    def __post_init__(self) -> None:
        times, values = np.asarray(self.times_s, float), np.asarray(self.values, float)
        if times.size == 0 or times.shape != values.shape or (np.diff(times) <= 0).any():
            raise InputError(
                "hydrograph: expected as many values as times, times rising.",
                "時系列は時刻が昇順で、値と同数が必要です。",
            )
        if not (np.isfinite(times).all() and np.isfinite(values).all()):
            raise InputError(
                "hydrograph: a gap (時系列に欠測があります); fill it or end before it."
            )

    def at(self, time_s: float) -> float:
        """Return the value then."""
        return float(np.interp(time_s, self.times_s, self.values))


def _refuse(wrong: bool, en: str, ja: str) -> None:  # noqa: FBT001 - said where it is asked
    if wrong:
        raise InputError(en, ja)


def _grid(values: Array | None) -> bool:
    """Tell whether a grid has a hole or something below 0."""
    return values is not None and not (np.isfinite(values) & (np.asarray(values) >= 0)).all()


def steady(value: float) -> Hydrograph:
    """Return a hydrograph that does not change."""
    return Hydrograph((0.0,), (value,))


@dataclass(frozen=True)
class Rain:
    """Rain [mm/h] on the whole grid, or times ``pattern`` (rows, columns) where it differs."""

    rate_mm_h: Hydrograph
    pattern: Array | None = None

    def __post_init__(self) -> None:
        _refuse(
            min(self.rate_mm_h.values) < 0 or _grid(self.pattern),
            "rain: expected rates and a pattern of 0 or more without gaps.",
            "雨量と分布は0以上で欠測がないことが必要です。",
        )

    def gain_m_s(self, basin: Water, time_s: float) -> Array:
        """Return the depth that comes a second."""
        whole = np.ones_like(basin.bed_m) if self.pattern is None else self.pattern
        return np.asarray(self.rate_mm_h.at(time_s) * MM_H * whole)


@dataclass(frozen=True)
class Inflow:
    """A river, a pipe or a pump's outlet: discharge [m3/s] spread over cells (rows, columns)."""

    cells: tuple[tuple[int, int], ...]
    flow_m3_s: Hydrograph

    def __post_init__(self) -> None:
        _refuse(
            not self.cells or min(self.flow_m3_s.values) < 0,
            "inflow: expected a cell or more and flows of 0 or more; a Pump takes water out.",
            "流入: セルは1つ以上、流量は0以上です(取り出すのはPumpです)。",
        )

    def gain_m_s(self, basin: Water, time_s: float) -> Array:
        """Return the depth that comes a second."""
        gain = np.zeros_like(basin.bed_m)
        rate = self.flow_m3_s.at(time_s) / (len(self.cells) * basin.dx_m**2)
        for cell in self.cells:
            gain[cell] += rate
        return gain


@dataclass
class Pump:
    """A pump (排水機場): on from ``on_m`` of water, off at ``off_m``; to other cells or away."""

    intake: tuple[int, int]
    capacity_m3_s: float
    on_m: float
    off_m: float
    outlet: tuple[int, int] | None = None
    running: bool = False

    def __post_init__(self) -> None:
        good = np.isfinite(self.capacity_m3_s) and self.capacity_m3_s >= 0
        _refuse(
            not (good and 0 <= self.off_m <= self.on_m < np.inf),
            "pump: expected a capacity of 0 or more, and 0 <= off_m <= on_m.",
            "排水機場: 能力は0以上、停止水深は0以上かつ起動水深以下です。",
        )

    def rate_m_s(self, basin: Water, left: Array, dt_s: float) -> float:
        """Return the depth that it takes a second from its cell."""
        depth = float(basin.depth_m[self.intake])
        self.running = depth > self.off_m if self.running else depth >= self.on_m
        most = max(float(left[self.intake]), 0.0) / dt_s
        return min(self.capacity_m3_s / basin.dx_m**2, most) if self.running else 0.0


@dataclass(frozen=True)
class Drain:
    """Sewers that take up to ``rate_mm_h`` where ``mask`` is set (下水道の排水能力)."""

    rate_mm_h: float
    mask: Array | None = None

    def __post_init__(self) -> None:
        _refuse(
            not 0 <= self.rate_mm_h < np.inf, "drain: expected a rate of 0 or more.",
            "下水道の排水能力は0以上です。",
        )  # fmt: skip


@dataclass
class GreenAmpt:
    """Infiltration, Green & Ampt 1911: f = K (1 + (psi + h) deficit / F).

    The ponded equation F - p ln(1 + F/p) = K t, p = (psi + h) deficit, is solved in each step for
    what soaks in, limited by the water that is there (Chow, Maidment & Mays 1988, eq. 4.3.5).
    """

    conductivity_m_s: float
    suction_m: float
    deficit: float
    soaked_m: Array = field(default_factory=lambda: np.zeros((0, 0)))

    def __post_init__(self) -> None:
        numbers = (self.conductivity_m_s, self.suction_m, self.deficit)
        _refuse(
            not (np.isfinite(numbers).all() and min(numbers) >= 0 and self.deficit <= 1),
            "infiltration: expected conductivity and suction of 0 or more, a deficit of 0 to 1.",
            "浸透: 透水係数と吸引圧は0以上、水分不足量は0から1です。",
        )

    def rate_m_s(self, basin: Water, left: Array, dt_s: float) -> Array:
        """Return the depth that soaks in a second; it is added to ``soaked_m``."""
        if self.soaked_m.shape != left.shape:
            self.soaked_m = np.zeros(left.shape)
        before = self.soaked_m
        water = np.maximum(left, 0)
        p = (self.suction_m + np.maximum(basin.depth_m, 0)) * self.deficit + 1e-12
        need = self.conductivity_m_s * dt_s
        more = need + np.sqrt(2 * p * need)
        for _ in range(8):  # Newton; the function is convex, so that it comes down to its root
            wrong = more - p * np.log1p(more / (before + p)) - need
            more = np.maximum(more - wrong * (before + more + p) / (before + more + 1e-15), 0)
        more = np.minimum(more, water)
        self.soaked_m = before + more
        return np.asarray(more / dt_s)


@dataclass(frozen=True)
class Breach:
    """A levee's cells that go down to ``bottom_m`` from ``start_s``, over ``duration_s``."""

    cells: tuple[tuple[int, int], ...]
    bottom_m: float
    start_s: float
    duration_s: float = 0.0

    def __post_init__(self) -> None:
        numbers = (self.bottom_m, self.start_s, self.duration_s)
        _refuse(
            not (self.cells and np.isfinite(numbers).all() and self.duration_s >= 0),
            "breach: expected a cell or more, a bottom and times that are numbers.",
            "破堤: セルは1つ以上、敷高と時刻は数値が必要です。",
        )


Source = Rain | Inflow | Pump | Drain | GreenAmpt | Breach


class Sources:
    """All that comes and goes in cells; ``totals_m3`` says how much did, by kind."""

    def __init__(self, sources: tuple[Source, ...], basin: Water) -> None:
        self.sources = sources
        self.totals_m3 = {"rain": 0.0, "inflow": 0.0, "pumped": 0.0, "drained": 0.0, "soaked": 0.0}
        rows, columns = basin.bed_m.shape
        for source in sources:
            for name in ("pattern", "mask"):
                given = getattr(source, name, None)
                if given is not None and np.shape(given) != (rows, columns):
                    raise InputError(
                        f"{type(source).__name__}: {name} of {np.shape(given)} on a grid of"
                        f" {rows} x {columns}.",
                        f"{name}{np.shape(given)}が格子({rows}×{columns})に合いません。",
                    )
            cells: tuple[Any, ...] = getattr(source, "cells", ())
            pump = (source.intake, source.outlet) if isinstance(source, Pump) else ()
            for cell in (*cells, *(c for c in pump if c is not None)):
                if not (0 <= cell[0] < rows and 0 <= cell[1] < columns):
                    raise InputError(
                        f"{type(source).__name__}: cell {cell} is outside the grid of"
                        f" {rows} x {columns}.",
                        f"格子の外のセルです: {cell}",
                    )
        # The ground as it was before any of them broke: a run that goes on has the same.
        self._breaches = [
            (one, tuple(np.array(one.cells).T), basin.bed_m[tuple(np.array(one.cells).T)].copy())
            for one in sources
            if isinstance(one, Breach)
        ]

    def peak_m_s(self, basin: Water) -> float:
        """Return a bound of the depth that comes a second into any one cell."""
        peak = 0.0
        for source in self.sources:
            if isinstance(source, Rain | Inflow):
                peak += float(source.gain_m_s(basin, basin.time_s).max())
            elif isinstance(source, Pump) and source.outlet is not None:
                peak += source.capacity_m3_s / basin.dx_m**2
        return peak

    def rate_m_s(self, basin: Water, dt_s: float) -> Array:
        """Open breaches, and return what comes less what goes in the next step, by cell."""
        middle = basin.time_s + dt_s / 2
        net = np.zeros(basin.bed_m.shape)
        area = basin.dx_m**2 * dt_s
        for source in self.sources:
            if isinstance(source, Rain | Inflow):
                gain = source.gain_m_s(basin, middle)
                net += gain
                name = "rain" if isinstance(source, Rain) else "inflow"
                self.totals_m3[name] += float(gain.sum(dtype=np.float64)) * area
        self._open(basin)
        for source in self.sources:
            if isinstance(source, Rain | Inflow | Breach):
                continue
            left = np.maximum(basin.depth_m + dt_s * net, 0)
            self._take(source, basin, net, left, dt_s)
        return net

    def _take(
        self, source: Pump | Drain | GreenAmpt, basin: Water, net: Array, left: Array, dt_s: float
    ) -> None:
        area = basin.dx_m**2 * dt_s
        if isinstance(source, Pump):
            rate = source.rate_m_s(basin, left, dt_s)
            net[source.intake] -= rate
            if source.outlet is None:
                self.totals_m3["pumped"] += rate * area
            else:
                net[source.outlet] += rate
            return
        if isinstance(source, Drain):
            taken = np.minimum(source.rate_mm_h * MM_H, left / dt_s)
            taken = taken if source.mask is None else np.where(source.mask, taken, 0)
            name = "drained"
        else:
            taken, name = source.rate_m_s(basin, left, dt_s), "soaked"
        net -= taken
        self.totals_m3[name] += float(taken.sum()) * area

    def _open(self, basin: Water) -> None:
        """Lower the breaches' cells; one that is in two breaches is as low as the lower of them."""
        for _, cells, crest in self._breaches:
            basin.bed_m[cells] = crest
        for breach, cells, crest in self._breaches:
            done = (basin.time_s - breach.start_s) / max(breach.duration_s, 1e-9)
            lowered = crest + np.clip(done, 0, 1) * (np.minimum(breach.bottom_m, crest) - crest)
            basin.bed_m[cells] = np.minimum(basin.bed_m[cells], lowered)

    def soaked_m(self) -> Array | None:
        """Return what has soaked in by cell [m]; None where no soil takes water."""
        held = [one.soaked_m for one in self.sources if isinstance(one, GreenAmpt)]
        there = [part for part in held if part.size]
        return np.asarray(sum(there[1:], there[0].copy())) if there else None

    def kept(self) -> dict[str, Array]:
        """Return what a run that goes on must know of them, by name."""
        pumps = [(*one.intake, one.running) for one in self.sources if isinstance(one, Pump)]
        soils = [one.soaked_m for one in self.sources if isinstance(one, GreenAmpt)]
        found = {f"soil_{k}_m": soil.copy() for k, soil in enumerate(soils) if soil.size}
        return found | ({"pumps": np.array(pumps, np.int64)} if pumps else {})

    def resume(self, totals_m3: dict[str, float], kept: dict[str, Array]) -> None:
        """Go on from what :meth:`kept` and the totals told."""
        for name in self.totals_m3:
            self.totals_m3[name] = totals_m3.get(name, 0.0)
        pumps = [one for one in self.sources if isinstance(one, Pump)]
        soils = [one for one in self.sources if isinstance(one, GreenAmpt)]
        was = kept.get("pumps", np.zeros((0, 3), np.int64))
        left = sum(name.startswith("soil_") for name in kept)
        _refuse(
            [one.intake for one in pumps] != [(int(row), int(column)) for row, column, _ in was]
            or left not in {0, len(soils)},
            f"restart: it has {len(was)} pumps and {left} soils, the case {len(pumps)} and"
            f" {len(soils)}, or its pumps stand elsewhere: whether one runs is not known.",
            "再開データと計算のポンプ・土壌が違うか、ポンプの運転状態が記録されていません。",
        )
        for pump, (_, _, running) in zip(pumps, was, strict=True):
            pump.running = bool(running)
        for number, soil in enumerate(soils):
            if f"soil_{number}_m" in kept:
                soil.soaked_m = kept[f"soil_{number}_m"].copy()

    def net_m3(self) -> float:
        """Return what came in cells less what went, so far [m3]."""
        came = self.totals_m3["rain"] + self.totals_m3["inflow"]
        return came - sum(self.totals_m3[name] for name in ("pumped", "drained", "soaked"))
