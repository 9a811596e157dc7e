"""What a vector tile holds once it is read: layers of features in tile units."""

from __future__ import annotations

import itertools
from typing import Any, TypeAlias

import msgspec

POINT, LINE, POLYGON = 1, 2, 3
"""Geometry types, as vector_tile.proto numbers them (section 4.3.4)."""

Scalar: TypeAlias = str | float | int | bool
Part: TypeAlias = list[tuple[int, int]]
"""Positions [tile units]: x to the right, y down."""


class Feature(msgspec.Struct, frozen=True, kw_only=True):
    """One feature. A point's ``parts`` is one list of positions; a polygon's rings are closed."""

    kind: int
    parts: list[Part]
    properties: dict[str, Scalar]
    id: int | None = None

    def geojson(self) -> dict[str, Any]:
        """Return the geometry as GeoJSON has it, still in tile units.

        Rings begin a new polygon where their area is positive (section 4.3.3.3).
        """
        if self.kind == POINT:
            positions = [position for part in self.parts for position in part]
            return _one_or_many("Point", positions)
        if self.kind == LINE:
            return _one_or_many("LineString", self.parts)
        polygons: list[list[Part]] = []
        for ring in self.parts:
            if area(ring) > 0 or not polygons:
                polygons.append([ring])
            else:
                polygons[-1].append(ring)
        return _one_or_many("Polygon", polygons)


class Layer(msgspec.Struct, frozen=True, kw_only=True):
    """A named set of features over ``extent`` × ``extent`` tile units."""

    name: str
    features: list[Feature]
    extent: int = 4096
    version: int = 2


def _one_or_many(kind: str, found: list[Any]) -> dict[str, Any]:
    if len(found) == 1:
        return {"type": kind, "coordinates": found[0]}
    return {"type": f"Multi{kind}", "coordinates": found}


def area(ring: Part) -> float:
    """Return a closed ring's area [square tile units] by the surveyor's formula, signed."""
    pairs = itertools.pairwise(ring)
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairs) / 2
