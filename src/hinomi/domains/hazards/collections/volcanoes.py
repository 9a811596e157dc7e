"""``hazards.volcanoes``: levels, warnings, eruptions, ash; one part does not hide another."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from hinomi.domains.hazards.terms import LICENCE
from hinomi.kernel.collections import Collection
from hinomi.kernel.errors import Text
from hinomi.vocabulary.english import area_in_english

VolcanoPart = Literal[
    "level",
    "warning",
    "commentary",
    "eruption",
    "flash",
    "plume",
    "ash-scheduled",
    "ash-flash",
    "ash-detailed",
    "sea-warning",
]
"""``level``: the kind in force, from warnings (VFVO50) and commentaries (VFVO51). The others are
what one kind of telegram says: VFVO50, 51, 52, 56, 60, 53, 54, 55, VFSV."""


class Wind(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The wind above a crater at one height."""

    height_ft: float | None
    degrees: float | None
    knots: float | None


class AreaRef(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An area as JMA names and codes it."""

    code: str
    name: str


class Volcano(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One statement about a volcano, about an area for its sake, or about one fall of ash."""

    part: VolcanoPart
    about: Literal["volcano", "municipality", "sea", "ash", "text"]
    telegram: str
    volcano_code: str
    volcano_name: str
    volcano_name_en: str = ""
    """As JMA calls it in English; the Japanese name where it does not."""
    area_code: str = ""
    """The municipality or sea, or the volcano itself."""
    area_name: str = ""
    kind: str = ""
    """As JMA names it: レベル３（入山規制）, 火口周辺警報, やや多量の降灰."""
    kind_code: str = ""
    condition: str = ""
    """発表, 引上げ, 引下げ, 継続, 解除."""
    last_kind: str = ""
    last_kind_code: str = ""
    alert_level: int | None = None
    """噴火警戒レベル 1 to 5; None for volcanoes and telegrams without one."""
    keyword: str = ""
    """入山規制."""
    action: str = ""
    """防災対応: 火口周辺警報：入山規制等."""
    action_code: str = ""
    action_condition: str = ""
    in_force: bool = True
    """False for forecasts that nothing is expected (噴火予報) and for releases."""
    event_id: str
    title: str = ""
    headline: str = ""
    info_type: str = ""
    serial: str = ""
    activity: str = ""
    prevention: str = ""
    next_advisory: str = ""
    appendix: str = ""
    text: str = ""
    crater: str = ""
    height_m: float | None = None
    """Of the summit or crater above the sea [m]."""
    happened_at: datetime | None = None
    happened_about: str = ""
    """頃 where the time is not sure."""
    plume_above_crater_m: float | None = None
    plume_above_sea_ft: float | None = None
    plume_direction: str = ""
    plume_condition: str = ""
    observation: str = ""
    winds: list[Wind] = []
    step: str = ""
    """Which step in time of an ash forecast: 予報　３時間後."""
    size: float | None = None
    """Thickness of ash [mm] or size of lapilli [cm]: the unit is ``size_unit``."""
    size_unit: str = ""
    reach_km: float | None = None
    direction: str = ""
    areas: list[AreaRef] = []
    """Municipalities under the fall."""

    def __post_init__(self) -> None:
        """Look the English name up."""
        if self.volcano_name and not self.volcano_name_en:
            named = area_in_english("volcano", self.volcano_name, self.volcano_code)
            msgspec.structs.force_setattr(self, "volcano_name_en", named)


VOLCANOES = Collection(
    id="hazards.volcanoes",
    title=Text("火山", "Volcanoes"),
    text=Text(
        "火山ごとの噴火警戒レベル、市町村ごとの警報、噴火速報、観測報、降灰予報(範囲)、海上警報。",
        "Alert levels, warnings per municipality, eruptions, ash-fall areas, sea warnings.",
    ),
    schema=Volcano,
    licence=LICENCE,
)
COLLECTIONS = (VOLCANOES,)
