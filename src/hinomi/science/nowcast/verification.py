"""A nowcast against what came, with persistence and extrapolation beside it."""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

from hinomi.science.scores import brier, crps, csi, fss, fss_of_probability, reliability
from hinomi.science.scores.reliability import Reliability


class Verified(msgspec.Struct, frozen=True, kw_only=True):
    """Scores of one lead time over the cells that forecast, rivals and truth all know."""

    minutes: float
    threshold_mm_per_h: float
    csi: float
    csi_persistence: float
    fss: float
    """Of the ensemble's probability where there is an ensemble, else of the extrapolation."""
    fss_extrapolation: float
    fss_persistence: float
    crps_mm_per_h: float | None = None
    """Of an ensemble; a single forecast's would be its mean absolute error."""
    mae_persistence_mm_per_h: float
    mae_extrapolation_mm_per_h: float
    brier: float | None = None
    """Of the ensemble's probability of the event."""
    brier_persistence: float
    """Of saying for certain what is there now."""
    reliability: Reliability | None = None
    cells: int


def verify(  # noqa: PLR0913 - a forecast, its two rivals, the truth, and how to judge
    forecast: NDArray[np.floating],
    observed: NDArray[np.floating],
    persistence: NDArray[np.floating],
    *,
    minutes: float,
    threshold_mm_per_h: float = 1.0,
    window: int = 11,
    ensemble: NDArray[np.floating] | None = None,
) -> Verified:
    """Return how good an extrapolation, or the ensemble beside it, was at one lead time.

    Args:
        forecast: [mm/h, shape (rows, columns)] the extrapolation.
        observed: [mm/h, shape (rows, columns)] what came.
        persistence: [mm/h, shape (rows, columns)] the last frame before the forecast.
        minutes: [min] lead time.
        threshold_mm_per_h: [mm/h] from which it is an event.
        window: [cells] side of the square in which the FSS compares shares.
        ensemble: [mm/h, shape (members, rows, columns)].
    """
    known = np.isfinite(forecast) & np.isfinite(observed) & np.isfinite(persistence)
    if ensemble is not None:
        known &= np.isfinite(ensemble).all(axis=0)
    hide = ~known

    def only(field: NDArray[np.floating]) -> NDArray[np.float64]:
        return np.where(hide, np.nan, field)

    truth, at = only(observed), threshold_mm_per_h
    table = spread = squares = None
    moved = within = fss(only(forecast), truth, at, window)
    if ensemble is not None and known.any():
        share = (ensemble >= at).mean(axis=0)
        within = fss_of_probability(only(share), observed >= at, window)
        table = reliability(share[known], observed[known] >= at)
        squares = brier(share[known], observed[known] >= at)
        spread = float(np.mean(crps(ensemble[:, known], observed[known])))
    return Verified(
        minutes=minutes,
        threshold_mm_per_h=at,
        csi=csi(only(forecast), truth, at),
        csi_persistence=csi(only(persistence), truth, at),
        fss=within,
        fss_extrapolation=moved,
        fss_persistence=fss(only(persistence), truth, at, window),
        crps_mm_per_h=spread,
        mae_persistence_mm_per_h=_error(persistence, observed, known),
        mae_extrapolation_mm_per_h=_error(forecast, observed, known),
        brier=squares,
        brier_persistence=brier(persistence[known] >= at, observed[known] >= at),
        reliability=table,
        cells=int(known.sum()),
    )


def _error(
    one: NDArray[np.floating], other: NDArray[np.floating], known: NDArray[np.bool_]
) -> float:
    return float(np.abs(one[known] - other[known]).mean()) if known.any() else float("nan")
