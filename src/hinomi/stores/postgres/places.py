"""Geometries and properties as PostgreSQL holds them: EWKB for PostGIS, jsonb for filters."""

from __future__ import annotations

import struct
from typing import Any

import msgspec

from hinomi.kernel.errors import InputError
from hinomi.kernel.geometry import Geometry
from hinomi.stores.postgres.link import cleaned

_POINT = struct.Struct("<BIIdd")
_EWKB_POINT, _WGS_84 = 0x20000001, 4326
_JSONB = b"\x01"
"""The version that begins a jsonb on the wire."""


def ewkb(place: Geometry) -> bytes:
    """Return a geometry for PostGIS, in the plane.

    Raises:
        InputError: GEOS cannot read it.
    """
    if place["type"] == "Point":
        longitude, latitude = place["coordinates"][:2]
        return _POINT.pack(1, _EWKB_POINT, _WGS_84, longitude, latitude)
    import shapely  # noqa: PLC0415 - GEOS is loaded only when needed

    try:
        shape = shapely.set_srid(shapely.from_geojson(msgspec.json.encode(place)), _WGS_84)
    except shapely.GEOSException as error:
        raise InputError(f"The geometry cannot be read: {error}") from error
    found: bytes = shapely.to_wkb(shape, include_srid=True, output_dimension=2)
    return found


def properties(feature: bytes, key: str, place: bytes) -> bytes:
    """Return a composed feature's properties as jsonb on the wire."""
    head = len(b'{"type":"Feature","id":,"properties":') + len(msgspec.json.encode(key))
    found = feature[head : len(feature) - len(b',"geometry":}') - len(place)]
    if b"\\u0000" in found:
        found = msgspec.json.encode(_cleaned(msgspec.json.decode(found)))
    return _JSONB + found


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return cleaned(value)
    if isinstance(value, dict):
        return {cleaned(k): _cleaned(v) for k, v in value.items()}
    return [_cleaned(v) for v in value] if isinstance(value, list) else value
