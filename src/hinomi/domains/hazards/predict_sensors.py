"""Predict: what each sensor says, and whether it is believed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any, Literal

import msgspec

from hinomi.domains.hazards.collections.sensors import (
    READINGS,
    SENSORS,
    STATIONS,
    Sensor,
    SensorState,
    SensorStation,
)
from hinomi.kernel.errors import Text
from hinomi.kernel.ports import Model, Parsed
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import SUSPECT, Interval, Origin, Reading, Record, Stored, from_micros
from hinomi.kernel.store import Latest

SOURCE = "hinomi"
SILENT_HEARTBEATS = 3.0
"""LoRaWAN frames are not acknowledged: one or two in a row get lost on a bad day."""
FLAP_S, FLAPS = 600.0, 4
"""So many changes between wet and dry in ten minutes are a loose contact or waves, no flood."""
RISE_CM_PER_MIN = 20.0
"""Faster than inland water rises at a post; a switch that fell over or was hit does that."""
CONFIRM_S = 120.0
"""A jump that still stands after so long is water."""
NEAR_M = 300.0
NEIGHBOURS = 4
"""So many others near by, all heard and all of the other opinion, put one in doubt..."""
ALONE_S = 900.0
"""...until it has said the same for so long: a low underpass floods before the streets around."""
BATTERY_LOW_V, BATTERY_DEAD_V = 3.0, 2.5
"""Of a 3.6 V lithium thionyl chloride cell: below the first it is nearly spent; below the second
logic browns out. The owner's data sheet goes first; none is stated here."""
_SECOND = 1_000_000
_DEGREE_M = 111_195.0
"""Of latitude on a sphere of 6,371 km."""

Doubt = Literal["", "order", "battery", "flapping", "jump", "neighbours"]


class _Feature(msgspec.Struct):
    properties: SensorStation
    geometry: dict[str, Any] | None = None


class _Said(msgspec.Struct):
    properties: Sensor


_STATION = lru_cache(maxsize=65_536)(msgspec.json.Decoder(_Feature).decode)
_SENSOR = msgspec.json.Decoder(_Said)


class _Post:
    """A post with the latest of what it measures."""

    __slots__ = ("battery", "depth", "heard", "place", "series", "station", "stored")

    def __init__(self, stored: Stored) -> None:
        self.stored = stored
        found = _STATION(stored.feature)
        self.station: SensorStation = found.properties
        self.place: tuple[float, float] | None = None
        if found.geometry is not None and found.geometry["type"] == "Point":
            longitude, latitude = found.geometry["coordinates"][:2]
            self.place = (longitude, latitude)
        self.depth: Reading | None = None
        self.battery: Reading | None = None
        self.heard: Reading | None = None
        self.series = ""

    def hear(self, latest: Latest) -> None:
        reading = latest.reading
        if reading is None or math.isnan(reading.value):
            return
        if self.heard is None or reading.time > self.heard.time:
            self.heard = reading
        name = latest.series.property
        if name == "depth_cm":
            self.depth, self.series = reading, latest.series.id
        elif name == "battery_v":
            self.battery = reading
        elif not self.series:
            self.series = latest.series.id

    def silent(self, newest: int) -> bool:
        limit = SILENT_HEARTBEATS * self.station.heartbeat_s * _SECOND
        return self.heard is not None and newest - self.heard.time > limit

    @property
    def wet(self) -> bool:
        return self.depth is not None and self.depth.value > 0


def predict_sensors(reader: Reader, keys: dict[str, Sequence[str]]) -> Parsed:
    """Return the sensors whose state is not what was said of them last.

    The newest reading of all is the clock: a run over an archive gives what a live run gave.
    """
    if keys and not keys.get(READINGS.id) and not keys.get(STATIONS.id):
        return Parsed(kind=SENSORS.id)
    posts = {stored.key: _Post(stored) for stored in reader.every(STATIONS.id)}
    for latest in reader.series(READINGS.id):
        post = posts.get(latest.series.thing)
        if post is not None:
            post.hear(latest)
    newest = max((p.heard.time for p in posts.values() if p.heard), default=0)
    before = {stored.key: stored for stored in reader.every(SENSORS.id)}
    judge = _Judge(reader, posts, newest)
    records = (judge.record(p, before.get(p.stored.key)) for p in posts.values() if p.heard)
    return Parsed(records=[r for r in records if r is not None], kind=SENSORS.id)


