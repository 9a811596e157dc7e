"""A model's forecast weighed against persistence by how both did in the last weeks."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hinomi.kernel.errors import InputError

Array = NDArray[Any]

MEMORY_DAYS = 30.0
"""[day] in which a judged forecast's weight falls to 1/e. Any of 15 to 90 days, first weights of
0.7 and 0.9 and beliefs of 3 and 15 days gave all 27 of 27 (``make verify``, topic rivers)."""
FIRST_WEIGHT = 0.9
"""The model's weight while nothing has been judged ..."""
BELIEF_DAYS = 3.0
"""... which counts as much as so many days of the river's usual change."""
MOST_WEIGHT = 1.3
_WILD = 30.0
"""A forecast that moves by more than so many mean square changes counts as one that does."""


def tempered(ahead: Array, runoff_mm: Array) -> Array:
    """Return the forecasts, each moved towards persistence as far as the last weeks advise.

    In square roots (floods and low water weigh alike) the middle of a forecast becomes
    r + w (f - r), r the flow when it was issued, f the members' median; the members keep their
    distances from it. The weight w of a lead is the least-squares one of the forecasts that have
    come true by then, the newest counting most: nothing of the future is in it. Where a model
    melts its snow too soon its weight falls within days, and comes back after.

    Args:
        ahead: [mm/day, shape (days, leads, members)] as :func:`daily.forecast_days` makes them.
        runoff_mm: [mm/day, shape (days,)] observed, NaN where not known: such a day judges
            nothing, and what is issued on it stays as it is.

    Returns:
        [mm/day, shape (days, leads, members)].

    Raises:
        InputError: lengths differ.

    References:
        Recursive least squares with a forgetting factor (Ljung 1999, System Identification, 2nd
        ed., ch. 11); combining forecasts by their past errors: Bates & Granger 1969, Oper. Res.
        Quart. 20, 451-468.

    Example:
        >>> tempered(np.array([[[4.0]], [[np.nan]]]), np.array([1.0, 1.0])).round(2)[0, 0, 0]
        np.float64(3.61)
    """
    made, observed = np.asarray(ahead, float), np.asarray(runoff_mm, float)
    if made.ndim != 3 or observed.shape != made.shape[:1]:
        raise InputError("tempered: expected as many flows as days (流量と予測の日数が違います)。")
    with np.errstate(invalid="ignore"):
        members, roots = np.sqrt(np.maximum(made, 0)), np.sqrt(np.maximum(observed, 0))
    middles = np.median(members, axis=2)
    for lead in range(made.shape[1]):
        weight = _weights(middles[:, lead], roots, lead + 1)
        move = (weight - 1) * (middles[:, lead] - roots)
        members[:, lead] += np.nan_to_num(move)[:, None]
    found: Array = np.maximum(members, 0) ** 2
    return found


def _weights(said: Array, roots: Array, lead: int) -> Array:
    """Return the weight on each day, of what had come by then."""
    keep = math.exp(-1 / MEMORY_DAYS)
    together = moved = changes = 0.0
    count = 0
    found = np.full(said.size, FIRST_WEIGHT)
    for day in range(said.size):
        issued = day - lead
        if issued >= 0:
            x, y = said[issued] - roots[issued], roots[day] - roots[issued]
            if np.isfinite(x) and np.isfinite(y):
                changes, count = changes + y * y, count + 1
                # One wild day must not silence a model for a season.
                part = min(1.0, _WILD * changes / count / (x * x)) if x else 1.0
                together, moved = keep * together + part * x * y, keep * moved + part * x * x
        belief = BELIEF_DAYS * changes / count if count else 0.0
        if moved + belief > 0:
            weight = (together + FIRST_WEIGHT * belief) / (moved + belief)
            found[day] = min(max(weight, 0.0), MOST_WEIGHT)
    return found
