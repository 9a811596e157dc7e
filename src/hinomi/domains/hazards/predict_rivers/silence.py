"""Gauges that fall silent: until when a forecast stands without readings, and what is said then."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from hinomi.domains.hazards.collections.rivers import RIVER_FORECASTS, RiverForecast
from hinomi.domains.hazards.predict_rivers.words import flag_words, silent_words
from hinomi.domains.hazards.story_clock import Clock
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Interval, Origin, Reading, Record, Stored, from_micros

if TYPE_CHECKING:
    from numpy.typing import NDArray

SOURCE = "hinomi"
HOURS = 6.0
"""So far ahead a forecast goes."""
MISSED, LEAST_LAPSE_H, MOST_LAPSE_H = 3, 1.0, 3.0
"""A forecast lapses when its gauge missed so many of its own reports, within these bounds [h]: one
that reports every ten minutes after an hour, one that reports hourly after three."""
EXPIRIES = "operations.expiries"
"""Read by its name: where every gauge falls silent at once, only the clock tells."""


def lapse_h(time_h: NDArray[Any]) -> float:
    """Return how long a forecast stands without a reading [h], by how often its gauge reports."""
    import numpy as np  # noqa: PLC0415 - heavy

    every_h = float(np.median(np.diff(time_h)))
    return min(max(MISSED * every_h, LEAST_LAPSE_H), MOST_LAPSE_H)


def heard_until(reader: Reader, times: list[int]) -> datetime:
    """Return until when something was heard: of any gauge, or of the clock itself.

    One gauge whose clock goes ahead does not make all others silent: with three or more the newest
    reading but one counts.
    """
    newest = sorted(times)[-2 if len(times) > 2 else -1]
    told = reader.find(EXPIRIES, keys=(RIVER_FORECASTS.id,), limit=1).items
    return max([from_micros(newest), *(item.said_at for item in told)])


def withdrawn(
    stands: Stored, latest: Reading, heard: datetime, known: tuple[float, Clock]
) -> Record | None:
    """Return what takes the place of the forecast of a gauge that has missed its reports since.

    A gauge that stood below all and was to stay there stops sending by design: what was told of it
    ends by itself.

    Args:
        stands: the forecast.
        latest: the gauge's newest reading.
        heard: until when something was heard.
        known: the gauge's lowest threshold [m], and the time that it goes by.
    """
    told = msgspec.convert(stands.body(), RiverForecast)
    lowest_m, clock = known
    if told.state != "forecast" or told.lapses_at is None:
        return None
    at, now_h = from_micros(latest.time), clock.hours(heard)
    lapse = clock.hours(told.lapses_at) - clock.hours(told.issued_at)
    over = now_h - clock.hours(told.issued_at) >= HOURS
    calm = told.outlook == "none" and latest.value < lowest_m
    if now_h - clock.hours(at) < lapse - 1e-6 or over or calm:
        return None
    words, flag = silent_words(at, latest.value, lapse), flag_words(("silent",))
    body = msgspec.structs.replace(
        told, state="withheld", outlook="withheld", steps=(), crossings=(), lapses_at=None,
        level_m=round(latest.value, 3), flags=("silent",), flags_words=flag.ja,
        flags_words_en=flag.en, words=words.ja, words_en=words.en,
    )  # fmt: skip
    return Record(
        collection=RIVER_FORECASTS.id, key=stands.key, said_at=told.lapses_at, body=body,
        source=SOURCE, place=stands.place(), origin=Origin(inputs=(stands.id, *clock.source)),
        when=Interval(told.lapses_at, clock.world(told.issued_at, HOURS)),
    )  # fmt: skip
