"""``hazards.floods``: flood forecasts of rivers, one record for each forecast stretch."""

from __future__ import annotations

import msgspec

from hinomi.kernel.collections import Collection
from hinomi.kernel.errors import Text
from hinomi.standards.jmaxml.floods import Arrival, Gauge, Inundation, Passage, Rain, Station
from hinomi.vocabulary.english import river_in_english


class AreaRef(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """An area or river as JMA names and codes it."""

    name: str
    code: str = ""


class Flood(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """指定河川洪水予報 (designated rivers) or 水位周知河川に関する情報 (other rivers)."""

    river_name: str
    """The forecast stretch: 予報区域, 発表区間."""
    river_name_en: str = ""
    """As JMA calls it in English; else the name with its kind in English."""
    river_code: str
    kind: str
    """As JMA names it: レベル４氾濫危険警報, 氾濫危険情報."""
    kind_code: str
    level: int | None
    """警戒レベル相当, 2 to 5; 1 where it is released; None where the kind is not known."""
    in_force: bool
    phase: str
    """``issued``, ``continued``, ``lowered`` or ``released``."""
    condition: str
    title: str
    headline: str
    office: str
    telegram: str
    event_id: str
    serial: str
    info_type: str
    rivers: list[AreaRef] = []
    prefectures: list[AreaRef] = []
    observed_level_m: float | None = None
    """Of the gauge that stands highest against its thresholds; each gauge's are in ``stations``."""
    passages: list[Passage] = []
    stations: list[Station] = []
    gauges: list[Gauge] = []
    inundations: list[Inundation] = []
    rain: list[Rain] = []
    arrivals: list[Arrival] = []
    notice: str = ""
    offices: list[dict[str, str]] = []

    def __post_init__(self) -> None:
        """Look the English name up."""
        if not self.river_name_en:
            named = river_in_english(self.river_name, self.river_code)
            msgspec.structs.force_setattr(self, "river_name_en", named)


FLOODS = Collection(
    id="hazards.floods",
    title=Text("洪水予報", "Flood forecasts"),
    text=Text(
        "河川の予報区間ごとの洪水予報(警戒レベル相当、水位の観測と予測、基準、浸水想定)。",
        "Flood forecasts for stretches of rivers: level, observed and forecast water levels,"
        " thresholds, areas that are expected to be flooded.",
    ),
    schema=Flood,
    licence="公共データ利用規約（第1.0版）／CC BY 4.0, 気象庁・国土交通省・都道府県",
)
