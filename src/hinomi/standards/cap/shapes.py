"""Polygons and circles of CAP: ``lat,lon`` text to GeoJSON, mended where senders err.

Seen in the wild (wmo-raf/cap-composer#67, #121; google/cap-library#43): rings that are not closed
or cross themselves, thousands of vertices, newlines inside the element.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from hinomi.kernel.geometry import Geometry
from hinomi.standards.cap.alert import Area, Circle
from hinomi.standards.cap.findings import Findings

Ring = tuple[tuple[float, float], ...]

MAX_POSITIONS = 100_000
"""Of one polygon; the largest seen has 6,208."""
CIRCLE_SIDES = 64
"""Area of the 64-gon: 99.84 % of the circle's."""
EARTH_KM = 6371.0088
"""Mean radius of the Earth, IUGG 1980 (R1)."""


def ring(text: str, path: str, findings: Findings) -> Ring | None:
    """Return a ``polygon`` element's ring as (longitude, latitude), closed; None if unusable."""
    pieces = text.split()
    if len(pieces) > MAX_POSITIONS:
        findings.add("cap.shape-large", path, found=str(len(pieces)), expected=str(MAX_POSITIONS))
        return None
    found = []
    for piece in pieces:
        position = _position(piece)
        if position is None:
            findings.add("cap.position", path, found=piece, expected="lat,lon")
            return None
        found.append(position)
    if found and found[0] != found[-1]:
        findings.add("cap.polygon-unclosed", path, found=pieces[-1], expected=pieces[0])
        found.append(found[0])
    if len(found) < 4:
        findings.add("cap.polygon-small", path, found=str(len(found)), expected="4")
        return None
    return tuple(found)


def circle(text: str, path: str, findings: Findings) -> Circle | None:
    """Return a ``circle`` element: ``lat,lon radius`` with the radius in km."""
    pieces = text.split()
    position = _position(pieces[0]) if len(pieces) == 2 else None
    radius = _number(pieces[1]) if len(pieces) == 2 else None
    if position is None or radius is None or not 0 <= radius <= math.pi * EARTH_KM:
        findings.add("cap.position", path, found=text, expected="lat,lon radius[km]")
        return None
    return Circle(*position, radius)


def _position(piece: str) -> tuple[float, float] | None:
    latitude, comma, longitude = piece.partition(",")
    y, x = _number(latitude), _number(longitude)
    if not comma or x is None or y is None or abs(y) > 90 or abs(x) > 180:
        return None
    return x, y


def _number(text: str) -> float | None:
    try:
        found = float(text)
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def geometry(areas: Iterable[Area], path: str, findings: Findings) -> Geometry | None:
    """Return one geometry for what areas draw; None where they draw nothing.

    A ring that crosses itself is repaired (shapely's ``make_valid``) and noted. A circle of
    radius 0 is a point.
    """
    from shapely import Point, make_valid, unary_union  # noqa: PLC0415
    from shapely.geometry import Polygon, mapping  # noqa: PLC0415

    shapes: list[Any] = []
    points: list[Any] = []
    for area in areas:
        for one in area.polygons:
            shape: Any = Polygon(one)
            if not shape.is_valid:
                findings.add("cap.polygon-crossing", path, "note", found=area.description)
                shape = make_valid(shape)
            shapes += _faces(shape, path, findings)
        for round_ in area.circles:
            if round_.radius_km == 0:
                findings.add("cap.circle-point", path, "note", found=area.description)
                points.append(Point(round_.longitude, round_.latitude))
            else:
                findings.add("cap.circle-drawn", path, "note", found=f"{round_.radius_km:g} km")
                shapes += [Polygon(one) for one in drawn(round_)]
    if not shapes and not points:
        return None
    whole = unary_union(shapes) if shapes else unary_union(points)
    return _plain(mapping(whole))


def drawn(round_: Circle) -> list[Ring]:
    """Return a circle as polygons on the sphere; cut where it crosses the antimeridian.

    Limits:
        A circle that holds a pole is drawn as the band of latitudes that it reaches.
    """
    angle = round_.radius_km / EARTH_KM
    north = math.degrees(math.radians(round_.latitude) + angle)
    south = math.degrees(math.radians(round_.latitude) - angle)
    if north >= 90 or south <= -90:
        low, high = max(south, -90.0), min(north, 90.0)
        return [((-180.0, low), (180.0, low), (180.0, high), (-180.0, high), (-180.0, low))]
    positions = [_reached(round_, angle, step) for step in range(CIRCLE_SIDES)]
    positions.append(positions[0])
    if all(abs(x) <= 180 for x, _ in positions):
        return [tuple(positions)]
    return _cut(positions)


def _reached(round_: Circle, angle: float, step: int) -> tuple[float, float]:
    """Return the point at a bearing and distance, its longitude unwrapped around the centre."""
    bearing = -2 * math.pi * step / CIRCLE_SIDES
    y = math.radians(round_.latitude)
    up = math.asin(
        math.sin(y) * math.cos(angle) + math.cos(y) * math.sin(angle) * math.cos(bearing)
    )
    across = math.atan2(
        math.sin(bearing) * math.sin(angle) * math.cos(y),
        math.cos(angle) - math.sin(y) * math.sin(up),
    )
    return round(round_.longitude + math.degrees(across), 6), round(math.degrees(up), 6)


def _cut(positions: list[tuple[float, float]]) -> list[Ring]:
    from shapely import box  # noqa: PLC0415
    from shapely.affinity import translate  # noqa: PLC0415
    from shapely.geometry import Polygon  # noqa: PLC0415

    whole = Polygon(positions)
    found: list[Ring] = []
    for shift in (-360.0, 0.0, 360.0):
        part: Any = translate(whole, shift).intersection(box(-180, -90, 180, 90))
        if part.geom_type == "Polygon" and part.area > 0:
            found.append(tuple((float(x), float(y)) for x, y in part.exterior.coords))
    return found


def _faces(shape: Any, path: str, findings: Findings) -> list[Any]:
    """Return the polygons of a repaired shape; lines and points that fell out are dropped."""
    parts = [p for p in getattr(shape, "geoms", [shape]) if p.geom_type.endswith("Polygon")]
    if not any(p.area > 0 for p in parts):
        findings.add("cap.polygon-empty", path)
        return []
    return parts


def _plain(value: Any) -> Geometry:
    def lists(part: Any) -> Any:
        return [lists(p) for p in part] if isinstance(part, tuple | list) else part

    return {"type": value["type"], "coordinates": lists(value["coordinates"])}


def rings(geometry: Geometry | None, most: int = 400) -> tuple[Ring, ...]:
    """Return a geometry's outer rings for a CAP area, simplified until they have few vertices.

    CAP knows no holes: they are filled, which never makes an area smaller.
    """
    from shapely.geometry import Polygon, shape  # noqa: PLC0415

    if geometry is None or not geometry["type"].endswith("Polygon"):
        return ()
    found: Any = shape(geometry)
    parts: list[Any] = [Polygon(p.exterior) for p in getattr(found, "geoms", [found])]
    parts.sort(key=lambda p: p.area, reverse=True)
    tolerance = 0.0005
    while sum(len(p.exterior.coords) for p in parts) > most and tolerance < 1:
        parts = [s for p in parts if (s := p.simplify(tolerance)).geom_type == "Polygon"]
        # Islets smaller than what is simplified away have no shape left to show.
        parts = [p for p in parts if p.area > tolerance**2] or parts[:1]
        tolerance *= 2
    return tuple(
        tuple((round(float(x), 5), round(float(y), 5)) for x, y in p.exterior.coords) for p in parts
    )
