"""Predict: a dam's inflows from the rain that is forecast over its catchment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from hinomi import __version__
from hinomi.domains.hazards.area_rain import rain_over
from hinomi.domains.hazards.collections.dams import (
    DAM_INFLOWS,
    DAM_STATES,
    DAMS,
    DamCatchment,
    DamInflows,
    DamSheet,
    DamState,
)
from hinomi.domains.hazards.collections.rain import RAIN, RAIN_FORECASTS
from hinomi.domains.hazards.dam_numbers import value_of
from hinomi.kernel.errors import InputError, Problem, Text
from hinomi.kernel.geometry import bounds
from hinomi.kernel.ports import Model, Parsed
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Interval, Origin, Record, Stored

if TYPE_CHECKING:
    from numpy.typing import NDArray

SOURCE = "hinomi"
STEP = timedelta(hours=1)
PAST_STEPS = 24
"""[h] of observed rain from which the storage is filled."""
TAIL_STEPS = 18
"""[h] after the forecast's end, without rain: what has fallen still flows in."""
OTHERS_COUNT = timedelta(hours=12)
"""An operator's own forecast that is no older stands above ours."""
FRESH = timedelta(hours=3)
_MOST_GAPS = 0.5
MADE_BY = Text("火の見(降水予測から・独自計算)", "Hinomi, from forecast rain (our own)")
LIMITS = Text(
    "独自の計算で、ダム管理者・気象庁の予測ではありません。流域平均の雨と貯留関数によります。予測の"
    "終わりより後は雨が降らないものとするため、長雨では少なく出ます。融雪・上流のダムは考えません。",
    "Our own computation, not the operator's or JMA's. Mean rain over the catchment and a storage"
    " function. After the forecast's end no rain is taken to fall, which is too little in long"
    " rains. No snow melt, no dams upstream.",
)
UNCERTAINTY = Text(
    "27メンバー: 予測雨量の誤差(対数の標準偏差{sd:.2f}、全時間に共通)9通りと、Kの誤差3通り。",
    "27 members: nine errors of the forecast rain (standard deviation of its logarithm {sd:.2f},"
    " alike in all hours) by three errors of K.",
)


class _Rain(NamedTuple):
    """Mean rain over a catchment."""

    past: NDArray[Any]
    ahead: NDArray[Any]
    gaps: int
    """Hours of the past that nobody saw: taken as the mean of the others."""
    first_at: datetime
    inputs: tuple[str, ...]


def predict_inflows(reader: Reader, keys: dict[str, Sequence[str]]) -> Parsed:
    """Return inflows for the dams with a catchment, from the newest rain forecast over each."""
    made = Parsed(kind=DAM_INFLOWS.id)
    if keys and not (keys.get(DAMS.id) or keys.get(RAIN_FORECASTS.id)):
        return made
    changed = None if not keys or keys.get(DAMS.id) else keys[RAIN_FORECASTS.id]
    for item in sorted(reader.every(DAMS.id), key=lambda one: one.key):
        sheet = msgspec.convert(item.body(), DamSheet)
        if sheet.catchment is None:
            continue
        forecast = _forecast(reader, sheet.catchment, changed)
        if forecast is None or _another(reader, item.key, forecast):
            continue
        try:
            made.records.append(_inflows(reader, item, sheet.catchment, forecast))
        except ModuleNotFoundError as missing:
            made.problems.append(_problem(item.key, _EXTRA, str(missing.name)))
        except InputError as error:
            made.problems.append(_problem(item.key, error.text, forecast.key))
    return made


def _forecast(
    reader: Reader, catchment: DamCatchment, changed: Sequence[str] | None
) -> Stored | None:
    """Return the newest forecast over a catchment, of those that changed or of all."""
    box = bounds(catchment.outline)
    if changed is None:
        found = list(reader.every(RAIN_FORECASTS.id, bbox=box))
    else:
        some = (reader.find(RAIN_FORECASTS.id, keys=(key,), bbox=box).items for key in changed)
        found = [item for items in some for item in items]
    return max(found, key=lambda item: (item.said_at, item.key), default=None)


def _another(reader: Reader, dam: str, forecast: Stored) -> bool:
    """Tell whether what stands for a dam goes before: an operator's own, or one as new."""
    for item in reader.find(DAM_INFLOWS.id, keys=(dam,)).items:
        if item.source != SOURCE and forecast.said_at - item.said_at < OTHERS_COUNT:
            return True
        if item.source == SOURCE and item.said_at > forecast.said_at:
            return True
    return False


