"""The Tsunami part of a seismological Body: forecast per coast, observation, estimation.

References:
    気象庁防災情報XML 技術資料, jmx_seis.xsd and 地震火山関連XML電文解説資料 (VTSE41, VTSE51,
    VTSE52).
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from hinomi.standards.jmaxml.trees import Attribute


class CodeType(msgspec.Struct, frozen=True, gc=False):
    """Which code table the codes at ``xpath`` are of."""

    value: str = ""
    xpath: Attribute = ""


class CodeDefine(msgspec.Struct, frozen=True, gc=False):
    """コード体系の定義."""

    type: list[CodeType] = []


class Code(msgspec.Struct, frozen=True, gc=False):
    """A code with the name of its table."""

    value: str = ""
    type: Attribute = ""


class Kind(msgspec.Struct, frozen=True, gc=False):
    """A kind as JMA names and codes it."""

    name: str
    code: str = ""
    condition: str = ""


NO_KIND = Kind("")


class Category(msgspec.Struct, frozen=True, gc=False):
    """The kind that holds now and the one before."""

    kind: Kind = NO_KIND
    last_kind: Kind = NO_KIND


class TsunamiHeight(msgspec.Struct, frozen=True, gc=False):
    """A height [m]; NaN (None here) goes with a ``condition`` and a ``description`` (巨大)."""

    value: float | None = None
    type: Attribute = ""
    unit: Attribute = ""
    condition: Attribute = ""
    description: Attribute = ""


class FirstHeight(msgspec.Struct, frozen=True, gc=False):
    """第１波: when it comes or came, and how it is known."""

    arrival_time_from: datetime | None = None
    arrival_time_to: datetime | None = None
    arrival_time: datetime | None = None
    condition: str = ""
    initial: str = ""
    """押し or 引き."""
    tsunami_height: TsunamiHeight | None = None
    revise: str = ""
    period: float | None = None


class MaxHeight(msgspec.Struct, frozen=True, gc=False):
    """最大波: the greatest height expected, observed or estimated."""

    date_time: datetime | None = None
    condition: str = ""
    tsunami_height_from: TsunamiHeight | None = None
    tsunami_height_to: TsunamiHeight | None = None
    tsunami_height: TsunamiHeight | None = None
    revise: str = ""
    period: float | None = None


class CurrentHeight(msgspec.Struct, frozen=True, gc=False):
    """現在の高さ."""

    start_time: datetime | None = None
    end_time: datetime | None = None
    condition: str = ""
    tsunami_height: TsunamiHeight | None = None


class Station(msgspec.Struct, frozen=True, gc=False):
    """潮位観測点 or an offshore sensor."""

    name: str
    code: str
    sensor: str = ""
    high_tide_date_time: datetime | None = None
    first_height: FirstHeight | None = None
    max_height: MaxHeight | None = None
    current_height: CurrentHeight | None = None


class City(msgspec.Struct, frozen=True, gc=False):
    """A municipality on the coast."""

    name: str
    code: str


class Area(msgspec.Struct, frozen=True, gc=False):
    """津波予報区; without a name for offshore observations."""

    name: str = ""
    code: str = ""
    city: list[City] = []


NO_AREA = Area()


class Item(msgspec.Struct, frozen=True, gc=False):
    """One coast with what is said of it and of its stations."""

    area: Area = NO_AREA
    category: Category | None = None
    first_height: FirstHeight | None = None
    max_height: MaxHeight | None = None
    duration: str = ""
    station: list[Station] = []


class Detail(msgspec.Struct, frozen=True, gc=False):
    """A Forecast, an Observation or an Estimation."""

    code_define: CodeDefine | None = None
    item: list[Item] = []


class Tsunami(msgspec.Struct, frozen=True, gc=False):
    """津波: what is expected, seen on the coast, and inferred from the open sea."""

    release: str = ""
    forecast: Detail | None = None
    observation: Detail | None = None
    estimation: Detail | None = None
