"""Circles of JMA's telegrams as polygons on the sphere, cut at the antimeridian (RFC 7946)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from hinomi.kernel.geometry import Geometry
from hinomi.standards.jmaxml.positions import Axis, Shape

EARTH_KM = 6371.0088
"""Mean radius (IUGG R1)."""
MAX_RADIUS_KM = 5_000.0
"""No wind area or forecast circle is larger; what is, is a fault and is not drawn."""
_BEARINGS = {
    "北": 0.0, "北東": 45.0, "東": 90.0, "南東": 135.0,
    "南": 180.0, "南西": 225.0, "西": 270.0, "北西": 315.0,
}  # fmt: skip
_CORNERS = 72

Point = tuple[float, float]


def destination(start: Point, bearing: float, distance_km: float) -> Point:
    """Return the (longitude, latitude) reached on a great circle; the longitude may pass 180."""
    return _destinations(start, [_course(bearing)], distance_km)[0]


def _course(bearing: float) -> tuple[float, float]:
    return math.sin(math.radians(bearing)), math.cos(math.radians(bearing))


_ROUND = [_course(360 * i / _CORNERS) for i in range(_CORNERS, -1, -1)]


def _destinations(
    start: Point, courses: Sequence[tuple[float, float]], distance_km: float
) -> list[Point]:
    """Return what is reached on each course (its sine and cosine) from one place."""
    longitude, latitude = start
    arc, phi = distance_km / EARTH_KM, math.radians(latitude)
    sin_phi, cos_phi, sin_arc, cos_arc = math.sin(phi), math.cos(phi), math.sin(arc), math.cos(arc)
    reached = []
    for sin_course, cos_course in courses:
        sine = sin_phi * cos_arc + cos_phi * sin_arc * cos_course
        east, north = sin_course * sin_arc * cos_phi, cos_arc - sin_phi * sine
        turned = math.degrees(math.atan2(east, north))
        reached.append((longitude + turned, math.degrees(math.asin(sine))))
    return reached


def circle(center: Point, axes: Sequence[Axis]) -> Geometry | None:
    """Return the area that the axes describe around the centre; None where there is none (なし).

    One axis for all sides is a circle. Two opposite ones (南東 600 km, 北西 400 km) are a circle
    whose centre is moved towards the wider side, as JMA draws it: it reaches 600 km to the south-
    east and 400 km to the north-west.
    """
    given = [(a.direction, a.reach_km or 0.0) for a in axes]
    reaches = [(direction, reach) for direction, reach in given if 0 < reach <= MAX_RADIUS_KM]
    if not reaches:
        return None
    wide, narrow = max(r for _, r in reaches), min(r for _, r in reaches)
    direction = next(d for d, r in reaches if r == wide)
    if len(reaches) > 1 and direction in _BEARINGS:
        center = destination(center, _BEARINGS[direction], (wide - narrow) / 2)
    radius = (wide + narrow) / 2 if len(reaches) > 1 else wide
    return polygon(_destinations(center, _ROUND, radius))


def polygon(points: Sequence[Point]) -> Geometry | None:
    """Return a ring as a Polygon, cut into a MultiPolygon where it passes the antimeridian."""
    ring = unwrap(points)
    if ring and ring[0] != ring[-1]:
        ring.append(ring[0])
    if len(ring) < 4:
        return None
    pieces = []
    for shift in (-360.0, 0.0, 360.0):
        moved = [(lon + shift, lat) for lon, lat in ring]
        if max(lon for lon, _ in moved) > -180 and min(lon for lon, _ in moved) < 180:
            cut = _clip(_clip(moved, 180.0, keep_below=True), -180.0, keep_below=False)
            if len(cut) >= 4:
                pieces.append([[_rounded(p) for p in cut]])
    if not pieces:
        return None
    if len(pieces) == 1:
        return {"type": "Polygon", "coordinates": pieces[0]}
    return {"type": "MultiPolygon", "coordinates": pieces}


def line(points: Sequence[Point]) -> Geometry | None:
    """Return a LineString, cut into a MultiLineString where it passes the antimeridian."""
    path = unwrap(points)
    if len(path) < 2:
        return None
    if all(-180 <= longitude <= 180 for longitude, _ in path):
        return {"type": "LineString", "coordinates": [_rounded(p) for p in path]}
    parts: list[list[Point]] = [[_within(path[0])]]
    for before, at in pairwise(path):
        edge = _edge_between(before[0], at[0])
        if edge is not None:
            share = (edge - before[0]) / (at[0] - before[0])
            latitude = before[1] + share * (at[1] - before[1])
            side = 180.0 if at[0] > before[0] else -180.0
            parts[-1].append((side, latitude))
            parts.append([(-side, latitude)])
        parts[-1].append(_within(at))
    lines = [[_rounded(p) for p in part] for part in parts if len(part) > 1]
    if len(lines) == 1:
        return {"type": "LineString", "coordinates": lines[0]}
    return {"type": "MultiLineString", "coordinates": lines}


def unwrap(points: Sequence[Point]) -> list[Point]:
    """Return the points with longitudes that go on past 180 instead of jumping to -180."""
    path: list[Point] = []
    for longitude, latitude in points:
        if path:
            while longitude - path[-1][0] > 180:
                longitude -= 360
            while longitude - path[-1][0] < -180:
                longitude += 360
        path.append((longitude, latitude))
    return path


def shape_geometry(shape: Shape) -> Geometry | None:
    """Return what the map shows of a decoded shape; a circle stands at its first base point."""
    if shape.kind == "circle":
        found = circle(shape.points[0], shape.axes) if shape.points else None
        return found or (_point(shape.points[0]) if shape.points else None)
    if shape.kind == "polygon":
        return polygon(shape.points)
    return line(shape.points) if shape.kind == "line" else _point(shape.points[0])


def collect(geometries: Sequence[Geometry | None]) -> Geometry | None:
    """Return one geometry of many: itself, a MultiPolygon of polygons, or a GeometryCollection."""
    found = [g for g in geometries if g is not None]
    if len(found) < 2:
        return found[0] if found else None
    if all(g["type"] in {"Polygon", "MultiPolygon"} for g in found):
        polygons = [
            p
            for g in found
            for p in ([g["coordinates"]] if g["type"] == "Polygon" else g["coordinates"])
        ]
        return {"type": "MultiPolygon", "coordinates": polygons}
    return {"type": "GeometryCollection", "geometries": found}


def _point(point: Point) -> Geometry:
    return {"type": "Point", "coordinates": list(_rounded(point))}


def _edge_between(first: float, second: float) -> float | None:
    low, high = sorted((first, second))
    edge = 360 * math.ceil((low - 180) / 360) + 180
    return edge if low < edge < high else None


def _within(point: Point) -> Point:
    longitude, latitude = point
    if -180 <= longitude <= 180:
        return point
    return (longitude + 180) % 360 - 180, latitude


def _rounded(point: Point) -> Point:
    return round(point[0], 5), round(point[1], 5)


def _clip(ring: list[Point], edge: float, *, keep_below: bool) -> list[Point]:
    """Sutherland and Hodgman's step for one meridian; the ring stays closed."""
    inside = [(lon <= edge) if keep_below else (lon >= edge) for lon, _ in ring]
    if all(inside):
        return ring
    kept: list[Point] = []
    for (before, was), (at, now) in zip(
        zip(ring, inside, strict=True), zip(ring[1:], inside[1:], strict=True), strict=False
    ):
        if was:
            kept.append(before)
        if was != now:
            share = (edge - before[0]) / (at[0] - before[0])
            kept.append((edge, before[1] + share * (at[1] - before[1])))
    if kept:
        kept.append(kept[0])
    return kept
