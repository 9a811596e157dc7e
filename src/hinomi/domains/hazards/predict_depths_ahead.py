"""Predict: depth an hour ahead, by an ensemble that flood sensors correct (the third tier)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import pairwise
from typing import Any, NamedTuple

from hinomi import __version__
from hinomi.domains.hazards.area_rain import rain_over
from hinomi.domains.hazards.collections.depths import (
    DEPTH_FORECASTS,
    DEPTH_STEP_M,
    DEPTHS,
    ELEVATION,
    DepthForecast,
    Member,
)
from hinomi.domains.hazards.collections.rain import RAIN, RAIN_NOWCASTS
from hinomi.domains.hazards.collections.sensors import SENSORS
from hinomi.domains.hazards.depth_grounds import Place, grounds
from hinomi.domains.hazards.predict_depths import posts_of
from hinomi.domains.hazards.story_clock import EXERCISES, Clock, clock_of
from hinomi.kernel.errors import InputError, Problem, Text
from hinomi.kernel.geometry import BBox
from hinomi.kernel.ports import Model, Parsed
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Interval, Origin, Record, Stored
from hinomi.vocabulary.grids import box

SOURCE = "hinomi"
EVERY = timedelta(minutes=10)
"""A forecast is made so often at most: the map itself follows each report."""
REST = timedelta(minutes=1)
"""And not sooner by the clock on the wall, however fast an exercise is played."""
AHEAD = timedelta(hours=1)
BACK = timedelta(minutes=90), timedelta(minutes=10)
"""A map that stood so long before, and no less, is where the members begin."""
FRESH = timedelta(minutes=20)
"""A nowcast may be so much older or newer than the map."""
MEMBERS = ((0.5, 0.05), (0.75, 0.05), (1.0, 0.03), (1.0, 0.08), (1.4, 0.05), (2.0, 0.05))
"""Rain times, Manning's n [s/m^(1/3)]: rain is the least known, then how rough a town is. Assumed;
n of towns: 0.03 to 0.08 in MLIT's manual of inundation maps (0.05 to 0.06 for fields)."""
MOST_CELLS = 10_000
"""Of the members' grid: an hour's forecast takes some seconds then, in which no map is made."""
_WET_M = 0.01
_SINK_M = 2.0
"""Where elevation is void (rivers, sea) water runs off: so much below the nearest ground."""
_HIGHEST_M = 9_000.0
"""No ground is higher, none lower than its negative: such cells are voids."""
_STILL = datetime(9000, 1, 1, tzinfo=UTC)
LIMITS = Text(
    "独自の計算で、公式の情報ではありません。避難は公式の情報に従ってください。30分より先は雨の予測の"
    "誤差が大きく、川からの流入・下水道・ポンプ・壁は入っていません。粗い格子で計算します。",
    "Our own computation, no official information; evacuate by official information. Beyond 30"
    " minutes the rain's error is large; inflow from rivers, sewers, pumps and walls are not in"
    " it. On a coarse grid.",
)
UNCERTAINTY = Text(
    "6つの計算(雨0.5〜2倍、粗度0.03〜0.08)の重みつき平均。spread_mはその標準偏差の最大。",
    "Weighted mean of six runs (rain 0.5 to 2 times, roughness 0.03 to 0.08); spread_m is their"
    " greatest standard deviation.",
)
_EXTRA = Text(
    "計算の部品が入っていません。pip install 'hinomi[models]'",
    "What computes it is not installed: pip install 'hinomi[models]'",
)


class _Made(NamedTuple):
    """What an ensemble says."""

    means: Any
    spread: Any
    weights: Sequence[float]
    weighed: bool
    cell_m: float


class _Rain(NamedTuple):
    """Mean rain over the ground, [s] of the story from the map that stands now."""

    seconds: list[float]
    rates: list[float]
    ahead_mm: float
    inputs: tuple[str, ...]


