"""hazards.gauges, .gauge_stations and .river_levels: water at the gauges."""

from __future__ import annotations

from typing import Literal

import msgspec

from hinomi.kernel.collections import Collection, Kind, Verb
from hinomi.kernel.errors import Text
from hinomi.vocabulary.english import (
    called,
    municipality_in_english,
    municipality_of,
    river_in_english,
)

LICENCE = (
    "公共データ利用規約(第1.0版) https://www.digital.go.jp/resources/open_data/public_data_license_v1.0"
    " 出典: 国土交通省「川の水位情報」 https://k.river.go.jp/"
)

State = Literal[
    "overflow", "danger", "evacuation", "caution", "standby", "observing", "below", "silent"
]
"""氾濫開始水位, 氾濫危険(危険)水位, 避難判断水位, 氾濫注意水位, 水防団待機水位, 観測開始水位
reached; below all; no reading for hours while other gauges report."""


class Thresholds(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A gauge's thresholds [m, on the gauge's own datum]; None where the source states none.

    The crisis-management gauges (危機管理型水位計) have ``start_m``, ``danger_m`` and
    ``overflow_m`` only: 水防団待機, 氾濫注意 and 避難判断水位 are set for ordinary gauges, on
    rivers with flood forecasts.
    """

    start_m: float | None = None
    """観測開始水位: from here on the gauge reports every few minutes."""
    standby_m: float | None = None
    """水防団待機水位."""
    caution_m: float | None = None
    """氾濫注意水位."""
    evacuation_m: float | None = None
    """避難判断水位."""
    danger_m: float | None = None
    """氾濫危険水位; of a crisis-management gauge 危険水位."""
    overflow_m: float | None = None
    """氾濫開始水位: the level at which water begins to leave the river."""


class GaugeStation(Thresholds, frozen=True, kw_only=True):
    """What a gauge is: where it stands and what its thresholds are; stated at most once a day."""

    name: str
    name_kana: str = ""
    """As its operator reads it."""
    called_en: str = ""
    """The reading in Roman letters with the kinds (橋, 右岸) in English; without a reading only
    the kinds; the Japanese name where nothing of it is known."""
    river: str = ""
    river_en: str = ""
    municipality_code: str = ""
    municipality: str = ""
    municipality_en: str = ""

    def __post_init__(self) -> None:
        """Make the English out of what is stated."""
        if self.called_en:
            return
        river = river_in_english(self.river) if self.river else ""
        made = {
            "called_en": self._called(river) or self.name,
            "river_en": river,
            "municipality_en": municipality_in_english(self.municipality_code),
        }
        for name, value in made.items():
            msgspec.structs.force_setattr(self, name, value)

    def _called(self, river: str) -> str:
        town = municipality_of(self.municipality_code)
        rest = self.name.removeprefix(self.river)
        if river and rest != self.name and not self.name_kana:
            return f"{river} {called(rest, town=town) or rest}".strip()
        return called(self.name, kana=self.name_kana, town=town)


class Gauge(GaugeStation, frozen=True, kw_only=True):
    """What state a gauge is in, since its ``start``."""

    state: State
    level_m: float
    """The reading by which the state was reached; later ones are in the series."""
    series: str
    """The id of the gauge's series of readings."""


class RiverLevel(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A reading's value."""

    level_m: float
    """[m] above the zero point of the gauge's own datum (for many the sea level in Tokyo Bay)."""


GAUGES = Collection(
    id="hazards.gauges",
    title=Text("水位計の状態", "State of river gauges"),
    text=Text(
        "水位計ごとに、どの基準水位に達しているか。状態か基準が変わったときだけ新しい記録になります。",
        "Which threshold each gauge has reached; a new record only when state or thresholds"
        " change.",
    ),
    schema=Gauge,
    verb=Verb.PREDICT,
    licence=LICENCE,
)

GAUGE_STATIONS = Collection(
    id="hazards.gauge_stations",
    title=Text("水位観測所", "River gauging stations"),
    text=Text(
        "水位計の位置、名称、基準水位。", "Position, name and thresholds of the river gauges."
    ),
    schema=GaugeStation,
    licence=LICENCE,
)

RIVER_LEVELS = Collection(
    id="hazards.river_levels",
    title=Text("河川の水位", "River levels"),
    text=Text("水位計の観測値 [m]。", "Readings of the river gauges [m]."),
    schema=RiverLevel,
    kind=Kind.SERIES,
    licence=LICENCE,
    # Two flood seasons at hand; older ones stay in the archive's files.
    keep_days=730,
)

COLLECTIONS = (GAUGES, GAUGE_STATIONS, RIVER_LEVELS)