class _Judge:
    """What is believed, from one moment's readings."""

    def __init__(self, reader: Reader, posts: dict[str, _Post], newest: int) -> None:
        self._reader = reader
        self._newest = newest
        self._cells: dict[tuple[int, int], list[_Post]] = {}
        self._opinions: dict[tuple[int, int], set[bool]] = {}
        """What is said in a cell and the eight around it: mostly all say dry, and none is asked."""
        for post in posts.values():
            if post.place is not None and post.depth is not None and not post.silent(newest):
                self._cells.setdefault(_cell(post.place), []).append(post)
        for (column, row), here in self._cells.items():
            said = {post.wet for post in here}
            for x in (column - 1, column, column + 1):
                for y in (row - 1, row, row + 1):
                    self._opinions.setdefault((x, y), set()).update(said)

    def record(self, post: _Post, before: Stored | None) -> Record | None:
        was = _SENSOR.decode(before.feature).properties if before is not None else None
        body, since = self._judged(post, was)
        if was is not None and was == body:
            return None
        said_at = from_micros(since)
        if before is not None:
            said_at = max(said_at, before.said_at)
        return Record(
            collection=SENSORS.id,
            key=post.stored.key,
            said_at=said_at,
            body=body,
            source=SOURCE,
            when=Interval(said_at, None),
            place=post.stored.place(),
            origin=Origin(inputs=(post.stored.id, post.series)),
        )

    def _judged(self, post: _Post, was: Sensor | None) -> tuple[Sensor, int]:
        """Return the state, and the time from which it holds."""
        reading = post.depth or post.heard
        since = reading.time if reading is not None else self._newest
        state: SensorState = "reporting"
        doubt: Doubt = ""
        depth = post.depth.value if post.depth is not None else None
        if post.silent(self._newest) and post.heard is not None:
            state = "silent"
            since = post.heard.time + int(SILENT_HEARTBEATS * post.station.heartbeat_s) * _SECOND
        elif post.depth is not None:
            doubt = self._doubt(post, post.depth, was)
            state = "suspect" if doubt else _level(post.depth.value)
        station = post.station
        return (
            Sensor(
                name=station.name,
                kind=station.kind,
                state=state,
                depth_cm=depth,
                doubt=doubt,
                battery=_battery(post.battery),
                municipality_code=station.municipality_code,
                municipality=station.municipality,
                series=post.series,
            ),
            since,
        )

    def _doubt(self, post: _Post, reading: Reading, was: Sensor | None) -> Doubt:
        wet = reading.value > 0
        if reading.quality == SUSPECT:
            return "order"
        if wet and post.battery is not None and post.battery.value < BATTERY_DEAD_V:
            return "battery"
        calm = was is None or (was.state == "dry" and not was.doubt)
        opposed = self._opposed(post, wet=wet)
        if not wet and calm and not opposed:
            return ""
        start = reading.time - int(max(FLAP_S, ALONE_S) * 2 * _SECOND)
        past = self._reader.readings(post.series, start=from_micros(start))
        past = [r for r in past if r.time <= reading.time and not math.isnan(r.value)]
        if _flaps(past, reading.time) >= FLAPS:
            return "flapping"
        held_s = _held_s(past, self._newest)
        if wet and _jumped(past) and held_s < CONFIRM_S:
            return "jump"
        if opposed and (not wet or held_s < ALONE_S):
            return "neighbours"
        return ""

    def _opposed(self, post: _Post, *, wet: bool) -> bool:
        """Tell whether many others are near and all are of the other opinion."""
        if post.place is None or (not wet) not in self._opinions.get(_cell(post.place), ()):
            return False
        others = [other.wet for other in self._near(post)]
        return len(others) >= NEIGHBOURS and all(other is not wet for other in others)

    def _near(self, post: _Post) -> Iterator[_Post]:
        if post.place is None:
            return
        longitude, latitude = post.place
        column, row = _cell(post.place)
        narrow = math.cos(math.radians(latitude))
        for x in (column - 1, column, column + 1):
            for y in (row - 1, row, row + 1):
                for other in self._cells.get((x, y), ()):
                    if other is post or other.place is None:
                        continue
                    east = (other.place[0] - longitude) * narrow
                    if math.hypot(east, other.place[1] - latitude) * _DEGREE_M <= NEAR_M:
                        yield other


def _cell(place: tuple[float, float]) -> tuple[int, int]:
    """Return a cell of 0.005 degrees: at least 360 m wide up to 49 degrees north."""
    return math.floor(place[0] / 0.005), math.floor(place[1] / 0.005)


def _level(depth_cm: float) -> SensorState:
    if depth_cm >= 30:
        return "wet30"
    if depth_cm >= 20:
        return "wet20"
    return "wet10" if depth_cm > 0 else "dry"


def _battery(reading: Reading | None) -> Literal["good", "low", "unknown"]:
    if reading is None:
        return "unknown"
    return "low" if reading.value < BATTERY_LOW_V else "good"


def _flaps(past: Sequence[Reading], until: int) -> int:
    recent = [r.value > 0 for r in past if until - r.time <= FLAP_S * _SECOND]
    return sum(one is not two for one, two in pairwise(recent))


def _held_s(past: Sequence[Reading], newest: int) -> float:
    """Return for how long the latest opinion, wet or dry, has been said without a break [s]."""
    first = past[-1].time if past else newest
    for reading in reversed(past):
        if (reading.value > 0) is not (past[-1].value > 0):
            break
        first = reading.time
    return (newest - first) / _SECOND


def _jumped(past: Sequence[Reading]) -> bool:
    """Tell whether the last change from dry to wet was faster than water rises."""
    for before, after in reversed(list(pairwise(past))):
        if before.value <= 0 < after.value:
            minutes = max((after.time - before.time) / (60 * _SECOND), 1e-6)
            return after.value - before.value >= 20 and (
                (after.value - before.value) / minutes > RISE_CM_PER_MIN
            )
    return False


SENSOR_STATES = Model(
    id="hazards.sensor-states",
    title=Text("センサーの状態", "State of sensors"),
    version="1",
    needs=(READINGS.id, STATIONS.id, SENSORS.id),
    gives=(SENSORS.id,),
    predict=predict_sensors,
    reference="https://www.mlit.go.jp/river/gijutsu/wankoin/",
    limits=Text(
        "浸水の判定はスイッチの高さ(10/20/30 cm)まで。ばたつき、急変、近傍との不一致、電圧低下の"
        "しきい値は経験的な値で、低い場所のセンサーが単独で浸水すると最長15分「疑い」になります。",
        "No finer than the switches (10, 20, 30 cm). The thresholds of flapping, jumps, neighbours"
        " and battery are rules of thumb; a sensor in a low place that is flooded alone is in doubt"
        " for up to 15 minutes.",
    ),
)