def predict_ahead(reader: Reader, keys: dict[str, Sequence[str]]) -> Parsed:
    """Return a forecast for each ground with a map and a nowcast, every ten minutes at most."""
    parsed = Parsed(kind=DEPTH_FORECASTS.id)
    if keys and not (keys.get(DEPTHS.id) or keys.get(RAIN_NOWCASTS.id)):
        return parsed
    try:
        time = clock_of(reader)
        for place in grounds(reader):
            try:
                _ahead(reader, place, time, parsed)
            except InputError as error:
                told = Problem("depths.ahead", place.network, error.text, "alarm")
                parsed.problems.append(told)
    except ModuleNotFoundError as missing:
        parsed.problems.append(Problem("depths.extra", "/", _EXTRA, "alarm", str(missing.name)))
    return parsed


def _ahead(reader: Reader, place: Place, time: Clock, parsed: Parsed) -> None:
    standing = _maps(reader, place, (_STILL, None))
    if not standing:
        return
    now = standing[-1]
    at = now.said_at
    rest = max(EVERY / time.speed, REST)
    newest = [
        item for item in reader.every(DEPTH_FORECASTS.id, bbox=place.bounds)
        if at - item.said_at < rest and item.body()["network"] == place.network
    ]  # fmt: skip
    nowcast = max(
        (
            item for item in reader.every(RAIN_NOWCASTS.id, bbox=place.bounds)
            if abs(time.between(item.said_at, at)) <= FRESH
        ),
        key=lambda item: (item.said_at, item.key), default=None,
    )  # fmt: skip
    if newest or nowcast is None:
        return
    start = _start(reader, place, now, time)
    rain = _rain(reader, place, nowcast, (start.said_at, at), time)
    if rain is None:
        return
    made, leads = _run(reader, place, (start, now), rain, time)
    _state(place, now, (made, leads, rain), (start, nowcast), time, parsed)


def _start(reader: Reader, place: Place, now: Stored, time: Clock) -> Stored:
    """Return the map that the members begin with: an earlier one, else the one that stands."""
    hours = [back / timedelta(hours=1) for back in BACK]
    first, last = (time.before(now.said_at, back) for back in hours)
    if last is None:
        return now
    first = max(first or time.since, time.since)
    before = [m for m in _maps(reader, place, (first, last)) if m.said_at <= last]
    return before[0] if before else now


def _maps(reader: Reader, place: Place, when: tuple[datetime, datetime | None]) -> list[Stored]:
    """Return a ground's maps that stood in a time, the oldest first."""
    found = (
        item for item in reader.every(DEPTHS.id, when=when, bbox=place.bounds)
        if item.body()["network"] == place.network
    )  # fmt: skip
    return sorted(found, key=lambda item: item.said_at)


def _rain(
    reader: Reader, place: Place, nowcast: Stored, span: tuple[datetime, datetime], time: Clock
) -> _Rain | None:
    """Return the rain from the first map to an hour ahead; None where it is not known."""
    start, at = span
    inputs = [nowcast.id]
    rates: dict[datetime, float] = {}
    if start < at:
        early = start - EVERY / time.speed
        for item in reader.every(RAIN.id, bbox=place.bounds, when=(early, at)):
            rates |= _means(reader, item, place.bounds)
            inputs.append(item.id)
    told = _means(reader, nowcast, place.bounds)
    ahead = {moment: rate for moment, rate in told.items() if time.between(at, moment) <= AHEAD}
    rates |= ahead
    if not any(moment > at for moment in ahead):
        return None
    times = sorted(rates)
    seconds = [time.between(at, moment).total_seconds() for moment in times]
    # Trapezoids of what is still to come, the first rate holding from now on.
    points = [(0.0, ahead[min(ahead)])]
    points += [(s, rates[t]) for s, t in zip(seconds, times, strict=True) if s > 0]
    mm = sum((b[0] - a[0]) * (a[1] + b[1]) / 2 for a, b in pairwise(points))
    return _Rain(seconds, [rates[moment] for moment in times], mm / 3600, tuple(inputs))


def _means(reader: Reader, item: Stored, over: BBox) -> dict[datetime, float]:
    """Return a grid's mean over a box at each moment that is known."""
    return {at: mean for at, mean in rain_over(reader, item, box(*over)) if not math.isnan(mean)}


