"""``hazards.depth_areas``, ``hazards.flooded_roads``: whom and what the water reaches."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from hinomi.kernel.collections import Collection, Verb
from hinomi.kernel.errors import Text

POPULATION = "response.population_blocks"
ROAD_LINES = "response.road_lines"
BUILDINGS = "response.buildings"
"""Whom and what the water reaches: another domain's, met through its records."""
MapKind = Literal["sensors", "run"]
MAPS: dict[str, Text] = {
    "sensors": Text("センサーからの推定", "Estimated from sensors"),
    "run": Text("浸水計算の最大", "Greatest of a computed run"),
}


class DepthArea(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The ground under one class of depth (浸水ランク), and who and what stands in it."""

    map_kind: MapKind
    ground: str
    """The ground of the sensors' map, or the run."""
    map: str
    """Key of the map: in ``hazards.depths`` or ``hazards.inundation_depths``."""
    title: str = ""
    rank: int
    """1 to 6 as in MLIT's handbook."""
    rank_label: str
    rank_label_en: str
    area_m2: float
    deepest_m: float
    municipality_code: str = ""
    municipality: str = ""
    people: int | None = None
    """Who live in it; None: no population was imported there."""
    buildings: int | None = None
    people_all: int | None = None
    """In all classes of the map together."""
    people_deep: int | None = None
    """Of them where it is 0.5 m or more."""
    people_unknown: int | None = None
    """Who live in the blocks that the water touches, where the map has no value."""
    buildings_all: int | None = None
    buildings_deep: int | None = None
    roads_closed: int | None = None
    """Roads with 0.3 m of water somewhere: in ``hazards.flooded_roads``."""
    roads_closed_km: float | None = None
    remarks: str
    """What it is, in words, as it goes out in SIP4D's ``note``."""
    remarks_en: str
    limits: str = ""
    limits_en: str = ""


class FloodedRoad(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A road in which so much water stands that cars no longer pass (冠水)."""

    map_kind: MapKind
    ground: str
    map: str
    road: str
    """Key in ``response.road_lines``."""
    name: str = ""
    kind: str = ""
    deepest_m: float
    share: float
    """Of its length."""
    closes_at: datetime | None = None
    """Of a run: from when on."""
    opens_at: datetime | None = None
    """Of a run: the last moment with so much water; None where it is the run's last."""
    limits: str = ""
    limits_en: str = ""


DEPTH_AREAS = Collection(
    id="hazards.depth_areas",
    title=Text("浸水区域(浸水ランク別・独自計算)", "Flooded areas by depth (our own)"),
    text=Text(
        "浸水深の地図から作る浸水ランク別の区域と、その中の人口・建物・冠水道路。独自の推定であり、"
        "公式の情報でも現地で確認した範囲でもありません。",
        "Areas by class of depth out of our depth maps, with people, buildings and flooded roads"
        " inside. Our own estimate: neither official nor seen on the spot.",
    ),
    schema=DepthArea,
    verb=Verb.PREDICT,
    licence="Apache-2.0",
)

FLOODED_ROADS = Collection(
    id="hazards.flooded_roads",
    title=Text("冠水道路(独自計算)", "Flooded roads (our own)"),
    text=Text(
        "浸水深の地図で0.3 m以上になる道路。通行止の発表ではありません。",
        "Roads with 0.3 m of water or more in our depth maps. No announced closure.",
    ),
    schema=FloodedRoad,
    verb=Verb.PREDICT,
    licence="Apache-2.0",
)

COLLECTIONS = (DEPTH_AREAS, FLOODED_ROADS)
