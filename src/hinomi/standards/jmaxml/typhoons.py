"""The Body of 台風解析・予報情報 (VPTW40/41, 50/51, 60-65): where a typhoon is and will be.

References:
    気象庁防災情報XMLフォーマット 電文毎の解説資料, 台風解析・予報情報. The forecast circle is the
    one that the centre enters with a probability of 70 percent.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from hinomi.kernel.errors import Problem, Text
from hinomi.standards.jmaxml.envelope import read_time
from hinomi.standards.jmaxml.positions import Axis, decode_circle
from hinomi.standards.jmaxml.quantities import hours_ahead, number, positions
from hinomi.standards.jmaxml.xml import Element, name, path, text

AGREE_DEGREES = 0.11
"""Degrees to one decimal and minutes to five of one position are at most this far apart."""


class WindArea(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """An area of strong wind around the centre: 暴風域, 強風域, or 暴風警戒域 of a forecast."""

    type: str
    speed_kt: float | None = None
    speed_ms: float | None = None
    axes: list[Axis] = []


class Position(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """The typhoon at one time: 実況 (analysis), 推定 (estimate) or 予報 (forecast)."""

    label: str
    time: datetime | None
    hours: int | None = None
    """Hours after the analysis; 0 is the analysis."""
    longitude: float | None = None
    latitude: float | None = None
    accuracy: str = ""
    """``正確``, ``ほぼ正確``, ``不確実``."""
    location: str = ""
    typhoon_class: str = ""
    """``台風(STS)``, ``熱帯低気圧(TD)``, ``温帯低気圧(LOW)``."""
    area_class: str = ""
    intensity_class: str = ""
    direction: str = ""
    speed_kmh: float | None = None
    speed_kt: float | None = None
    speed_text: str = ""
    """``ゆっくり``, ``ほとんど停滞`` where there is no number."""
    pressure_hpa: float | None = None
    max_wind_ms: float | None = None
    max_wind_kt: float | None = None
    max_wind_where: str = ""
    gust_ms: float | None = None
    gust_kt: float | None = None
    circle: list[Axis] = []
    """The circle of 70 percent probability."""
    wind_areas: list[WindArea] = []


class Typhoon(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One typhoon: its name and its positions, the analysis first."""

    name: str = ""
    kana: str = ""
    number: str = ""
    """Year and number (``1721``); "" while it is a depression."""
    remark: str = ""
    """``台風発生``, ``台風消滅（温帯低気圧化）``."""
    positions: list[Position] = []
    problems: list[Problem] = []


def decode(body: Element) -> Typhoon:
    """Return the typhoon of a Body; what is not known here is a problem."""
    problems: list[Problem] = []
    title: dict[str, str] = {}
    found: list[Position] = []
    for info in (e for e in body.iter() if name(e) == "MeteorologicalInfo"):
        reading = _Position(problems)
        reading.read(info)
        title.update(reading.title)
        found.append(reading.position())
    known = {"MeteorologicalInfos", "Notice"}
    problems.extend(_unknown(e) for e in body if name(e) not in known)
    get = title.get
    return Typhoon(
        get("Name", ""),
        get("NameKana", ""),
        get("Number", ""),
        get("Remark", ""),
        found,
        problems,
    )


