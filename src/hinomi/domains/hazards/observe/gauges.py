"""MLIT's water gauges: stations with their thresholds, and readings.

The state of a gauge is not stated here but worked out from the readings (predict_gauges.py): a
snapshot read alone cannot know whether it changed anything, nor whether it came late.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from hinomi.domains.hazards.collections.gauges import (
    GAUGE_STATIONS,
    LICENCE,
    RIVER_LEVELS,
    GaugeStation,
    State,
    Thresholds,
)
from hinomi.kernel.errors import Grade, Problem, Text
from hinomi.kernel.geometry import Geometry, point
from hinomi.kernel.ports import Gazetteer, Parsed, Payload, Source
from hinomi.kernel.records import SUSPECT, UNCHECKED, Origin, Readings, Record, Series, micros
from hinomi.standards import river_levels
from hinomi.standards.river_levels import Item
from hinomi.vocabulary.areas import codes
from hinomi.vocabulary.times import JST

SAID_BY = "mlit"
LOWEST_M, HIGHEST_M = -50.0, 3000.0
"""No river gauge in Japan reads outside of this; senders write -9999 and the like for 欠測."""
ABOVE_OVERFLOW_M = 30.0
"""A level that far above the banks is a fault of the gauge or of its datum."""
AHEAD = timedelta(hours=1)
"""A clock may be a little ahead."""
JAPAN = (122.0, 20.0, 154.5, 46.0)
_CODE = re.compile(r"[A-Za-z0-9._-]{1,40}")


def is_snapshot(payload: Payload) -> bool:
    """Tell whether this is a snapshot of water gauges."""
    return river_levels.looks_like(payload.data)


def parse(payload: Payload, gazetteer: Gazetteer) -> Parsed:  # noqa: ARG001 - the port's shape
    """Return the stations and their readings.

    A station's statement is of its day (Japan time), so that hourly snapshots that repeat it do
    not each make a record; a reading that was seen before is known to the store.
    """
    snapshot = river_levels.decode(payload.data)
    reading = _Reading(payload, snapshot.generated_at or payload.taken_at)
    for number, item in snapshot.items:
        reading.item(item, f"/items[{number}]")
    return reading.finish(snapshot)


def state_of(level_m: float, thresholds: Thresholds) -> State:
    """Return the gravest state whose threshold the level has reached.

    Example:
        >>> state_of(2.5, Thresholds(start_m=1.0, danger_m=2.0, overflow_m=3.0))
        'danger'
    """
    for state, name in _STATES:
        threshold = getattr(thresholds, name)
        if threshold is not None and level_m >= threshold:
            return state
    return "below"


_STATES: tuple[tuple[State, str], ...] = (
    ("overflow", "overflow_m"),
    ("danger", "danger_m"),
    ("evacuation", "evacuation_m"),
    ("caution", "caution_m"),
    ("standby", "standby_m"),
    ("observing", "start_m"),
)


def series_id(code: str) -> str:
    """Return the id of a gauge's series of readings."""
    return f"{RIVER_LEVELS.id}.{code}"


