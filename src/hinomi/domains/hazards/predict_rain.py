"""Predict: rain of the next hour from the last radar pictures, judged by what came."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import takewhile
from typing import TYPE_CHECKING, Any
from zlib import crc32

import msgspec

from hinomi import __version__
from hinomi.domains.hazards import predict_rain_chances as chances
from hinomi.domains.hazards.collections.rain import (
    NOWCAST_SCORES,
    RAIN,
    RAIN_CHANCES,
    RAIN_NOWCASTS,
    STEP_MM_PER_H,
    RainGrid,
    RainNowcast,
    Score,
    rain_key,
)
from hinomi.domains.hazards.story_clock import EXERCISES, Clock, clock_of
from hinomi.kernel.errors import MissingError, Problem, Text
from hinomi.kernel.ports import Model, Parsed
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Interval, Origin, Record, Stored
from hinomi.kernel.store import MAX_LIMIT

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from hinomi.science.coverages import Packed

SOURCE = "hinomi"
FRAMES = 3
"""Pictures that the motion is taken from."""
LEARNED = 13
"""Pictures, with those, that tell which rain lasts: an hour of five minutes each."""
MOST_BEHIND = 12
"""Of a backlog the newest are forecast from: who comes late needs no old nowcasts."""
MOST_STEPS = 60
UNEVEN = 0.1
"""Pictures so much nearer or farther than those before are no even steps."""
HOUR = timedelta(hours=1)
"""Of the story: an exercise that is played fast has its next hour in a minute."""
LEADS = (timedelta(minutes=30), timedelta(minutes=60))
UNCERTAINTY = Text(
    "幅は確率(hazards.rain_chances)に、直近の予測の成績はscoresにあります。",
    "The spread is in hazards.rain_chances; scores tell how the last nowcasts did.",
)
LIMITS = Text(
    "直近の動きのまま雨域を移動させた独自の計算で、気象庁の予報ではありません。雨の発達・衰弱は"
    "考えていないため、しゅう雨では30分を過ぎると当たらなくなります。",
    "Our own computation, not JMA's: the rain is moved on as it last moved and neither grows nor"
    " decays; in showers the skill is gone after 30 minutes.",
)


def predict_rain(reader: Reader, keys: dict[str, Sequence[str]]) -> Parsed:
    """Return a nowcast from each new picture, at most the newest dozen of each network."""
    run = _Run(reader)
    if keys and not keys.get(RAIN.id):
        return run.made  # Its own nowcasts: needed to judge them, no news.
    items = run.pictures(tuple(keys.get(RAIN.id, ())))
    try:
        for network in sorted({_network(item) for item in items}):
            own = sorted((i for i in items if _network(i) == network), key=_said_at)
            for item in own[-MOST_BEHIND:]:
                run.nowcast(network, item)
    except ModuleNotFoundError as missing:
        run.made.problems.append(_problem("rain.extra", "/", str(missing.name)))
    return run.made


def _network(item: Stored) -> str:
    return item.key.rsplit("/", 1)[0]


def _said_at(item: Stored) -> datetime:
    return item.said_at


def _grid_of(item: Stored) -> tuple[Any, ...]:
    body = item.body()
    return tuple(body["bounds"]), body["rows"], body["columns"]


def alike(pictures: Sequence[Stored]) -> list[Stored]:
    """Return the last pictures, as many as follow each other on the newest one's grid."""
    grid = _grid_of(pictures[-1])
    found = list(takewhile(lambda item: _grid_of(item) == grid, reversed(pictures)))
    return found[::-1]


