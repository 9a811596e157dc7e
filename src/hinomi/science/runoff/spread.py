"""How wide a band has to be, learnt at each gauge from what came: in 80 % of the times inside."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hinomi.science.runoff.levels import Ahead

Array = NDArray[Any]

STARTS = {1.0: -0.1, 2.0: -0.25, 3.0: -0.4, 6.0: -0.5}
"""Logarithm of the factor by lead [h] before anything was judged. Chosen with the two below on
every 24th gauge of the flood of June 2026 and on a drill's straight-lined courses; judged on other
gauges (``make verify``, topic rivers)."""
MISSES = 0.2
"""Part of what comes that the band leaves out, as it says."""
GAIN = 0.8
"""[1/sqrt(h)] by how much a miss widens and a hit narrows; readings more than an hour apart count
as an hour apart."""
HOLD = 0.1
"""A longer lead is narrowed by no more than that against the shorter, which is judged sooner."""
LEAST, MOST = -1.5, 2.0


def learnt(log_factor: float | None, lead_h: float, *, missed: bool, hours: float) -> float:
    """Return the logarithm of a lead's factor after one more forecast of it was judged.

    Args:
        log_factor: so far; None: the first.
        lead_h: [h] 1, 2, 3 or 6.
        missed: whether the reading came outside the band that was told, factor included.
        hours: [h] since the forecast before.

    Limits:
        It follows by what was, some hours late: at the turn of a river that went straight on for
        hours the band is too narrow first.

    References:
        Gibbs & Candes 2021, Adaptive conformal inference under distribution shift, NeurIPS 34,
        Eq. 2: on the long average the share outside is the stated one, whatever the errors' law.

    Example:
        >>> round(learnt(0.0, 1.0, missed=True, hours=1.0), 2)
        0.64
    """
    before = STARTS[lead_h] if log_factor is None else log_factor
    step = GAIN * math.sqrt(min(max(hours, 0.0), 1.0))
    return min(max(before + step * (float(missed) - MISSES), LEAST), MOST)


def calibrated(ahead: Ahead, log_factors: Mapping[float, float]) -> Ahead:
    """Return the forecast with its members moved from their median by what was learnt.

    Args:
        ahead: the members.
        log_factors: by lead [h], as :func:`learnt` returns them; a lead that is not there yet is
            at its start. Between leads the factor is interpolated, beyond them it stays.

    Example:
        >>> told = Ahead(np.array([0.5]), np.array([[1.0, 2.0, 3.0]]))
        >>> calibrated(told, {1.0: math.log(2)}).level_m.round(6).tolist()
        [[0.0, 2.0, 4.0]]
    """
    chain: list[float] = []
    for lead, start in STARTS.items():
        own = log_factors.get(lead, start)
        chain.append(max(own, chain[-1] - HOLD) if chain else own)
    factor = np.exp(np.interp(ahead.lead_h, list(STARTS), chain))[:, None]
    middle = np.median(ahead.level_m, axis=1, keepdims=True)
    return replace(ahead, level_m=middle + factor * (ahead.level_m - middle))
