"""The storage function (貯留関数法): dS/dt = r - Q, S = K Q^P, the outflow a lag later."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hinomi.kernel.errors import InputError

Array = NDArray[Any]


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
    stored = k * outflow_mm_h**p
    out = np.empty(rain.size)
    for i, came in enumerate(rain):
        low, high = 0.0, stored + came * step_h
        before = (stored / k) ** (1 / p)
        for _ in range(80):  # the mean of both ends' outflows; the residual rises with storage
            middle = (low + high) / 2
            after = (middle / k) ** (1 / p)
            if middle - stored - step_h * (came - (before + after) / 2) > 0:
                high = middle
            else:
                low = middle
        stored = (low + high) / 2
        out[i] = (stored / k) ** (1 / p)
    late = round(lag_h / step_h)
    return np.concatenate([np.full(late, outflow_mm_h), out])[: rain.size]
