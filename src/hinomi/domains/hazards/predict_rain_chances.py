"""Predict: how likely rain of some strength is in the next hour, and how such words did before."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from hinomi import __version__
from hinomi.domains.hazards.collections.rain import (
    NOWCAST_SCORES,
    RAIN_CHANCES,
    NowcastScores,
    RainChance,
    Score,
    chance_key,
)
from hinomi.kernel.errors import Text
from hinomi.kernel.records import Interval, Origin, Record, Stored, instant

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from hinomi.science.coverages import Packed
    from hinomi.science.nowcast import Verified

SOURCE = "hinomi"
THRESHOLDS_MM_PER_H = (1.0, 10.0, 30.0)
"""Rain at all, rather strong (やや強い雨), violent (激しい雨): JMA's words for rain by the hour."""
STEP = 0.01
STRIDE = 2
"""Scores of the ensemble look at every second row and column."""
KM_A_DEGREE = 111.195
"""[km] of latitude on a sphere of 6,371 km."""
LIMITS = Text(
    "動きの外挿を少しずつずらした32通りの割合です。雨の発達・衰弱は確率の広がりとしてだけ入ります。"
    "独自の計算で、気象庁の予報ではありません。",
    "The share of 32 displaced extrapolations: growth and decay are in it as spread only. Our own"
    " computation, not JMA's forecast.",
)
UNCERTAINTY = Text(
    "確率そのものが不確かさです。信頼度(言った確率と実際の割合)はscoresを見てください。",
    "The probability is the uncertainty; scores tell how often it came true.",
)


def km_per_cell(bounds: tuple[float, float, float, float], rows: int) -> float:
    """Return a cell's size [km]; cells are square at the middle latitude."""
    return (bounds[3] - bounds[1]) / rows * KM_A_DEGREE


def ensemble(
    field: NDArray[np.float32], lead: timedelta, km: float, *, stride: int = 1
) -> NDArray[np.float32]:
    """Return the futures of one moment."""
    from hinomi.science.nowcast import displaced  # noqa: PLC0415 - heavy
    from hinomi.science.nowcast.displaced import KM_PER_MIN  # noqa: PLC0415

    return displaced(field, KM_PER_MIN * (lead / timedelta(minutes=1)) / km, stride=stride)


def chances(
    newest: Stored, ahead: Packed, scores: tuple[Score, ...], inputs: tuple[str, ...]
) -> Iterator[tuple[Record, bytes]]:
    """Yield a record and its file for each threshold."""
    import numpy as np  # noqa: PLC0415

    from hinomi.science import coverages  # noqa: PLC0415
    from hinomi.science.nowcast import exceedance  # noqa: PLC0415

    _, rows, columns = ahead.values.shape
    km = km_per_cell(ahead.bounds, rows)
    shares = np.empty((len(THRESHOLDS_MM_PER_H), *ahead.values.shape), np.float32)
    members = 0
    for i, (at, field) in enumerate(zip(ahead.times, ahead.values, strict=True)):
        futures = ensemble(field, at - newest.said_at, km)
        members = len(futures)
        shares[:, i] = exceedance(futures, THRESHOLDS_MM_PER_H)
    for threshold, values in zip(THRESHOLDS_MM_PER_H, shares, strict=True):
        name = f"probability_over_{threshold:g}_mm_per_h"
        data = coverages.pack(
            coverages.Packed(
                parameter=name, unit="1", times=ahead.times, bounds=ahead.bounds, values=values
            ),
            STEP,
        )
        body = RainChance(
            parameter=name, unit="1", bounds=ahead.bounds, rows=rows, columns=columns,
            moments=ahead.times, grid_digest=sha256(data).hexdigest(), error=STEP / 2,
            network=newest.key.rsplit("/", 1)[0], issued_at=newest.said_at,
            threshold_mm_per_h=threshold, members=members, scores=scores,
            code_version=__version__, uncertainty=UNCERTAINTY.ja, uncertainty_en=UNCERTAINTY.en,
            limits=LIMITS.ja, limits_en=LIMITS.en,
        )  # fmt: skip
        yield Record(
            collection=RAIN_CHANCES.id, key=chance_key(newest.key, threshold),
            said_at=newest.said_at, body=body, when=Interval(newest.said_at, ahead.times[-1]),
            place=newest.place(), source=SOURCE, origin=Origin(inputs=inputs),
        ), data  # fmt: skip


def score(
    earlier: Packed,
    observed: NDArray[np.float32],
    start: NDArray[np.float32],
    times: tuple[datetime, datetime],
) -> Score:
    """Return how a nowcast did, and its ensemble: said and came are the moments.

    Args:
        earlier: the nowcast.
        observed: [mm/h] what came.
        start: [mm/h] the picture that it was made from: persistence.
        times: when it was made, and when it came.
    """
    from hinomi.science import nowcast  # noqa: PLC0415

    made_at, at = times
    lead = at - made_at
    minutes = lead / timedelta(minutes=1)
    field = earlier.values[earlier.times.index(at)]
    whole = nowcast.verify(field, observed, start, minutes=minutes)
    futures = ensemble(field, lead, km_per_cell(earlier.bounds, len(field)), stride=STRIDE)
    some = (slice(None, None, STRIDE), slice(None, None, STRIDE))
    spread = nowcast.verify(
        field[some], observed[some], start[some], minutes=minutes, ensemble=futures
    )
    return _score(whole, spread)


def _score(whole: Verified, spread: Verified) -> Score:
    table = spread.reliability
    return Score(
        lead_min=round(whole.minutes),
        csi=_known(whole.csi),
        csi_persistence=_known(whole.csi_persistence),
        fss=_known(whole.fss),
        fss_persistence=_known(whole.fss_persistence),
        mean_error=_known(whole.mae_extrapolation_mm_per_h),
        mean_error_persistence=_known(whole.mae_persistence_mm_per_h),
        crps=None if spread.crps_mm_per_h is None else _known(spread.crps_mm_per_h),
        brier=None if spread.brier is None else _known(spread.brier),
        brier_persistence=_known(spread.brier_persistence),
        stated=tuple(map(_known, table.stated)) if table else (),
        came=tuple(map(_known, table.came)) if table else (),
        counts=tuple(table.counts) if table else (),
    )


def _known(value: float) -> float | None:
    return round(value, 4) if math.isfinite(value) else None


def scores_of(network: str, newest: Stored, scores: tuple[Score, ...],
              inputs: tuple[str, ...]) -> Record:  # fmt: skip
    """Return the record that stands beside a network's forecasts."""
    body = NowcastScores(network=network, at=newest.said_at, scores=scores)
    return Record(
        collection=NOWCAST_SCORES.id, key=network, said_at=newest.said_at, body=body,
        when=instant(newest.said_at), source=SOURCE, origin=Origin(inputs=inputs),
    )  # fmt: skip