class _Reading:
    """One snapshot on its way to records and readings."""

    def __init__(self, payload: Payload, now: datetime) -> None:
        self.parsed = Parsed(kind="river-levels")
        self._payload = payload
        self._now = now
        self._day = now.astimezone(JST).replace(hour=0, minute=0, second=0, microsecond=0)
        self._series: list[Series] = []
        self._at: dict[str, int] = {}
        self._rows: list[tuple[int, int, float, int]] = []
        self._flooded = 0

    def item(self, item: Item, path: str) -> None:
        """Take one gauge, or say why not."""
        if not _CODE.fullmatch(item.code):
            self._tell("gauges.code", path, _BAD_CODE, item.code, "letters, digits, . _ -")
            return
        place = self._place(item, path)
        self._station(item, place, path)
        if item.level is None:
            self._tell("gauges.no-level", path, _NO_LEVEL, item.code, "", grade="note")
            return
        time = self._time(item, path)
        if time is None or not self._possible(item, item.level, path):
            return
        self._flooded += item.flad_level is not None and item.level >= item.flad_level
        index = self._at.setdefault(item.code, len(self._series))
        if index == len(self._series):
            self._series.append(_series(item, place))
        quality = UNCHECKED if item.qt is None else SUSPECT
        self._rows.append((index, micros(time), item.level, quality))

    def finish(self, snapshot: river_levels.Snapshot) -> Parsed:
        """Return what was understood, checked against the sender's own count."""
        self.parsed.problems = [*snapshot.problems, *self.parsed.problems]
        if self._rows:
            origin = Origin(self._payload.digest, self._payload.address)
            series = tuple(self._series)
            self.parsed.readings.append(Readings(series=series, rows=self._rows, origin=origin))
        if snapshot.flood_count is not None and snapshot.flood_count != self._flooded:
            found, expected = str(self._flooded), str(snapshot.flood_count)
            self._tell("gauges.flood-count", "/floodCount", _COUNT, found, expected, grade="alarm")
        return self.parsed

    def _station(self, item: Item, place: Geometry | None, path: str) -> None:
        thresholds = (item.start_level, item.warn_level, item.flad_level)
        stated = [value for value in thresholds if value is not None]
        if stated != sorted(stated):
            self._tell("gauges.thresholds", path, _ORDER, str(thresholds), "rising", grade="alarm")
        town = f"{item.town_code or ''}00"
        entry = codes.ever(town, "municipality") or codes.ever(town, "ward")
        prefecture = codes.prefecture_of(town)
        known = f"{prefecture.name}{entry.name}" if entry and prefecture else ""
        self.parsed.records.append(
            Record(
                collection=GAUGE_STATIONS.id,
                key=item.code,
                said_at=self._day,
                body=GaugeStation(
                    name=item.name,
                    name_kana=(item.kana or "").strip(),
                    river=item.place_river if item.place_river not in (None, item.name) else "",
                    municipality_code=town if len(town) == 7 else "",
                    municipality=item.place_city or known,
                    start_m=item.start_level,
                    danger_m=item.warn_level,
                    overflow_m=item.flad_level,
                ),
                source=SAID_BY,
                place=place,
                origin=Origin(self._payload.digest, self._payload.address, path),
            )
        )

    def _place(self, item: Item, path: str) -> Geometry | None:
        if item.longitude is None or item.latitude is None:
            self._tell("gauges.no-position", path, _NO_POSITION, item.code, "", grade="alarm")
            return None
        west, south, east, north = JAPAN
        if west <= item.longitude <= east and south <= item.latitude <= north:
            return point(item.longitude, item.latitude)
        found = f"longitude {item.longitude}, latitude {item.latitude}"
        expected = f"longitude {west} to {east}, latitude {south} to {north}"
        self._tell("gauges.position", path, _POSITION, found, expected)
        return None

    def _time(self, item: Item, path: str) -> datetime | None:
        try:
            time = datetime.fromisoformat(item.obs_time)
        except ValueError:
            self._tell("gauges.time", path, _TIME, item.obs_time[:60], "ISO 8601")
            return None
        if time.tzinfo is None:
            self._tell("gauges.zone", path, _ZONE, item.obs_time[:60], "+09:00", grade="note")
            time = time.replace(tzinfo=JST)
        if time > self._now + AHEAD or time.year < 2000:
            expected = f"2000 to {self._now.isoformat()}"
            self._tell("gauges.time", path, _TIME, item.obs_time[:60], expected)
            return None
        return time

    def _possible(self, item: Item, level: float, path: str) -> bool:
        highest = HIGHEST_M
        if item.flad_level is not None:
            highest = min(highest, item.flad_level + ABOVE_OVERFLOW_M)
        if LOWEST_M <= level <= highest:
            return True
        self._tell("gauges.level", path, _LEVEL, str(level), f"{LOWEST_M} to {highest} m")
        return False

    def _tell(
        self,
        code: str,
        path: str,
        text: Text,
        found: str,
        expected: str,
        *,
        grade: Grade = "error",
    ) -> None:
        self.parsed.problems.append(Problem(code, path, text, grade, found, expected))


def _series(item: Item, place: Geometry | None) -> Series:
    return Series(
        id=series_id(item.code),
        collection=RIVER_LEVELS.id,
        thing=item.code,
        property="level_m",
        unit="m",
        source=SAID_BY,
        title=item.name,
        longitude=item.longitude if place else None,
        latitude=item.latitude if place else None,
    )


_BAD_CODE = Text("観測所コードが正しくありません。", "The gauge's code is not right.")
_NO_LEVEL = Text("欠測です。", "The level is missing.")
_NO_POSITION = Text("位置がありません。", "The position is missing.")
_POSITION = Text("位置が日本の範囲の外です。", "The position is not in Japan.")
_TIME = Text("観測時刻が正しくありません。", "The time of observation is not right.")
_ZONE = Text(
    "時刻に時差がないので日本時間とします。", "A time without a zone; taken as Japan time."
)
_LEVEL = Text("水位がありえない値です。", "The level is impossible.")
_ORDER = Text("基準水位の順が逆です。", "The thresholds do not rise.")
_COUNT = Text(
    "氾濫開始水位以上の数が、発表者の数(floodCount)と違います。",
    "The number of gauges at or above 氾濫開始水位 is not the sender's floodCount.",
)

SOURCE = Source(
    id="mlit-gauges",
    title=Text("水位計(国土交通省)", "River gauges (MLIT)"),
    gives=(GAUGE_STATIONS.id, RIVER_LEVELS.id),
    licence=LICENCE,
    reference="https://k.river.go.jp/",
    detect=is_snapshot,
    parse=parse,
)
