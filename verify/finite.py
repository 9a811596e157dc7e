"""The finite-volume kernel against exact solutions of the shallow-water equations.

Cases and constants: Delestre et al. 2013, SWASHES, Int. J. Numer. Meth. Fluids 72, 269-300, with
our gravity. Errors are means of |depth - exact| over all cells; the tolerance is what a
second-order scheme with a limiter leaves at that number of cells, first order at shocks and shores.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy.ndimage import distance_transform_edt
from scipy.optimize import brentq

from hinomi.science.inundation.finite import FiniteVolumeBasin
from hinomi.science.inundation.volumes import GRAVITY_M_S2 as G
from verify.rows import Row, data

_MODEL = "finite volume"


def run(basin: FiniteVolumeBasin, end_s: float, source: Any = 0.0) -> FiniteVolumeBasin:
    """Step to the end."""
    while basin.time_s < end_s - 1e-9:
        basin.step(min(basin.longest_step_s(), end_s - basin.time_s), source)
    return basin


def line(bed: np.ndarray, dx_m: float, manning: float = 0.0) -> FiniteVolumeBasin:
    """Return a channel two cells wide."""
    return FiniteVolumeBasin(np.tile(bed, (2, 1)), dx_m, manning=manning, threads=1)


def error(case: str, reference: str, ours: float, tolerance: float) -> Row:
    return Row(
        model=_MODEL, case=case, reference=reference, ours=ours, theirs=0.0, tolerance=tolerance
    )


def dam_break_error_m(cells: int, downstream_m: float) -> float:
    """Return the error 4 s after a dam of 1 m breaks (Ritter 1892 where it is dry below it)."""
    x = (np.arange(cells) + 0.5) * 50 / cells
    basin = line(np.zeros(cells), 50 / cells)
    basin.depth_m[:] = np.where(x < 25, 1.0, downstream_m)
    run(basin, 4.0)
    speed, c = (x - 25) / 4, np.sqrt(G)
    fan = (2 * c - speed) ** 2 / (9 * G)
    if downstream_m == 0:
        exact = np.where(speed < -c, 1.0, np.where(speed < 2 * c, fan, 0.0))
    else:
        hr = downstream_m
        middle = brentq(
            lambda h: 2 * (c - np.sqrt(G * h)) - (h - hr) * np.sqrt(G / 2 * (1 / h + 1 / hr)),
            hr, 1.0,
        )  # fmt: skip
        u = 2 * (c - np.sqrt(G * middle))
        shock = middle * u / (middle - hr)
        exact = np.where(
            speed < -c, 1.0,
            np.where(speed < u - np.sqrt(G * middle), fan, np.where(speed < shock, middle, hr)),
        )  # fmt: skip
    return float(np.abs(basin.depth_m[0] - exact).mean())


def dam_breaks() -> Iterator[Row]:
    yield error("Ritter, 400 cells, depth [m]", "Ritter 1892", dam_break_error_m(400, 0.0), 1.5e-3)
    yield error("Stoker, 400 cells, depth [m]", "Stoker 1957", dam_break_error_m(400, 0.1), 1.5e-3)


def paraboloid_error_m(cells: int) -> float:
    """Return the error of Thacker's radial oscillation in a paraboloid after a period."""
    h0, a, r0 = 0.1, 1.0, 0.8
    ratio, omega = (a * a - r0 * r0) / (a * a + r0 * r0), np.sqrt(8 * G * h0) / a
    x = (np.arange(cells) + 0.5) * 4 / cells - 2
    r2 = np.add.outer(x**2, x**2)
    bed = -h0 * (1 - r2 / a**2)

    def depth(t: float) -> np.ndarray:
        part = 1 - ratio * np.cos(omega * t)
        rise = np.sqrt(1 - ratio**2) / part - 1 - r2 / a**2 * ((1 - ratio**2) / part**2 - 1)
        return np.asarray(np.maximum(h0 * rise - bed, 0))

    basin = FiniteVolumeBasin(bed, 4 / cells, manning=0.0, threads=1)
    basin.depth_m[:] = depth(0.0)
    end = 2 * np.pi / omega
    run(basin, end)
    return float(np.abs(basin.depth_m - depth(end)).sum() / depth(end).sum())


def canal_error_m(cells: int) -> float:
    """Return the error of Thacker's planar surface in a parabolic canal after a period."""
    h0, a = 0.5, 1.0
    x = (np.arange(cells) + 0.5) * 4 / cells - 2
    omega = np.sqrt(2 * G * h0) / a
    bed = h0 * (x**2 / a**2 - 1)

    def depth(t: float) -> np.ndarray:
        return np.maximum(-h0 * ((x / a + 0.5 / a * np.cos(omega * t)) ** 2 - 1), 0)

    basin = line(bed, 4 / cells)
    basin.depth_m[:] = depth(0.0)
    end = 2 * np.pi / omega
    run(basin, end)
    return float(np.abs(basin.depth_m[0] - depth(end)).sum() / depth(end).sum())


