"""The storage function (貯留関数法): dS/dt = r - Q, S = K Q^P, the outflow a lag later."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from hinomi.kernel.errors import InputError

Array = NDArray[Any]
_NEAR = 1e-9
"""Of the storage: where the search for it ends."""
_MOST_PARTS = 200.0


@numba.njit(cache=True, error_model="numpy")
def step_outflow(outflow: float, came: float, step_h: float, k: float, p: float) -> float:
    """Return the outflow [mm/h] after a step under a steady inflow [mm/h].

    The implicit midpoint rule, K Q'^P + dt Q'/2 = K Q^P + dt (r - Q/2), by Newton's method on the
    storage: the left side rises with it, and is convex for P of 1 or less. Where the store holds a
    change for less than half of the step (dS/dQ = P K Q^(P-1)) the rule would swing and let out
    more than there is: the step is cut then.
    """
    most, parts = max(outflow, came), 1.0
    if most > 0.0:
        parts = min(max(np.ceil(step_h / (2.0 * p * k * most ** (p - 1.0))), 1.0), _MOST_PARTS)
    for _ in range(int(parts)):
        outflow = _midpoint(outflow, came, step_h / parts, k, p)
    return outflow


@numba.njit(cache=True, error_model="numpy")
def _midpoint(outflow: float, came: float, step_h: float, k: float, p: float) -> float:
    had = k * outflow**p
    goal = had + step_h * (came - outflow / 2)
    if goal <= 0.0:  # More would flow out in the step than there is: all of it does.
        return 0.0
    high = goal
    stored = min(had, goal) if had > 0 else goal
    for _ in range(60):
        flow = (stored / k) ** (1 / p)
        wrong = stored + step_h * flow / 2 - goal
        if wrong > 0:
            high = min(high, stored)
        if abs(wrong) <= _NEAR * goal:
            break
        slope = 1 + step_h * flow / (2 * p * stored) if stored > 0 else 1.0
        stored = min(max(stored - wrong / slope, 0.0), high)
    found: float = (stored / k) ** (1 / p)
    return found


@numba.njit(cache=True, error_model="numpy")
def _course(rain: Array, step_h: float, k: float, p: float, outflow: float) -> Array:
    out = np.empty(rain.size)
    for i in range(rain.size):
        outflow = step_outflow(outflow, rain[i], step_h, k, p)
        out[i] = outflow
    return out


def storage_function(
    rain_mm_h: Array, step_h: float, *, k: float, p: float = 1 / 3, lag_h: float = 0.0,
    outflow_mm_h: float = 0.0,
) -> Array:  # fmt: skip
    """Return the runoff of effective rain (Kimura 1961), by the implicit midpoint rule.

    Args:
        rain_mm_h: [mm/h, shape (n,)] effective rain, steady within each step.
        step_h: [h] the step.
        k: [mm^(1-P) h^P] K.
        p: [-] P; Kimura took 1/3, 0.6 is usual for small basins.
        lag_h: [h] Tl; a whole number of steps is nearest.
        outflow_mm_h: [mm/h] at the start.

    Returns:
        [mm/h, shape (n,)] runoff at the end of each step.

    Raises:
        InputError: rain with gaps or below 0, or parameters that make no basin.

    Limits:
        One basin, one K and P fitted to its floods; not for snow or for flows below those fitted.

    Example:
        >>> storage_function(np.full(400, 5.0), 0.5, k=20.0)[-1].round(6)
        np.float64(5.0)
    """
    rain = np.asarray(rain_mm_h, float)
    if not (np.isfinite(rain).all() and (rain >= 0).all() and step_h > 0 and k > 0 and 0 < p <= 1):
        raise InputError(
            "storage function: expected rain of 0 or more, no gaps, K and step above 0, P to 1.",
            "貯留関数: 雨量は0以上で欠測なし、Kと刻みは正、Pは1以下が必要です。",
        )
    out = _course(rain, step_h, k, p, outflow_mm_h)
    late = round(lag_h / step_h)
    return np.concatenate([np.full(late, outflow_mm_h), out])[: rain.size]


def slope_k(length_m: float, slope: float, roughness: float) -> float:
    """Return the K [mm^0.4 h^0.6] of a slope with even rain, P = 0.6 (等価粗度法から).

    Where rain and flow are in balance q = r x and h = (N q / sqrt(I))^0.6 on a plane of the
    equivalent roughness N; its mean depth is the storage: S = (N L r / sqrt(I))^0.6 / 1.6.

    Args:
        length_m: [m] L, of the slope from its head to the channel.
        slope: [-] I.
        roughness: [s/m^(1/3)] N, equivalent: 0.1 to 0.3 on fields, 0.5 to 1 in forests.

    Raises:
        InputError: a number that is not above 0.

    Limits:
        While the flow rises the slope holds less than this, while it falls more; no seepage.

    Example:
        >>> round(slope_k(200.0, 0.2, 0.6), 2)
        2.09
    """
    if not min(length_m, slope, roughness) > 0:
        raise InputError("slope: expected numbers above 0 (斜面の諸元は正の値です)。")
    metres: float = (roughness * length_m / slope**0.5) ** 0.6 / 1.6
    to_mm_h: float = (1 / 3.6e6) ** 0.6
    return 1000.0 * metres * to_mm_h
