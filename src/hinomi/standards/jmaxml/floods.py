"""The Body of flood forecasts: 指定河川洪水予報 (VXKO50-89) and 水位周知河川に関する情報 (VXSU).

References:
    気象庁防災情報XMLフォーマット 電文毎の解説資料, 指定河川洪水予報; the kinds' codes as in JMA's
    code table AreaFloodForecast: the first digit is the level, 10 and 00 release.
"""

from __future__ import annotations

import re
from datetime import datetime

import msgspec

from hinomi.kernel.errors import Problem
from hinomi.standards.jmaxml import meteorology
from hinomi.standards.jmaxml.envelope import read_time
from hinomi.standards.jmaxml.leaves import Leaf
from hinomi.standards.jmaxml.meteorology import Area, Info, Item, Section
from hinomi.standards.jmaxml.quantities import number
from hinomi.standards.jmaxml.xml import Element, name, path, text

_LEVEL = re.compile(r"レベル([1-5１-５])")
_NAMES = {"氾濫発生": 5, "氾濫危険": 4, "氾濫警戒": 3, "氾濫注意": 2}


class Reading(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A water level [m], discharge [m3/s] or runoff index of one hour, observed or forecast."""

    time: datetime | None
    label: str = ""
    """``現況``, ``１時間後``."""
    value: float | None = None
    level: int | None = None
    """The level (1-4) whose threshold the value has reached."""
    condition: str = ""
    """``上昇``, ``正常``, ``欠測``, ``未計算``, ``値なし``."""


class Station(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A gauge with its readings; ``readings[0]`` is what was observed (``現況``)."""

    name: str
    code: str
    quantity: str
    """As JMA writes it: 水位, 流量, 流域雨量指数."""
    unit: str
    location: str = ""
    readings: list[Reading] = []


class Criterion(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A threshold of a gauge."""

    name: str
    """``レベル４氾濫危険水位``."""
    unit: str
    value: float | None = None
    level: int | None = None
    valid: bool = True


class Gauge(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What a gauge stands for: its stretch of the river, the districts, the thresholds."""

    name: str
    code: str
    location: str = ""
    districts: str = ""
    stretches: list[str] = []
    criteria: list[Criterion] = []


class Inundation(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A municipality (with districts) that is expected to be flooded, or is."""

    kind: str
    """浸水想定地区, 浸水想定地区（氾濫発生情報）."""
    name: str
    """The gauge or the warning area that it is stated for."""
    code: str
    prefecture: str = ""
    prefecture_code: str = ""
    city: str = ""
    city_code: str = ""
    districts: str = ""


class Rain(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Rain averaged over the basin [mm], fallen or expected."""

    area: str
    label: str = ""
    start: datetime | None = None
    end: datetime | None = None
    amount_mm: float | None = None


class Arrival(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """氾濫水の予報: when the water reaches a place, how deep [m] it gets and when."""

    place: str
    river: str = ""
    at: datetime | None = None
    deepest_at: datetime | None = None
    depth_from_m: float | None = None
    depth_below_m: float | None = None


class Passage(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A text and what it is about."""

    type: str
    text: str
    about: list[str] = []


class Flood(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """All that the body says; the river and the kind stand in the headline."""

    passages: list[Passage] = []
    stations: list[Station] = []
    gauges: list[Gauge] = []
    inundations: list[Inundation] = []
    rain: list[Rain] = []
    arrivals: list[Arrival] = []
    notice: str = ""
    offices: list[dict[str, str]] = []
    problems: list[Problem] = []


def level_of(kind: str, code: str) -> int | None:
    """Return the level (1-5; 1 is a release) of a flood kind, None where nothing says it.

    The name leads: ``レベル４氾濫危険警報``, the names of before the reform (氾濫危険情報), then
    the code's first digit.
    """
    if is_release(kind, code):
        return 1
    found = _LEVEL.search(kind)
    if found:
        return int(found[1])
    for word, level in _NAMES.items():
        if word in kind:
            return level
    return int(code[0]) if len(code) == 2 and code[0] in "2345" else None


def is_release(kind: str, code: str) -> bool:
    """Tell whether a kind ends the forecast; ``氾濫注意情報（警戒情報解除）`` only steps down."""
    return code in {"10", "00"} or kind.endswith("解除")


def decode(body: Element) -> Flood:
    """Return what the Body says of water levels, rain, inundation and texts."""
    weather = meteorology.decode(body)
    problems = list(weather.problems)
    pairs = [(s, i) for s in weather.sections for i in s.infos]
    items = [(s, i, item) for s, i in pairs for item in i.items]
    hydrometric = [e for e in body.iter() if name(e) == "HydrometricStationPart"]
    tables = [e for e in body.iter() if name(e) == "FloodAssumptionTable"]
    return Flood(
        [p for s, _, item in items for p in _passages(s, item)],
        [s for _, info, item in items for s in _stations(info, item)],
        [_gauge(e) for e in hydrometric],
        [found for _, _, item in items for found in _inundations(item)],
        [r for _, info, item in items for r in _rain(info, item)],
        [a for table in tables for a in _arrivals(table, problems)],
        weather.notice,
        weather.offices,
        problems,
    )


def _passages(section: Section, item: Item) -> list[Passage]:
    about = [a.name for a in item.areas if "CityCode" not in a.details]
    return [
        Passage(leaf.type or p.type or section.type, leaf.text or leaf.condition, about)
        for kind in item.kinds
        for p in kind.properties
        for leaf in p.leaves
        if _is_text(leaf)
    ]


def _is_text(leaf: Leaf) -> bool:
    """Tell a sentence, a level in words or a tendency (``上昇``) from a value."""
    if leaf.path == "Text" or leaf.path.endswith("Significancy/Name"):
        return bool(leaf.text)
    return bool(leaf.condition) and not leaf.text and not leaf.ref


def _stations(info: Info, item: Item) -> list[Station]:
    found = []
    for area in (a for a in item.areas if a.station):
        for p in (p for kind in item.kinds for p in kind.properties):
            values = [v for v in p.leaves if v.type == p.type and v.ref]
            if values:
                ranks = {v.ref: v for v in p.leaves if v.type == "レベル"}
                readings = [_reading(info, v, ranks.get(v.ref)) for v in values]
                location = area.details.get("Location", "").lstrip(">")
                found.append(
                    Station(area.name, area.code, p.type, values[0].unit, location, readings)
                )
    return found


def _reading(info: Info, value: Leaf, rank: Leaf | None) -> Reading:
    span = info.spans.get(value.ref)
    level = rank.value if rank is not None else None
    return Reading(
        span.start if span else None,
        span.label if span else "",
        value.value,
        int(level) if level is not None else None,
        value.condition,
    )


def _inundations(item: Item) -> list[Inundation]:
    kind = next((k.name or p.type for k in item.kinds for p in k.properties), "")
    return [_inundation(kind, a) for a in item.areas if "CityCode" in a.details]


def _inundation(kind: str, area: Area) -> Inundation:
    get = area.details.get
    return Inundation(
        kind,
        area.name,
        area.code,
        get("Prefecture", ""),
        get("PrefectureCode", ""),
        get("City", ""),
        get("CityCode", ""),
        get("SubCityList", ""),
    )


def _rain(info: Info, item: Item) -> list[Rain]:
    area = item.areas[0].name if item.areas else ""
    found = []
    for leaf in (v for k in item.kinds for p in k.properties for v in p.leaves):
        if leaf.name == "Precipitation":
            span = info.spans.get(leaf.ref, info.span)
            found.append(Rain(area, span.label, span.start, span.end, leaf.value))
    return found


def _gauge(element: Element) -> Gauge:
    about: dict[str, str] = {}
    stretches: list[str] = []
    criteria: list[Criterion] = []
    for e in element:
        if name(e) == "Area":
            about = {name(part): text(part) for part in e}
        elif name(e) == "ChargeSection":
            stretches.append(text(e))
        elif name(e) == "Criteria":
            criteria = [_criterion(part) for part in e]
    get = about.get
    return Gauge(
        get("Name", ""),
        get("Code", ""),
        get("Location", ""),
        get("SubCityList", ""),
        stretches,
        criteria,
    )


_CRITERIA = {"水防団待機": 1, "氾濫注意": 2, "避難判断": 3, "氾濫危険": 4, "計画高": 4}


def _criterion(element: Element) -> Criterion:
    kind = element.get("type", "")
    found = _LEVEL.search(kind)
    level = int(found[1]) if found else next((v for k, v in _CRITERIA.items() if k in kind), None)
    valid = element.get("condition", "有効") == "有効"
    return Criterion(kind, element.get("unit", ""), number(text(element)), level, valid)


def _arrivals(table: Element, problems: list[Problem]) -> list[Arrival]:
    river = ""
    found = []
    for e in table:
        if name(e) == "Area":
            river = next((text(part) for part in e if name(part) == "Name"), "")
        elif name(e) == "FloodAssumptionPart":
            found.append(_arrival(river, e, problems))
    return found


def _arrival(river: str, element: Element, problems: list[Problem]) -> Arrival:
    place = ""
    times: dict[str, datetime | None] = {}
    bounds: dict[str, float | None] = {}
    for e in element:
        if name(e) == "FloodAssumptionArea":
            place = text(e)
        elif name(e) == "FloodDepth":
            bounds[e.get("bound", "以上")] = number(text(e))
        elif name(e).endswith("Time"):
            times[name(e)] = read_time(text(e), path(e), problems.append)
    return Arrival(
        place,
        river,
        times.get("AttainmentTime"),
        times.get("AttainmentDeepestTime"),
        bounds.get("以上"),
        bounds.get("未満"),
    )