def _run(
    reader: Reader, place: Place, maps: tuple[Stored, Stored], rain: _Rain, time: Clock
) -> tuple[_Made, list[float]]:
    """Run the members from the first map to now, correct them, and on for an hour."""
    import numpy as np  # noqa: PLC0415

    from hinomi.science.depths.ensemble import Ensemble  # noqa: PLC0415
    from hinomi.science.inundation.run import Case, EdgeSeries  # noqa: PLC0415
    from hinomi.science.inundation.sources import Hydrograph, Rain  # noqa: PLC0415

    start, now = maps
    grid = _Grid(place)
    begin_s = time.between(now.said_at, start.said_at).total_seconds()
    end_s = AHEAD.total_seconds() - begin_s
    times = tuple(second - begin_s for second in rain.seconds)
    sides = tuple(EdgeSeries(side, "free") for side in ("west", "east", "north", "south"))
    depth = grid.depth(reader, start)
    cases = [
        Case(
            bed_m=grid.bed_m, dx_m=grid.cell_m, end_s=end_s, manning=manning, depth_m=depth,
            sources=(Rain(Hydrograph(times, tuple(factor * rate for rate in rain.rates))),),
            edges=sides, threads=1,
        )
        for factor, manning in MEMBERS
    ]  # fmt: skip
    posts = [post for post in posts_of(reader, place) if not math.isnan(post.low_m)]
    rows = [grid.row(post.row) for post in posts]
    made = Ensemble(cases, rows, [grid.column(post.column) for post in posts])
    weighed = False
    if begin_s < 0:
        made.advance(-begin_s)
        low, high = [post.low_m for post in posts], [post.high_m for post in posts]
        weighed = made.assimilate(low, high) is not None
    seconds = [600.0 * (n + 1) for n in range(int(AHEAD / EVERY))]
    means = []
    for second in seconds:
        made.advance(second - begin_s)
        mean = made.mean_m()
        means.append(np.where(grid.known, np.where(mean > 0.005, mean, 0), np.nan))
    values = np.stack(means).astype(np.float32)
    spread = np.where(grid.known, made.sd_m(), 0.0)
    return _Made(values, spread, made.weights.tolist(), weighed, grid.cell_m), seconds


