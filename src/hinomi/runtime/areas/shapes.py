"""Boundaries as shapes: dissolved by code, made valid, thinned where they are heavy, united."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
import shapely

from hinomi.kernel.errors import Problem, Text
from hinomi.kernel.geometry import Geometry
from hinomi.standards.n03 import Boundary

HEAVY_POSITIONS = 300_000
"""A file with more positions than this is thinned; the map needs about 150,000 for the nation."""
TOLERANCE_DEG = 0.0004
"""About 40 m: half a pixel at zoom 11."""
ISLET_DEG2 = 2e-6
"""About 0.02 km2: rocks off the coast, left out of heavy files unless they are all there is."""
DECIMALS = 6
"""About 0.1 m."""


def dissolve(boundaries: Sequence[Boundary]) -> tuple[dict[str, Any], list[Problem]]:
    """Return one valid shape for each code, in the file's order, and what could not be made."""
    pieces: dict[str, list[Any]] = {}
    problems: list[Problem] = []
    for boundary in boundaries:
        piece = _valid(boundary.shape)
        if piece.is_empty:
            problems.append(_no_area(boundary))
        else:
            pieces.setdefault(boundary.code, []).append(piece)
    whole = [unite(found) for found in pieces.values()]
    if sum(int(shapely.get_num_coordinates(s)) for s in whole) > HEAVY_POSITIONS:
        whole = _thin(whole)
    return dict(zip(pieces, map(_rounded, whole), strict=True)), problems


def unite(pieces: Sequence[Any]) -> Any:
    """Return the union of polygons that touch or lie apart."""
    return pieces[0] if len(pieces) == 1 else _valid(shapely.union_all(list(pieces)))


def to_geometry(shape: Any) -> Geometry:
    """Return a shape as GeoJSON."""
    geometry: Geometry = msgspec.json.decode(shapely.to_geojson(shape))
    return geometry


def _thin(whole: list[Any]) -> list[Any]:
    """Simplify so that neighbours keep sharing their border."""
    kept = [_without_islets(s) for s in whole]
    thinned = shapely.coverage_simplify(np.array(kept, dtype=object), TOLERANCE_DEG)
    return [
        after if not after.is_empty and after.is_valid else before
        for before, after in zip(kept, thinned, strict=True)
    ]


def _without_islets(shape: Any) -> Any:
    parts = shapely.get_parts(shape)
    large = [part for part in parts if part.area >= ISLET_DEG2]
    return shapely.multipolygons(large) if large and len(large) < len(parts) else shape


def _rounded(shape: Any) -> Any:
    rounded = shapely.transform(shape, lambda positions: np.round(positions, DECIMALS))
    if rounded.is_valid:
        return rounded
    made = _valid(rounded)
    return shape if made.is_empty else made


def _valid(shape: Any) -> Any:
    """Return the shape's polygons, valid: a ring that crosses itself is cut where it does."""
    if shape.is_valid:
        return shape
    made = shapely.make_valid(shape)
    polygons = [p for p in shapely.get_parts(made) if p.geom_type in {"Polygon", "MultiPolygon"}]
    return shapely.union_all(polygons)


def _no_area(boundary: Boundary) -> Problem:
    return Problem(
        "areas.no-area",
        boundary.path,
        Text(
            f"{boundary.name}({boundary.code})の境界に面積がありません。",
            f"The boundary of {boundary.name} ({boundary.code}) encloses no area.",
        ),
        found=boundary.code,
        expected="a polygon with an area",
    )
