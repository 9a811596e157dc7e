"""One run over the gauges that stand high or rise: read, check, forecast, judge what came."""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from hinomi import __version__
from hinomi.domains.hazards.collections.gauges import GAUGES, RIVER_LEVELS, Gauge, State
from hinomi.domains.hazards.collections.rain import RAIN, RAIN_FORECASTS, RAIN_NOWCASTS
from hinomi.domains.hazards.collections.rivers import (
    RIVER_FORECASTS,
    RIVER_SHEETS,
    Crossing,
    LevelStep,
    RiverForecast,
    RiverSheet,
)
from hinomi.domains.hazards.predict_rivers import silence
from hinomi.domains.hazards.predict_rivers.rain import BasinRain, Rains
from hinomi.domains.hazards.predict_rivers.scores import Judge
from hinomi.domains.hazards.predict_rivers.silence import HOURS, SOURCE
from hinomi.domains.hazards.predict_rivers.words import (
    LABELS,
    LIMITS,
    UNCERTAINTY,
    flag_words,
    forecast_words,
    problem,
)
from hinomi.domains.hazards.story_clock import EXERCISES, HOUR, clock_of
from hinomi.kernel.errors import HinomiError, Text
from hinomi.kernel.ports import Model, Parsed
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import (
    MISSING,
    Interval,
    Origin,
    Reading,
    Record,
    Stored,
    from_micros,
    micros,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hinomi.science.runoff.levels import Ahead, River

LEAD_H = 0.5
"""Between the forecast's moments."""
BACK_H = 24.0
EVERY_H = 0.15
"""A new forecast is made of readings that are so much newer: gauges report every ten minutes."""
FEWEST, SHORTEST_H = 4, 0.5
RISEN_M = 0.3
"""A gauge below all its thresholds is watched once it has risen by that."""
ABOVE_M, BELOW_M = 5.0, 20.0
"""A level so far above the banks, or below the lowest threshold, is of another datum."""
_STEPS = round(HOURS / LEAD_H)


class _Course(NamedTuple):
    """A gauge's readings of the last day, by the story's time."""

    time_h: NDArray[Any]
    level_m: NDArray[Any]
    now: datetime
    flags: tuple[str, ...]
    believed: bool


def predict_rivers(reader: Reader, keys: dict[str, Sequence[str]]) -> Parsed:
    """Return a forecast for each gauge that stands over a threshold or rises and has new readings.

    Rain and sheets wake it too, but it speaks again only when a gauge has.
    """
    woken = any(keys.get(name) for name in (RIVER_LEVELS.id, GAUGES.id, RIVER_SHEETS.id))
    if keys and not woken and RIVER_FORECASTS.id not in keys.get(silence.EXPIRIES, ()):
        return Parsed(kind=RIVER_FORECASTS.id)
    run = _Run(reader)
    try:
        run.all()
    except ModuleNotFoundError as missing:
        run.made.problems.append(problem("rivers.extra", "/", str(missing.name), "hinomi[models]"))
    return run.made


class _Run:
    """What one run reads and makes."""

    def __init__(self, reader: Reader) -> None:
        self.made = Parsed(kind=RIVER_FORECASTS.id)
        self._reader = reader
        self._clock = clock_of(reader)
        self._rains = Rains(reader, self._clock)
        self._judge = Judge(reader, self._clock)

    def all(self) -> None:
        """Look at every gauge."""
        latest: dict[str, Reading] = {}
        for found in self._reader.series(RIVER_LEVELS.id):
            reading, thing = found.reading, found.series.thing
            if reading and (thing not in latest or reading.time > latest[thing].time):
                latest[thing] = reading
        if not latest:
            return
        heard = silence.heard_until(self._reader, [reading.time for reading in latest.values()])
        before = {item.key: item for item in self._reader.every(RIVER_FORECASTS.id)}
        sheets = {item.key: item for item in self._reader.every(RIVER_SHEETS.id)}
        for item in self._reader.every(GAUGES.id):
            if item.key not in latest:
                continue
            gauge = msgspec.convert(item.body(), Gauge)
            was = before.get(item.key)
            earlier = None if was is None else msgspec.convert(was.body(), RiverForecast)
            if self._wanted(gauge, latest[item.key], earlier):
                record = self._gauge(item, gauge, earlier, sheets.get(item.key))
                self.made.records += [record] if record else []
            elif was is not None:
                lowest = min((m for _, m in _thresholds(gauge)), default=math.inf)
                ends = silence.withdrawn(was, latest[item.key], heard, (lowest, self._clock))
                self.made.records += [ends] if ends else []

    def _wanted(self, gauge: Gauge, latest: Reading, earlier: RiverForecast | None) -> bool:
        at = from_micros(latest.time)
        if at < self._clock.since or gauge.state == "silent":
            return False
        if earlier is not None:
            gone = self._clock.hours(at) - self._clock.hours(earlier.issued_at)
            if at <= earlier.issued_at or 0 <= gone < EVERY_H:
                return False
        # What was expected to rise over a threshold and fell below all is told once more.
        stands = earlier is not None and earlier.outlook not in {"none", "withheld"}
        return stands or gauge.state != "below" or latest.value - gauge.level_m >= RISEN_M

    def _gauge(
        self, item: Stored, gauge: Gauge, earlier: RiverForecast | None, sheet: Stored | None
    ) -> Record | None:
        course = self._course(gauge)
        if course is None:
            return None
        flags = [*course.flags]
        if not _of_its_thresholds(gauge, float(course.level_m[-1])):
            flags.append("thresholds")
        scores = () if earlier is None else earlier.scores
        if course.believed and "thresholds" not in flags:
            # What is not believed judges nothing; another datum judges nothing told before it.
            since_h = course.time_h[0] if "datum" in flags else -math.inf
            scores = self._judge.scores(
                item.key, (course.now, float(course.level_m[-1])), earlier, since_h
            )
        inputs = (item.id, gauge.series, *self._clock.source)
        body = RiverForecast(
            name=gauge.name, name_en=gauge.called_en, river=gauge.river, river_en=gauge.river_en,
            municipality_code=gauge.municipality_code, municipality=gauge.municipality,
            municipality_en=gauge.municipality_en, state="withheld", outlook="withheld",
            issued_at=course.now, level_m=round(float(course.level_m[-1]), 3), words="",
            words_en="", scores=scores, story_speed=self._clock.speed, members=0,
            inputs=f"{course.level_m.size} readings of {gauge.series}", parameters="",
            code_version=__version__, uncertainty=UNCERTAINTY.ja, uncertainty_en=UNCERTAINTY.en,
            limits=LIMITS.ja, limits_en=LIMITS.en,
        )  # fmt: skip
        if not course.believed or "thresholds" in flags:
            return self._withheld(item, body, flags, inputs, earlier)
        rain, river, told = self._river(gauge, course, sheet)
        if rain is not None:
            inputs += (*((sheet.id,) if sheet else ()), *rain.inputs)
            if rain.known < 1:
                flags.append("rain")
        body = _forecast(
            item.key, gauge,
            msgspec.structs.replace(
                body, parameters=told,
                lapses_at=self._clock.world(course.now, silence.lapse_h(course.time_h)),
            ),
            (course, river, rain), self._clock.world,
        )  # fmt: skip
        if sheet is not None and rain is not None:
            most = msgspec.convert(sheet.body(), RiverSheet).rating.greatest_m
            flags += ["rating"] if max(s.middle_m for s in body.steps) > most else []
        words = flag_words(flags)
        body = msgspec.structs.replace(
            body, flags=tuple(flags), flags_words=words.ja, flags_words_en=words.en
        )
        return self._record(item, body, inputs)

    def _course(self, gauge: Gauge) -> _Course | None:
        """Return the readings that can be used; None where they are too few to say anything."""
        import numpy as np  # noqa: PLC0415 - heavy

        from hinomi.science.runoff.readings import check_readings  # noqa: PLC0415

        newest = self._reader.series(RIVER_LEVELS.id, ids=(gauge.series,))
        now = max(from_micros(f.reading.time) for f in newest if f.reading is not None)
        start = self._clock.before(now, BACK_H) or max(self._clock.since, now - HOUR * BACK_H)
        rows = self._reader.readings(gauge.series, start=start, end=now + timedelta(microseconds=1))
        time = np.array([self._clock.hours(from_micros(row.time)) for row in rows])
        level = np.array([np.nan if row.quality == MISSING else row.value for row in rows])
        if time.size < FEWEST:
            return None
        checked = check_readings(time, level)
        used = np.flatnonzero(checked.use)
        enough = used.size >= FEWEST and time[used[-1]] - time[used[0]] >= SHORTEST_H
        if checked.believed and not enough:
            return None
        return _Course(
            time[used], level[used], from_micros(rows[int(used[-1])].time), checked.flags,
            checked.believed,
        )  # fmt: skip

    def _river(
        self, gauge: Gauge, course: _Course, sheet: Stored | None
    ) -> tuple[BasinRain | None, River, str]:
        """Return the rain of the basin and the river, as its sheet has it or by its thresholds."""
        from hinomi.science.runoff.levels import STEP_H, known_river, unknown_river  # noqa: PLC0415
        from hinomi.science.runoff.ratings import Rating  # noqa: PLC0415

        if sheet is not None:
            told = msgspec.convert(sheet.body(), RiverSheet)
            curve, store = told.rating, told.storage
            before = 1 + round((course.time_h[-1] - course.time_h[0]) / STEP_H)
            after = round(HOURS / STEP_H)
            try:
                rating = Rating(curve.a, curve.b_m, curve.least_m, curve.greatest_m)
                river = known_river(
                    rating, told.area_km2, k=store.k, p=store.p, lag_h=store.lag_h,
                    share=store.share,
                )  # fmt: skip
                rain = self._rains.over(sheet, course.now, (before, after), STEP_H)
            except HinomiError as error:
                self.made.problems.append(
                    problem("rivers.sheet", sheet.key, str(error), "docs/reference/rivers.md")
                )
            else:
                words = (
                    f"storage function K {store.k:g}, P {store.p:g}, lag {store.lag_h:g} h, share"
                    f" {store.share:g} ({store.source}); area {told.area_km2:g} km2;"
                    f" Q = {curve.a:g} (H + {curve.b_m:g})^2 ({curve.source})"
                )
                return rain, river, words
        stated = _thresholds(gauge)
        lowest = min([float(course.level_m.min()), *(m for _, m in stated[:1])])
        depth = stated[-1][1] - stated[0][1] if len(stated) > 1 else 1.0
        river = unknown_river(lowest, depth)
        words = (
            f"no sheet: K {river.k:g} h, P {river.p:g}, zero {river.zero_m:.2f} m, by thresholds"
        )
        return None, river, words

    def _withheld(
        self, item: Stored, body: RiverForecast, flags: list[str], inputs: tuple[str, ...],
        earlier: RiverForecast | None,
    ) -> Record | None:  # fmt: skip
        """Say once that nothing is forecast, and why."""
        words = flag_words(flags)
        if earlier is not None and (earlier.state, earlier.flags) == ("withheld", tuple(flags)):
            return None
        self.made.problems.append(
            problem("rivers.gauge", item.key, words.en, "readings that move as a river does")
        )
        body = msgspec.structs.replace(
            body, flags=tuple(flags), flags_words=words.ja, flags_words_en=words.en,
            words=words.ja + "。", words_en=words.en + ".",
        )  # fmt: skip
        return self._record(item, body, inputs)

    def _record(self, item: Stored, body: RiverForecast, inputs: tuple[str, ...]) -> Record:
        end = body.lapses_at or self._clock.world(body.issued_at, HOURS)
        return Record(
            collection=RIVER_FORECASTS.id, key=item.key, said_at=body.issued_at, body=body,
            source=SOURCE, when=Interval(body.issued_at, end), place=item.place(),
            origin=Origin(inputs=inputs),
        )  # fmt: skip


def _forecast(
    key: str,
    gauge: Gauge,
    body: RiverForecast,
    made_of: tuple[_Course, River, BasinRain | None],
    world: Callable[[datetime, float], datetime],
) -> RiverForecast:
    """Return the body with the levels ahead in it."""
    import numpy as np  # noqa: PLC0415

    from hinomi.science.runoff.levels import STEP_H, forecast_level  # noqa: PLC0415
    from hinomi.science.runoff.spread import calibrated  # noqa: PLC0415

    course, river, rain = made_of
    place = np.round((course.time_h - course.time_h[-1]) / STEP_H).astype(int)
    given = np.full(1 - place[0], np.nan)
    given[place - place[0]] = course.level_m
    ahead = forecast_level(
        river, given, hours=HOURS, rain_mm_h=None if rain is None else rain.mm_h,
        seed=zlib.crc32(f"{key}/{micros(course.now)}".encode()),
    )  # fmt: skip
    learnt = {s.lead_h: s.log_factor for s in body.scores if s.log_factor is not None}
    ahead = calibrated(ahead, learnt)
    bands = ahead.band()
    every = round(LEAD_H / STEP_H)
    steps = tuple(
        LevelStep(
            at=world(course.now, LEAD_H * (i + 1)),
            **dict(
                zip(
                    ("low_m", "middle_m", "high_m"),
                    (round(float(v), 2) for v in bands[:, every * (i + 1) - 1]),
                    strict=True,
                )
            ),
        )
        for i in range(_STEPS)
    )
    crossings = _crossings(gauge, ahead, course, world)
    words = forecast_words(crossings, steps, body.story_speed)
    likely = [c.threshold for c in crossings if c.chance >= 0.5]
    return msgspec.structs.replace(
        body, state="forecast", outlook=likely[-1] if likely else "none", steps=steps,
        crossings=crossings, words=words.ja, words_en=words.en, members=ahead.level_m.shape[1],
        rain_known=None if rain is None else round(rain.known, 2),
        rain_ahead_h=None if rain is None else round(rain.ahead_h, 1),
    )  # fmt: skip


def _crossings(
    gauge: Gauge, ahead: Ahead, course: _Course, world: Callable[[datetime, float], datetime]
) -> tuple[Crossing, ...]:
    found = []
    for state, level in _thresholds(gauge):
        if level > course.level_m[-1]:
            hours = ahead.reached_h(level)
            crossing = Crossing(
                threshold=state, label=LABELS[state].ja, label_en=LABELS[state].en, level_m=level,
                chance=round(ahead.chance(level), 2),
                likely_at=None if hours is None else world(course.now, hours),
            )  # fmt: skip
            found.append(crossing)
    return tuple(found)


def _thresholds(gauge: Gauge) -> list[tuple[State, float]]:
    """Return the gauge's thresholds, the lowest first."""
    names: tuple[tuple[State, float | None], ...] = (
        ("observing", gauge.start_m), ("standby", gauge.standby_m), ("caution", gauge.caution_m),
        ("evacuation", gauge.evacuation_m), ("danger", gauge.danger_m),
        ("overflow", gauge.overflow_m),
    )  # fmt: skip
    found = [(state, level) for state, level in names if level is not None]
    return sorted(found, key=lambda pair: pair[1])


def _of_its_thresholds(gauge: Gauge, level_m: float) -> bool:
    stated = _thresholds(gauge)
    if not stated:
        return True
    high = gauge.overflow_m if gauge.overflow_m is not None else stated[-1][1] + ABOVE_M
    return stated[0][1] - BELOW_M <= level_m <= high + ABOVE_M


RIVER_MODEL = Model(
    id="river-levels",
    title=Text("河川の水位予測(独自)", "River level forecast (our own)"),
    version="3",
    needs=(
        RIVER_LEVELS.id, GAUGES.id, RIVER_SHEETS.id, RIVER_FORECASTS.id, RAIN.id, RAIN_NOWCASTS.id,
        RAIN_FORECASTS.id, EXERCISES, silence.EXPIRIES,
    ),
    gives=(RIVER_FORECASTS.id,),
    predict=predict_rivers,
    reference="Kimura 1961 (貯留関数法); Whitaker & Hamill 2002, Mon. Wea. Rev. 130, 1913;"
    " Nash & Sutcliffe 1970, J. Hydrol. 10, 282; Gibbs & Candes 2021, NeurIPS 34",
    limits=LIMITS,
)  # fmt: skip
