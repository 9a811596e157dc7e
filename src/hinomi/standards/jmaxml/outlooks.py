"""量的予想時系列 of VPWP50 and VPWW54: for each area and element what is expected, step by step.

TimeSeriesInfo has TimeDefines (the steps) and Items (Kind+ and one Area); a Kind holds Properties
whose values name their step by refID. VPWP50's kinds are nameless and hold one Property each;
VPWW54's are the kinds of warning that the values are about.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from hinomi.kernel.errors import Problem, Text
from hinomi.standards.jmaxml.envelope import plain_time, read_time
from hinomi.standards.jmaxml.properties import Property, read_property
from hinomi.standards.jmaxml.xml import (
    METEOROLOGY,
    Element,
    Repeats,
    child,
    child_text,
    children,
    path,
)


class Step(msgspec.Struct, frozen=True, gc=False):
    """One time step: refID, start [UTC], length (ISO 8601, PT3H) and what it is called."""

    id: str
    start: datetime | None
    duration: str
    name: str


class OutlookElement(msgspec.Struct, frozen=True, gc=False):
    """One property of one kind."""

    kind_name: str
    kind_code: str
    status: str
    property: Property


class OutlookItem(msgspec.Struct, frozen=True, gc=False):
    """One area and its elements."""

    area_name: str
    area_code: str
    elements: tuple[OutlookElement, ...]
    position: int


class Outlook(msgspec.Struct, frozen=True):
    """One TimeSeriesInfo: the areas of one kind with the steps they share."""

    type: str
    steps: tuple[Step, ...]
    items: tuple[OutlookItem, ...]


class Outlooks(msgspec.Struct, frozen=True):
    """All time series of a body."""

    outlooks: tuple[Outlook, ...]
    problems: tuple[Problem, ...]


def decode(body: Element) -> Outlooks:
    """Return every time series; an Item without an area's code is a problem, never dropped."""
    problems: list[Problem] = []
    properties = Repeats(read_property)
    found = tuple(
        _outlook(series, infos.get("type", ""), properties, problems)
        for infos in children(body, METEOROLOGY + "MeteorologicalInfos")
        for series in children(infos, METEOROLOGY + "TimeSeriesInfo")
    )
    return Outlooks(found, tuple(problems))


def _outlook(
    series: Element, kind: str, properties: Repeats[Property], problems: list[Problem]
) -> Outlook:
    steps = tuple(
        Step(
            e.get("timeId", ""),
            _time(e, problems),
            child_text(e, METEOROLOGY + "Duration"),
            child_text(e, METEOROLOGY + "Name"),
        )
        for e in children(child(series, METEOROLOGY + "TimeDefines"), METEOROLOGY + "TimeDefine")
    )
    items = tuple(
        _item(e, n, properties, problems)
        for n, e in enumerate(children(series, METEOROLOGY + "Item"), start=1)
    )
    return Outlook(kind, steps, items)


def _time(element: Element, problems: list[Problem]) -> datetime | None:
    said = child_text(element, METEOROLOGY + "DateTime")
    return plain_time(said) or read_time(said, path(element), problems.append, grade="error")


def _item(
    element: Element, position: int, properties: Repeats[Property], problems: list[Problem]
) -> OutlookItem:
    area = child(element, METEOROLOGY + "Area")
    code = child_text(area, METEOROLOGY + "Code")
    if not code:
        problems.append(
            Problem(
                "jmaxml.incomplete-item",
                path(element),
                Text("地域コードがありません。", "An area's code is missing."),
                expected="Area/Code",
            )
        )
    elements = tuple(
        OutlookElement(
            child_text(kind, METEOROLOGY + "Name"),
            child_text(kind, METEOROLOGY + "Code"),
            child_text(kind, METEOROLOGY + "Status"),
            properties.read(e),
        )
        for kind in children(element, METEOROLOGY + "Kind")
        for e in children(kind, METEOROLOGY + "Property")
    )
    return OutlookItem(child_text(area, METEOROLOGY + "Name"), code, elements, position)
