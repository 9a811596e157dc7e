"""The continuous ranked probability score of an ensemble."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def crps(ensemble: NDArray[np.floating], observed: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return E|X - y| - E|X - X'| / 2 of the ensemble's own distribution, in the field's unit.

    Args:
        ensemble: [shape (members, ...)].
        observed: [shape (...)].

    Returns:
        [shape (...)] of one member: its absolute error.

    References:
        Gneiting & Raftery 2007, J. Am. Stat. Assoc. 102, 359, Eq. 21; the spread by ranks
        (Hersbach 2000, Weather and Forecasting 15, 559).

    Example:
        >>> import numpy as np
        >>> crps(np.array([[1.0], [2.0], [3.0]]), np.array([2.0])).round(4).tolist()
        [0.2222]
    """
    members = len(ensemble)
    ordered = np.sort(np.asarray(ensemble, np.float64), axis=0)
    error = np.abs(ordered - observed).mean(axis=0)
    weights = 2 * np.arange(1, members + 1) - members - 1
    spread = np.tensordot(weights, ordered, axes=1) * 2 / members**2
    scores: NDArray[np.float64] = np.asarray(error - spread / 2)
    return scores