def thacker() -> Iterator[Row]:
    yield error(
        "Thacker paraboloid, 100 x 100, after a period, of the volume", "Thacker 1981",
        paraboloid_error_m(100), 0.02,
    )  # fmt: skip
    yield error(
        "Thacker canal, 200 cells, after a period, of the volume", "Thacker 1981",
        canal_error_m(200), 0.02,
    )  # fmt: skip


def macdonald_error_m(cells: int) -> float:
    """Return the error in a channel whose bed makes a known subcritical flow with friction."""
    q, n, length = 2.0, 0.033, 1000.0
    fine = np.linspace(0, length, 40 * cells + 1)
    bell = 0.5 * np.exp(-16 * (fine / length - 0.5) ** 2)
    h = (4 / G) ** (1 / 3) * (1 + bell)
    slope = (4 / G) ** (1 / 3) * bell * (-32 / length) * (fine / length - 0.5)
    tilt = (q * q / (G * h**3) - 1) * slope - n * n * q * q / h ** (10 / 3)
    bed = np.concatenate([[0], np.cumsum((tilt[1:] + tilt[:-1]) / 2 * np.diff(fine))])
    basin = line(bed[20::40], length / cells, manning=n)
    basin.depth_m[:] = h[20::40]
    basin.edges.set("west", "flow", q)
    basin.edges.set("east", "stage", h[-1] + bed[-1])
    run(basin, 3000.0)
    return float(np.abs(basin.depth_m[0] - h[20::40]).mean())


def macdonald() -> Iterator[Row]:
    yield error(
        "MacDonald, subcritical, Manning, 100 cells, depth [m] of 1", "MacDonald et al. 1997",
        macdonald_error_m(100), 0.01,
    )  # fmt: skip


def _bernoulli(bed: np.ndarray, head: float, q: float, *, fast: np.ndarray) -> np.ndarray:
    """Return the depth of a flow with a given head above z = 0, sub- or supercritical."""
    out = np.empty_like(bed)
    for i, z in enumerate(bed):
        roots = np.roots([1.0, z - head, 0.0, q * q / (2 * G)])
        # A flow without enough head for the crest has a complex pair; no cell of it is used.
        real = np.sort(roots.real[roots.real > 0])
        out[i] = real[0] if fast[i] else real[-1]
    return out


def bump_error_m(kind: str, cells: int) -> float:
    """Return the error of steady flow over the bump of SWASHES 3.1.3 to 3.1.5."""
    q, stage = {"subcritical": (4.42, 2.0), "transcritical": (1.53, 0.66), "shock": (0.18, 0.33)}[
        kind
    ]
    x = (np.arange(cells) + 0.5) * 25 / cells
    bed = np.maximum(0.2 - 0.05 * (x - 10) ** 2, 0)
    basin = line(bed, 25 / cells)
    basin.depth_m[:] = np.maximum(stage - bed, 0)
    basin.edges.set("west", "flow", q)
    basin.edges.set("east", "stage", stage)  # fast outflow does not feel it
    run(basin, 200.0)
    below = stage + q * q / (2 * G * stage**2)
    critical = (q * q / G) ** (1 / 3)
    slow = np.zeros(cells, bool)
    if kind == "subcritical":
        exact = _bernoulli(bed, below, q, fast=slow)
    else:
        exact = _bernoulli(bed, 0.2 + 1.5 * critical, q, fast=x > 10)
    if kind == "shock":
        deep = _bernoulli(bed[x > 10], below, q, fast=slow)
        shallow = exact[x > 10]
        jump = q * q * (1 / shallow - 1 / deep) + G / 2 * (shallow**2 - deep**2)
        at = int(np.argmax(jump < 0))
        exact[np.flatnonzero(x > 10)[at:]] = deep[at:]
    return float(np.abs(basin.depth_m[0] - exact).mean())


def bumps() -> Iterator[Row]:
    for kind, tolerance in (("subcritical", 1e-3), ("transcritical", 3e-3), ("shock", 8e-3)):
        yield error(
            f"bump, {kind}, 100 cells, depth [m]", "SWASHES, Bernoulli",
            bump_error_m(kind, 100), tolerance,
        )  # fmt: skip