class _Grid:
    """A ground as a coarse plane of square cells."""

    def __init__(self, place: Place) -> None:
        import numpy as np  # noqa: PLC0415
        from scipy.ndimage import distance_transform_edt  # noqa: PLC0415 - heavy

        across, along = place.columns * place.width_m, place.rows * place.length_m
        cell = max(math.sqrt(across * along / MOST_CELLS), place.width_m, place.length_m)
        self.rows, self.columns = max(round(along / cell), 2), max(round(across / cell), 2)
        self.cell_m = math.sqrt(across / self.columns * (along / self.rows))
        self.place = place
        fine = place.heights()
        with np.errstate(invalid="ignore"):
            fine[~(np.abs(fine) < _HIGHEST_M)] = np.nan
        self._fine = fine
        height = self._pooled(fine)
        self.known = np.isfinite(height)
        at = distance_transform_edt(~self.known, return_distances=False, return_indices=True)
        self.bed_m = np.where(self.known, height, height[tuple(at)] - _SINK_M)

    def row(self, row: int) -> int:
        """Return the coarse row of a fine one."""
        return min(int((row + 0.5) * self.rows / self.place.rows), self.rows - 1)

    def column(self, column: int) -> int:
        """Return the coarse column of a fine one."""
        return min(int((column + 0.5) * self.columns / self.place.columns), self.columns - 1)

    def depth(self, reader: Reader, item: Stored) -> Any:
        """Return a map's depth on this grid, its levels kept; what is not known is dry."""
        import numpy as np  # noqa: PLC0415

        from hinomi.science.coverages import unpack  # noqa: PLC0415

        depth = unpack(reader.blob(item, str(item.body()["grid_digest"]))).values[0]
        if depth.shape != self._fine.shape:
            return np.zeros_like(self.bed_m)
        with np.errstate(invalid="ignore"):
            level = np.where(depth > _WET_M, self._fine + depth, np.nan)
        over = self._pooled(level) - self.bed_m
        return np.maximum(np.nan_to_num(over, nan=0.0), 0.0)

    def _pooled(self, fine: Any) -> Any:
        """Return the mean of the fine cells whose middles lie in each coarse one."""
        import numpy as np  # noqa: PLC0415

        rows, columns = fine.shape
        row = np.minimum((np.arange(rows) + 0.5) * self.rows // rows, self.rows - 1).astype(int)
        column = ((np.arange(columns) + 0.5) * self.columns // columns).astype(int)
        column = np.minimum(column, self.columns - 1)
        flat = (row[:, None] * self.columns + column[None, :]).ravel()
        values = np.asarray(fine, np.float64).ravel()
        good = np.isfinite(values)
        size = self.rows * self.columns
        count = np.bincount(flat[good], minlength=size)
        total = np.bincount(flat[good], values[good], minlength=size)
        found = np.divide(total, count, out=np.full(size, np.nan), where=count > 0)
        return found.reshape(self.rows, self.columns)


def _state(
    place: Place,
    now: Stored,
    found: tuple[_Made, list[float], _Rain],
    inputs: tuple[Stored, Stored],
    time: Clock,
    parsed: Parsed,
) -> None:
    import numpy as np  # noqa: PLC0415

    from hinomi.science import coverages  # noqa: PLC0415

    made, seconds, rain = found
    at = now.said_at
    limits = time.limits(LIMITS)
    moments = tuple(at + timedelta(seconds=second) / time.speed for second in seconds)
    packed = coverages.pack(
        coverages.Packed(
            parameter="depth_m", unit="m", times=moments, bounds=place.bounds, values=made.means
        ),
        DEPTH_STEP_M,
    )
    parsed.blobs.append(packed)
    members = tuple(
        Member(rain=factor, manning=manning, weight=round(weight, 3))
        for (factor, manning), weight in zip(MEMBERS, made.weights, strict=True)
    )
    body = DepthForecast(
        parameter="depth_m", unit="m", bounds=place.bounds, rows=made.means.shape[1],
        columns=made.means.shape[2], moments=moments, grid_digest=sha256(packed).hexdigest(),
        error=DEPTH_STEP_M / 2, network=place.network, issued_at=at, map=now.key,
        members=members, weighed=made.weighed, spread_m=round(float(made.spread.max()), 3),
        deepest_m=round(float(np.nanmax(made.means)), 2), rain_mm=round(rain.ahead_mm, 1),
        cell_m=round(made.cell_m, 1), parameters=f"members={MEMBERS} every={EVERY}",
        code_version=__version__, uncertainty=UNCERTAINTY.ja, uncertainty_en=UNCERTAINTY.en,
        limits=limits.ja, limits_en=limits.en,
    )  # fmt: skip
    ids = (now.id, *(item.id for item in (*inputs, *place.elevation)), *time.source)
    parsed.records.append(
        Record(
            collection=DEPTH_FORECASTS.id, key=f"{place.network}/{at:%Y%m%dT%H%M%SZ}", said_at=at,
            body=body, source=SOURCE, when=Interval(at, moments[-1]), place=box(*place.bounds),
            origin=Origin(inputs=tuple(dict.fromkeys((*ids, *rain.inputs)))),
        )
    )  # fmt: skip


DEPTHS_AHEAD_MODEL = Model(
    id="depths-ahead",
    title=Text("浸水深の1時間先まで(独自)", "Depth of water, next hour (our own)"),
    version="2",
    needs=(
        DEPTHS.id,
        SENSORS.id,
        ELEVATION.id,
        RAIN.id,
        RAIN_NOWCASTS.id,
        DEPTH_FORECASTS.id,
        EXERCISES,
    ),
    gives=(DEPTH_FORECASTS.id,),
    predict=predict_ahead,
    reference="Hostache et al. 2018, Water Resour. Res. 54, 5516; docs/reference/depths.md",
    limits=LIMITS,
)
