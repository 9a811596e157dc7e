"""The volcanological Body: warnings, observations, plumes, forecasts of ash fall.

References:
    気象庁防災情報XML 技術資料, jmx_volc.xsd and 地震火山関連XML電文解説資料
    (https://xml.kishou.go.jp/tec_material.html).
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from hinomi.kernel.errors import Problem
from hinomi.standards.jmaxml.trees import Attribute, Tree
from hinomi.standards.jmaxml.xml import VOLCANOLOGY, Element


class EventDateTime(msgspec.Struct, frozen=True, gc=False):
    """When it happened; ``significant`` says to what digit, ``dubious`` how surely (頃)."""

    value: datetime | None = None
    significant: Attribute = ""
    dubious: Attribute = ""
    precision: Attribute = ""


class EventTime(msgspec.Struct, frozen=True, gc=False):
    """現象の発生時刻."""

    event_date_time: EventDateTime | None = None
    event_date_time_utc: EventDateTime | None = None
    event_date_time_comment: str = ""


class Quantity(msgspec.Struct, frozen=True, gc=False):
    """A number with its unit; "" (None here) goes with a ``condition`` such as 不明."""

    value: float | None = None
    type: Attribute = ""
    unit: Attribute = ""
    condition: Attribute = ""
    description: Attribute = ""


class Words(msgspec.Struct, frozen=True, gc=False):
    """A value in words: a direction in kanji."""

    value: str = ""
    type: Attribute = ""
    unit: Attribute = ""
    condition: Attribute = ""
    description: Attribute = ""


class Outline(msgspec.Struct, frozen=True, gc=False):
    """A ring of positions, ISO 6709."""

    value: str = ""
    type: Attribute = ""
    description: Attribute = ""


class Coordinate(msgspec.Struct, frozen=True, gc=False):
    """A position, ISO 6709 (degrees and minutes, height [m])."""

    value: str = ""
    description: Attribute = ""
    type: Attribute = ""
    datum: Attribute = ""
    condition: Attribute = ""


class Property(msgspec.Struct, frozen=True, gc=False):
    """What falls: how thick or large, where, which way, how far."""

    size: Quantity | None = None
    polygon: list[Outline] = []
    plume_direction: Words | None = None
    distance: Quantity | None = None
    remark: str = ""


class Kind(msgspec.Struct, frozen=True, gc=False):
    """A kind as JMA names and codes it."""

    name: str
    code: str = ""
    condition: str = ""
    formal_name: str = ""
    property: Property | None = None


class Area(msgspec.Struct, frozen=True, gc=False):
    """A volcano, a municipality or a sea, by the code table of its Areas."""

    name: str
    code: str
    coordinate: Coordinate | None = None
    area_from_mark: str = ""
    crater_name: str = ""
    crater_coordinate: Coordinate | None = None


class Areas(msgspec.Struct, frozen=True, gc=False):
    """The areas that a kind holds for."""

    code_type: Attribute = ""
    area: list[Area] = []


class Item(msgspec.Struct, frozen=True, gc=False):
    """A kind × areas."""

    event_time: EventTime | None = None
    kind: Kind = Kind("")
    last_kind: Kind | None = None
    areas: Areas = Areas()


class VolcanoInfo(msgspec.Struct, frozen=True, gc=False):
    """One block: ``type`` says of what (対象火山, 対象市町村等, 対象市町村の防災対応等)."""

    type: Attribute = ""
    item: list[Item] = []


class AshInfo(msgspec.Struct, frozen=True, gc=False):
    """One step in time of an ash-fall forecast."""

    type: Attribute = ""
    start_time: datetime | None = None
    end_time: datetime | None = None
    item: list[Item] = []


class AshInfos(msgspec.Struct, frozen=True, gc=False):
    """降灰予報."""

    type: Attribute = ""
    ash_info: list[AshInfo] = []


class Plume(msgspec.Struct, frozen=True, gc=False):
    """噴煙: height [m above the crater, FT above the sea] and direction."""

    plume_height_above_crater: Quantity | None = None
    plume_height_above_sea_level: Quantity | None = None
    plume_direction: Words | None = None
    plume_comment: str = ""


class WindElements(msgspec.Struct, frozen=True, gc=False):
    """The wind at one height: FT, degrees, knots."""

    height_property: Attribute = ""
    description: Attribute = ""
    wind_height_above_sea_level: Quantity | None = None
    wind_degree: Quantity | None = None
    wind_speed: Quantity | None = None


class Wind(msgspec.Struct, frozen=True, gc=False):
    """火口上空の風."""

    date_time: EventDateTime | None = None
    wind_above_crater_elements: list[WindElements] = []


class VolcanoObservation(msgspec.Struct, frozen=True, gc=False):
    """火山観測."""

    event_time: EventTime | None = None
    color_plume: Plume | None = None
    white_plume: Plume | None = None
    wind_above_crater: Wind | None = None
    other_observation: str = ""


class VolcanoInfoContent(msgspec.Struct, frozen=True, gc=False):
    """The texts."""

    volcano_headline: str = ""
    volcano_activity: str = ""
    volcano_prevention: str = ""
    next_advisory: str = ""
    other_info: str = ""
    appendix: str = ""
    text: str = ""


class Volcanology(msgspec.Struct, frozen=True, gc=False):
    """The whole Body."""

    notice: str = ""
    volcano_info: list[VolcanoInfo] = []
    ash_infos: AshInfos | None = None
    volcano_observation: VolcanoObservation | None = None
    volcano_info_content: VolcanoInfoContent | None = None
    text: str = ""
    problems: list[Problem] = []


_TREE = Tree(Volcanology, VOLCANOLOGY)


def decode(body: Element) -> Volcanology:
    """Return everything that the Body of a volcanological telegram says."""
    read, problems = _TREE.read(body)
    return msgspec.structs.replace(read, problems=problems)
