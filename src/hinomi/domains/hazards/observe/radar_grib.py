"""JMA's GRIB2 beyond the pictures: rain forecast (降水短時間予報), the soil's tanks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

import numpy as np

from hinomi.domains.hazards.collections.rain import (
    RAIN_FORECASTS,
    STEP_MM_PER_H,
    RainForecast,
    rain_key,
)
from hinomi.domains.hazards.collections.rain_indices import RAIN_TANKS, RainTanks
from hinomi.kernel.marking import Marking, Status
from hinomi.kernel.ports import Payload
from hinomi.kernel.records import Interval, Origin, Record, instant
from hinomi.science.coverages import Packed, pack
from hinomi.science.nowcast.rain import bounded
from hinomi.standards.grib2 import Field, Grid, values
from hinomi.vocabulary.grids import box

_MOISTURE, _RAIN, _TANKS = 1, 200, 206
"""GRIB2 discipline 0: category 1; JMA's own parameters: 200 the rain of an interval, 206 the tanks
(気象庁 配信資料に関する仕様 解析雨量・降水短時間予報、土壌雨量指数)."""
_ALL_TANKS, _ONE_TANK = 200, 201
"""Surfaces of JMA's own: the tanks' sum, one tank (its number is the surface's value)."""
_TANK_MM = 0.1
JMA = "jma"


class Sorted(NamedTuple):
    """The fields of a file that are understood."""

    fell: list[Field]
    forecast: list[Field]
    soil: list[Field]


def sort(fields: Sequence[Field]) -> Sorted:
    """Return the fields by what they tell."""
    own = [f for f in fields if f.discipline == 0 and f.category == _MOISTURE]
    rain = [f for f in own if f.parameter == _RAIN and f.start < f.end]
    return Sorted(
        [f for f in rain if f.end <= f.reference_time],
        [f for f in rain if f.end > f.reference_time],
        [f for f in own if f.parameter == _TANKS],
    )


def status_of(field: Field) -> Status:
    """Return the status: what is not operational is a test."""
    return Status.ACTUAL if field.status == 0 else Status.TEST


def forecasts(fields: Iterable[Field], payload: Payload) -> Iterator[tuple[Record, bytes]]:
    """Yield a record and its file for each reference time and grid."""
    groups: dict[tuple[datetime, Grid, Status], list[Field]] = {}
    for field in fields:
        groups.setdefault((field.reference_time, field.grid, status_of(field)), []).append(field)
    for (issued_at, grid, status), group in groups.items():
        ordered = sorted(group, key=lambda f: f.end)
        hours = [(f.end - f.start) / timedelta(hours=1) for f in ordered]
        rates, wrong = bounded(
            np.stack([values(f) / h for f, h in zip(ordered, hours, strict=True)])
        )
        network = f"grib-{ordered[0].centre}-{_RAIN}"
        packed = Packed(
            parameter="rain_mm_per_h", unit="mm/h", bounds=grid.bbox,
            times=tuple(f.end for f in ordered), values=rates,
        )  # fmt: skip
        data = pack(packed, STEP_MM_PER_H)
        body = RainForecast(
            parameter="rain_mm_per_h", unit="mm/h", bounds=grid.bbox, rows=grid.rows,
            columns=grid.columns, moments=packed.times, grid_digest=sha256(data).hexdigest(),
            error=STEP_MM_PER_H / 2, network=network, issued_at=issued_at, impossible=wrong,
        )  # fmt: skip
        yield Record(
            collection=RAIN_FORECASTS.id, key=rain_key(network, issued_at), said_at=issued_at,
            when=Interval(ordered[0].start, ordered[-1].end), body=body, source="radar",
            place=box(*grid.bbox), origin=Origin(payload.digest, payload.address, "/forecast"),
            marking=Marking(status),
        ), data  # fmt: skip


def tanks(found: Sorted, payload: Payload) -> Iterator[tuple[Record, bytes]]:
    """Yield JMA's tanks: the sum and the first two are sent, the third is what is left."""
    by_tank = {
        0 if f.surface == _ALL_TANKS else int(f.surface_value or 0): f
        for f in found.soil
        if f.surface in {_ALL_TANKS, _ONE_TANK}
    }
    if not by_tank.keys() >= {0, 1, 2}:
        return
    total, one, two = (np.asarray(values(by_tank[i]), np.float32) for i in (0, 1, 2))
    whole = by_tank[0]
    at, bounds = whole.end, whole.grid.bbox
    grids = [
        Packed(parameter=f"soil_{i}_mm", unit="mm", times=(at,), bounds=bounds, values=v[None])
        for i, v in ((1, one), (2, two), (3, np.maximum(total - one - two, 0)))
    ]
    data = pack(grids[0], _TANK_MM, *((grid, _TANK_MM) for grid in grids[1:]))
    body = RainTanks(
        parameter="soil_1_mm", unit="mm", bounds=bounds, rows=whole.grid.rows,
        columns=whole.grid.columns, moments=(at,), grid_digest=sha256(data).hexdigest(),
        error=_TANK_MM / 2, network=JMA, running_since=at, started_from="jma",
    )  # fmt: skip
    yield Record(
        collection=RAIN_TANKS.id, key=JMA, said_at=at, when=instant(at), body=body, source="radar",
        place=box(*bounds), origin=Origin(payload.digest, payload.address, "/tanks"),
        marking=Marking(status_of(whole)),
    ), data  # fmt: skip
