"""What SIP4D's information types call places of relief: bases, hospitals, yards, water."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from hinomi.kernel.collections import Collection
from hinomi.kernel.errors import Text
from hinomi.vocabulary.exchange import Sent

LICENCE = "各発表者の規約 (each sender's terms: license_id of its package)"


class Facility(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the places have in common; what a source does not state is left out."""

    name: str = ""
    name_kana: str = ""
    address: str = ""
    municipality_code: str = ""
    """JMA's 7 digits; empty where it cannot be told."""
    municipality: str = ""
    local_id: str = ""
    phone: str = ""
    remarks: str = ""
    sent: Sent | None = None
    """As its sender wrote it."""


class SupplyBase(Facility, frozen=True, kw_only=True, omit_defaults=True):
    """物資拠点 (01-002-01)."""

    state: str = "unknown"
    """close, notaccept, open, unknown, other."""
    division: str = ""
    """w_areasbase (広域), l_areasbase (地域), unknown."""
    access: str = ""
    """passable, impassable."""
    truck_size: str = ""
    forklift: str = ""
    staff: int | None = None
    hours: str = ""
    until: datetime | None = None


class Hospital(Facility, frozen=True, kw_only=True, omit_defaults=True):
    """医療機関 (01-003-01), with beds and casualties."""

    state: str = "unknown"
    """sup_req (支援要), sup_arrgd, supporting, non_sup_req, unknown, other."""
    disaster_base: str = ""
    """災害拠点病院: specified, unspecified."""
    collapse: str = ""
    """倒壊のおそれ: no_fear, fearful."""
    supplies: str = ""
    beds_working: int | None = None
    beds_kept: int | None = None
    serious: int | None = None
    moderate: int | None = None
    slight: int | None = None


class DebrisYard(Facility, frozen=True, kw_only=True, omit_defaults=True):
    """災害廃棄物仮置場 (01-004-01)."""

    state: str = "unknown"
    area_m2: int | None = None
    storage_m3: int | None = None
    used_m3: int | None = None
    garbage: str = ""
    """acceptable or notaccept; so for the next five."""
    debris: str = ""
    sand: str = ""
    wood: str = ""
    mixed: str = ""
    direct: str = ""
    machines: int | None = None
    until: datetime | None = None


class WaterPoint(Facility, frozen=True, kw_only=True, omit_defaults=True):
    """給水拠点 (01-006-01)."""

    state: str = "unknown"
    """close, notaccept, open, unknown, other."""
    standing: str = ""
    """permanect (常設, the standard's spelling) or temporary."""
    hours: str = ""
    until: datetime | None = None


def _collection(name: str, ja: str, en: str, schema: type[msgspec.Struct]) -> Collection:
    text = Text(
        f"{ja}の位置と状況。送信者自身の属性名と値も残します。",
        f"{en}: where and in what state; the sender's own names and values are kept beside.",
    )
    return Collection(
        id=f"response.{name}", title=Text(ja, en), text=text, schema=schema, licence=LICENCE
    )


SUPPLY_BASES = _collection("supply_bases", "物資拠点", "Supply bases", SupplyBase)
HOSPITALS = _collection("hospitals", "医療機関", "Hospitals", Hospital)
DEBRIS_YARDS = _collection("debris_yards", "災害廃棄物仮置場", "Debris yards", DebrisYard)
WATER_POINTS = _collection("water_points", "給水拠点", "Water points", WaterPoint)


class WaterCut(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """断水 (01-007-01): households without water in one area."""

    municipality_code: str = ""
    municipality: str = ""
    area: str = ""
    cause: str = ""
    households: int | None = None
    households_at_most: int | None = None
    until: datetime | None = None
    expected_until: datetime | None = None
    remarks: str = ""
    sent: Sent | None = None


class Certificates(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """罹災証明 (01-012-01): certificates applied for and issued, by degree of damage."""

    municipality_code: str = ""
    municipality: str = ""
    applied: int | None = None
    issued: int | None = None
    destroyed: int | None = None
    large_scale_half: int | None = None
    half: int | None = None
    partial: int | None = None
    above_floor: int | None = None
    below_floor: int | None = None
    other: int | None = None
    remarks: str = ""
    sent: Sent | None = None


WATER_CUTS = _collection("water_cuts", "断水", "Households without water", WaterCut)
CERTIFICATES = _collection("certificates", "罹災証明", "Disaster certificates", Certificates)


class Road(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """道路規制 (01-005-01 point, 01-005-02 line)."""

    name: str = ""
    name_kana: str = ""
    state: str = "unknown"
    """road_close, close_road_large, chain_regulation, lane_regulation,
    one_sided_alternating_traffic, face_to_face_traffic, other, unknown."""
    road_type: str = ""
    """expressway, national_road, pref_road, municipal_road, unknown."""
    road_number: str = ""
    municipality_code: str = ""
    municipality: str = ""
    start_point: str = ""
    end_point: str = ""
    cause: str = ""
    detail: str = ""
    until: datetime | None = None
    local_id: str = ""
    remarks: str = ""
    sent: Sent | None = None


ROADS = _collection("roads", "道路規制", "Road restrictions", Road)


class Attribute(msgspec.Struct, frozen=True, kw_only=True):
    """One column that its sender shows, as people read it."""

    label: str
    value: Any = None


class Exchanged(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A feature of a free layer (99-999-99, 0304-02 …), to be drawn as its sender meant."""

    name: str = ""
    package: str = ""
    """Key in ``response.packages``."""
    layer: int = 0
    layer_title: str = ""
    code: str = ""
    legend: str = ""
    """The class of the sender's legend."""
    colour: str = ""
    """That class's, ``#rrggbb``."""
    municipality_code: str = ""
    attributes: tuple[Attribute, ...] = ()
    sent: Sent | None = None


EXCHANGED = Collection(
    id="response.layers",
    title=Text("受信レイヤー", "Layers received"),
    text=Text(
        "汎用の情報種別(99-999-99など)で届いた地物。凡例は送信者のもの。",
        "Features that came in free layers (99-999-99 and others), with their sender's legend.",
    ),
    schema=Exchanged,
    licence=LICENCE,
)
COLLECTIONS = (
    ROADS,
    SUPPLY_BASES,
    HOSPITALS,
    DEBRIS_YARDS,
    WATER_POINTS,
    WATER_CUTS,
    CERTIFICATES,
    EXCHANGED,
)
