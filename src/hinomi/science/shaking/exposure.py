"""Who is shaken how strongly, and how many houses fall: what an intensity map reaches."""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hinomi.kernel.errors import InputError
from hinomi.science.shaking.ground_motion import Array

CLASSES = (3.5, 4.5, 5.0, 5.5, 6.0, 6.5)
"""Instrumental intensity from which 震度4, 5弱, 5強, 6弱, 6強, 7 begin (気象庁震度階級表)."""
Age = Literal["to 1961", "1962-81", "from 1982"]
_CURVES: dict[Age, tuple[float, float]] = {
    # Mean and standard deviation of the normal curve of 全壊率 by intensity, wooden houses:
    # through 71, 50, 11 % at 6.4 (中央防災会議 首都直下地震対策専門調査会 2005) and 80, 60, 15 %
    # at 6.5 (the same curves, as 山口県地震・津波防災対策検討委員会 reads them).
    "to 1961": (6.21, 0.35),
    "1962-81": (6.40, 0.40),
    "from 1982": (7.04, 0.52),
}
WEAKEST = 5.0
"""震度5強: below it houses do not fall (防災科学技術研究所 自然災害情報室, 防災基礎講座)."""


class Counted(NamedTuple):
    """How many stand in each class of ``CLASSES``, [shape (6,)]."""

    best: NDArray[np.float64]
    """Where the map is right."""
    low: NDArray[np.float64]
    """At this class or above, were the whole map weaker by its standard deviation."""
    high: NDArray[np.float64]
    """At this class or above, were it stronger by as much."""


def counted(intensity: Array, sigma: Array, weight: Array) -> Counted:
    """Return people (or houses) by class of intensity.

    Args:
        intensity: [shape (n,)] at each place; NaN is counted nowhere.
        sigma: [shape (n,)] its standard deviation.
        weight: [shape (n,)] how many there are.

    Raises:
        InputError: shapes differ, or a number of people is negative or unknown.
    """
    said, sure, many = (np.asarray(v, np.float64) for v in (intensity, sigma, weight))
    if not said.shape == sure.shape == many.shape or np.any(~(many >= 0)):
        raise InputError("weight: expected as many counts of 0 or more (人数は0以上)。")

    def above(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.array([float(many[values >= least].sum()) for least in CLASSES])

    whole = above(said)
    best = whole - np.append(whole[1:], 0.0)
    return Counted(best, above(said - sure), above(said + sure))


def destroyed_share(intensity: Array, sigma: Array, age: Age) -> NDArray[np.float64]:
    """Return the part of wooden houses that is destroyed (全壊).

    The curve is taken over what the map leaves open: Φ((I - mean) / hypot(spread, sigma)).

    Args:
        intensity: [shape (...)] instrumental.
        sigma: [shape (...)] its standard deviation.
        age: when the houses were built.

    Returns:
        [1, shape (...)]; 0 below 5.0 and where the intensity is not known.
    Limits:
        Curves of the 1995 quake's kind. Those of 2003 to 2008 did less at 6強 and below (翠川ほか
        2011, 日本地震工学会論文集 11(4), 34). Fire, slopes, liquefaction and tsunami are not in it;
        other structures fall less.
    """
    mean, spread = _CURVES[age]
    said = np.asarray(intensity, np.float64)
    z = (said - mean) / np.hypot(spread, np.asarray(sigma, np.float64))
    share = 0.5 * np.array([math.erfc(-v / math.sqrt(2)) for v in z.ravel()]).reshape(z.shape)
    found: NDArray[np.float64] = np.where(said >= WEAKEST, share, 0.0)
    return found