class _Run:
    """One run: what it reads, and the grids that it has made so far, to judge them by."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.made = Parsed()
        self._nowcasts: dict[str, Packed] = {}
        self._open: dict[str, Packed] = {}
        self._clock: Clock = clock_of(reader)

    def pictures(self, keys: tuple[str, ...]) -> list[Stored]:
        """Return the pictures of these keys, or all."""
        if not keys:
            return list(self.reader.every(RAIN.id))
        return [
            item
            for first in range(0, len(keys), MAX_LIMIT)
            for item in self.reader.every(RAIN.id, keys=keys[first : first + MAX_LIMIT])
        ]

    def nowcast(self, network: str, newest: Stored) -> None:
        """Add the nowcast from one picture and those before it."""
        before = self._before(network, newest, LEARNED)
        frames = before[-FRAMES:]
        if len(frames) < 2:
            return
        import numpy as np  # noqa: PLC0415 - heavy, and only for those with radar

        from hinomi.science import coverages, nowcast  # noqa: PLC0415

        bodies = [msgspec.convert(item.body(), RainGrid) for item in frames]
        last = bodies[-1]
        if len({(b.bounds, b.rows, b.columns) for b in bodies}) > 1:
            self.made.problems.append(_problem("rain.grid", newest.key, "grids that differ"))
            return
        step = frames[-1].said_at - frames[-2].said_at
        story = self._story(*frames[-2:])
        steps = int(round(HOUR / story, 6))
        if steps > MOST_STEPS:
            return  # Nearer than a minute: nobody waits for so many.
        before = alike(before)
        learned = np.stack([self._picture(item).values[0] for item in before])
        rates = learned[-len(frames) :]
        motion = nowcast.motion(rates)
        ahead = coverages.Packed(
            parameter=last.parameter, unit=last.unit, bounds=last.bounds,
            times=tuple(newest.said_at + step * (i + 1) for i in range(steps)),
            values=nowcast.deterministic(
                learned, motion, steps, km_per_cell=chances.km_per_cell(last.bounds, last.rows),
                minutes=story / timedelta(minutes=1),
            ).clip(min=0),
        )  # fmt: skip
        speed, towards = _drift(rates[-1], motion, last, story)
        self._add(
            newest, ahead, before, self._pictures(frames, rates), speed_km_h=speed,
            direction_deg=towards, scores=tuple(self._scores(network, newest, rates[-1])),
        )  # fmt: skip

    def _before(self, network: str, newest: Stored, most: int = FRAMES) -> list[Stored]:
        """Return the picture and those before it at even steps, oldest first."""
        span = (newest.said_at - HOUR / min(1.0, self._clock.speed), newest.said_at)
        found = [i for i in self.reader.every(RAIN.id, when=span) if _network(i) == network]
        found = sorted((i for i in found if i.said_at < newest.said_at), key=_said_at)
        kept = [newest]
        for item in reversed(found):
            step = self._story(item, kept[0])
            if len(kept) == most or not timedelta() < step <= HOUR:
                break  # The story went back, or on: such pictures do not follow each other.
            if len(kept) > 1 and abs(step / self._story(*kept[:2]) - 1) > UNEVEN:
                break
            kept.insert(0, item)
        return kept

    def _story(self, one: Stored, other: Stored) -> timedelta:
        return self._clock.between(one.said_at, other.said_at)

    def _grid(self, item: Stored) -> Packed:
        from hinomi.science import coverages  # noqa: PLC0415

        return coverages.unpack(self.reader.blob(item, str(item.body()["grid_digest"])))

    def _picture(self, item: Stored) -> Packed:
        """Return a picture's grid; of a backlog the next nowcast wants most of them again."""
        grid = self._open.pop(item.id, None) or self._grid(item)
        self._open[item.id] = grid
        if len(self._open) > LEARNED:
            self._open.pop(next(iter(self._open)))
        return grid

    def _pictures(self, frames: list[Stored], rates: NDArray[np.float32]) -> chances.Pictures:
        minutes = self._story(*frames[-2:]) / timedelta(minutes=1)
        bounds = tuple(frames[-1].body()["bounds"])
        return chances.Pictures(rates, bounds, minutes, crc32(frames[-1].key.encode()))

    def _add(
        self, newest: Stored, ahead: Packed, before: list[Stored], pictures: chances.Pictures,
        **found: Any,
    ) -> None:  # fmt: skip
        from hinomi.science import coverages  # noqa: PLC0415

        packed = coverages.pack(ahead, STEP_MM_PER_H)
        key, (_, rows, columns) = newest.key, ahead.values.shape
        limits = self._clock.limits(LIMITS)
        body = RainNowcast(
            parameter=ahead.parameter, unit=ahead.unit, bounds=ahead.bounds, rows=rows,
            columns=columns, moments=ahead.times, grid_digest=sha256(packed).hexdigest(),
            error=STEP_MM_PER_H / 2, network=_network(newest),
            frames=len(pictures.rates),
            code_version=__version__, uncertainty=UNCERTAINTY.ja, uncertainty_en=UNCERTAINTY.en,
            limits=limits.ja, limits_en=limits.en, **found,
        )  # fmt: skip
        self._nowcasts[key] = ahead
        inputs = tuple(item.id for item in before)
        own = inputs[-len(pictures.rates) :]
        for chance, data in chances.chances(newest, pictures, ahead.times, body.scores, own):
            self.made.records.append(chance)
            self.made.blobs.append(data)
        if body.scores:
            self.made.records.append(chances.scores_of(body.network, newest, body.scores, inputs))
        self.made.blobs.append(packed)
        self.made.records.append(
            Record(
                collection=RAIN_NOWCASTS.id, key=key, said_at=newest.said_at, body=body,
                when=Interval(newest.said_at, ahead.times[-1]), place=newest.place(),
                source=SOURCE, origin=Origin(inputs=inputs),
            )
        )  # fmt: skip

    def _scores(
        self, network: str, newest: Stored, observed: NDArray[np.float32]
    ) -> Iterator[Score]:
        """Yield how the nowcasts did that were made half an hour and an hour before."""
        import numpy as np  # noqa: PLC0415

        for lead in LEADS:
            key = rain_key(network, newest.said_at - lead / self._clock.speed)
            try:
                start = self.reader.get(RAIN.id, key)
                earlier = self._nowcasts.get(key) or self._grid(
                    self.reader.get(RAIN_NOWCASTS.id, key)
                )
            except MissingError:
                continue
            frames = self._before(network, start)
            grids = [self._grid(item).values[0] for item in frames]
            alike = {earlier.values.shape[1:], *(grid.shape for grid in grids)} == {observed.shape}
            if newest.said_at in earlier.times and len(frames) > 1 and alike:
                before = self._pictures(frames, np.stack(grids))
                minutes = self._story(start, newest) / timedelta(minutes=1)
                yield chances.score(earlier, observed, before, newest.said_at, minutes)


