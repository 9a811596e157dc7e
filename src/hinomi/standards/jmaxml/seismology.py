"""The seismological Body: hypocentres, intensities seen and forecast, tsunami, notices.

References:
    気象庁防災情報XML 技術資料, jmx_seis.xsd and 地震火山関連XML電文解説資料
    (https://xml.kishou.go.jp/tec_material.html).
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from hinomi.kernel.errors import Problem
from hinomi.standards.jmaxml.trees import Attribute, Number, Tree
from hinomi.standards.jmaxml.tsunami import Category, Code, CodeDefine, Tsunami
from hinomi.standards.jmaxml.xml import SEISMOLOGY, Element


class Coordinate(msgspec.Struct, frozen=True, gc=False):
    """An ISO 6709 string (see ``coordinates``) with its reading in words; may be empty."""

    value: str = ""
    description: Attribute = ""
    type: Attribute = ""
    """``震源位置（度分）`` where it is in degrees and minutes."""
    datum: Attribute = ""
    """``日本測地系`` where it is; none is the world geodetic system."""
    condition: Attribute = ""


class Distance(msgspec.Struct, frozen=True, gc=False):
    """A distance from a mark."""

    value: float | None = None
    unit: Attribute = ""


class HypocentreArea(msgspec.Struct, frozen=True, gc=False):
    """震央: its name, its code, and where it is."""

    name: str
    code: Code
    coordinate: list[Coordinate] = []
    detailed_name: str = ""
    detailed_code: Code | None = None
    name_from_mark: str = ""
    mark_code: Code | None = None
    direction: str = ""
    distance: Distance | None = None
    land_or_sea: str = ""
    reduce_name: str = ""
    reduce_code: Code | None = None


class Ranked(msgspec.Struct, frozen=True, gc=False):
    """A value of which JMA gives the method by rank (EEW's 震源要素の確からしさ)."""

    value: float | None = None
    rank: Number = None
    rank2: Number = None


class Accuracy(msgspec.Struct, frozen=True, gc=False):
    """精度情報 of an earthquake early warning."""

    epicenter: Ranked | None = None
    depth: Ranked | None = None
    magnitude_calculation: Ranked | None = None
    number_of_magnitude_calculation: int | None = None


class Hypocenter(msgspec.Struct, frozen=True, gc=False):
    """震源."""

    area: HypocentreArea | None = None
    source: str = ""
    """Who determined it, where it was not JMA: ＰＴＷＣ, ＵＳＧＳ."""
    accuracy: Accuracy | None = None


class Magnitude(msgspec.Struct, frozen=True, gc=False):
    """NaN (None here) is explained by ``description``: Ｍ不明, Ｍ８を超える巨大地震."""

    value: float | None = None
    type: Attribute = ""
    condition: Attribute = ""
    description: Attribute = ""


class Earthquake(msgspec.Struct, frozen=True, gc=False):
    """One earthquake; a tsunami telegram may name several."""

    origin_time: datetime | None = None
    arrival_time: datetime | None = None
    condition: str = ""
    """``仮定震源要素`` where the hypocentre of an EEW is only assumed."""
    hypocenter: Hypocenter | None = None
    magnitude: list[Magnitude] = []


class Range(msgspec.Struct, frozen=True, gc=False):
    """An intensity forecast as a range of classes; ``over`` as upper end is 程度以上."""

    # ``from`` is a word of the language; the tree reads From and To through these names.
    from_: str = ""
    to: str = ""


class PerPeriod(msgspec.Struct, frozen=True, gc=False):
    """A long-period value by band."""

    value: float | None = None
    unit: Attribute = ""
    periodic_band: Attribute = ""
    period_unit: Attribute = ""


class Sva(msgspec.Struct, frozen=True, gc=False):
    """絶対速度応答スペクトル [unit]."""

    value: float | None = None
    unit: Attribute = ""


class IntensityStation(msgspec.Struct, frozen=True, gc=False):
    """震度観測点 or 長周期地震動観測点."""

    name: str
    code: str
    k: str = ""
    int: str = ""
    """震度: 1, 2, 3, 4, 5-, 5+, 6-, 6+, 7, or ``震度５弱以上未入電``."""
    lg_int: str = ""
    lg_int_per_period: list[PerPeriod] = []
    sva: Sva | None = None
    sva_per_period: list[PerPeriod] = []
    revise: str = ""


class City(msgspec.Struct, frozen=True, gc=False):
    """A municipality with the intensity in it."""

    name: str
    code: str
    max_int: str = ""
    forecast_int: Range | None = None
    arrival_time: datetime | None = None
    condition: str = ""
    """``震度５弱以上未入電``: strong shaking is believed but no value has arrived."""
    revise: str = ""
    intensity_station: list[IntensityStation] = []


class Area(msgspec.Struct, frozen=True, gc=False):
    """細分区域."""

    name: str
    code: str
    category: Category | None = None
    max_int: str = ""
    max_lg_int: str = ""
    forecast_int: Range | None = None
    forecast_lg_int: Range | None = None
    arrival_time: datetime | None = None
    condition: str = ""
    revise: str = ""
    city: list[City] = []
    intensity_station: list[IntensityStation] = []


class Pref(msgspec.Struct, frozen=True, gc=False):
    """A prefecture (EEW: 府県予報区)."""

    name: str
    code: str
    category: Category | None = None
    max_int: str = ""
    max_lg_int: str = ""
    forecast_int: Range | None = None
    forecast_lg_int: Range | None = None
    arrival_time: datetime | None = None
    condition: str = ""
    revise: str = ""
    area: list[Area] = []


class Appendix(msgspec.Struct, frozen=True, gc=False):
    """How the greatest intensity differs from the last EEW's, and why, in JMA's codes."""

    max_int_change: str = ""
    max_lg_int_change: str = ""
    max_int_change_reason: str = ""
    max_lg_int_change_reason: str = ""


class IntensityDetail(msgspec.Struct, frozen=True, gc=False):
    """An Observation or a Forecast of intensities."""

    code_define: CodeDefine | None = None
    max_int: str = ""
    max_lg_int: str = ""
    lg_category: str = ""
    forecast_int: Range | None = None
    forecast_lg_int: Range | None = None
    appendix: Appendix | None = None
    pref: list[Pref] = []


class Intensity(msgspec.Struct, frozen=True, gc=False):
    """震度."""

    forecast: IntensityDetail | None = None
    observation: IntensityDetail | None = None


class Comment(msgspec.Struct, frozen=True, gc=False):
    """固定付加文: texts and their four-digit codes, separated by blanks."""

    text: str = ""
    code: str = ""
    code_type: Attribute = ""

    def codes(self) -> tuple[str, ...]:
        """Return the codes one by one."""
        return tuple(self.code.split())


class Comments(msgspec.Struct, frozen=True, gc=False):
    """付加文."""

    warning_comment: Comment | None = None
    forecast_comment: Comment | None = None
    observation_comment: Comment | None = None
    var_comment: Comment | None = None
    free_form_comment: str = ""
    uri: str = ""


class InfoSerial(msgspec.Struct, frozen=True, gc=False):
    """What stage an advisory has come to: 調査中, 巨大地震警戒, ..."""

    name: str
    code: str
    code_type: Attribute = ""


class EarthquakeInfo(msgspec.Struct, frozen=True, gc=False):
    """南海トラフ地震に関連する情報, 北海道・三陸沖後発地震注意情報."""

    type: Attribute = ""
    info_kind: str = ""
    info_serial: InfoSerial | None = None
    text: str = ""
    appendix: str = ""


class CountItem(msgspec.Struct, frozen=True, gc=False):
    """How many earthquakes there were in a while; -1 is 不明."""

    type: Attribute = ""
    start_time: datetime | None = None
    end_time: datetime | None = None
    number: int | None = None
    felt_number: int | None = None
    condition: str = ""


class EarthquakeCount(msgspec.Struct, frozen=True, gc=False):
    """地震回数."""

    item: list[CountItem] = []


class Naming(msgspec.Struct, frozen=True, gc=False):
    """命名地震."""

    value: str = ""
    english: Attribute = ""


class Seismology(msgspec.Struct, frozen=True, gc=False):
    """The whole Body."""

    naming: Naming | None = None
    earthquake: list[Earthquake] = []
    intensity: Intensity | None = None
    tsunami: Tsunami | None = None
    earthquake_info: EarthquakeInfo | None = None
    earthquake_count: EarthquakeCount | None = None
    text: str = ""
    next_advisory: str = ""
    comments: Comments | None = None
    problems: list[Problem] = []


_TREE = Tree(Seismology, SEISMOLOGY)


def decode(body: Element) -> Seismology:
    """Return everything that the Body of a seismological or tsunami telegram says."""
    read, problems = _TREE.read(body)
    return msgspec.structs.replace(read, problems=problems)