def _inflows(reader: Reader, item: Stored, told: DamCatchment, forecast: Stored) -> Record:
    import numpy as np  # noqa: PLC0415

    from hinomi.science.dams.inflows import Catchment, inflows_of  # noqa: PLC0415

    catchment = Catchment(
        area_km2=told.area_km2.value, runoff=told.runoff.value, k=told.k.value,
        p=value_of(told.p, 0.6), lag_h=value_of(told.lag_h, 0.0),
        base_m3_s=value_of(told.base_m3_s, 0.0), rain_error=value_of(told.rain_error, 0.4),
    )  # fmt: skip
    rain = _rain(reader, told, forecast)
    ahead = np.concatenate([rain.ahead, np.zeros(TAIL_STEPS)])
    now, seen = _observed(reader, item.key, rain.first_at)
    flow = inflows_of(catchment, rain.past, ahead, 1.0, now_m3_s=now)
    sd = f"{catchment.rain_error:.2f}"
    body = DamInflows(
        made_by=MADE_BY.ja, first_at=rain.first_at, step_s=STEP.total_seconds(),
        members=tuple(f"{n + 1:02d}" for n in range(len(flow))),
        inflow_m3_s=tuple(tuple(row) for row in flow.round(2).tolist()),
        greatest_m3_s=round(float(flow.max()), 2), rain_issued_at=forecast.said_at,
        rain_past_mm=round(float(rain.past.sum()), 1),
        rain_ahead_mm=round(float(rain.ahead.sum()), 1),
        parameters=f"A={catchment.area_km2} f={catchment.runoff} K={catchment.k} P={catchment.p}"
        f" Tl={catchment.lag_h} base={catchment.base_m3_s} hours={len(rain.ahead)}+{TAIL_STEPS}"
        f" past gaps={rain.gaps}/{PAST_STEPS} now={'unknown' if now is None else now}",
        uncertainty=UNCERTAINTY.ja.format(sd=float(sd)),
        uncertainty_en=UNCERTAINTY.en.format(sd=float(sd)),
        limits=LIMITS.ja, limits_en=LIMITS.en, code_version=__version__,
    )  # fmt: skip
    return Record(
        collection=DAM_INFLOWS.id, key=item.key, said_at=forecast.said_at, body=body,
        source=SOURCE, when=Interval(rain.first_at, rain.first_at + STEP * len(ahead)),
        origin=Origin(inputs=(item.id, *seen, *rain.inputs)), serial=forecast.seq,
    )  # fmt: skip


def _observed(reader: Reader, dam: str, at: datetime) -> tuple[float | None, tuple[str, ...]]:
    """Return the inflow that is observed, if it is fresh."""
    for item in reader.find(DAM_STATES.id, keys=(dam,), limit=1).items:
        state = msgspec.convert(item.body(), DamState)
        if state.inflow_m3_s is not None and abs(at - item.said_at) <= FRESH:
            return state.inflow_m3_s, (item.id,)
    return None, ()


def _rain(reader: Reader, told: DamCatchment, forecast: Stored) -> _Rain:
    """Return the mean rain of each hour before and after the forecast's issue.

    Raises:
        InputError: the forecast has gaps there, or too much of the past was not seen.
    """
    import numpy as np  # noqa: PLC0415

    coming = rain_over(reader, forecast, told.outline)
    times, ahead = [at for at, _ in coming], np.array([mean for _, mean in coming])
    start = forecast.when.start or times[0] - STEP
    if np.isnan(ahead).any():
        raise InputError(
            f"The rain forecast {forecast.key} has gaps over the catchment.",
            f"降水予測{forecast.key}は流域に欠測があります。",
        )
    hours = [(time - start) / STEP for time in times]
    steps = max(1, round(hours[-1]))
    # A moment tells the rain up to it: each hour takes the first that ends in it or later.
    order = np.searchsorted(np.array(hours), np.arange(steps) + 1 - 1e-6)
    ahead = ahead[np.minimum(order, len(ahead) - 1)]
    sums, counts = np.zeros(PAST_STEPS), np.zeros(PAST_STEPS)
    inputs = [forecast.id]
    span = (start - STEP * PAST_STEPS, start)
    for item in reader.every(RAIN.id, bbox=bounds(told.outline), when=span):
        inputs.append(item.id)
        for time, value in rain_over(reader, item, told.outline):
            hour = int(np.ceil((time - span[0]) / STEP)) - 1
            if 0 <= hour < PAST_STEPS and np.isfinite(value):
                sums[hour] += value
                counts[hour] += 1
    seen = counts > 0
    gaps = int((~seen).sum())
    if seen.any() and gaps > _MOST_GAPS * PAST_STEPS:
        gaps_text = f"{gaps}/{PAST_STEPS}"
        raise InputError(
            f"Of the day before {gaps_text} hours of rain were not seen.",
            f"過去1日の雨のうち{gaps_text}時間が欠測です。",
        )
    past = np.divide(sums, counts, out=np.zeros(PAST_STEPS), where=seen)
    if seen.any():
        past[~seen] = past[seen].mean()
    return _Rain(past, ahead, gaps, start, tuple(inputs))


_EXTRA = Text(
    "計算の部品が入っていません。pip install 'hinomi[models]'",
    "what computes it is not installed: pip install 'hinomi[models]'",
)


def _problem(dam: str, why: Text, found: str) -> Problem:
    return Problem(
        "dam-inflows.none", dam,
        Text(f"ダム流入量を計算できません: {why.ja}", f"No inflows of this dam: {why.en}"),
        "alarm", found, "rain forecast and rain of the day before over the catchment",
    )  # fmt: skip


DAM_INFLOW_MODEL = Model(
    id="dam-inflows-from-rain",
    title=Text("ダム流入量の予測(独自)", "Inflow of dams from rain (our own)"),
    version="1",
    needs=(DAMS.id, DAM_STATES.id, RAIN.id, RAIN_FORECASTS.id, DAM_INFLOWS.id),
    gives=(DAM_INFLOWS.id,),
    predict=predict_inflows,
    reference="木村俊晃 1961, 貯留関数法による洪水流出追跡法; docs/reference/dams.md",
    limits=LIMITS,
)