class _Position:
    """Collects one MeteorologicalInfo."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        self.title: dict[str, str] = {}
        self.label = ""
        self.time: datetime | None = None
        self.texts: dict[str, str] = {}
        self.numbers: dict[str, float | None] = {}
        self.points: dict[str, tuple[float, float]] = {}
        self.circle: list[Axis] = []
        self.drawn: list[Axis] = []
        self.wind_areas: list[WindArea] = []

    def read(self, info: Element) -> None:
        for e in info:
            if name(e) == "DateTime":
                self.label = e.get("type", "")
                self.time = read_time(text(e), path(e), self.problems.append)
            elif name(e) == "Item":
                for part in e:
                    self.item_part(part)
            else:
                self.problems.append(_unknown(e))
        self.check(info)

    def item_part(self, element: Element) -> None:
        if name(element) == "Area":
            for circle in (e for e in element if name(e) == "Circle"):
                shape = decode_circle(circle)
                if shape is not None and shape.type == "予報円":
                    self.drawn = shape.axes
                for base in (e for e in circle if name(e) == "BasePoint"):
                    self.point(base)
            return
        for prop in (e for e in element if name(e) == "Property"):
            for part in (e for e in prop if name(e) != "Type"):
                self.part(part)

    def part(self, element: Element) -> None:
        tag = name(element)
        if tag == "TyphoonNamePart":
            self.title = {name(e): text(e) for e in element}
        elif tag == "ClassPart":
            self.texts.update({name(e): text(e) for e in element})
        elif tag == "CenterPart":
            for e in element:
                self.center(e)
        elif tag == "WindPart":
            for e in element:
                gust = "Gust" if e.get("type") == "最大瞬間風速" else "Wind"
                self.numbers[f"{gust}{e.get('unit', '')}"] = number(text(e))
                if gust == "Wind":
                    self.texts["Where"] = e.get("condition", "")
        elif tag == "WarningAreaPart":
            self.wind_areas.append(_wind_area(element))
        else:
            self.problems.append(_unknown(element))

    def center(self, element: Element) -> None:
        tag = name(element)
        if tag == "Coordinate":
            self.point(element)
            self.texts["Accuracy"] = element.get("condition", "")
        elif tag == "ProbabilityCircle":
            shape = decode_circle(element)
            self.circle = shape.axes if shape is not None else []
            for base in (e for e in element if name(e) == "BasePoint"):
                self.point(base)
        elif tag == "Speed":
            self.numbers[f"Speed{element.get('unit', '')}"] = number(text(element))
            self.texts["Speed"] = element.get("condition", "")
        elif tag == "Pressure":
            self.numbers["Pressure"] = number(text(element))
        elif tag in {"Location", "Direction"}:
            self.texts[tag] = text(element) or element.get("condition", "")
        else:
            self.problems.append(_unknown(element))

    def point(self, element: Element) -> None:
        kind = element.get("type", "")
        found = positions(text(element), minutes="度分" in kind)
        if found:
            self.points.setdefault("minutes" if "度分" in kind else "degrees", found[0])
        elif text(element):
            self.problems.append(
                _problem("position", element, "位置が読めません。", "The position cannot be read.")
            )

    def check(self, info: Element) -> None:
        degrees, minutes = self.points.get("degrees"), self.points.get("minutes")
        if degrees and minutes:
            apart = max(abs(a - b) for a, b in zip(degrees, minutes, strict=True))
            if apart > AGREE_DEGREES:
                self.problems.append(
                    _problem(
                        "position-differs",
                        info,
                        "度と度分で書かれた中心位置が食い違います。",
                        "The position in degrees and the one in degrees and minutes differ.",
                        found=f"{degrees} {minutes}",
                    )
                )
        if not degrees and not minutes:
            self.problems.append(
                _problem("no-position", info, "中心位置がありません。", "There is no position.")
            )
        if self.circle and self.drawn and self.circle != self.drawn:
            self.problems.append(
                _problem(
                    "circle-differs",
                    info,
                    "予報円の半径が中心と領域で食い違います(中心の値を使います)。",
                    "The circle differs between the centre and the area; the centre's is taken.",
                    found=f"{self.circle[0].reach_km} {self.drawn[0].reach_km}",
                )
            )

    def position(self) -> Position:
        point = self.points.get("degrees") or self.points.get("minutes")
        words, values = self.texts.get, self.numbers.get
        return Position(
            self.label,
            self.time,
            hours_ahead(self.label),
            point[0] if point else None,
            point[1] if point else None,
            words("Accuracy", ""),
            words("Location", ""),
            words("TyphoonClass", ""),
            words("AreaClass", ""),
            words("IntensityClass", ""),
            words("Direction", ""),
            values("Speedkm/h"),
            values("Speedノット"),
            words("Speed", ""),
            values("Pressure"),
            values("Windm/s"),
            values("Windノット"),
            words("Where", ""),
            values("Gustm/s"),
            values("Gustノット"),
            self.circle,
            self.wind_areas,
        )


def _wind_area(element: Element) -> WindArea:
    speeds: dict[str, float | None] = {}
    axes: list[Axis] = []
    for e in element:
        if name(e) == "WindSpeed":
            speeds[e.get("unit", "")] = number(text(e))
        elif name(e) == "Circle":
            shape = decode_circle(e)
            axes = shape.axes if shape is not None else []
    return WindArea(element.get("type", ""), speeds.get("ノット"), speeds.get("m/s"), axes)


def _unknown(element: Element) -> Problem:
    return _problem(
        "unknown-element",
        element,
        "知らない要素があります。",
        "There is an element that is not known here.",
    )


def _problem(code: str, element: Element, ja: str, en: str, *, found: str = "") -> Problem:
    return Problem(
        f"jmaxml.{code}",
        path(element),
        Text(ja, en),
        "alarm",
        found=found or f"{name(element)} {text(element)}"[:80].strip(),
    )
