"""Depth of water from sensors against exact lakes, a known flood and what others would do."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np

from hinomi.science.depths.analogues import blend, weigh
from hinomi.science.depths.ensemble import Ensemble
from hinomi.science.depths.ground import Ground
from hinomi.science.depths.posts import Settings
from hinomi.science.depths.surface import Surface
from hinomi.science.inundation.run import Case, Run
from hinomi.science.inundation.sources import Hydrograph, Inflow, Rain, steady
from verify.rows import Row

PLAIN = (2000, 2000)
TRUE = 90.0, 12.0
"""[mm/h, m3/s] of the flood that is to be found."""
COUNTS = (5, 10, 20, 40, 80, 160)
_DRAWS = 5
_CELL_M = 10.0
SIDE, _TOWN_M = 60, 20.0
_END_S = 5400.0


def bowl() -> tuple[Any, float, Any, Any]:
    """Return a basin with an island and rough ground, a level, and sensors in it and on it."""
    y, x = np.mgrid[0:80, 0:100]
    bed = 0.002 * ((x - 50) ** 2 + (y - 40) ** 2) + 2.5 * np.exp(
        -((x - 60) ** 2 + (y - 45) ** 2) / 30
    )
    bed += np.random.default_rng(8).random(bed.shape) * 0.05
    row = np.array([40, 20, 55, 38, 45, 45, 30, 60])
    column = np.array([50, 55, 35, 66, 60, 61, 30, 70])
    return bed.astype(np.float32), 1.75, row, column


def lake() -> Iterator[Row]:
    """A level lake, whatever the bed: the sensors' exact depths give it back."""
    bed, level, row, column = bowl()
    depth = np.maximum(level - bed.astype(float), 0)
    made = Surface(Ground(bed, _CELL_M, _CELL_M), row, column, Settings(reach_m=3_000.0))
    made.observe(depth[row, column], depth[row, column])
    yield Row(
        model="depth from sensors", case="level lake around an island, greatest error [m]",
        reference="exact: 0 (kept as float32)", ours=float(np.abs(made.depth_m - depth).max()),
        theirs=0.0, tolerance=1e-6,
    )  # fmt: skip


def town(seed: int = 2) -> Any:
    """Return ground of 1.2 x 1.2 km: a plain that falls gently to a basin, roads, a dyke."""
    dice = np.random.default_rng(seed)
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    bed = 3 + 0.016 * np.hypot(x - 35, y - 30) + 0.15 * np.sin(x / 4.5) * np.cos(y / 5.5)
    bed += dice.normal(0, 0.02, bed.shape)
    bed[:, 15] += 0.6
    bed[25:27, 15] -= 0.6
    bed[[0, -1]] = bed[:, [0, -1]] = 9.0
    return bed


def case(rain: float, inflow: float) -> Case:
    """Return a flood of the town."""
    return Case(
        bed_m=town(), dx_m=_TOWN_M, end_s=_END_S, manning=0.05, threads=1,
        sources=(
            Rain(Hydrograph((0.0, 3600.0, 3900.0), (rain, rain, 0.0))),
            Inflow(((15, 45), (15, 46)), steady(inflow)),
        ),
    )  # fmt: skip


@cache
def truth() -> Any:
    """Return the depth that the kernel gives at the end of a flood."""
    run = Run(case(*TRUE))
    run.advance(_END_S)
    return run.maps().depth_m.astype(float)


def said(depth_m: Any) -> tuple[Any, Any]:
    """Return what one-coin sensors say of a depth: switches at 10, 20 and 30 cm."""
    low = np.select([depth_m >= 0.3, depth_m >= 0.2, depth_m >= 0.1], [0.3, 0.2, 0.1], 0.0)
    return low, np.where(low == 0.3, np.inf, low + 0.1)


def drawn(count: int, draw: int) -> tuple[Any, Any]:
    """Return cells for sensors, half of them where people put them: in low places."""
    dice = np.random.default_rng(100 * draw + 7)
    bed = town()[1:-1, 1:-1].ravel()
    low = np.flatnonzero(bed < np.quantile(bed, 0.5))
    cell = np.concatenate([dice.permutation(low)[:80], dice.permutation(bed.size)[:80]])
    cell = dice.permutation(np.unique(cell))[:count]
    return cell // (SIDE - 2) + 1, cell % (SIDE - 2) + 1


def rmse_m(found: Any) -> float:
    """Return the root-mean-square error against the truth; what is not known counts as dry."""
    return float(np.sqrt(np.mean((np.nan_to_num(found) - truth()) ** 2)))


def by_surface(count: int, draw: int) -> Any:
    """Return tier 1's depth from so many sensors."""
    row, column = drawn(count, draw)
    made = Surface(Ground(town(), _TOWN_M, _TOWN_M), row, column)
    made.observe(*said(truth()[row, column]))
    return made.depth_m


def by_triangles(count: int, draw: int) -> Any:
    """Return what a GIS does: levels of wet sensors interpolated over triangles, less the ground.

    scipy's griddata, linear, the nearest outside the hull.
    """
    from scipy.interpolate import griddata  # noqa: PLC0415 - heavy

    row, column = drawn(count, draw)
    low, high = said(truth()[row, column])
    wet = low > 0
    if wet.sum() < 4:
        return np.zeros(town().shape)
    at = np.stack([row[wet], column[wet]], axis=1)
    level = town()[row, column][wet] + np.where(np.isinf(high), 0.3, (low + high) / 2)[wet]
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    surface = griddata(at, level, (y, x), method="linear")
    nearest = griddata(at, level, (y, x), method="nearest")
    return np.maximum(np.where(np.isnan(surface), nearest, surface) - town(), 0)


