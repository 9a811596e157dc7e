"""Coordinate reference systems of OGC API – Features Part 2, by closed formulas.

CRS84 is how places are stored. EPSG:4326 and EPSG:6668 (JGD2011) are latitude, longitude:
JGD2011 and WGS 84 differ by less than the data's accuracy and are taken as equal here.
EPSG:3857 is spherical Mercator (EPSG guidance note 7-2, section 3.2.1.2).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeAlias

import msgspec

from hinomi.kernel.errors import InputError
from hinomi.kernel.geometry import BBox, Geometry, check_bbox

Move: TypeAlias = Callable[[float, float], tuple[float, float]]

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
_RADIUS_M = 6_378_137.0
_LIMIT_DEG = 85.051129
"""Beyond this latitude Mercator's square ends."""


def _swap(first: float, second: float) -> tuple[float, float]:
    return second, first


def _to_mercator(longitude: float, latitude: float) -> tuple[float, float]:
    clamped = max(-_LIMIT_DEG, min(_LIMIT_DEG, latitude))
    northing = _RADIUS_M * math.asinh(math.tan(math.radians(clamped)))
    return round(math.radians(longitude) * _RADIUS_M, 4), round(northing, 4)


def _from_mercator(easting: float, northing: float) -> tuple[float, float]:
    if not (abs(easting) <= 20_037_508.35 and abs(northing) <= 20_037_508.35):
        raise InputError(
            f"({easting}, {northing}) lies outside EPSG:3857's square of ±20037508.34 m.",
            f"({easting}, {northing})はEPSG:3857の範囲(±20037508.34 m)の外です。",
        )
    longitude = max(-180.0, min(180.0, math.degrees(easting / _RADIUS_M)))
    return longitude, math.degrees(math.atan(math.sinh(northing / _RADIUS_M)))


def _same(first: float, second: float) -> tuple[float, float]:
    return first, second


_SYSTEMS: dict[str, tuple[Move, Move]] = {
    CRS84: (_same, _same),
    f"{_EPSG}4326": (_swap, _swap),
    f"{_EPSG}6668": (_swap, _swap),
    f"{_EPSG}3857": (_to_mercator, _from_mercator),
}
SUPPORTED = tuple(_SYSTEMS)


def check_crs(name: str, parameter: str) -> str:
    """Return the CRS's URI; its safe CURIE (``[EPSG:4326]``) and ``EPSG:4326`` are read too."""
    short = name.strip("[]")
    if short.upper() in {"OGC:CRS84", "CRS84"}:
        return CRS84
    uri = f"{_EPSG}{short[5:]}" if short.upper().startswith("EPSG:") else name
    if uri not in _SYSTEMS:
        raise InputError(
            f"{parameter}={name!r} is not supported; expected one of {', '.join(SUPPORTED)}.",
            f"{parameter}={name!r}には対応していません。{', '.join(SUPPORTED)}のいずれかです。",
        )
    return uri


def locate(uri: str) -> Move | None:
    """Return the way from the CRS's ordinates to longitude and latitude; None changes nothing."""
    return None if uri == CRS84 else _SYSTEMS[uri][1]


def move_bbox(values: list[float], uri: str) -> BBox:
    """Return a box given in a CRS as west, south, east, north."""
    if uri != CRS84:
        if len(values) == 6:
            values = [*values[0:2], *values[3:5]]
        if len(values) == 4:
            inverse = _SYSTEMS[uri][1]
            values = [*inverse(values[0], values[1]), *inverse(values[2], values[3])]
    return check_bbox(values)


def move_feature(feature: bytes, uri: str) -> bytes:
    """Return a stored feature with its geometry in a CRS."""
    decoded = msgspec.json.decode(feature)
    decoded["geometry"] = move_geometry(decoded["geometry"], _SYSTEMS[uri][0])
    return msgspec.json.encode(decoded)


def move_geometry(geometry: Geometry | None, move: Move) -> Geometry | None:
    """Return a geometry with every position moved; heights stay."""
    if geometry is None:
        return None
    if geometry["type"] == "GeometryCollection":
        members = [move_geometry(g, move) for g in geometry["geometries"]]
        return {**geometry, "geometries": members}
    return {**geometry, "coordinates": _moved(geometry["coordinates"], move)}


def _moved(value: Any, move: Move) -> Any:
    if isinstance(value[0], int | float):
        return [*move(value[0], value[1]), *value[2:]]
    return [_moved(v, move) for v in value]
