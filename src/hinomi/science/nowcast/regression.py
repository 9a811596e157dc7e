"""Where rain is likeliest to go on: what the last hour's own forecasts would have needed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hinomi.science.nowcast.advection import carried, extrapolate

Array = NDArray[Any]

SCALES_KM = (0.0, 2.0, 5.0, 12.0)
"""[km] widths of the Gaussians through which a picture is seen."""
_LEAST_MM_PER_H = 0.03
"""[mm/h] stands for none where the logarithm is taken."""
_STRIDE = 4
"""Each fourth cell down and right is enough to learn from."""
_RIDGE = 1e-3
_TRUTHS = 3
"""The newest pictures, as what had to be foreseen."""
_FITTED = 12
"""Lead times that are learned, evenly; the others take the nearest."""


def likeliest(
    rates: Array, motion: NDArray[np.floating], steps: int, km_per_cell: float
) -> Array | None:
    """Return the mean of the rain's logarithm at each step, as the last hour teaches it.

    In the frame that moves with the rain, what came is regressed on what was there one lead time
    before and one picture before that, each at four scales: which scales hold, and whether growth
    goes on, is taken from the rain at hand. Nothing later than the newest picture is used; a lead
    longer than the pictures reach takes the longest that they do reach.

    Args:
        rates: [mm/h, shape (pictures, rows, columns)] the newest last; NaN where not known.
        motion: [cells per step, shape (2, rows, columns)].
        steps: how many.
        km_per_cell: [km].

    Returns:
        [shape (steps, rows, columns)] above 0 where rain is likely, -1 where it would come from
        outside; None where fewer than three pictures or too little rain teach nothing.

    References:
        Seed 2003, J. Appl. Meteorol. 42, 381-388 (an autoregression at each scale); Glahn & Lowry
        1972, J. Appl. Meteorol. 11, 1203-1211 (regression on what came).
    """
    pictures = _Pictures(rates, km_per_cell)
    longest = min(steps, len(rates) - 2)
    if longest < 1:
        return None
    learned = dict(_learned(pictures, motion, longest))
    if not learned:
        return None
    weights = [learned[min(learned, key=lambda n: abs(n - lead))] for lead in _leads(steps)]
    newest, before = pictures.scales(len(rates) - 1), pictures.scales(len(rates) - 2)
    half = len(SCALES_KM)
    # One field for each step, weighed where it is now, is moved once instead of eight times.
    now = carried(np.stack([_weighed(newest, w[:half]) for w in weights]), motion)
    older = [_weighed(before, w[half:]) for w in weights]
    now += carried(np.stack([older[0], *older]), motion)[1:]
    return np.where(np.isfinite(now), now, np.float32(-1))


class _Pictures:
    """The pictures' logarithms at each scale, made when asked for."""

    def __init__(self, rates: Array, km_per_cell: float) -> None:
        self._rates = rates
        self._km = km_per_cell
        self.shape = rates.shape[1:]
        self.count = len(rates)

    def logs(self, number: int) -> Array:
        """Return ln of the rain over none, 0 where dry; NaN where not known."""
        least = np.float32(_LEAST_MM_PER_H)
        found: Array = np.log(
            np.maximum(np.asarray(self._rates[number], np.float32), least) / least
        )
        return found

    def scales(self, number: int) -> list[Array]:
        """Return a picture through each width."""
        from scipy.ndimage import gaussian_filter  # noqa: PLC0415 - heavy

        logs = self.logs(number)
        hole = np.isnan(logs)
        whole, made = np.where(hole, np.float32(0), logs), []
        for scale in SCALES_KM:
            seen = gaussian_filter(whole, scale / self._km) if scale else whole.copy()
            seen[hole] = np.nan
            made.append(seen)
        return made


def _learned(
    pictures: _Pictures, motion: Array, longest: int
) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """Yield lead times and the weights that would have been best."""
    leads = sorted({round(n) for n in np.linspace(1, longest, min(longest, _FITTED))})
    origins = _Origins(motion, longest + 1)
    last = pictures.count - 1
    truths = {last - d: pictures.logs(last - d)[::_STRIDE, ::_STRIDE] for d in range(_TRUTHS)
              if last - d > 1}  # fmt: skip
    # A picture's scales are made once and read for every lead that begins there.
    scales: dict[int, list[Array]] = {}
    for lead in reversed(leads):
        pairs = [(truth, truth - lead) for truth in truths if truth - lead > 0]
        needed = {start - j for _, start in pairs for j in (0, 1)}
        for number in needed - scales.keys():
            scales[number] = pictures.scales(number)
        chosen = [
            (truths[truth], [origins.read(scales[start - j], lead + j) for j in (0, 1)])
            for truth, start in pairs
        ]
        weights = _weights(chosen)
        if weights is not None:
            yield lead, weights
        for number in [n for n in scales if n < min(needed)]:
            del scales[number]


def _weights(pairs: Sequence[tuple[Array, list[Array]]]) -> NDArray[np.float32] | None:
    given, came = [], []
    for truth, (now, before) in pairs:
        seen = np.concatenate([now, before])
        known = np.isfinite(truth) & np.isfinite(seen).all(axis=0)
        known &= (seen > 0.01).any(axis=0) | (np.nan_to_num(truth) > 0)
        given.append(seen[:, known])
        came.append(truth[known])
    x = np.concatenate(given, axis=1).astype(np.float64)
    y = np.concatenate(came).astype(np.float64)
    if y.size < 10 * len(x):
        return None
    found = np.linalg.solve(x @ x.T + _RIDGE * y.size * np.eye(len(x)), x @ y)
    return found.astype(np.float32)


class _Origins:
    """Where each fourth cell's rain comes from, at each lead."""

    def __init__(self, motion: Array, longest: int) -> None:
        rows, columns = motion.shape[1:]
        down, right = np.mgrid[0:rows, 0:columns].astype(np.float32)
        self._down, self._right = (
            extrapolate(where, motion, longest)[:, ::_STRIDE, ::_STRIDE] for where in (down, right)
        )

    def read(self, fields: list[Array], lead: int) -> Array:
        """Return the fields there, [shape (fields, cells down, cells right)]."""
        down, right = self._down[lead - 1], self._right[lead - 1]
        outside = ~np.isfinite(down + right)
        row = np.where(outside, 0, np.rint(np.nan_to_num(down))).astype(np.int32)
        column = np.where(outside, 0, np.rint(np.nan_to_num(right))).astype(np.int32)
        found = np.stack([field[row, column] for field in fields])
        found[:, outside] = np.nan
        return found


def _leads(steps: int) -> range:
    return range(1, steps + 1)


def _weighed(fields: list[Array], weights: Array) -> Array:
    made: Array = sum(
        (field * weight for field, weight in zip(fields, weights, strict=True)),
        start=np.zeros_like(fields[0]),
    )
    return made
