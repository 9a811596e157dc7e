"""How well a simulated hydrograph follows an observed one: NSE, KGE, the peak's height and time."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Series = NDArray[np.floating]


class Peak(NamedTuple):
    """How the highest simulated value stands to the highest observed one."""

    error: float
    """[the series' unit] above 0: too high."""
    late: float
    """[the times' unit] above 0: too late."""


def nse(simulated: Series, observed: Series) -> float:
    """Return Nash and Sutcliffe's efficiency: 1 is perfect, 0 as good as the observed mean.

    1 - sum (s - o)^2 / sum (o - mean o)^2; pairs with a gap are left out. NaN where fewer than two
    remain or the observed do not vary: then nothing can be explained.

    References:
        Nash & Sutcliffe 1970, J. Hydrol. 10, 282-290, eq. 3.

    Example:
        >>> nse(np.array([1.0, 2, 4]), np.array([1.0, 2, 3]))
        0.5
    """
    said, came = _both(simulated, observed)
    spread = float(((came - came.mean()) ** 2).sum()) if came.size > 1 else 0.0
    return 1 - float(((said - came) ** 2).sum()) / spread if spread > 0 else float("nan")


def kge(simulated: Series, observed: Series) -> float:
    """Return Kling and Gupta's efficiency: 1 is perfect; the observed mean has 1 - sqrt 2.

    1 - sqrt((r - 1)^2 + (alpha - 1)^2 + (beta - 1)^2) with the correlation, the ratio of standard
    deviations and that of means. NaN where one of them is not defined.

    References:
        Gupta et al. 2009, J. Hydrol. 377, 80-91, eq. 9; the mean's value: Knoben et al. 2019,
        Hydrol. Earth Syst. Sci. 23, 4323-4331.

    Example:
        >>> kge(np.array([2.0, 4, 6]), np.array([1.0, 2, 3])) == 1 - 2**0.5
        True
    """
    said, came = _both(simulated, observed)
    if came.size < 2 or came.std() == 0 or came.mean() == 0:
        return float("nan")
    alpha, beta = said.std() / came.std(), said.mean() / came.mean()
    # A simulation that never varies follows nothing: its correlation is taken as none.
    together = float(((said - said.mean()) * (came - came.mean())).mean())
    r = together / float(said.std() * came.std()) if said.std() > 0 else 0.0
    return 1 - float(np.sqrt((r - 1) ** 2 + (alpha - 1) ** 2 + (beta - 1) ** 2))


def rmse(simulated: Series, observed: Series) -> float:
    """Return the root of the mean squared error, NaN where nothing is known of both.

    Example:
        >>> rmse(np.array([0.0, 3, np.nan]), np.array([0.0, -1, 5])) == 8**0.5
        True
    """
    said, came = _both(simulated, observed)
    return float(np.sqrt(((said - came) ** 2).mean())) if came.size else float("nan")


def peak(simulated: Series, observed: Series, times: Series) -> Peak:
    """Return by how much the simulated peak is too high and too late.

    Example:
        >>> peak(np.array([0.0, 1, 3, 0]), np.array([0.0, 2, 1, 0]), np.array([0.0, 10, 20, 30]))
        Peak(error=1.0, late=10.0)
    """
    known = np.isfinite(simulated) & np.isfinite(observed)
    if not known.any():
        return Peak(float("nan"), float("nan"))
    said, came, when = simulated[known], observed[known], times[known]
    late = float(when[int(said.argmax())] - when[int(came.argmax())])
    return Peak(float(said.max() - came.max()), late)


def _both(simulated: Series, observed: Series) -> tuple[Series, Series]:
    """Return the pairs of which both are known, in double precision."""
    said, came = np.asarray(simulated, np.float64), np.asarray(observed, np.float64)
    known = np.isfinite(said) & np.isfinite(came)
    return said[known], came[known]