def curve() -> list[float]:
    """Return the error for each count of sensors, the mean of some draws."""
    return [
        float(np.mean([rmse_m(by_surface(count, draw)) for draw in range(_DRAWS)]))
        for count in COUNTS
    ]


def twin() -> Iterator[Row]:
    """A flood that is known: the error falls with each doubling of the sensors."""
    errors = curve()
    for few, many, more, fewer in zip(COUNTS, COUNTS[1:], errors[1:], errors, strict=False):
        yield Row(
            model="depth from sensors", case=f"twin flood, RMSE [m] of {many} sensors",
            reference=f"ours with {few} of them", ours=more, theirs=fewer, tolerance=0.0,
            kind="at most",
        )  # fmt: skip
    peer = float(np.mean([rmse_m(by_triangles(80, draw)) for draw in range(_DRAWS)]))
    yield Row(
        model="depth from sensors", case="twin flood, RMSE [m] of 80 sensors",
        reference="scipy griddata less the ground", ours=errors[COUNTS.index(80)], theirs=peer,
        tolerance=0.0, kind="at most",
    )  # fmt: skip


@cache
def library() -> Any:
    """Return depths of runs under other rain and inflow than the true one."""
    fields = []
    for rain in (20.0, 50.0, 80.0, 110.0):
        for inflow in (2.0, 9.0, 16.0):
            run = Run(case(rain, inflow))
            run.advance(_END_S)
            fields.append(run.maps().depth_m.astype(float))
    return np.stack(fields)


def analogues() -> Iterator[Row]:
    """A library that the truth is not in: the sensors choose what is like it."""
    fields = library()
    row, column = drawn(40, 0)
    found = weigh(fields[:, row, column], *said(truth()[row, column]))
    yield Row(
        model="depth by analogues", case="12 runs weighed by 40 sensors, RMSE [m]",
        reference="half a run's error, on average",
        ours=rmse_m(blend(fields, found.weights).mean_m),
        theirs=float(np.mean([rmse_m(one) for one in fields])) / 2, tolerance=0.0, kind="at most",
    )  # fmt: skip


@cache
def pulled(count: int) -> float:
    """Return the error of an ensemble of too little rain that hears of sensors on its way [m]."""
    guesses = [case(rain, inflow) for rain, inflow in
               ((20.0, 3.0), (40.0, 6.0), (50.0, 8.0), (70.0, 9.0))]  # fmt: skip
    row, column = drawn(count, 0) if count else (np.array([5]), np.array([5]))
    members = Ensemble(guesses, row, column)
    real = Run(case(*TRUE))
    for now in (1800.0, 2700.0, 3600.0, 4500.0):
        real.advance(now)
        members.advance(now)
        if count:
            members.assimilate(*said(real.maps().depth_m[row, column]))
    members.advance(_END_S)
    return rmse_m(members.mean_m())


def ensemble() -> Iterator[Row]:
    """A quarter of an hour after the last report the ensemble is nearer than without any."""
    yield Row(
        model="depth by ensemble", case="too little rain, 40 sensors, 15 min ahead, RMSE [m]",
        reference="the same ensemble without sensors", ours=pulled(40), theirs=pulled(0),
        tolerance=0.0, kind="at most",
    )  # fmt: skip


@cache
def speed() -> tuple[float, float]:
    """Return CPU seconds of a thousand sensors on four million cells, and of an update of one.

    A plain that nearly all stands under water, which is the most there is to do; best of three.
    """
    dice = np.random.default_rng(1)
    y, x = np.mgrid[0 : PLAIN[0], 0 : PLAIN[1]]
    bed = 10 + 0.005 * x + 0.3 * np.sin(x / 70) * np.cos(y / 90) + dice.normal(0, 0.05, PLAIN)
    ground = Ground(bed.astype(np.float32), _CELL_M, _CELL_M)
    row, column = dice.integers(0, PLAIN[0], 1000), dice.integers(0, PLAIN[1], 1000)
    low, high = said(dice.choice([0.0, 0.15, 0.25, 0.35], 1000))
    warm = Surface(Ground(bed[:40, :40].astype(np.float32), _CELL_M, _CELL_M), [5, 9], [5, 9])
    warm.observe([0.1, 0.0], [0.2, 0.1])
    warm.observe([0.3, 0.2], [np.inf, 0.3])
    whole, update = [], []
    for turn in range(3):
        made = Surface(ground, row, column)
        began = time.process_time()
        made.observe(low, high)
        whole.append(time.process_time() - began)
        low[turn], high[turn] = (0.2, 0.3) if low[turn] != 0.2 else (0.1, 0.2)
        began = time.process_time()
        made.observe(low, high)
        update.append(time.process_time() - began)
    return min(whole), min(update)


def cost() -> Iterator[Row]:
    """How long it takes, in seconds of one core."""
    whole_s, update_s = speed()
    for what, ours, theirs in (("all", whole_s, 1.0), ("one changes", update_s, 0.1)):
        yield Row(
            model="depth from sensors", case=f"1,000 sensors, 4,000,000 cells, {what} [cpu-s]",
            reference="goal", ours=ours, theirs=theirs, tolerance=0.0, kind="at most",
        )  # fmt: skip


ROWS = (lake, twin)
LONG_ROWS = (analogues, ensemble, cost)
