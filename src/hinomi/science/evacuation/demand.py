"""Demand: how many leave, when and where to, with the spread that past floods show (避難需要).

A share of the people leaves (by the level that they were told, by the water expected at home and by
whether they need time), a share of those goes to the municipality's shelters, and they leave along
a curve in time. Each share is a triangle (low, most likely, high) from surveys after floods; all
blocks share one draw, since what moves one town's people moves the next block's too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hinomi.kernel.errors import InputError

Array = NDArray[Any]


class Share(NamedTuple):
    """A share of people [0 to 1]: at least, most likely, at most."""

    low: float
    likely: float
    high: float


TOLD = Share(0.077, 0.229, 0.59)
"""Leave home when told to (level 4, 避難指示) while no water is forecast there. Low, median and
high of seven: 7.7 % (Mihara, July 2018: 三原市・サーベイリサーチセンター 2018), 12.7 (須坂市,
typhoon Hagibis 2019, 6,580 households: 須坂市 2020), 17 (丸森町, Hagibis: NHK 放送文化研究所,
放送研究と調査 70(9), 2020), 22.9 (本郷 in Mihara), 35 (真備町, July 2018: 26.1 to shelters, 9.1
to buildings near by; 岡山県, in 毎日新聞 2019-02-14), 39 (Iwakuni, typhoon 0514: Asai, Sakakibara
& Murakami, Yamaguchi University), 59 (Joso 2015: Chuo University, in 内閣府 洪水・高潮からの
大規模・広域避難検討WG 参考資料3, 2017). Held back to check it: 本宮市 and いわき市
(``verify/evacuation.py``)."""
FACING_WATER = Share(0.17, 0.45, 0.80)
"""The same where water of 0.5 m or more is forecast or level 5 is out: of places that went under.
Low: 17 % (丸森町); likely: between 35 % (真備町) and 55 % (Joso's order areas, NHK 放送文化研究所
2016); high: eight in ten (長沼 in Nagano, Hagibis: 放送研究と調査 70(8), 2020)."""
NOT_YET_TOLD = Share(0.01, 0.05, 0.18)
"""Leave at level 3 though they need no time. Assumed (no survey found)."""
TO_SHELTER = Share(0.15, 0.409, 0.74)
"""Of those who leave, to designated places. Likely: 40.9 % in Joso 2015 (Sekiya 2016); high: 26.1
of 35.2 in 真備町 2018 (as for TOLD). Low: about 15 % in US evacuations (Mileti, Sorensen &
O'Brien 1992; from memory)."""
BY_CAR = Share(0.5, 0.758, 0.85)
"""Of those who leave. Likely: 75.8 % in Joso 2015 (Sekiya 2016); low: over half in Murakami and
Sekikawa, August 2022 (新潟県); high: assumed."""
SPREAD_MIN = Share(20.0, 30.0, 60.0)
"""[min] Rayleigh's sigma. Likely: P = 1 - exp(-t²/1800) (Tweedie et al. 1986; from memory, in
agreement with Iwakuni: many within half an hour, some after two). The ends are assumed."""
ELDERLY_LEVEL, TOLD_LEVEL, SECURE_LEVEL = 3, 4, 5
"""警戒レベル: 高齢者等避難, 避難指示, 緊急安全確保."""
DRAWS = 201


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """The shares to use; a town puts its own in."""

    told: Share = TOLD
    facing_water: Share = FACING_WATER
    not_yet_told: Share = NOT_YET_TOLD
    to_shelter: Share = TO_SHELTER
    spread_min: Share = SPREAD_MIN


@dataclass(frozen=True, kw_only=True)
class Groups:
    """People who live in one place and are alike: one entry a block and kind of people."""

    people: Array
    """[persons, shape (n,)]"""
    level: Array
    """[0 to 5, shape (n,)] the level that they are told."""
    told_min: Array
    """[min, shape (n,)] when, from the plan's start; negative: before it."""
    facing_water: Array
    """[bool, shape (n,)] water of 0.5 m or more is forecast where they live."""
    needs_time: Array
    """[bool, shape (n,)] elderly and others who are asked to leave at level 3."""


@dataclass(frozen=True, kw_only=True)
class Demand:
    """How many leave for shelters. ``low`` and ``high`` are the 10th and 90th percentiles."""

    left: Array
    """[persons, shape (n, times)] have left by each time, at the median."""
    final_low: Array
    final_high: Array
    """[persons, shape (n,)] at the last time."""
    total_low: Array
    total: Array
    total_high: Array
    """[persons, shape (times,)] of all groups together."""


def logistic(minutes: Array, half_min: float, slope_per_min: float) -> Array:
    """Return the share that has left: 1 / (1 + exp(-alpha (t - beta))) (Radwan et al. 1985).

    Args:
        minutes: [min] since people were told.
        half_min: [min] beta, when half have left.
        slope_per_min: [1/min] alpha.

    Example:
        >>> logistic(np.array([60.0]), 60.0, 0.1)
        array([0.5])
    """
    return 1 / (1 + np.exp(-slope_per_min * (np.asarray(minutes, float) - half_min)))


def rayleigh(minutes: Array, spread_min: float) -> Array:
    """Return the share that has left: 1 - exp(-t² / (2 sigma²)); none before they are told.

    With logit curves it fitted the traffic counted in hurricane Irene best of the usual curves
    (Transportation Research Record 2376, 2013).

    Args:
        minutes: [min] since people were told.
        spread_min: [min] sigma: when most leave.

    Example:
        >>> rayleigh(np.array([-5.0, 30.0]), 30.0).round(3)
        array([0.   , 0.393])
    """
    after = np.maximum(np.asarray(minutes, float), 0.0)
    share: Array = -np.expm1(-(after**2) / (2 * spread_min**2))
    return share


def triangle(share: Share, rank: Array) -> Array:
    """Return the quantiles of a triangular distribution (its low, mode and high are ``share``).

    Example:
        >>> triangle(Share(0.0, 0.5, 1.0), np.array([0.0, 0.5, 1.0]))
        array([0. , 0.5, 1. ])
    """
    low, likely, high = share
    if not low <= likely <= high:
        raise InputError(
            f"share {share}: expected low <= likely <= high.",
            f"割合{tuple(share)}: 低い値・ありそうな値・高い値の順にしてください。",
        )
    u = np.asarray(rank, float)
    if high == low:
        return np.full(u.shape, low)
    at = (likely - low) / (high - low)
    rising = low + np.sqrt(u * (high - low) * (likely - low))
    falling = high - np.sqrt((1 - u) * (high - low) * (high - likely))
    result: Array = np.where(u < at, rising, falling)
    return result


def leave(
    groups: Groups, times_min: Array, behaviour: Behaviour | None = None, *, draws: int = DRAWS
) -> Demand:
    """Return how many have left for shelters by each time.

    The three uncertain things (share leaving, share to shelters, speed of leaving) are drawn by
    stratified sampling with a fixed seed: the same input gives the same answer.

    Args:
        groups: who lives where.
        times_min: [min, shape (times,)] from the plan's start, rising.
        behaviour: the shares; the surveys' by default.
        draws: how many draws.

    Raises:
        InputError: negative or unknown numbers of people, levels outside 0 to 5, shapes that
            differ.

    Limits:
        Shares are of Japanese river floods with a warning; a night without warning, an earthquake
        or a tsunami are outside them. Surveys overstate: who fled answers more readily. Of all who
        were told in whole prefectures far fewer come to shelters (Hiroshima, July 2018: 5,788 of
        2,169,609, 0.3 %; 毎日新聞 2018-08-20), most of whom live outside the dangerous ground: give
        only the people in it.
    """
    _check(groups)
    shares = behaviour or Behaviour()
    rng = np.random.default_rng(20150910)
    strata = (np.arange(draws) + 0.5) / draws
    leaving, sheltered, speed = (rng.permutation(strata) for _ in range(3))
    kinds = (shares.told, shares.facing_water, shares.not_yet_told)
    kind = _kind(groups)
    people = np.asarray(groups.people, float)
    times = np.asarray(times_min, float)[None, :] - np.asarray(groups.told_min, float)[:, None]

    def left(part: Array, to_shelter: Array, sigma: Array) -> Array:
        share = np.where(kind < 0, 0.0, part[np.maximum(kind, 0)])
        return (people * share * to_shelter)[:, None] * rayleigh(times, float(sigma))

    parts = np.stack([triangle(k, leaving) for k in kinds], 1)
    to_shelter, sigma = triangle(shares.to_shelter, sheltered), triangle(shares.spread_min, speed)
    totals, finals = np.empty((draws, times.shape[1])), np.empty((draws, people.size))
    for n in range(draws):
        one = left(parts[n], to_shelter[n], sigma[n])
        totals[n], finals[n] = one.sum(0), one[:, -1]
    half = np.array([0.5])
    middle = left(
        np.array([triangle(k, half)[0] for k in kinds]),
        triangle(shares.to_shelter, half), triangle(shares.spread_min, half)[0],
    )  # fmt: skip
    low, high = np.quantile(totals, (0.1, 0.9), axis=0)
    final_low, final_high = np.quantile(finals, (0.1, 0.9), axis=0)
    return Demand(
        left=middle, final_low=final_low, final_high=final_high,
        total_low=low, total=np.median(totals, axis=0), total_high=high,
    )  # fmt: skip


def _kind(groups: Groups) -> Array:
    """Return which share holds for each group: 0 told, 1 facing water, 2 not yet told, -1 none."""
    level = np.asarray(groups.level)
    told = (level >= TOLD_LEVEL) | ((level == ELDERLY_LEVEL) & np.asarray(groups.needs_time))
    wet = told & (np.asarray(groups.facing_water) | (level >= SECURE_LEVEL))
    early = level == ELDERLY_LEVEL
    return np.select([wet, told, early], [1, 0, 2], -1)


def _check(groups: Groups) -> None:
    people, level = np.asarray(groups.people, float), np.asarray(groups.level)
    others = (groups.level, groups.told_min, groups.facing_water, groups.needs_time)
    if any(np.shape(other) != people.shape for other in others) or people.ndim != 1:
        raise InputError("groups: expected arrays of one length.", "各列の長さが違います。")
    if not (np.isfinite(people).all() and (people >= 0).all()):
        raise InputError("people: expected 0 or more, no gaps.", "人数は0以上で欠測なしです。")
    if not ((level >= 0) & (level <= SECURE_LEVEL)).all():
        raise InputError("level: expected 0 to 5.", "警戒レベルは0から5です。")
    if not np.isfinite(np.asarray(groups.told_min, float)).all():
        raise InputError("told_min: expected numbers.", "伝達時刻に欠測があります。")
