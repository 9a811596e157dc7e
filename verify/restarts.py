"""Restarts of an inundation run: a pump that runs when the run stops, against its closed form."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np

from hinomi.science.inundation.run import Case, run
from hinomi.science.inundation.sources import GreenAmpt, Pump
from verify.rows import Row

_CELLS, _DX_M = 16, 10.0
_START_M, _OFF_M, _FLOW_M3_S = 0.5, 0.1, 0.32
_KERNELS: tuple[Literal["inertial", "finite-volume"], ...] = ("inertial", "finite-volume")


def pool(kernel: Literal["inertial", "finite-volume"], end_s: float, *, soil: bool) -> Case:
    """Return a walled pool that a pump empties from its start level down to its stop level."""
    depth = np.full((_CELLS // 4, 4), _START_M)
    sink = GreenAmpt(2e-5, 0.1, 0.3)
    pump = Pump((1, 1), _FLOW_M3_S, _START_M, _OFF_M)
    return Case(
        np.zeros_like(depth), _DX_M, end_s, kernel=kernel, precision="float64", threads=1,
        depth_m=depth, sources=(sink,) if soil else (pump,), save_every_s=500.0,
    )  # fmt: skip


def restarts() -> Iterator[Row]:
    """Stopped half way, when the water is below what starts a pump but above what stops it."""
    for kernel in _KERNELS:
        half = run(pool(kernel, 1000.0, soil=False))
        again = run(pool(kernel, 1500.0, soil=False), since=half)
        theirs = _START_M - _FLOW_M3_S * 1500.0 / (_CELLS * _DX_M**2)
        yield Row(
            model=f"restart, {kernel}", case="a pool under a pump, mean depth after 1,500 s [m]",
            reference="closed form: volume less Q t", ours=float(again.depth_m.mean()),
            theirs=theirs, tolerance=1e-9,
        )  # fmt: skip
        half = run(pool(kernel, 1000.0, soil=True))
        again = run(pool(kernel, 1500.0, soil=True), since=half)
        soaked = again.totals_m3["soaked"] / (_CELLS * _DX_M**2)
        # The ponded equation with the mean head, which falls by less than a seventh.
        low, high = (_soaked_m(2e-5 * 1500.0, (0.1 + h) * 0.3) for h in (_START_M - 0.2, _START_M))
        yield Row(
            model=f"restart, {kernel}", case="soaked into the soil within 1,500 s [m]",
            reference="Green & Ampt 1911, heads of 0.3 and 0.5 m as bounds", ours=soaked,
            theirs=(low + high) / 2, tolerance=(high - low) / 2,
        )  # fmt: skip


def _soaked_m(need_m: float, p_m: float) -> float:
    """Return F of F - p ln(1 + F/p) = K t by bisection."""
    low, high = 0.0, 10.0
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (
            (middle, high) if middle - p_m * np.log1p(middle / p_m) < need_m else (low, middle)
        )
    return low


ROWS = (restarts,)
