"""``hazards.tsunami``: warnings per coast, arrivals, observations on the coast and offshore."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from hinomi.domains.hazards.terms import LICENCE
from hinomi.kernel.collections import Collection
from hinomi.kernel.errors import Text
from hinomi.vocabulary.english import area_in_english

Part = Literal["warning", "arrival", "observation", "offshore", "estimate", "bulletin"]
"""``warning``: what is in force on a coast (VTSE41). ``arrival``: expected arrival and height there
and at its stations (VTSE51). ``observation``: a tide gauge (VTSE51). ``offshore``: a sensor at sea
and ``estimate``: what it means for a coast (VTSE52). ``bulletin``: a telegram's texts."""

TsunamiKind = Literal["major_warning", "warning", "advisory", "forecast", "none"]
"""大津波警報, 津波警報, 津波注意報, 津波予報（若干の海面変動）, none in force."""


class StationArrival(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """When the tsunami is expected at a tide station."""

    code: str
    name: str
    high_tide_at: datetime | None = None
    arrival_at: datetime | None = None
    arrival_condition: str = ""
    arrival_revised: str = ""


class QuakeRef(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A quake that a tsunami bulletin names."""

    origin_time: datetime | None = None
    hypocentre: str = ""
    position_text: str = ""
    magnitude: float | None = None
    magnitude_text: str = ""


class Tsunami(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One statement about one coast, station or sensor, by ``part``."""

    part: Part
    telegram: str
    event_id: str
    """The quake's EventID, the first of them; all are in ``event_ids``."""
    event_ids: list[str] = []
    code: str = ""
    """津波予報区, 潮位観測点 or 沿岸地域, by JMA's codes."""
    name: str = ""
    name_en: str = ""
    """Of a coast, as JMA calls it in English; the Japanese name where it does not."""
    area_code: str = ""
    """The coast that a station belongs to."""
    area_name: str = ""
    kind: TsunamiKind | None = None
    kind_name: str = ""
    """As JMA names it: 大津波警報, 津波注意報解除."""
    kind_code: str = ""
    last_kind_name: str = ""
    last_kind_code: str = ""
    severity: int = 0
    """4 major warning, 3 warning, 2 advisory, 1 forecast of slight change, 0 nothing in force."""
    in_force: bool | None = None
    """Of warnings and arrivals only: whether anything is in force on the coast."""
    arrival_at: datetime | None = None
    arrival_condition: str = ""
    """ただちに津波来襲と予測, 津波到達中と推測, 第１波の到達を確認."""
    arrival_revised: str = ""
    initial: str = ""
    """First motion: 押し or 引き."""
    height_m: float | None = None
    """None where JMA gives words only: ``height_text``."""
    height_text: str = ""
    """１ｍ, ０．２ｍ未満, １０ｍ超, 巨大, 高い."""
    height_condition: str = ""
    """重要, 観測中, 微弱, 欠測, 推定中, 上昇中, 不明; separated by blanks."""
    height_at: datetime | None = None
    height_revised: str = ""
    rising: bool = False
    """上昇中."""
    sensor: str = ""
    title: str = ""
    headline: str = ""
    info_type: str = ""
    serial: str = ""
    text: str = ""
    comment: str = ""
    comment_codes: list[str] = []
    free_text: str = ""
    stations: list[StationArrival] = []
    quakes: list[QuakeRef] = []

    def __post_init__(self) -> None:
        """Look the coast's English name up."""
        if self.name and not self.name_en:
            coast = self.name == self.area_name
            named = area_in_english("tsunami", self.name, self.code) if coast else self.name
            msgspec.structs.force_setattr(self, "name_en", named)


TSUNAMI = Collection(
    id="hazards.tsunami",
    title=Text("津波", "Tsunami"),
    text=Text(
        "津波予報区ごとの警報等の状態、到達予想、潮位観測点と沖合の観測、沿岸での推定。",
        "Warnings in force per coast, expected arrivals, observations on the coast and offshore.",
    ),
    schema=Tsunami,
    licence=LICENCE,
)
COLLECTIONS = (TSUNAMI,)
