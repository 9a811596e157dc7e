"""Long-period ground motion (長周期地震動階級): how strongly tall buildings sway.

References:
    気象庁 長周期地震動階級および長周期地震動階級関連解説表: absolute velocity response Sva, 5 %
    damping, periods 1.6 to 7.8 s by 0.2 s; classes from 5, 15, 50 and 100 cm/s.
    Nigam & Jennings 1969, Bull. Seism. Soc. Am. 59, 909-922: the exact step between samples.
"""

from __future__ import annotations

import math

import numba
import numpy as np
from numpy.typing import NDArray

from hinomi.kernel.errors import InputError
from hinomi.science.shaking.intensity import Array

PERIODS_S = tuple(round(1.6 + 0.2 * i, 1) for i in range(32))
"""[s] 1.6 to 7.8."""
DAMPING = 0.05
CLASSES_CM_S = (5.0, 15.0, 50.0, 100.0)
"""[cm/s] from which on it is class 1, 2, 3 and 4."""
SLOWEST_HZ = 0.05
"""[Hz] what is slower is left out before the ground's velocity is summed up: drift. Our choice."""


def velocity_response(
    horizontal_gal: Array, rate_hz: float, *, damping: float = DAMPING
) -> NDArray[np.float64]:
    """Return the greatest absolute velocity of oscillators, both directions as a vector.

    Args:
        horizontal_gal: [gal, shape (2, time)] two horizontal components.
        rate_hz: [Hz].
        damping: part of the critical one.

    Returns:
        [cm/s, shape (32,)] at :data:`PERIODS_S`.

    Raises:
        InputError: no two components, shorter than 10 s, or a sample is not known.
    """
    from scipy.signal import butter, sosfiltfilt  # noqa: PLC0415 - heavy

    waves = np.asarray(horizontal_gal, np.float64)
    if waves.ndim != 2 or waves.shape[0] != 2 or waves.shape[1] < 10 * rate_hz:
        raise InputError(f"waves {waves.shape}: expected (2, time), 10 s or more.")
    if not (np.isfinite(waves).all() and rate_hz >= 10):
        raise InputError("waves: every sample must be known, at 10 Hz or more.")
    section = butter(2, SLOWEST_HZ, "highpass", fs=rate_hz, output="sos")
    ground = sosfiltfilt(section, waves - waves.mean(axis=1, keepdims=True), axis=-1)
    found: NDArray[np.float64] = _responses(
        np.ascontiguousarray(ground), 1 / rate_hz, np.array(PERIODS_S), damping
    )
    return found


@numba.njit(error_model="numpy", cache=True)
def _responses(
    ground: NDArray[np.float64], dt: float, periods: NDArray[np.float64], damping: float
) -> NDArray[np.float64]:
    """Step oscillators exactly through straight lines between samples."""
    out = np.zeros(periods.size)
    for p in range(periods.size):
        w = 2 * math.pi / periods[p]
        wd = w * math.sqrt(1 - damping**2)
        decay = math.exp(-damping * w * dt)
        s, c = math.sin(wd * dt), math.cos(wd * dt)
        a11, a12 = decay * (c + damping * w / wd * s), decay * s / wd
        a21, a22 = -(w**2) * decay * s / wd, decay * (c - damping * w / wd * s)
        x = np.zeros(2)
        v = np.zeros(2)
        moved = np.zeros(2)
        most = 0.0
        for i in range(1, ground.shape[1]):
            square = 0.0
            for k in range(2):
                old, new = ground[k, i - 1], ground[k, i]
                slope = (new - old) / dt
                # The particular solution of x'' + 2 h w x' + w^2 x = -(old + slope t).
                rate = -slope / w**2
                base = -old / w**2 + 2 * damping * slope / w**3
                y, u = x[k] - base, v[k] - rate
                x[k] = a11 * y + a12 * u + base + rate * dt
                v[k] = a21 * y + a22 * u + rate
                moved[k] += (old + new) / 2 * dt
                square += (v[k] + moved[k]) ** 2
            most = max(most, square)
        out[p] = math.sqrt(most)
    return out


def long_period_class(response_cm_s: Array) -> int:
    """Return the class of a response's greatest: 0 (none) to 4.

    Example:
        >>> long_period_class(np.array([3.0, 15.0])), long_period_class(np.array([4.9]))
        (2, 0)
    """
    most = float(np.max(response_cm_s))
    if math.isnan(most):
        raise InputError("a response that is not known has no class.", "応答が不明です。")
    return sum(most >= least for least in CLASSES_CM_S)
