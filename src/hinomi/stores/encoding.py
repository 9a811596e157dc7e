"""How both databases keep ids, origins and boxes of places."""

from __future__ import annotations

import msgspec

from hinomi.kernel.geometry import BBox, Geometry, bounds
from hinomi.kernel.records import Origin

LARGE = 1000
"""[bytes] Geometries above this are kept once and apart: areas recur in every warning."""


def record_number(record_id: str) -> bytes | None:
    """Return a record's id as it is stored, None where the text is no id."""
    try:
        number = bytes.fromhex(record_id)
    except ValueError:
        return None
    return number if len(number) == 16 else None


def encode_origin(origin: Origin) -> str:
    """Return an origin as stored."""
    return msgspec.json.encode(origin).decode()


def box_of(place: Geometry | None) -> BBox | None:
    """Return a geometry's box; None for no geometry or an empty collection."""
    if place is None:
        return None
    if place["type"] == "Point":
        longitude, latitude = map(float, place["coordinates"][:2])
        return longitude, latitude, longitude, latitude
    west, south, east, north = map(float, bounds(place))
    return (west, south, east, north) if west <= east else None
