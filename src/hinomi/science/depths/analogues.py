"""Tier 2: a library of runs, each weighed by how well it explains what the sensors say."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hinomi.kernel.errors import InputError
from hinomi.science.inundation.ranks import LEAST_M

Array = NDArray[np.float64]
SD_M = 0.2
"""[m] Of a run's depth at a sensor: the ground's error, and what a run of another day leaves."""
WRONG = 0.05
"""Part of the sensors that say nonsense: no single one then rules a run out."""
_FEW = 0.7
"""Where even the best run explains fewer than so many of the sensors, it is no analogue."""
LEAST_WEIGHT = 1e-4
_DRY_SD_M = 0.05
"""[m] Of a place that a connected surface knows to be dry."""
_HALF_M = 0.02
"""[m] An exact word is taken to be so wide on either side."""


@dataclass(frozen=True)
class Weighed:
    """How much each run counts."""

    weights: Array
    """[shape (runs,)] their sum is 1."""
    explained: Array
    """[shape (runs,)] part of the sensors whose word the run gives within two standard errors."""
    effective: float
    """How many runs count: 1 / sum of squares."""
    beyond: bool
    """Not even the best explains enough: what happens is outside the library's range."""


def weigh(
    library_m: Any, low_m: Any, high_m: Any, *, sd_m: float = SD_M, wrong: float = WRONG
) -> Weighed:
    """Return the runs' weights: their likelihood under what the sensors say.

    A sensor's word is an interval; a run gives it with the probability that its depth, with a
    normal error, lies in that, or, once in twenty, by chance.

    Args:
        library_m: [m, shape (runs, sensors)] each run's depth at each sensor.
        low_m: [m, shape (sensors,)] least depth that is said, 0: dry; NaN: nothing is said.
        high_m: [m, shape (sensors,)] greatest; infinite: over the highest switch.
        sd_m: [m] standard error of a run at a sensor.
        wrong: part of the sensors that say nonsense.

    Raises:
        InputError: shapes do not fit, nothing is said, or a run has no depth at a sensor.
    Limits:
        Sensors are taken as independent given the run; near each other they are not, so that few
        runs get nearly all the weight: ``effective`` tells how many.

    Example:
        >>> found = weigh([[0.0, 0.0], [0.3, 0.0]], [0.2, 0.0], [0.3, 0.1])
        >>> found.weights.round(2).tolist(), found.beyond
        ([0.34, 0.66], False)
    """
    library = np.asarray(library_m, np.float64)
    low, high = np.asarray(low_m, np.float64), np.asarray(high_m, np.float64)
    if library.ndim != 2 or low.shape != library.shape[1:] or high.shape != low.shape:
        raise InputError(
            f"library {library.shape}, said {low.shape}, {high.shape}: expected runs x sensors.",
            "計算ライブラリとセンサーの数が合いません。",
        )
    says = np.isfinite(low) & ~np.isnan(high) & (low <= high)
    if not says.any() or not len(library) or not np.isfinite(library[:, says]).all():
        raise InputError(
            "library: no run, no sensor that says anything, or a run that is not known there.",
            "計算がないか、何かを示すセンサーがないか、その地点の値がない計算があります。",
        )
    if not (0 < wrong < 1 and sd_m > 0):
        raise InputError(f"wrong={wrong}, sd_m={sd_m}: expected 0 to 1, and above 0 m.")
    depth, low, high = library[:, says], low[says], high[says]
    exact = high - low < 2 * _HALF_M
    middle = (low + high) / 2
    low, high = np.where(exact, middle - _HALF_M, low), np.where(exact, middle + _HALF_M, high)
    # Below 0 and "dry" are the same word.
    low = np.where(low <= 0, -np.inf, low)
    chance = _normal((high - depth) / sd_m) - _normal((low - depth) / sd_m)
    # A word by chance is one of four: dry, 10, 20, 30 cm.
    likely = np.log((1 - wrong) * chance + wrong / 4).sum(axis=1)
    weights = np.exp(likely - likely.max())
    weights /= weights.sum()
    explained = ((depth > low - 2 * sd_m) & (depth < high + 2 * sd_m)).mean(axis=1)
    return Weighed(
        weights, explained, float(1 / (weights**2).sum()),
        bool(explained[np.argmax(weights)] < _FEW),
    )  # fmt: skip


def _normal(x: Array) -> Array:
    from scipy.special import ndtr  # noqa: PLC0415 - heavy

    return np.asarray(ndtr(x), np.float64)


@dataclass(frozen=True)
class Blend:
    """What weighed runs say together, cell by cell."""

    mean_m: NDArray[np.float32]
    sd_m: NDArray[np.float32]
    chance: NDArray[np.float32]
    """Of 5 cm of water or more."""


def blend(fields_m: Iterable[NDArray[Any]], weights: Any) -> Blend:
    """Return mean, standard deviation and chance of water of runs' depths, one run at a time.

    Args:
        fields_m: [m, each of one shape] the runs' depths; only those that count are looked at.
        weights: [shape (runs,)] from :func:`weigh`.

    Raises:
        InputError: no run counts, or shapes differ.
    """
    total = 0.0
    sums: list[NDArray[np.float64]] = []
    for field, weight in zip(fields_m, np.asarray(weights, float), strict=True):
        if not weight > LEAST_WEIGHT:
            continue
        depth = np.asarray(field, np.float64)
        if sums and depth.shape != sums[0].shape:
            raise InputError(f"runs of shapes {sums[0].shape} and {depth.shape} (格子が違います)。")
        sums = sums or [np.zeros(depth.shape) for _ in range(3)]
        total += weight
        for held, part in zip(sums, (depth, depth**2, depth >= LEAST_M), strict=True):
            held += weight * part
    if not sums:
        raise InputError("blend: no run counts (重みのある計算がありません)。")
    mean, square, wet = (held / total for held in sums)
    sd = np.sqrt(np.maximum(square - mean**2, 0.0))
    return Blend(*(part.astype(np.float32) for part in (mean, sd, wet)))


def joined(
    depth_m: NDArray[np.float32], error_m: NDArray[np.float32], blend: Blend
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return a connected surface and a library's word as one: each counts by its variance.

    Where the surface knows nothing the library speaks alone, and the other way about. Where the
    surface knows that no water is, none is: a dry sensor never ends wet.

    Args:
        depth_m: [m] of the surface, NaN where it knows nothing.
        error_m: [m] its standard error.
        blend: of the library, NaN where no run reaches.

    Returns:
        Depth and standard error [m].
    """
    ours = np.where(np.isfinite(error_m), error_m, _DRY_SD_M).astype(np.float64) ** 2
    # A run's own error at a place is there however well runs agree.
    theirs = blend.sd_m.astype(np.float64) ** 2 + SD_M**2
    told, reached = np.isfinite(depth_m), np.isfinite(blend.mean_m)
    gain = theirs / (theirs + ours)
    both = blend.mean_m + gain * (np.where(told, depth_m, 0.0) - blend.mean_m)
    depth = np.where(told, np.where(reached, both, depth_m), blend.mean_m)
    variance = np.where(told, np.where(reached, gain * ours, ours), theirs)
    dry = told & (depth_m <= 0)
    error = np.where(dry, error_m, np.sqrt(variance))
    error[~told & ~reached] = np.nan
    return np.where(dry, 0.0, depth).astype(np.float32), error.astype(np.float32)


def enough(weighed: Weighed) -> bool:
    """Tell whether the library may be shown: it explains what is said."""
    return not weighed.beyond and math.isfinite(weighed.effective)
