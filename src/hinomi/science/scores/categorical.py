"""Hits, misses and false alarms of an event, and the scores made of them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Table(NamedTuple):
    """The two-by-two table of yes and no (Wilks 2011, ch. 8.2); NaN cells are in none of it."""

    hits: int
    false_alarms: int
    misses: int
    correct_negatives: int

    @property
    def csi(self) -> float:
        """Critical success index (threat score); NaN where the event neither came nor was said."""
        return _ratio(self.hits, self.hits + self.false_alarms + self.misses)

    @property
    def pod(self) -> float:
        """Probability of detection."""
        return _ratio(self.hits, self.hits + self.misses)

    @property
    def far(self) -> float:
        """False alarm ratio."""
        return _ratio(self.false_alarms, self.hits + self.false_alarms)

    @property
    def bias(self) -> float:
        """Frequency bias."""
        return _ratio(self.hits + self.false_alarms, self.hits + self.misses)

    @property
    def ets(self) -> float:
        """Equitable threat score: CSI beyond what chance would hit."""
        chance = _ratio((self.hits + self.false_alarms) * (self.hits + self.misses), sum(self))
        return _ratio(self.hits - chance, self.hits + self.false_alarms + self.misses - chance)


def contingency(
    forecast: NDArray[np.floating], observed: NDArray[np.floating], threshold: float
) -> Table:
    """Return the table of reaching the threshold, over the cells that both know."""
    known = np.isfinite(forecast) & np.isfinite(observed)
    said, came = (forecast >= threshold) & known, (observed >= threshold) & known
    hits = int((said & came).sum())
    false_alarms, misses = int(said.sum()) - hits, int(came.sum()) - hits
    return Table(hits, false_alarms, misses, int(known.sum()) - hits - false_alarms - misses)


def csi(forecast: NDArray[np.floating], observed: NDArray[np.floating], threshold: float) -> float:
    """Return the critical success index.

    Example:
        >>> import numpy as np
        >>> csi(np.array([1.0, 1, 1, 0]), np.array([1.0, 1, 0, 1]), 1)
        0.5
    """
    return contingency(forecast, observed, threshold).csi


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")
