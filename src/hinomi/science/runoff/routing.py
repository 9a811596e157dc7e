"""Waves down one reach: Muskingum with given K and X, and Cunge's from the reach's shape."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hinomi.kernel.errors import InputError

Array = NDArray[Any]
_TINY = 1e-9


def muskingum(
    inflow_m3_s: Array, step_s: float, *, k_s: float, x: float, outflow_m3_s: float | None = None
) -> Array:
    """Return the outflow of a reach with S = K (X I + (1 - X) O) (McCarthy 1938).

    Args:
        inflow_m3_s: [m3/s, shape (n,)] at the times of the steps.
        step_s: [s] the step; below 2 K X the outflow dips before it rises.
        k_s: [s] K.
        x: [-] X, 0 to 0.5.
        outflow_m3_s: [m3/s] at the start; None: as the inflow.

    Returns:
        [m3/s, shape (n,)] outflow at the same times.

    Raises:
        InputError: a gap, an inflow below 0, or K and X that make no reach; or a step so far from
            2 K X to 2 K (1 - X) that water would flow backwards.

    Example:
        >>> muskingum(np.array([93.0, 137.0]), 3600, k_s=8280, x=0.15, outflow_m3_s=85)[1].round(1)
        np.float64(91.0)
    """
    inflow = _checked(inflow_m3_s)
    if not (step_s > 0 and k_s > 0 and 0 <= x <= 0.5):
        raise InputError("reach: expected step and K above 0, X of 0 to 0.5 (Kは正、Xは0〜0.5)。")
    start = inflow[0] if outflow_m3_s is None else outflow_m3_s
    return _through(inflow, step_s, (k_s, x), float(start))


def muskingum_cunge(  # noqa: PLR0913 - a reach is six numbers
    inflow_m3_s: Array, step_s: float, *, length_m: float, width_m: float, slope: float,
    manning: float, pieces: int | None = None,
) -> Array:  # fmt: skip
    """Return the outflow of a reach (Cunge 1969, J. Hydraul. Res. 7, 205-230), K and X constant.

    Celerity c = 5/3 v and K = dx / c, X = 1/2 (1 - q / (S c dx)), at the mean of inflow's least
    and greatest, in a wide rectangular section.

    Args:
        inflow_m3_s: [m3/s, shape (n,)] at the times of the steps.
        step_s: [s] the step.
        length_m: [m] of the reach.
        width_m: [m] of the river.
        slope: [-] of its bed.
        manning: [s/m^(1/3)].
        pieces: into how many the reach is cut; None: as long as the wave goes in a step.

    Returns:
        [m3/s, shape (n,)] outflow.

    Raises:
        InputError: a gap, an inflow below 0, or numbers that make no reach; or inflow that jumps
            so that water would flow backwards: take more pieces or a shorter step, or
            :func:`hinomi.science.runoff.waves.route`.

    Limits:
        No backwater, no tides; where the bed is flatter than some 1e-4 use the inertial kernel.
    """
    inflow = _checked(inflow_m3_s)
    if min(step_s, length_m, width_m, slope, manning) <= 0:
        raise InputError("reach: expected numbers above 0 (河道の諸元は正の値です)。")
    if not inflow.any():
        return inflow.copy()
    q = (inflow.min() + inflow.max()) / 2 / width_m
    depth = (q * manning / np.sqrt(slope)) ** 0.6
    celerity = 5 / 3 * q / depth
    count = pieces or max(1, round(length_m / (celerity * step_s)))
    dx = length_m / count
    x = 0.5 * (1 - q / (slope * celerity * dx))
    flow = inflow
    for _ in range(count):
        flow = _through(flow, step_s, (dx / celerity, x), float(flow[0]))
    return flow


def _checked(inflow_m3_s: Array) -> Array:
    inflow = np.asarray(inflow_m3_s, float)
    if not (inflow.size and np.isfinite(inflow).all() and (inflow >= 0).all()):
        raise InputError("inflow: expected 0 or more, no gaps (流入は0以上、欠測なし)。")
    return inflow


def _through(flow: Array, step_s: float, reach: tuple[float, float], start: float) -> Array:
    k, x = reach
    below = k * (1 - x) + step_s / 2
    newer, older = (step_s / 2 - k * x) / below, (step_s / 2 + k * x) / below
    kept = (k * (1 - x) - step_s / 2) / below
    out = np.empty_like(flow)
    out[0] = start
    for i in range(1, flow.size):
        out[i] = newer * flow[i] + older * flow[i - 1] + kept * out[i - 1]
    if not out.min() >= -_TINY * flow.max():
        least, most = 2 * k * x, 2 * k * (1 - x)
        raise InputError(
            f"reach: the outflow falls to {out.min():.3g} m3/s: the step is {step_s:g} s, right are"
            f" {max(least, 0):g} to {most:g} s (2 K X to 2 K (1 - X)); cut the reach or lower X.",
            f"河道: 流出が{out.min():.3g}m3/sになります。刻み{step_s:g}秒に対し2KX〜2K(1-X)は"
            f"{max(least, 0):g}〜{most:g}秒です。区間を分けるかXを下げてください。",
        )
    return np.maximum(out, 0.0)
