"""The meteorological Body: sections, items, kinds, areas, time series, and every value in them.

One reading for all forecasts, weather information and sea telegrams: the schema's structure
(MeteorologicalInfos, Item, Kind, Area) becomes structs, whatever hangs below a Property becomes
leaves. An element that the structure does not know is a problem, never silence.

References:
    気象庁防災情報XMLフォーマット 技術資料 (https://xml.kishou.go.jp/tec_material.html),
    jmx_mete.xsd and jmx_eb.xsd, read through the 450 official samples.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from hinomi.kernel.errors import Problem, Text
from hinomi.standards.jmaxml.envelope import plain_time, read_time
from hinomi.standards.jmaxml.leaves import Leaf, leaves, leaves_of
from hinomi.standards.jmaxml.positions import Shape, decode_shape
from hinomi.standards.jmaxml.quantities import after
from hinomi.standards.jmaxml.xml import LOCAL_NAMES, Element, Repeats, name, path, text

_SHAPES = {"Circle", "Polygon", "Line", "Coordinate"}


class Span(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A TimeDefine or the DateTime, Duration and Name of a MeteorologicalInfo."""

    id: str = ""
    start: datetime | None = None
    end: datetime | None = None
    label: str = ""
    type: str = ""
    """``実況``, ``予報　２４時間後``."""
    dubious: str = ""


