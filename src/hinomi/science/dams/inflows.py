"""Inflows of a dam from rain that is forecast: an ensemble of storage functions."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hinomi.kernel.errors import InputError
from hinomi.science.runoff.storage import storage_function

Array = NDArray[Any]
FORGETS_H = 6.0
"""[h] In which what the model was off by now falls to a third. Assumed."""
_SLOWNESS = (0.8, 1.0, 1.25)
"""Of K: a fitted K is hardly known better than to a fifth. Assumed."""
_MOST_FACTOR = 10.0


@dataclass(frozen=True, kw_only=True)
class Catchment:
    """What turns rain into inflow."""

    area_km2: float
    runoff: float
    k: float
    p: float = 0.6
    lag_h: float = 0.0
    base_m3_s: float = 0.0
    rain_error: float = 0.4
    """Standard deviation of ln(rain that comes / rain forecast), alike in all hours."""


def inflows_of(
    catchment: Catchment, past_mm_h: Array, ahead_mm_h: Array, step_h: float,
    *, now_m3_s: float | None = None, rains: int = 9,
) -> Array:  # fmt: skip
    """Return the members' inflows, mean of each step ahead.

    Each member is a factor on the forecast rain (quantiles of a lognormal distribution whose mean
    is 1) with one of three K. What the model is off by now is added and fades.

    Args:
        catchment: area, storage function, errors.
        past_mm_h: [mm/h, shape (before,)] mean rain of each step up to now, the oldest first.
        ahead_mm_h: [mm/h, shape (steps,)] forecast of each step.
        step_h: [h] the step.
        now_m3_s: [m³/s] inflow that is observed now; None: nobody knows.
        rains: factors on the rain.

    Returns:
        [m³/s, shape (3 x rains, steps)]

    Raises:
        InputError: rain with gaps or below 0, or no step ahead.

    Limits:
        One mean rain over the whole catchment, errors of all hours alike, no snow; the error
        of the forecast's place and time is in the factor only.
    """
    past, ahead = np.asarray(past_mm_h, float), np.asarray(ahead_mm_h, float)
    if not ahead.size or not (np.isfinite(past).all() and np.isfinite(ahead).all()):
        raise InputError("rain: no gaps, one step ahead or more (雨量の欠測は使えません)。")
    quantile = (np.arange(rains) + 0.5) / rains
    sd = catchment.rain_error
    factors = np.minimum(np.exp(sd * _normal_quantile(quantile) - sd**2 / 2), _MOST_FACTOR)
    members = [
        _course(catchment, past, ahead * factor, step_h, slow, now_m3_s)
        for factor in factors
        for slow in _SLOWNESS
    ]
    return np.stack(members)


def _course(
    catchment: Catchment, past: Array, ahead: Array, step_h: float, slow: float,
    now_m3_s: float | None,
) -> Array:  # fmt: skip
    rain = np.concatenate([past, ahead]) * catchment.runoff
    depth = storage_function(
        rain, step_h, k=catchment.k * slow, p=catchment.p, lag_h=catchment.lag_h
    )
    ends = np.concatenate([[0.0], depth])
    # A step's mean is what came less what stayed (both as late as the outflow is).
    late = min(round(catchment.lag_h / step_h), rain.size)
    came = np.concatenate([np.zeros(late), rain])[: rain.size]
    mean = came - np.diff(catchment.k * slow * ends**catchment.p) / step_h
    # One millimetre an hour over a square kilometre is 1/3.6 m³/s.
    flow, ends = (v * catchment.area_km2 / 3.6 + catchment.base_m3_s for v in (mean, ends))
    found = flow[past.size :]
    if now_m3_s is not None:
        off = now_m3_s - ends[past.size]
        after = (np.arange(found.size) + 0.5) * step_h
        found = found + off * np.exp(-after / FORGETS_H)
    return np.asarray(np.maximum(found, 0.0))


def _normal_quantile(share: Array) -> Array:
    return np.array([NormalDist().inv_cdf(float(one)) for one in share])
