"""A scenario: the stage and the events, as a file tells them; pure values."""

from __future__ import annotations

from datetime import timedelta
from typing import TypeAlias

import msgspec

from hinomi.domains.response.collections.lifelines import LineState
from hinomi.runtime.drill.stage import Gauge, Named, Shelter, Stage
from hinomi.runtime.drill.typhoon import Fix, Name

LOW_M = 0.3
"""A gauge stands so high [m] before its first row; 0 % of a rise."""


class Level(msgspec.Struct, frozen=True):
    """A hazard's level in the event's municipalities from now on."""

    hazard: str
    level: int


class River(msgspec.Struct, frozen=True):
    """A designated river's flood forecast, told by one gauge."""

    river: Named
    gauge: Gauge
    level: int


class Rise(msgspec.Struct, frozen=True):
    """Points on gauges' curves: metres, or the share of the way to 氾濫開始水位."""

    gauges: tuple[Gauge, ...]
    level_m: float | None = None
    share: float | None = None

    def metres(self, gauge: Gauge) -> float:
        """Return the point's level [m] at a gauge."""
        if self.level_m is not None:
            return self.level_m
        return LOW_M + (gauge.danger_m - LOW_M) * (self.share or 0.0)


class Count(msgspec.Struct, frozen=True):
    """Points on shelters' head-counts: people, a share of the capacity, or closed (both None)."""

    shelters: tuple[Shelter, ...]
    people: float | None = None
    share: float | None = None

    def heads(self, shelter: Shelter) -> float | None:
        """Return the head-count in a shelter, None where it is closed."""
        return self.people if self.share is None else self.share * shelter.capacity


class Quake(msgspec.Struct, frozen=True):
    """An earthquake; intensities by municipality as JMA writes them (``5+``)."""

    magnitude: float
    hypocentre: tuple[float, float, float]
    intensities: tuple[tuple[str, str], ...]


class Tsunami(msgspec.Struct, frozen=True):
    """A tsunami warning for some coasts; kind "" releases."""

    coasts: tuple[Named, ...]
    kind: str
    height_m: float | None = None


class Tornado(msgspec.Struct, frozen=True):
    """A 竜巻注意情報 for some forecast districts."""

    districts: tuple[str, ...]


class RecordRain(msgspec.Struct, frozen=True):
    """A 記録的短時間大雨情報."""

    amount_mm: float


class Told(msgspec.Struct, frozen=True):
    """状況付与: something that the players are told in words."""


class RoadCut(msgspec.Struct, frozen=True):
    """A road's restriction: told in words, and a record of ``response.roads``."""

    state: str
    """As SIP4D says it (road_close …); "" is open again."""


class Outage(msgspec.Struct, frozen=True):
    """How electricity stands in the event's municipalities: told, and in ``response.lifelines``."""

    state: LineState
    households: int | None = None


class Beginning(msgspec.Struct, frozen=True):
    """A phase begins."""

    name: str


class End(msgspec.Struct, frozen=True):
    """The exercise is over."""


Detail: TypeAlias = (
    Level | River | Rise | Count | Quake | Tsunami | Fix | Tornado | RecordRain | Told | RoadCut
    | Outage | Beginning | End
)  # fmt: skip


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One row of a scenario."""

    line: int
    """Of the file; 0 for what the instructor injected."""
    after: timedelta
    kind: str
    """種別, as the file writes it."""
    where: str = ""
    value: str = ""
    towns: tuple[str, ...] = ()
    point: tuple[float, float] | None = None
    text: str = ""
    expected: str = ""
    within_min: float | None = None
    clues: tuple[str, ...] = ()
    detail: Detail
    injected_by: str = ""
    number: int = 0
    """Of the injected events."""

    @property
    def key(self) -> str:
        """Return what tells it from the run's other events."""
        return f"i{self.number:03d}" if self.number else f"{self.line:04d}"

    @property
    def title(self) -> str:
        """Return the event in a few words."""
        value = f" {self.value}" if self.value else ""
        return f"{self.kind} {self.where}{value}".strip()

    @property
    def scripted(self) -> bool:
        """Tell whether the instructor's list shows it: curves' points only where they matter."""
        if isinstance(self.detail, Rise | Count | Fix | Beginning):
            return bool(self.text or self.expected or self.number)
        return True


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """A whole scenario."""

    name: str
    """The file's, or the shipped drill's."""
    title: str
    seed: int = 118
    fictional: bool = False
    """Played in the fictional prefecture, whose areas are put into the store first."""
    stage: Stage
    typhoon: Name = Name("2699", "KUNREN", "クンレン")
    gauges_every: timedelta = timedelta(minutes=10)
    shelters_every: timedelta = timedelta(minutes=30)
    events: tuple[Event, ...]
    length: timedelta

    def phases(self) -> list[tuple[timedelta, str]]:
        """Return when each phase begins, and its name."""
        return [(e.after, e.detail.name) for e in self.events if isinstance(e.detail, Beginning)]

    def with_event(self, event: Event) -> Scenario:
        """Return the scenario with one event more, in the order of time."""
        events = sorted((*self.events, event), key=lambda e: e.after)
        return msgspec.structs.replace(self, events=tuple(events))

    def level_m(self, gauge: Gauge, after: timedelta) -> float:
        """Return a gauge's level [m]: straight from point to point, low before the first."""
        points = [
            (e.after, e.detail.metres(gauge))
            for e in self.events
            if isinstance(e.detail, Rise) and gauge in e.detail.gauges
        ]
        return _between([(timedelta(), LOW_M), *points], after)

    def people(self, shelter: Shelter, after: timedelta) -> int | None:
        """Return a shelter's head-count, straight from point to point; None while closed."""
        points = [
            (e.after, e.detail.heads(shelter))
            for e in self.events
            if isinstance(e.detail, Count) and shelter in e.detail.shelters
        ]
        before = [p for p in points if p[0] <= after]
        if not before or before[-1][1] is None:
            return None
        following = next((p for p in points if p[0] > after and p[1] is not None), None)
        closes = next((at for at, heads in points if at > after and heads is None), None)
        if following is None or (closes is not None and closes < following[0]):
            return round(before[-1][1])
        return round(_between([(before[-1][0], before[-1][1]), (following[0], following[1] or 0.0)],
                              after))  # fmt: skip


def _between(points: list[tuple[timedelta, float]], after: timedelta) -> float:
    """Return the value at a time on a line through the points; flat beyond its ends."""
    earlier = [p for p in points if p[0] <= after]
    later = [p for p in points if p[0] > after]
    if not earlier or not later:
        return (earlier or later)[-1 if earlier else 0][1]
    (start, a), (end, b) = earlier[-1], later[0]
    return a + (b - a) * ((after - start) / (end - start))
