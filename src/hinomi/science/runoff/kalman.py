"""One observation corrects an ensemble: the square-root filter, without random numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hinomi.kernel.errors import InputError

Array = NDArray[Any]


def corrected(states: Array, predicted: Array, observed: float, sd: float) -> Array:
    """Return the members after an observation: the ensemble square-root filter.

    The mean moves by the Kalman gain K = cov(x, y) / (var(y) + sd^2); the deviations shrink by
    alpha K, alpha = 1 / (1 + sd / sqrt(var(y) + sd^2)), so that mean and covariance are those of
    the Kalman filter exactly, with no observations perturbed at random.

    Args:
        states: [shape (members, numbers)] what is corrected; take logarithms of what is positive.
        predicted: [shape (members,)] what each member says that is observed.
        observed: the observation; NaN leaves all as it is.
        sd: its standard deviation, above 0.

    Raises:
        InputError: fewer than two members, or an error that is not above 0.

    References:
        Whitaker & Hamill 2002, Mon. Wea. Rev. 130, 1913 (Eq. 5, 10-13); Evensen 2003, Ocean Dyn.
        53, 343.

    Example:
        >>> corrected(np.array([[0.0], [2.0]]), np.array([0.0, 2.0]), 4.0, 2.0**0.5).mean()
        np.float64(2.5)
    """
    members = np.asarray(states, float)
    said = np.asarray(predicted, float)
    if said.size < 2 or members.shape[0] != said.size or not sd > 0:
        raise InputError(
            "filter: expected two members or more and an error above 0 (2つ以上のメンバー)。"
        )
    spread = said - said.mean()
    variance = float(spread @ spread) / (said.size - 1)
    if not np.isfinite(observed) or variance == 0:
        return members
    away = members - members.mean(axis=0)
    gain = (spread @ away) / (said.size - 1) / (variance + sd**2)
    shrink = 1 / (1 + sd / np.sqrt(variance + sd**2))
    moved = members + gain * (observed - said.mean())
    found: Array = moved - shrink * spread[:, None] * gain[None, :]
    return found
