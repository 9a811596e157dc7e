"""The same columns as the properties of GeoJSON features, as towns' maps give them out."""

from __future__ import annotations

import re
from typing import Annotated, Any

import msgspec

from hinomi.kernel.errors import DataError, Problem, Text
from hinomi.standards.opendata_csv.decoder import HEAD_BYTES, Table, decode, header_of

_WORLD = ("CRS84", "4326", "4979", "4612", "6668", "6697")
"""WGS 84 and Japan's own datums, longitude first: less than a metre apart, as RFC 7946 has it."""

_POSITION = ("経度", "緯度")
_MARK = b"\xef\xbb\xbf"
_PROPERTY = re.compile(r'("(?:[^"\\]|\\.){1,480}")\s*:')
"""A property's name as it is written: many a writer escapes what is no ASCII, letter by letter."""


class _Named(msgspec.Struct):
    name: str = ""


class _System(msgspec.Struct):
    properties: _Named = msgspec.field(default_factory=_Named)


class _Feature(msgspec.Struct):
    properties: dict[str, Any] | None = None
    geometry: msgspec.Raw = msgspec.Raw(b"null")


class _Collection(msgspec.Struct):
    type: str
    features: list[_Feature]
    crs: _System | None = None
    """GeoJSON of 2008; RFC 7946 knows WGS 84 alone."""


class _Point(msgspec.Struct, tag="Point"):
    coordinates: Annotated[list[float], msgspec.Meta(min_length=2)]


def names_of(data: bytes) -> tuple[str, ...]:
    """Return the columns that a file's first bytes name, CSV or GeoJSON; none if it is neither."""
    head = data[:HEAD_BYTES]
    if not _is_collection(head):
        return header_of(data)
    written = _PROPERTY.findall(head.decode(errors="ignore"))
    return (*filter(None, map(_name, written)), *_POSITION)


def read(data: bytes) -> Table:
    """Return a CSV's or a GeoJSON's rows.

    Raises:
        DataError: it is neither, or broken.
    """
    return _decode(data) if _is_collection(data[:HEAD_BYTES]) else decode(data)


def _name(written: str) -> str:
    try:
        return msgspec.json.decode(written, type=str)
    except msgspec.DecodeError:
        return ""  # No name, but two ends of others.


def _is_collection(head: bytes) -> bool:
    text = head.removeprefix(_MARK).lstrip()
    return text[:1] == b"{" and b'"FeatureCollection"' in text


def _decode(data: bytes) -> Table:
    """Return the features' properties as a table, each feature a row.

    Where they have no columns for the position, it is taken from points in longitude and latitude;
    in any other system (the plane rectangular ones) only the columns tell it.
    """
    try:
        found = msgspec.json.decode(data.removeprefix(_MARK), type=_Collection)
    except (msgspec.DecodeError, RecursionError) as error:
        raise DataError([_broken(str(error))]) from error
    name = "" if found.crs is None else found.crs.properties.name
    plain = found.crs is None or name.rsplit(":", 1)[-1] in _WORLD
    header = dict.fromkeys(key for one in found.features for key in one.properties or {})
    located = plain and not header.keys() >= set(_POSITION)
    if located:
        header |= dict.fromkeys(_POSITION)
    rows = []
    problems = []
    for number, feature in enumerate(found.features):
        if not feature.properties:
            problems.append(_empty(number))
            continue
        cells = dict.fromkeys(header, "")
        cells |= {key: _text(value) for key, value in feature.properties.items()}
        if located:
            cells |= dict(zip(_POSITION, _position(feature.geometry), strict=True))
        rows.append((number, cells))
    return Table(tuple(header), rows, "utf-8", problems, unit="features")


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "1" if value else ""
        case str():
            return value.strip()
        case _:
            return msgspec.json.encode(value).decode()


def _position(geometry: msgspec.Raw) -> tuple[str, str]:
    try:
        place = msgspec.json.decode(geometry, type=_Point).coordinates
    except (msgspec.DecodeError, RecursionError):
        return "", ""
    return str(place[0]), str(place[1])


def _broken(why: str) -> Problem:
    return Problem(
        "geojson.broken",
        "",
        Text(f"GeoJSONとして読めません: {why}", f"This cannot be read as GeoJSON: {why}"),
        found=why[:200],
        expected="FeatureCollection (RFC 7946)",
    )


def _empty(number: int) -> Problem:
    return Problem(
        "csv.empty",
        f"/features[{number}]",
        Text("属性がありません。", "The feature has no properties."),
    )
