"""Waves down a river: Muskingum-Cunge in a reach, and rating curves (H-Q)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hinomi.kernel.errors import InputError

Array = NDArray[Any]


def muskingum_cunge(  # noqa: PLR0913 - a reach is six numbers
    inflow_m3_s: Array, step_s: float, *, length_m: float, width_m: float, slope: float,
    manning: float, pieces: int | None = None,
) -> Array:  # fmt: skip
    """Return the outflow of a reach (Cunge 1969, J. Hydraul. Res. 7, 205-230), K and X constant.

    Celerity c = 5/3 v and K = dx / c, X = 1/2 (1 - q / (S c dx)), at the mean of inflow's least
    and greatest, in a wide rectangular section.

    Args:
        inflow_m3_s: [m3/s, shape (n,)] at the times of the steps.
        step_s: [s] the step.
        length_m: [m] of the reach.
        width_m: [m] of the river.
        slope: [-] of its bed.
        manning: [s/m^(1/3)].
        pieces: into how many the reach is cut; None: as long as the wave goes in a step.

    Returns:
        [m3/s, shape (n,)] outflow.

    Limits:
        No backwater, no tides; where the bed is flatter than some 1e-4 use the inertial kernel.
    """
    inflow = np.asarray(inflow_m3_s, float)
    if not (np.isfinite(inflow).all() and (inflow >= 0).all() and inflow.max() > 0):
        raise InputError("inflow: expected 0 or more, no gaps (流入は0以上、欠測なし)。")
    if min(step_s, length_m, width_m, slope, manning) <= 0:
        raise InputError("reach: expected numbers above 0 (河道の諸元は正の値です)。")
    q = (inflow.min() + inflow.max()) / 2 / width_m
    depth = (q * manning / np.sqrt(slope)) ** 0.6
    celerity = 5 / 3 * q / depth
    count = pieces or max(1, round(length_m / (celerity * step_s)))
    dx = length_m / count
    k = dx / celerity
    x = 0.5 * (1 - q / (slope * celerity * dx))
    below = k * (1 - x) + step_s / 2
    weights = (
        (step_s / 2 - k * x) / below,
        (step_s / 2 + k * x) / below,
        (k * (1 - x) - step_s / 2) / below,
    )
    flow = inflow
    for _ in range(count):
        out = np.empty_like(flow)
        out[0] = flow[0]
        for i in range(1, flow.size):
            out[i] = weights[0] * flow[i] + weights[1] * flow[i - 1] + weights[2] * out[i - 1]
        flow = out
    return flow


@dataclass(frozen=True)
class Rating:
    """Q = a (H + b)^2, the form of MLIT's rating curves (水位流量曲線, 河川砂防技術基準 調査編)."""

    a: float
    b_m: float
    least_m: float
    greatest_m: float
    """[m] levels between which it was fitted."""

    def flow_m3_s(self, level_m: Array) -> Array:
        """Return the discharge [m3/s] of levels; NaN beyond the greatest level by over half."""
        level = np.asarray(level_m, float)
        flow = self.a * np.maximum(level + self.b_m, 0) ** 2
        far = self.greatest_m + (self.greatest_m - self.least_m) / 2
        return np.where(level <= far, flow, np.nan)

    def level_m(self, flow_m3_s: Array) -> Array:
        """Return the level [m] of discharges."""
        root: Array = np.sqrt(np.maximum(np.asarray(flow_m3_s, float), 0) / self.a)
        return root - self.b_m


def fit_rating(level_m: Array, flow_m3_s: Array) -> Rating:
    """Return the rating of gaugings, by least squares of sqrt(Q) over H.

    Raises:
        InputError: fewer than three gaugings, gaps, or flow that does not rise with the level.
    """
    level, flow = np.asarray(level_m, float), np.asarray(flow_m3_s, float)
    good = np.isfinite(level) & np.isfinite(flow) & (flow >= 0)
    if good.sum() < 3 or np.ptp(level[good]) <= 0:
        raise InputError("rating: expected three gaugings or more (流量観測は3点以上必要です)。")
    slope, offset = np.polyfit(level[good], np.sqrt(flow[good]), 1)
    if slope <= 0:
        raise InputError("rating: the flow falls as the level rises (水位と流量が逆です)。")
    return Rating(
        float(slope**2), float(offset / slope), float(level[good].min()), float(level[good].max())
    )