def _drift(
    rain: NDArray[np.float32], motion: NDArray[np.float64], body: RainGrid, step: timedelta
) -> tuple[float | None, float | None]:
    """Return speed [km/h] and direction [degree] of the rain, at the median of the wet cells."""
    import numpy as np  # noqa: PLC0415

    wet = rain >= 1.0
    if not wet.any():
        return None, None
    km = chances.km_per_cell(body.bounds, body.rows)
    right, down = (float(np.median(part[wet])) * km * (HOUR / step) for part in motion)
    towards = math.degrees(math.atan2(right, -down))
    return round(math.hypot(right, down), 1), float(round(towards) % 360)


_TEXTS = {
    "rain.grid": Text("画像の格子が途中で変わりました。", "The pictures' grid has changed."),
    "rain.extra": Text(
        "計算の部品が入っていません。pip install 'hinomi[models,nowcast]'",
        "What computes it is not installed: pip install 'hinomi[models,nowcast]'",
    ),
}


def _problem(code: str, path: str, found: str) -> Problem:
    return Problem(code, path, _TEXTS[code], "alarm", found, "pictures 1 to 60 minutes apart")


NOWCAST = Model(
    id="rain-nowcast",
    title=Text("降水短時間予測(独自)", "Rain nowcast (our own)"),
    version="5",
    needs=(RAIN.id, RAIN_NOWCASTS.id, EXERCISES),
    gives=(RAIN_NOWCASTS.id, RAIN_CHANCES.id, NOWCAST_SCORES.id),
    predict=predict_rain,
    reference="Lucas & Kanade 1981 (pysteps); Germann & Zawadzki 2002, Mon. Wea. Rev. 130, 2859;"
    " Germann & Zawadzki 2004, J. Appl. Meteorol. 43, 74; Seed 2003, J. Appl. Meteorol. 42, 381;"
    " Clark 2017, Wea. Forecasting 32, 1529;"
    " Bowler, Pierce & Seed 2006, Q. J. R. Meteorol. Soc. 132, 2127",
    limits=LIMITS,
)
