"""The fractions skill score: right to within a neighbourhood."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def fss(
    forecast: NDArray[np.floating],
    observed: NDArray[np.floating],
    threshold: float,
    window: int,
) -> float:
    """Return the fractions skill score: 1 where the shares of wet cells around each cell agree.

    Args:
        forecast: [shape (rows, columns)] NaN where not known.
        observed: [shape (rows, columns)].
        threshold: from which a cell is wet.
        window: [cells] odd side of the square; at the edges it is cut, outside counts as dry.

    Returns:
        [0 to 1] NaN where neither has a wet cell.

    References:
        Roberts & Lean 2008, Mon. Wea. Rev. 136, 78, Eqs. 5-7.

    Example:
        >>> import numpy as np
        >>> one, beside = np.zeros((5, 5)), np.zeros((5, 5))
        >>> one[2, 2] = beside[2, 3] = 1
        >>> fss(one, beside, 1, 1), round(fss(one, beside, 1, 3), 4)
        (0.0, 0.6667)
    """
    known = np.isfinite(forecast) & np.isfinite(observed)
    said = np.where(known, forecast >= threshold, 0.0)
    return _score(said, np.where(known, observed >= threshold, 0.0), window)


def fss_of_probability(
    probability: NDArray[np.floating], came: NDArray[np.bool_], window: int
) -> float:
    """Return the fractions skill score of a probability: its mean in the square is what is said.

    Args:
        probability: [0 to 1, shape (rows, columns)] NaN where not known.
        came: [shape (rows, columns)] whether the event came.
        window: [cells] odd side of the square.

    Example:
        >>> fss_of_probability(np.full((3, 3), 0.5), np.ones((3, 3), bool), 1)
        0.8
    """
    known = np.isfinite(probability)
    said = np.where(known, probability, 0.0)
    return _score(said, np.where(known, came, 0.0), window)


def _score(said_there: NDArray[np.float64], came_there: NDArray[np.float64], window: int) -> float:
    said, came = _shares(said_there, window), _shares(came_there, window)
    most = float((said**2).sum() + (came**2).sum())
    return 1 - float(((said - came) ** 2).sum()) / most if most else float("nan")


def _shares(wet: NDArray[np.float64], window: int) -> NDArray[np.float64]:
    """Return the mean in the square around each cell, by a table of sums."""
    side = window // 2
    padded = np.pad(wet, ((side + 1, side), (side + 1, side)))
    sums = padded.cumsum(axis=0).cumsum(axis=1)
    inside = sums[window:, window:] - sums[:-window, window:] - sums[window:, :-window]
    inside += sums[:-window, :-window]
    shares: NDArray[np.float64] = inside / window**2
    return shares