def lake_speed_m_s(precision: Any) -> float:
    """Return the greatest speed of a lake at rest around an island after 200 steps."""
    rng = np.random.default_rng(5)
    y, x = np.mgrid[0:60, 0:80]
    bed = 1.5 * np.exp(-((x - 40) ** 2 + (y - 30) ** 2) / 150) + 0.2 * rng.random((60, 80))
    basin = FiniteVolumeBasin(bed, 10.0, precision=precision, threads=1)
    basin.depth_m[:] = np.maximum(1.0 - basin.bed_m, 0)
    for _ in range(200):
        basin.step(basin.longest_step_s())
    return float(basin.speed_m_s().max())


def mass_drift(steps: int = 400) -> float:
    """Return the relative error of the water after rain, inflow, drying and free outflow."""
    rng = np.random.default_rng(6)
    bed = np.cumsum(rng.normal(0, 0.02, (64, 300)), axis=1) + np.linspace(3, 0, 300)
    basin = FiniteVolumeBasin(bed, 10.0, threads=1)
    rain = np.zeros_like(basin.bed_m)
    rain[10:30, 40:90] = 50e-3 / 3600
    basin.edges.set("west", "flow", 0.5, faces=slice(20, 30))
    basin.edges.set("east", "free")
    rained = 0.0
    for _ in range(steps):
        dt_s = min(basin.longest_step_s(), 5.0)
        basin.step(dt_s, rain)
        rained += dt_s * float(rain.sum()) * 100.0
    came = rained + basin.passed_m3
    return abs(basin.volume_m3() - came) / came


def lake() -> Iterator[Row]:
    yield error(
        "lake at rest over an island, |u| [m/s]", "exact: 0", lake_speed_m_s(np.float64), 1e-12
    )
    yield error(
        "mass drift: rain, inflow, drying, free outflow", "what came in", mass_drift(), 1e-9
    )


def merewether(cell_m: int) -> list[tuple[str, float, float, float]]:
    """Return (point, our stage, observed, TUFLOW's) [m] of the steady flood of 19.7 m3/s.

    Smith, Rahman & Wasko 2016, ARR project 15; inflow in a circle of 10 m at its place, open north
    and east edges. The houses are not in the topography that we have, nor are the roads: n = 0.03
    between its 0.02 (roads) and 0.04.
    """
    folder = data("hazard/anuga")
    with zipfile.ZipFile(folder / "merewether_topography1.zip") as packed:
        lines = packed.read("topography1.asc").decode().splitlines()
    head = {name: float(value) for name, value in (part.split() for part in lines[:6])}
    bed = np.loadtxt(io.StringIO("\n".join(lines[6:])))
    nearest = distance_transform_edt(bed == -9999, return_distances=False, return_indices=True)
    bed = bed[tuple(nearest)]
    rows, columns = (n // cell_m for n in bed.shape)
    bed = bed[-rows * cell_m :, : columns * cell_m]
    bed = bed.reshape(rows, cell_m, columns, cell_m).mean((1, 3))
    dx = head["cellsize"] * cell_m
    x = head["xllcorner"] + (np.arange(columns) + 0.5) * dx
    y = head["yllcorner"] + (rows - np.arange(rows) - 0.5) * dx
    circle = np.add.outer((y - 6354280.0) ** 2, (x - 382265.0) ** 2) <= 100.0
    basin = FiniteVolumeBasin(bed, dx, manning=0.03, precision=np.float32, threads=1)
    basin.edges.set("east", "free")
    basin.edges.set("north", "free")
    run(basin, 900.0, np.where(circle, 19.7 / (circle.sum() * dx * dx), 0))
    stages = []
    with (folder / "merewether_ObservationPoints.csv").open() as file:
        for px, py, name, _, observed, tuflow in list(csv.reader(file))[1:]:
            i, j = np.abs(y - float(py)).argmin(), np.abs(x - float(px)).argmin()
            ours = float(basin.bed_m[i, j] + basin.depth_m[i, j])
            stages.append((name.strip(), ours, float(observed), float(tuflow)))
    return stages


def _town(cell_m: int) -> Iterator[Row]:
    stages = merewether(cell_m)
    for whose, column, reference in (
        ("observed", 2, "ARR project 15, final report"), ("TUFLOW", 3, "TUFLOW, same report"),
    ):  # fmt: skip
        off = [abs(stage[1] - float(stage[column])) for stage in stages]  # type: ignore[arg-type]
        yield Row(
            model=_MODEL,
            case=f"Merewether 2007 at {cell_m} m, no houses: mean |stage - {whose}|, 5 points [m]",
            reference=reference, ours=float(np.mean(off)), theirs=0.3, tolerance=0.0,
            kind="at most",
        )  # fmt: skip


def town() -> Iterator[Row]:
    """The town at 4 m: seconds."""
    yield from _town(4)


def fine_town() -> Iterator[Row]:
    """The town at 2 m: half a minute."""
    yield from _town(2)


ROWS = (dam_breaks, thacker, macdonald, bumps, lake, town)
LONG_ROWS = (fine_town,)
