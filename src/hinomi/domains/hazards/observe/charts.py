"""Weather charts (VZSA, VZSF) as notices: each isobar, centre, front and area, and their places."""

from __future__ import annotations

from collections import Counter

from hinomi.domains.hazards.collections.notices import Feature
from hinomi.domains.hazards.observe.elements import elements
from hinomi.domains.hazards.observe.shapes import collect, line, shape_geometry
from hinomi.kernel.geometry import Geometry, point
from hinomi.standards.jmaxml.leaves import Leaf
from hinomi.standards.jmaxml.meteorology import Info, Item, Weather
from hinomi.standards.jmaxml.quantities import positions

_DRAWN_APART = "等圧線"
"""Isobars are counted with their pressures, not put on the map: they are nine tenths of a chart."""


def features(weather: Weather) -> tuple[list[Feature], Geometry | None, dict[str, int]]:
    """Return the chart's features, the geometry of all but its isobars, and the count by kind."""
    found: list[Feature] = []
    places: list[Geometry | None] = []
    for section in weather.sections:
        for info in section.infos:
            for item in info.items:
                feature, place = _feature(info, item)
                found.append(feature)
                places.append(place)
    return found, collect(places), dict(Counter(f.kind for f in found))


def _feature(info: Info, item: Item) -> tuple[Feature, Geometry | None]:
    leaves = [v for k in item.kinds for p in k.properties for v in p.leaves]
    named = next((p.type for k in item.kinds for p in k.properties if p.type != "風"), "")
    center = [p for v in leaves if v.name == "Coordinate" for p in positions(v.text)]
    lines = [positions(v.text) for v in leaves if v.name == "Line"]
    shapes = [s for area in item.areas for s in area.shapes]
    others = [
        e for e in elements(item.kinds, info, "") if e.quantity in {"WindDegree", "WindSpeed"}
    ]
    feature = Feature(
        next((k.name for k in item.kinds if k.name), named),
        center[0][0] if center else None,
        center[0][1] if center else None,
        next((v.value for v in leaves if v.name == "Pressure"), None),
        _words(leaves, "Direction"),
        _words(leaves, "Speed"),
        sum(len(ps) for ps in lines) + sum(len(s.points) for s in shapes),
        others,
    )
    if feature.kind == _DRAWN_APART:
        return feature, None
    places = [point(*p) for p in center] + [line(ps) for ps in lines]
    return feature, collect(places + [shape_geometry(s) for s in shapes])


def _words(leaves: list[Leaf], name: str) -> str:
    found = (v.description or v.text or v.condition for v in leaves if v.name == name)
    return next((f for f in found if f), "")
