"""Circles, polygons, lines and points as JMA writes them (jmx_eb: ISO 6709 strings and axes)."""

from __future__ import annotations

from typing import Literal

import msgspec

from hinomi.standards.jmaxml.quantities import number, positions
from hinomi.standards.jmaxml.xml import Element, name, text

KM_PER_NAUTICAL_MILE = 1.852


class Axis(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """How far a circle reaches to one side, or to all (``direction`` is then "")."""

    direction: str = ""
    """One of eight, in Japanese (南東); "" for 全域."""
    radius_km: float | None = None
    radius_nm: float | None = None
    condition: str = ""
    """``なし`` where there is no such area."""

    @property
    def reach_km(self) -> float | None:
        """Return the radius [km]: JMA's own kilometres, else its nautical miles converted."""
        if self.radius_km is not None:
            return self.radius_km
        return None if self.radius_nm is None else self.radius_nm * KM_PER_NAUTICAL_MILE


class Shape(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A Circle, Polygon, Line or Coordinate; ``points`` are (longitude, latitude) [degrees]."""

    kind: Literal["circle", "polygon", "line", "point"]
    type: str = ""
    """``影響範囲``, ``予報円``, ``位置（度）``."""
    points: list[tuple[float, float]] = []
    """For a circle its base points: one, or one for each of several times."""
    times: list[str] = []
    """The base points' types: ``実況位置（度）``, ``２４時間後位置（度）``."""
    axes: list[Axis] = []
    condition: str = ""


def decode_shape(element: Element) -> Shape | None:
    """Return the shape of an element, None where no position in it can be read."""
    tag, kind = name(element), element.get("type", "")
    if tag.endswith("Circle"):
        return decode_circle(element)
    found = positions(text(element))
    if not found:
        return None
    condition = element.get("condition", "")
    if tag == "Polygon" or "領域" in kind:
        return Shape("polygon", kind, found, condition=condition)
    if tag == "Line" or len(found) > 1:
        return Shape("line", kind, found, condition=condition)
    return Shape("point", kind, found, condition=condition)


def decode_circle(element: Element) -> Shape | None:
    """Return a Circle or ProbabilityCircle, None where it has neither a position nor an axis.

    Of the two spellings of one base point (degrees; degrees and minutes) degrees are taken.
    """
    points: list[tuple[float, float]] = []
    times: list[str] = []
    for base in (e for e in element if name(e) == "BasePoint"):
        kind = base.get("type", "")
        found = positions(text(base), minutes="度分" in kind)
        if not found or ("度分" in kind and points):
            continue
        points.append(found[0])
        times.append(kind)
    axes = [_axis(e) for e in element.iter() if name(e) == "Axis"]
    if not points and not axes:
        return None
    return Shape("circle", element.get("type", ""), points, times, axes)


def _axis(element: Element) -> Axis:
    direction, condition = "", ""
    km: float | None = None
    miles: float | None = None
    for e in element:
        if name(e) == "Direction":
            direction = text(e)
        elif name(e) == "Radius":
            condition = e.get("condition", condition)
            if e.get("unit") == "km":
                km = number(text(e))
            elif e.get("unit") == "海里":
                miles = number(text(e))
    return Axis(direction, km, miles, condition)