class Area(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """An Area or Station: what a statement is about."""

    name: str
    code: str = ""
    code_type: str = ""
    station: bool = False
    codes: dict[str, str] = {}
    """All its codes by their type, where it has several."""
    details: dict[str, str] = {}
    """What else JMA says: Prefecture, CityCode, Location, Status, CodeList, SubCityList."""
    shapes: list[Shape] = []


class Property(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A Type (天気, 風, 降水確率) and its values."""

    type: str
    leaves: list[Leaf] = []


class Kind(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What is said of the areas: a warning's name and code, or properties with values."""

    name: str = ""
    code: str = ""
    status: str = ""
    condition: str = ""
    class_name: str = ""
    span: Span | None = None
    properties: list[Property] = []


class Item(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Kinds × areas."""

    kinds: list[Kind] = []
    areas: list[Area] = []
    path: str = ""


class Info(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A MeteorologicalInfo (one time) or a TimeSeriesInfo (``spans`` by timeId)."""

    items: list[Item] = []
    span: Span = Span()
    spans: dict[str, Span] = {}
    type: str = ""


class Section(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A MeteorologicalInfos or Warning element with its ``type``."""

    type: str
    infos: list[Info] = []
    warning: bool = False


class Weather(msgspec.Struct, frozen=True, omit_defaults=True):
    """The whole Body."""

    sections: list[Section] = []
    targets: list[Area] = []
    notice: str = ""
    comments: list[tuple[str, str]] = []
    """(type, text): ``本文``, ``参考事項``, ``末文``."""
    offices: list[dict[str, str]] = []
    additions: list[Leaf] = []
    """AdditionalInfo, flat."""
    problems: list[Problem] = []


def decode(body: Element) -> Weather:
    """Return everything that the Body of a meteorological telegram says."""
    reading = _Reading()
    for element in body:
        reading.read(element)
    return Weather(
        reading.sections,
        reading.targets,
        "\n".join(reading.notices),
        reading.comments,
        reading.offices,
        reading.additions,
        reading.problems,
    )


class _Reading:
    """The state of one reading: what has been found so far."""

    def __init__(self) -> None:
        self.sections: list[Section] = []
        self.targets: list[Area] = []
        self.notices: list[str] = []
        self.comments: list[tuple[str, str]] = []
        self.offices: list[dict[str, str]] = []
        self.additions: list[Leaf] = []
        self.problems: list[Problem] = []
        self._kinds = Repeats(self.kind, self.problems)

    def read(self, element: Element) -> None:
        tag = name(element)
        if tag in {"MeteorologicalInfos", "Warning"}:
            self.sections.append(self.section(element))
        elif tag == "TargetArea":
            self.targets.append(self.area(element))
        elif tag == "Notice":
            if text(element):
                self.notices.append(text(element))
        elif tag == "Text":
            self.comments.append((element.get("type", "本文"), text(element)))
        elif tag == "Comment":
            self.comments += [(e.get("type", ""), text(e)) for e in element if text(e)]
        elif tag == "OfficeInfo":
            self.offices += [
                {"type": office.get("type", ""), **{name(e): text(e) for e in office}}
                for office in element
            ]
        elif tag == "AdditionalInfo":
            self.additions += leaves(element)
        else:
            self.unknown(element)

    def section(self, element: Element) -> Section:
        warning = name(element) == "Warning"
        if warning:
            items = [
                self.item(e, f"Warning/Item[{i}]")
                for i, e in enumerate(element, 1)
                if self.expected(e, "Item")
            ]
            return Section(element.get("type", ""), [Info(items)], warning=True)
        infos = [self.info(e) for e in element if self.is_info(e)]
        return Section(element.get("type", ""), infos)

    def is_info(self, element: Element) -> bool:
        return name(element) == "MeteorologicalInfo" or self.expected(element, "TimeSeriesInfo")

    def info(self, element: Element) -> Info:
        items: list[Item] = []
        spans: dict[str, Span] = {}
        own: list[Element] = []
        for e in element:
            tag = LOCAL_NAMES[e.tag]
            if tag == "Item":
                items.append(self.item(e, f"{name(element)}/Item[{len(items) + 1}]"))
            elif tag == "TimeDefines":
                for define in e:
                    if self.expected(define, "TimeDefine"):
                        spans[define.get("timeId", "")] = self.span(define, list(define))
            elif tag in {"DateTime", "Duration", "Name"}:
                own.append(e)
            else:
                self.unknown(e)
        return Info(items, self.span(element, own), spans, element.get("type", ""))

    def span(self, parent: Element, parts: list[Element]) -> Span:
        found = {name(e): e for e in parts}
        moment = found.get("DateTime")
        start = self.instant(moment) if moment is not None else None
        return Span(
            parent.get("timeId", ""),
            start,
            after(start, text(found.get("Duration"))),
            text(found.get("Name")),
            moment.get("type", "") if moment is not None else "",
            moment.get("dubious", "") if moment is not None else "",
        )

    def instant(self, element: Element) -> datetime | None:
        said = text(element)
        return plain_time(said) or read_time(said, path(element), self.problems.append)

    def item(self, element: Element, where: str) -> Item:
        kinds: list[Kind] = []
        areas: list[Area] = []
        for e in element:
            tag = LOCAL_NAMES[e.tag]
            if tag == "Kind":
                kinds.append(self._kinds.read(e))
            elif tag in {"Area", "Station"}:
                areas.append(self.area(e))
            elif tag in {"Areas", "Stations"}:
                areas += [self.area(a, e.get("codeType", "")) for a in e]
            else:
                self.unknown(e)
        return Item(kinds, areas, where)

    def kind(self, element: Element) -> Kind:
        found: dict[str, str] = {}
        properties: list[Property] = []
        span: Span | None = None
        for e in element:
            tag = LOCAL_NAMES[e.tag]
            if tag == "Property":
                properties.append(_property(e))
            elif tag == "DateTime":
                span = self.span(element, [e])
            elif tag in {"Name", "Code", "Status", "Condition", "ClassName"}:
                found[tag] = text(e)
            else:
                self.unknown(e)
        get = found.get
        return Kind(
            get("Name", ""),
            get("Code", ""),
            get("Status", ""),
            get("Condition", ""),
            get("ClassName", ""),
            span,
            properties,
        )

    def area(self, element: Element, code_type: str = "") -> Area:
        codes: dict[str, str] = {}
        details: dict[str, str] = {}
        shapes: list[Shape] = []
        title = ""
        for e in element:
            tag, said = LOCAL_NAMES[e.tag], text(e)
            if tag == "Name":
                title = said
            elif tag == "Code":
                codes[e.get("type", "")] = said
            elif tag in _SHAPES:
                self.shape(e, shapes)
            elif len(e):
                self.unknown(e)
            elif said:
                details[tag] = said
        first = next(iter(codes.items()), ("", ""))
        return Area(
            title,
            first[1],
            code_type or element.get("codeType", "") or first[0],
            name(element) == "Station",
            codes if len(codes) > 1 else {},
            details,
            shapes,
        )

    def shape(self, element: Element, shapes: list[Shape]) -> None:
        found = decode_shape(element)
        if found is not None:
            shapes.append(found)
        elif "".join(element.itertext()).strip():
            self.problem("position", element, "位置が読めません。", "The position cannot be read.")

    def expected(self, element: Element, tag: str) -> bool:
        if name(element) == tag:
            return True
        self.unknown(element)
        return False

    def unknown(self, element: Element) -> None:
        self.problem(
            "unknown-element",
            element,
            "知らない要素があります。",
            "There is an element that is not known here.",
        )

    def problem(self, code: str, element: Element, ja: str, en: str) -> None:
        found = f"{name(element)} {text(element)}"[:80].strip()
        self.problems.append(
            Problem(f"jmaxml.{code}", path(element), Text(ja, en), "alarm", found=found)
        )


def _property(element: Element) -> Property:
    kind = ""
    found: list[Leaf] = []
    for e in element:
        if LOCAL_NAMES[e.tag] == "Type":
            kind = kind or text(e)
        else:
            found += leaves_of(e)
    return Property(kind, found)
