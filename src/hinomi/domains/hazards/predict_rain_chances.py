"""Predict: how likely rain of some strength is in the next hour, and how such words did before."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

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
MOST_CELLS = 200_000
"""Of the ensemble's grid: some seconds of one core for each picture then. Of more cells several
become one, their mean."""
WINDOW_CELLS = 11
"""Of the picture's: over such squares the FSS is taken."""
KM_A_DEGREE = 111.195
"""[km] of latitude on a sphere of 6,371 km."""
LIMITS = Text(
    "32通りの予測(16通りは雨域をずらして移動、16通りはSTEPSにならい、細かい雨ほど早く不確かさに"
    "置き換える)の割合です。雨域全体の発達・衰弱は入っていません。独自の計算で、気象庁の予報では"
    "ありません。",
    "The share of 32 futures: 16 move the rain by winds a little different, 16 after STEPS, in"
    " which small scales turn into noise first. A storm's growth or decay as a whole is not in"
    " it. Our own computation, not JMA's forecast.",
)
UNCERTAINTY = Text(
    "確率そのものが不確かさです。信頼度(言った確率と実際の割合)はscoresを見てください。",
    "The probability is the uncertainty; scores tell how often it came true.",
)


def km_per_cell(bounds: tuple[float, float, float, float], rows: int) -> float:
    """Return a cell's size [km]; cells are square at the middle latitude."""
    return (bounds[3] - bounds[1]) / rows * KM_A_DEGREE


class Pictures(NamedTuple):
    """What an ensemble is made of."""

    rates: NDArray[np.float32]
    """[mm/h, shape (2 or 3, rows, columns)] the newest last."""
    bounds: tuple[float, float, float, float]
    minutes: float
    """[min] from one to the next."""
    seed: int

    def coarse(self) -> Pictures:
        """Return them on the ensemble's grid; a cell is known where half of it is."""
        import numpy as np  # noqa: PLC0415 - heavy

        count, rows, columns = self.rates.shape
        side = math.ceil(math.sqrt(rows * columns / MOST_CELLS))
        if side == 1:
            return self
        west, south, east, north = self.bounds
        down, right = -rows % side, -columns % side
        wide = np.pad(self.rates, ((0, 0), (0, down), (0, right)), constant_values=np.nan)
        blocks = wide.reshape(count, (rows + down) // side, side, (columns + right) // side, side)
        known = np.isfinite(blocks).sum(axis=(2, 4))
        total = np.nansum(blocks, axis=(2, 4))
        rates = np.where(2 * known >= side**2, total / np.maximum(known, 1), np.nan)
        bounds = (
            west, south - down * (north - south) / rows,
            east + right * (east - west) / columns, north,
        )  # fmt: skip
        return self._replace(rates=rates.astype(np.float32), bounds=bounds)

    @property
    def km(self) -> float:
        """Return a cell's size [km]."""
        return km_per_cell(self.bounds, self.rates.shape[1])

    def futures(self, steps: int) -> Iterator[NDArray[np.float32]]:
        """Yield the members, each for all steps."""
        from hinomi.science import nowcast  # noqa: PLC0415

        return nowcast.futures(
            self.rates, nowcast.motion(self.rates), steps, km_per_cell=self.km,
            minutes=self.minutes, seed=self.seed,
        )  # fmt: skip


def chances(
    newest: Stored, pictures: Pictures, moments: tuple[datetime, ...],
    scores: tuple[Score, ...], inputs: tuple[str, ...],
) -> Iterator[tuple[Record, bytes]]:  # fmt: skip
    """Yield a record and its file for each threshold."""
    from hinomi.science import coverages  # noqa: PLC0415
    from hinomi.science.nowcast import exceedance  # noqa: PLC0415
    from hinomi.science.nowcast.futures import MEMBERS  # noqa: PLC0415

    coarse = pictures.coarse()
    _, rows, columns = coarse.rates.shape
    shares = exceedance(coarse.futures(len(moments)), THRESHOLDS_MM_PER_H)
    for threshold, values in zip(THRESHOLDS_MM_PER_H, shares, strict=True):
        name = f"probability_over_{threshold:g}_mm_per_h"
        data = coverages.pack(
            coverages.Packed(
                parameter=name, unit="1", times=moments, bounds=coarse.bounds, values=values
            ),
            STEP,
        )
        body = RainChance(
            parameter=name, unit="1", bounds=coarse.bounds, rows=rows, columns=columns,
            moments=moments, grid_digest=sha256(data).hexdigest(), error=STEP / 2,
            network=newest.key.rsplit("/", 1)[0], issued_at=newest.said_at,
            threshold_mm_per_h=threshold, members=MEMBERS, scores=scores,
            code_version=__version__, uncertainty=UNCERTAINTY.ja, uncertainty_en=UNCERTAINTY.en,
            limits=LIMITS.ja, limits_en=LIMITS.en,
        )  # fmt: skip
        yield Record(
            collection=RAIN_CHANCES.id, key=chance_key(newest.key, threshold),
            said_at=newest.said_at, body=body, when=Interval(newest.said_at, moments[-1]),
            place=newest.place(), source=SOURCE, origin=Origin(inputs=inputs),
        ), data  # fmt: skip


def score(
    earlier: Packed,
    observed: NDArray[np.float32],
    before: Pictures,
    at: datetime,
    minutes: float,
) -> Score:
    """Return how a nowcast did, and its ensemble.

    Args:
        earlier: the nowcast.
        observed: [mm/h] what came.
        before: the pictures that it was made from; the last is persistence.
        at: when it came.
        minutes: so long it was made before.
    """
    import numpy as np  # noqa: PLC0415

    from hinomi.science import nowcast  # noqa: PLC0415

    step = earlier.times.index(at)
    field, start = earlier.values[step], before.rates[-1]
    whole = nowcast.verify(field, observed, start, minutes=minutes)
    told = before._replace(rates=np.stack([field, observed, start])).coarse()
    made = np.stack([member[step] for member in before.coarse().futures(step + 1)])
    side = round(told.km / before.km)
    spread = nowcast.verify(
        *told.rates, minutes=minutes, ensemble=made, window=WINDOW_CELLS // side // 2 * 2 + 1
    )
    return _score(whole, spread)


def _score(whole: Verified, spread: Verified) -> Score:
    table = spread.reliability
    return Score(
        lead_min=round(whole.minutes),
        csi=_known(whole.csi),
        csi_persistence=_known(whole.csi_persistence),
        fss=_known(spread.fss),
        fss_persistence=_known(spread.fss_persistence),
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
