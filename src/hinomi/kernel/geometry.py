"""GeoJSON geometries (RFC 7946, WGS 84, lon lat) as plain mappings, checked and bounded."""

from __future__ import annotations

import math
from typing import Any, TypeAlias

from hinomi.kernel.errors import InputError

Geometry: TypeAlias = dict[str, Any]
BBox: TypeAlias = tuple[float, float, float, float]
"""West, south, east, north [degrees]; west > east crosses the antimeridian."""

DEPTH = {
    "Point": 0,
    "MultiPoint": 1,
    "LineString": 1,
    "MultiLineString": 2,
    "Polygon": 2,
    "MultiPolygon": 3,
}


def point(longitude: float, latitude: float) -> Geometry:
    """Return a GeoJSON Point; see :func:`check_geometry` for the limits."""
    return {"type": "Point", "coordinates": [longitude, latitude]}


def check_geometry(value: object) -> Geometry:
    """Return the value as a geometry if it is one that the map can show.

    Raises:
        InputError: not GeoJSON, a number that is not finite, longitude outside ±180 or latitude
            outside ±90 (swapped coordinates look like this in Japan), a ring that is not closed.
    """
    if not isinstance(value, dict) or "type" not in value:
        raise InputError(f"A geometry is a GeoJSON object; found {_short(value)}.")
    kind = value["type"]
    if kind == "GeometryCollection":
        for member in value.get("geometries", ()):
            check_geometry(member)
        return value
    if kind not in DEPTH:
        known = ", ".join([*DEPTH, "GeometryCollection"])
        raise InputError(f"Geometry type {kind!r} is unknown; expected one of {known}.")
    _check_positions(value.get("coordinates"), DEPTH[kind], polygon=kind.endswith("Polygon"))
    return value


def bounds(geometry: Geometry) -> BBox:
    """Return west, south, east, north of a checked geometry.

    A crossing of the antimeridian is not inferred: RFC 7946 asks senders to cut there.
    """
    west = south = math.inf
    east = north = -math.inf
    for longitude, latitude, *_ in positions(geometry):
        west, east = min(west, longitude), max(east, longitude)
        south, north = min(south, latitude), max(north, latitude)
    return west, south, east, north


def positions(geometry: Geometry) -> list[list[float]]:
    """Return every position of the geometry in one flat list."""
    if geometry["type"] == "GeometryCollection":
        return [p for member in geometry["geometries"] for p in positions(member)]
    flat: list[Any] = [geometry["coordinates"]]
    for _ in range(DEPTH[geometry["type"]]):
        flat = [inner for outer in flat for inner in outer]
    return flat


def check_bbox(values: list[float]) -> BBox:
    """Return four (or, heights dropped, six) numbers as a box.

    Raises:
        InputError: another count, not finite, south > north, latitude outside ±90.
    """
    if len(values) == 6:
        values = [values[0], values[1], values[3], values[4]]
    if len(values) != 4:
        raise InputError(
            f"bbox has 4 or 6 numbers (west,south,east,north); found {len(values)}.",
            f"bboxは西,南,東,北の4個(または6個)の数です。{len(values)}個ありました。",
        )
    west, south, east, north = values
    if not (-90 <= south <= north <= 90 and abs(west) <= 180 and abs(east) <= 180):
        raise InputError(
            f"bbox {values}: expected west,south,east,north in degrees, south <= north.",
            f"bbox {values}: 西,南,東,北の順で、-90 <= 南 <= 北 <= 90(度)です。",
        )
    return west, south, east, north


def _check_positions(value: object, depth: int, *, polygon: bool) -> None:
    if not isinstance(value, list | tuple) or not value:
        raise InputError(f"coordinates are an array that is not empty; found {_short(value)}.")
    if depth == 0:
        _check_position(value)
        return
    if depth == 1 and polygon and (len(value) < 4 or list(value[0]) != list(value[-1])):
        raise InputError("A polygon's ring has at least 4 positions and ends where it began.")
    for inner in value:
        _check_positions(inner, depth - 1, polygon=polygon)


def _check_position(value: list[Any] | tuple[Any, ...]) -> None:
    numbers = [v for v in value if isinstance(v, int | float) and not isinstance(v, bool)]
    if len(numbers) != len(value) or len(value) not in {2, 3}:
        raise InputError(f"A position is longitude, latitude; found {_short(value)}.")
    if not all(math.isfinite(v) for v in numbers):
        raise InputError(f"A position has a number that is not finite: {_short(value)}.")
    if abs(numbers[0]) > 180 or abs(numbers[1]) > 90:
        raise InputError(
            f"Position {_short(value)}: expected longitude within ±180, latitude within ±90"
            " (longitude first; these look swapped or displaced).",
            f"座標{_short(value)}が範囲外です(経度,緯度の順。入れ替わりかずれと思われます)。",
        )


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
