"""Exact spatial predicates, by GEOS; imported only where a question needs them."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import msgspec
import shapely
from shapely.geometry.base import BaseGeometry

from hinomi.kernel.errors import InputError
from hinomi.kernel.geometry import BBox, Geometry, check_geometry

_PREDICATES: dict[str, Callable[..., object]] = {
    "intersects": shapely.intersects,
    "within": shapely.within,
    "contains": shapely.contains,
    "disjoint": shapely.disjoint,
}


def literal(geometry: Geometry) -> BaseGeometry:
    """Return a filter's geometry, prepared for many comparisons.

    Raises:
        InputError: it is no geometry.
    """
    shape = _parsed(msgspec.json.encode(check_geometry(geometry)))
    shapely.prepare(shape)
    return shape


def box(bbox: BBox) -> BaseGeometry:
    """Return the area of a box; one whose west is greater than its east crosses 180 degrees."""
    west, south, east, north = bbox
    if west <= east:
        shape: BaseGeometry = shapely.box(west, south, east, north)
    else:
        shape = shapely.union(
            shapely.box(west, south, 180.0, north), shapely.box(-180.0, south, east, north)
        )
    shapely.prepare(shape)
    return shape


def holds(op: str, place: bytes, area: BaseGeometry) -> bool:
    """Tell whether ``place op area`` holds for a stored GeoJSON geometry.

    A stored polygon that crosses itself is repaired first where GEOS refuses it.
    """
    shape = _parsed(place)
    # The prepared side goes first: within(a, b) is contains(b, a), the others are symmetric.
    turned = {"within": "contains", "contains": "within"}.get(op, op)
    try:
        return bool(_PREDICATES[turned](area, shape))
    except shapely.GEOSException:
        return bool(_PREDICATES[turned](shapely.make_valid(area), shapely.make_valid(shape)))


@lru_cache(maxsize=512)
def _parsed(place: bytes) -> BaseGeometry:
    try:
        return shapely.from_geojson(place)
    except shapely.GEOSException as error:
        raise InputError(f"The geometry cannot be read: {error}") from error
