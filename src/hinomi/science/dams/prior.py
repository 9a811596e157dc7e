"""Prior release (事前放流): how much to let out before a flood that is forecast.

The volume is what the flood would need beyond the room that is free, and no more than what the
forecast refills afterwards: water is also lent to power, towns and fields. (MLIT,
事前放流ガイドライン, 2020-04, revised 2021-07, gives each dam's own 基準降雨量 and volumes; those
are to be read from the dam's agreement and are not in here.)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from hinomi.science.dams.reservoir import Dam, inflows


@dataclass(frozen=True, kw_only=True)
class Prior:
    """How much to release before the flood, and what decided it."""

    needed_m3: float
    """[m³] what the flood brings above the safe release."""
    free_m3: float
    """[m³] room up to 洪水時最高水位 as it is."""
    refilled_m3: float
    """[m³] what will come back even in the low forecast."""
    volume_m3: float
    """[m³] to be released before."""
    level_m: float
    """[m] the level that this leads to."""


def prior_release(
    dam: Dam, inflow_m3_s: Any, step_s: float, level_m: float,
    *, flood: float = 0.9, refill: float = 0.1,
) -> Prior:  # fmt: skip
    """Return the prior release that an ensemble of inflows asks for.

    Args:
        dam: the dam.
        inflow_m3_s: [m³/s, shape (members, steps)] the forecast.
        step_s: [s] the step.
        level_m: [m] now.
        flood: [-] quantile of the members that the room shall hold.
        refill: [-] quantile of the members that must refill what was released.

    Limits:
        What is released meanwhile at the safe rate is not counted against the time that is left.
    """
    came = inflows(inflow_m3_s)
    above = np.maximum(came - dam.safe_m3_s, 0.0).sum(axis=1) * step_s
    back = np.maximum(came - dam.keep_m3_s, 0.0).sum(axis=1) * step_s
    now = float(dam.storage(level_m))
    needed, refilled = float(np.quantile(above, flood)), float(np.quantile(back, refill))
    free = max(float(dam.storage(dam.full_m)) - now, 0.0)
    there = max(now - float(dam.storage(dam.least_m)), 0.0)
    volume = min(max(needed - free, 0.0), refilled, there)
    return Prior(
        needed_m3=needed, free_m3=free, refilled_m3=refilled, volume_m3=volume,
        level_m=float(dam.level(now - volume)),
    )  # fmt: skip
