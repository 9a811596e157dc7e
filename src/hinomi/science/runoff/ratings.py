"""Rating curves (水位流量曲線, H-Q): fitted to gaugings, with how sure and where they hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hinomi.kernel.errors import InputError

Array = NDArray[Any]

LOW, WITHIN, ABOVE, BEYOND = range(4)
"""Below what was gauged; within; above by up to half of the gauged range; farther: no flow told."""
_FEWEST = 3
_LEAST_SD = 0.02
"""[-] No gauging is better than some 2 % (ISO 748); fewer points must not look surer."""


@dataclass(frozen=True)
class Rating:
    """Q = a (H + b)^2, the form of MLIT's rating curves (水位流量曲線, 河川砂防技術基準 調査編)."""

    a: float
    b_m: float
    least_m: float
    greatest_m: float
    """[m] levels between which it was fitted."""
    sd: float = 0.1
    """[-] of a gauging about the curve, relative to the flow (standard deviation of ln Q)."""
    covariance: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """Of the fitted sqrt(a) and sqrt(a) b: variance, covariance, variance."""

    def __post_init__(self) -> None:
        good = self.a > 0 and self.sd >= 0 and self.greatest_m > self.least_m
        if not (good and np.isfinite([self.a, self.b_m, self.least_m, self.greatest_m]).all()):
            raise InputError(
                "rating: expected a above 0 and levels that rise (H-Q式の係数と範囲)。"
            )

    def flow_m3_s(self, level_m: Array) -> Array:
        """Return the discharge [m3/s] of levels; NaN beyond the greatest level by over half."""
        level = np.asarray(level_m, float)
        flow = self.a * np.maximum(level + self.b_m, 0) ** 2
        return np.where(self.flags(level) == BEYOND, np.nan, flow)

    def level_m(self, flow_m3_s: Array) -> Array:
        """Return the level [m] of discharges; NaN below 0 and where the curve tells no flow."""
        flow = np.asarray(flow_m3_s, float)
        level = np.sqrt(np.where(flow >= 0, flow, np.nan) / self.a) - self.b_m
        return np.where(self.flags(level) == BEYOND, np.nan, level)

    def flags(self, level_m: Array) -> Array:
        """Return for each level whether the curve holds there: LOW, WITHIN, ABOVE or BEYOND.

        A level that is not known is BEYOND.
        """
        level = np.asarray(level_m, float)
        far = self.greatest_m + (self.greatest_m - self.least_m) / 2
        found = np.select(
            [level < self.least_m, level <= self.greatest_m, level <= far],
            [LOW, WITHIN, ABOVE], BEYOND,
        )  # fmt: skip
        return np.asarray(found, np.int8)

    def sd_of(self, level_m: Array) -> Array:
        """Return how unsure the flow at a level is: the standard deviation relative to it [-].

        The scatter of gaugings and the fit's own error, doubled where the curve is extrapolated.
        """
        level = np.asarray(level_m, float)
        root = np.maximum(np.sqrt(self.a) * (level + self.b_m), 1e-9)
        vv, vc, cc = self.covariance
        fit = 2 * np.sqrt(np.maximum(vv * level**2 + 2 * vc * level + cc, 0)) / root
        outside = np.isin(self.flags(level), (LOW, ABOVE, BEYOND))
        total: Array = np.hypot(self.sd, fit) * np.where(outside, 2.0, 1.0)
        return total


def fit_rating(level_m: Array, flow_m3_s: Array) -> Rating:
    """Return the rating of gaugings, by least squares of sqrt(Q) over H.

    Each gauging counts by its flow's relative error: the error of sqrt(Q) is half of it times
    sqrt(Q), so the weights are 1 / sqrt(Q). Gaugings that lie over four (robust) standard
    deviations off are left out.

    Raises:
        InputError: fewer than three gaugings, gaps, or flow that does not rise with the level.
    """
    level, flow = np.asarray(level_m, float), np.asarray(flow_m3_s, float)
    good = np.isfinite(level) & np.isfinite(flow) & (flow > 0)
    if good.sum() < _FEWEST or np.ptp(level[good]) <= 0:
        raise InputError("rating: expected three gaugings or more (流量観測は3点以上必要です)。")
    slope = offset = 0.0
    for _ in range(3):
        slope, offset = np.polyfit(level[good], np.sqrt(flow[good]), 1, w=flow[good] ** -0.5)
        if slope <= 0:
            raise InputError("rating: the flow falls as the level rises (水位と流量が逆です)。")
        curve = np.maximum(slope * level + offset, 1e-9)
        off = np.where(flow > 0, 2 * np.log(np.sqrt(np.maximum(flow, 1e-9)) / curve), np.inf)
        limit = 4 * max(1.4826 * float(np.median(np.abs(off[good]))), _LEAST_SD)
        kept = good & (np.abs(off) <= limit)
        if kept.sum() < _FEWEST or np.ptp(level[kept]) <= 0 or (kept == good).all():
            break
        good = kept
    return _rated(level[good], flow[good], (float(slope), float(offset)))


def _rated(level: Array, flow: Array, line: tuple[float, float]) -> Rating:
    """Return the curve with the variance of its scatter and of the fit (weighted regression)."""
    slope, offset = line
    root = np.sqrt(flow)
    design = np.stack([level, np.ones_like(level)], axis=1) / root[:, None]
    off = 1 - design @ np.array([slope, offset])
    spread = max(float((off**2).sum() / max(level.size - 2, 1)), (_LEAST_SD / 2) ** 2)
    inverse = np.linalg.inv(design.T @ design) * spread
    return Rating(
        slope**2, offset / slope, float(level.min()), float(level.max()), 2 * spread**0.5,
        (float(inverse[0, 0]), float(inverse[0, 1]), float(inverse[1, 1])),
    )  # fmt: skip
