"""The local-inertial kernel against closed forms."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy.optimize import brentq

from hinomi.science.inundation.basin import Basin
from hinomi.science.inundation.channels import Channels
from hinomi.science.inundation.run import Case, EdgeSeries, run
from hinomi.science.inundation.sources import Inflow, steady
from verify import finite
from verify.rows import Row

_SPEED_M_S, _MANNING, _END_S = 0.29, 0.03, 9000.0


def wave_m(x_m: np.ndarray, time_s: float) -> np.ndarray:
    """Return Hunter et al. 2005's wave on a flat bed: h = (7/3 n^2 u^2 (u t - x))^(3/7)."""
    ahead = np.maximum(_SPEED_M_S * time_s - x_m, 0.0)
    return (7.0 / 3.0 * _MANNING**2 * _SPEED_M_S**2 * ahead) ** (3.0 / 7.0)


def wave_error_m(dx_m: float, precision: Any) -> float:
    """Return the root-mean-square error of the depth over all cells at the end."""
    cells = round(1.2 * _SPEED_M_S * _END_S / dx_m)
    basin = Basin(
        np.zeros((2, cells)), dx_m, manning=_MANNING, theta=0.9, precision=precision, threads=1
    )
    while basin.time_s < _END_S:
        dt_s = min(basin.longest_step_s(), 10.0, _END_S - basin.time_s)
        at_edge = wave_m(np.zeros(1), basin.time_s + dt_s / 2)[0]
        basin.qx_m2_s[:, 0] = _SPEED_M_S * at_edge
        basin.step(dt_s)
    exact = wave_m((np.arange(cells) + 0.5) * dx_m, _END_S)
    return float(np.sqrt(np.mean((basin.depth_m[0] - exact) ** 2)))


def hunter() -> Iterator[Row]:
    """The errors that another code of the same equations has, whose inflow is set otherwise."""
    for dx_m, theirs in ((50.0, 0.0135), (25.0, 0.0080), (12.5, 0.0064)):
        yield Row(
            model="local-inertial", case=f"Hunter 2005 wave, dx {dx_m:g} m, RMSE [m] of 0.72",
            reference="closed form; theirs: another code's error",
            ours=wave_error_m(dx_m, np.float64), theirs=theirs, tolerance=0.15 * theirs,
            kind="at most",
        )  # fmt: skip


def island_speed_m2_s(precision: Any) -> float:
    """Return the greatest discharge of a lake at rest around an island after 200 steps."""
    rng = np.random.default_rng(5)
    y, x = np.mgrid[0:60, 0:80]
    bed = 1.5 * np.exp(-((x - 40) ** 2 + (y - 30) ** 2) / 150) + 0.2 * rng.random((60, 80))
    basin = Basin(bed, 10.0, precision=precision, threads=1)
    basin.depth_m[:] = np.maximum(1.0 - basin.bed_m, 0)
    for _ in range(200):
        basin.step(basin.longest_step_s())
    return float(max(np.abs(basin.qx_m2_s).max(), np.abs(basin.qy_m2_s).max()))


def lake() -> Iterator[Row]:
    """Still water stays still, whatever the bed."""
    yield Row(
        model="local-inertial", case="lake at rest over an island, |q| [m2/s]",
        reference="exact: 0", ours=island_speed_m2_s(np.float64), theirs=0.0, tolerance=1e-12,
    )  # fmt: skip


def mass_drift(precision: Any, steps: int = 400) -> float:
    """Return the relative error of the water after rain, inflow and drying."""
    rng = np.random.default_rng(6)
    bed = np.cumsum(rng.normal(0, 0.02, (64, 300)), axis=1) + np.linspace(3, 0, 300)
    basin = Basin(bed, 10.0, precision=precision, threads=1)
    came = 0.0
    rain = np.zeros_like(basin.bed_m)
    rain[10:30, 40:90] = 50e-3 / 3600
    basin.qx_m2_s[20:30, 0] = 0.5
    for _ in range(steps):
        dt_s = min(basin.longest_step_s(), 5.0)
        basin.step(dt_s, rain)
        came += dt_s * (float(rain.sum(dtype=float)) * 100.0 + 10 * 0.5 * 10.0)
    return abs(basin.volume_m3() - came) / came


def mass() -> Iterator[Row]:
    """Water is neither made nor lost."""
    yield Row(
        model="local-inertial", case="mass drift, rain and inflow over rough ground",
        reference="what came in", ours=mass_drift(np.float64), theirs=0.0, tolerance=1e-9,
    )  # fmt: skip


def channel_depth_m(flow_m3_s: float, bank_m: float, kernel: Any = "inertial") -> float:
    """Return the mean depth of steady flow in a channel of 8 m in cells of 50 m, slope 0.001."""
    bed = np.tile(10 - 0.05 * np.arange(40.0), (2, 1))
    width = np.zeros_like(bed)
    width[0] = 8.0
    maps = run(
        Case(
            bed, 50.0, 12_000.0 if bank_m > 2 else 40_000.0, manning=0.06, kernel=kernel,
            precision="float64", channels=Channels(width, bed - bank_m, 0.03), threads=1,
            sources=(Inflow(((0, 0),), steady(flow_m3_s)),), edges=(EdgeSeries("east", "free"),),
        )
    )  # fmt: skip
    if maps.channel_m is None:
        raise AssertionError("a run with channels has their water")
    return float((maps.channel_m + np.maximum(maps.depth_m, 0))[0, 8:20].mean())


def normal_depth_m(flow_m3_s: float, bank_m: float) -> float:
    """Return Manning's depth, channel and plain (100 m less the channel, n 0.06) apart."""

    def missing(h: float) -> float:
        area, over = 8 * h, max(h - bank_m, 0.0)
        channel = area * (area / (8 + 2 * min(h, bank_m))) ** (2 / 3) * 0.001**0.5 / 0.03
        return float(channel + 92 * over ** (5 / 3) * 0.001**0.5 / 0.06 - flow_m3_s)

    return float(brentq(missing, 0, 20))


def channels() -> Iterator[Row]:
    """Uniform flow in a channel narrower than a cell, within its banks and over them."""
    for flow, bank, share, kernel in (
        (30.0, 4.0, 1e-4, "inertial"), (30.0, 4.0, 1e-4, "finite-volume"),
        (60.0, 1.5, 1e-4, "inertial"),
    ):  # fmt: skip
        theirs = normal_depth_m(flow, bank)
        yield Row(
            model="sub-grid channel",
            case=f"8 m wide in cells of 50 m, {flow:g} m3/s, bank {bank:g} m, {kernel}, depth [m]",
            reference="Manning's normal depth", ours=channel_depth_m(flow, bank, kernel),
            theirs=theirs, tolerance=share * theirs,
        )  # fmt: skip


ROWS = (hunter, lake, mass, channels, *finite.ROWS)
LONG_ROWS = finite.LONG_ROWS
