"""CQL2's spatial literals (WKT, BBOX) and functions, the same for text and JSON."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Literal, TypeAlias

from hinomi.kernel.errors import InputError
from hinomi.kernel.filters import Filter, Property, Spatial
from hinomi.kernel.geometry import DEPTH, Geometry, check_bbox, check_geometry, positions
from hinomi.standards.cql2.limits import VALUES, refuse, too_large

FUNCTIONS: dict[str, Literal["intersects", "within", "contains", "disjoint"]] = {
    "s_intersects": "intersects",
    "s_within": "within",
    "s_contains": "contains",
    "s_disjoint": "disjoint",
}
_MIRROR: dict[str, Literal["intersects", "within", "contains", "disjoint"]] = {
    "intersects": "intersects",
    "within": "contains",
    "contains": "within",
    "disjoint": "disjoint",
}
WKT_NAMES = {name.upper(): name for name in (*DEPTH, "GeometryCollection")}
GEOMETRY_NAMES = frozenset({"geometry", "place"})
"""What the feature's geometry may be called."""

Locate: TypeAlias = Callable[[float, float], tuple[float, float]]
"""First and second ordinate in the filter's CRS to longitude and latitude."""


def spatial(
    function: str, left: Property | Geometry, right: Property | Geometry, where: str
) -> Filter:
    """Return the node for a spatial function; of its arguments one is the geometry property."""
    op = FUNCTIONS[function]
    if not isinstance(left, Property):
        left, right, op = right, left, _MIRROR[op]
    if not isinstance(left, Property) or isinstance(right, Property):
        expected = ("the property geometry and a literal", "属性geometryと図形リテラルの組")
        raise refuse(where, expected, function.upper())
    if left.name not in GEOMETRY_NAMES:
        raise refuse(where, ("the property geometry", "属性geometry"), repr(left.name))
    return Spatial(op, right)


def placed(geometry: Any, locate: Locate | None, where: str) -> Geometry:
    """Return a literal as a checked geometry in longitude and latitude.

    Raises:
        InputError: it is no geometry, has too many positions, or lies nowhere on Earth.
    """
    if not isinstance(geometry, dict):
        raise refuse(where, ("a GeoJSON geometry or a bbox", "GeoJSONの図形かbbox"), repr(geometry))
    if "bbox" in geometry and "type" not in geometry:
        return box(geometry["bbox"], locate, where)
    _check_collection(geometry, where)
    try:
        moved = _moved(geometry, locate) if locate else geometry
        checked = check_geometry(moved)
        count = len(positions(checked))
    except InputError as error:
        raise InputError(
            f"CQL2 filter, {where}: {error.text.en}", f"CQL2フィルタの{where}: {error.text.ja}"
        ) from None
    except (TypeError, KeyError, ValueError, IndexError, OverflowError):
        raise refuse(where, ("a GeoJSON geometry", "GeoJSONの図形"), repr(geometry)) from None
    if count > VALUES:
        raise too_large(("positions in a geometry", "図形の座標の数"), VALUES)
    return {k: v for k, v in checked.items() if k in {"type", "coordinates", "geometries"}}


def box(values: Any, locate: Locate | None, where: str) -> Geometry:
    """Return the polygon of a BBOX; one that crosses the antimeridian becomes two."""
    numbers = isinstance(values, list) and all(
        isinstance(v, int | float) and not isinstance(v, bool) and math.isfinite(v) for v in values
    )
    if not numbers or len(values) not in {4, 6}:
        raise refuse(where, ("4 or 6 numbers for a bbox", "bboxの4個か6個の数"), repr(values))
    west, south, east, north = values if len(values) == 4 else (*values[0:2], *values[3:5])
    if locate:
        (west, south), (east, north) = locate(west, south), locate(east, north)
    west, south, east, north = check_bbox([west, south, east, north])
    if west > east:
        parts = [_ring(west, south, 180.0, north), _ring(-180.0, south, east, north)]
        return {"type": "MultiPolygon", "coordinates": [[part] for part in parts]}
    return {"type": "Polygon", "coordinates": [_ring(west, south, east, north)]}


def wkt(geometry: Geometry) -> str:
    """Return a geometry as WKT."""
    kind: str = geometry["type"]
    if kind == "GeometryCollection":
        return f"GEOMETRYCOLLECTION({', '.join(wkt(g) for g in geometry['geometries'])})"
    inner = _wkt(geometry["coordinates"], DEPTH[kind])
    high = " Z" if any(len(p) == 3 for p in positions(geometry)) else ""
    return f"{kind.upper()}{high}{inner if DEPTH[kind] else f'({inner})'}"


def _wkt(value: Any, depth: int) -> str:
    if depth == 0:
        return " ".join(repr(v) for v in value)
    return f"({', '.join(_wkt(v, depth - 1) for v in value)})"


def _ring(west: float, south: float, east: float, north: float) -> list[list[float]]:
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def _check_collection(geometry: Geometry, where: str) -> None:
    if geometry.get("type") != "GeometryCollection":
        return
    members = geometry.get("geometries")
    flat = isinstance(members, list) and all(
        isinstance(m, dict) and m.get("type") in DEPTH for m in members
    )
    if not flat or not members:
        expected = (
            "a GeometryCollection of simple geometries",
            "単純な図形だけのGeometryCollection",
        )
        raise refuse(where, expected, repr(geometry))


def _moved(geometry: Geometry, locate: Locate) -> Geometry:
    if geometry.get("type") == "GeometryCollection":
        return {**geometry, "geometries": [_moved(g, locate) for g in geometry["geometries"]]}
    if geometry.get("type") not in DEPTH:
        return geometry
    return {**geometry, "coordinates": _moved_positions(geometry["coordinates"], locate)}


def _moved_positions(value: Any, locate: Locate, level: int = 0) -> Any:
    if level > 3 or not isinstance(value, list | tuple) or not value:
        raise InputError("coordinates are nested arrays of numbers.", "座標は数の配列です。")
    if isinstance(value[0], int | float):
        return [*locate(float(value[0]), float(value[1])), *value[2:]]
    return [_moved_positions(v, locate, level + 1) for v in value]
