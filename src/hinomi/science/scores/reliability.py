"""Do events come as often as was said? The reliability table and the Brier score."""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray


class Reliability(msgspec.Struct, frozen=True):
    """For each class of stated probability: what was said on average, what came, how often."""

    stated: list[float]
    came: list[float]
    """Share of the times on which the event came; NaN in an empty class."""
    counts: list[int]


def reliability(
    probability: NDArray[np.floating], came: NDArray[np.bool_], *, classes: int = 10
) -> Reliability:
    """Return the reliability table (Wilks 2011, ch. 8.4.4).

    Args:
        probability: [0 to 1, shape (n,)] stated.
        came: [shape (n,)] whether the event came.
        classes: how many of equal width; 1.0 is in the last.

    Example:
        >>> import numpy as np
        >>> table = reliability(np.array([0.1, 0.1, 0.9]), np.array([0, 1, 1]) > 0, classes=2)
        >>> table.came, table.counts
        ([0.5, 1.0], [2, 1])
    """
    place = np.minimum((np.asarray(probability) * classes).astype(np.int64), classes - 1)
    counts = np.bincount(place, minlength=classes)
    with np.errstate(invalid="ignore"):
        stated = np.bincount(place, weights=probability, minlength=classes) / counts
        share = np.bincount(place, weights=came, minlength=classes) / counts
    return Reliability(stated.tolist(), share.tolist(), counts.tolist())


def brier(probability: NDArray[np.floating] | NDArray[np.bool_], came: NDArray[np.bool_]) -> float:
    """Return the mean squared error of the probability: 0 is perfect, 0.25 knows nothing.

    Of nothing it is NaN.

    Example:
        >>> import numpy as np
        >>> brier(np.array([0.5, 1.0]), np.array([True, True]))
        0.125
    """
    off = (np.asarray(probability, np.float64) - came) ** 2
    return float(off.mean()) if off.size else float("nan")
