"""Bytes to rows: the whole file at once where it is sound, else a feature at a time."""

from __future__ import annotations

from typing import Literal

import msgspec

from hinomi.kernel.errors import DataError, Problem, Text
from hinomi.vocabulary.numbers import quote_not_numbers

Kind = Literal["sites", "shelters", "unavailable"]

HEAD_BYTES = 4096


class Point(msgspec.Struct, frozen=True):
    """A GeoJSON point: longitude, latitude [degrees]."""

    coordinates: tuple[float, float]
    type: Literal["Point"] = "Point"


class Properties(msgspec.Struct, frozen=True):
    """A feature's properties; a flag is ``1`` or empty, a text may be null."""

    common_id: str = msgspec.field(name="共通ID")
    name: str | None = msgspec.field(name="施設・場所名", default=None)
    municipality: str | None = msgspec.field(name="都道府県名及び市町村名", default=None)
    address: str | None = msgspec.field(name="住所", default=None)
    flood: str | None = msgspec.field(name="洪水", default=None)
    landslide: str | None = msgspec.field(name="崖崩れ、土石流及び地滑り", default=None)
    storm_surge: str | None = msgspec.field(name="高潮", default=None)
    earthquake: str | None = msgspec.field(name="地震", default=None)
    tsunami: str | None = msgspec.field(name="津波", default=None)
    fire: str | None = msgspec.field(name="大規模な火事", default=None)
    inland_flood: str | None = msgspec.field(name="内水氾濫", default=None)
    volcano: str | None = msgspec.field(name="火山現象", default=None)
    also_shelter: str | None = msgspec.field(name="指定避難所との住所同一", default=None)
    also_site: str | None = msgspec.field(name="指定緊急避難場所との住所同一", default=None)
    other_matters: str | None = msgspec.field(name="その他市町村長が必要と認める事項", default=None)
    accepts: str | None = msgspec.field(name="受入対象者", default=None)
    remarks: str | None = msgspec.field(name="備考", default=None)


class Row(msgspec.Struct, frozen=True):
    """One site or shelter."""

    properties: Properties
    geometry: Point | None


class File(msgspec.Struct):
    """What one file holds; ``problems`` are the features that could not be read."""

    kind: Kind
    rows: list[tuple[int, Row]]
    """(number of the feature in the file, row)."""
    problems: list[Problem]
    code: str = ""
    """The file's own word for the municipality: JIS code with check digit, 6 digits."""
    name: str = ""


class _Whole(msgspec.Struct):
    features: list[Row]
    name: str = ""


class _Loose(msgspec.Struct):
    features: list[msgspec.Raw]
    name: str = ""


class _Unavailable(msgspec.Struct):
    type: Literal["unavailable"]
    code: str = ""
    name: str = ""


_WHOLE = msgspec.json.Decoder(_Whole)
_LOOSE = msgspec.json.Decoder(_Loose)
_ROW = msgspec.json.Decoder(Row)
_UNAVAILABLE = msgspec.json.Decoder(_Unavailable)

_ID = '"共通ID"'.encode()
_SITE = '"火山現象"'.encode()
_SHELTER = '"受入対象者"'.encode()


def kind_of(data: bytes) -> Kind | None:
    """Return what the file holds by its first bytes; None where it is not of this layout."""
    head = data[:HEAD_BYTES]
    if _ID in head:
        if _SHELTER in head:
            return "shelters"
        if _SITE in head:
            return "sites"
    if b'"unavailable"' in head[:64] and b'"dataType"' in head:
        return "unavailable"
    return None


def decode(data: bytes) -> File:
    """Return the file's rows, and a problem for each feature that is broken.

    Raises:
        DataError: nothing can be read.
    """
    kind = kind_of(data)
    try:
        if kind == "unavailable":
            told = _UNAVAILABLE.decode(data)
            return File(kind, [], [], told.code, told.name)
        if kind is not None:
            return _decode(data, kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DataError([_unreadable(str(error))]) from None
    raise DataError([_unreadable("neither 指定緊急避難場所 nor 指定避難所")])


def _decode(data: bytes, kind: Kind) -> File:
    try:
        whole = _WHOLE.decode(data)
        return File(kind, list(enumerate(whole.features)), [], whole.name)
    except msgspec.DecodeError as error:
        broken_value = isinstance(error, msgspec.ValidationError)
        loose = _LOOSE.decode(data if broken_value else quote_not_numbers(data))
    rows: list[tuple[int, Row]] = []
    problems: list[Problem] = []
    for number, raw in enumerate(loose.features):
        try:
            rows.append((number, _ROW.decode(raw)))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            problems.append(_broken(number, str(error)))
    return File(kind, rows, problems, loose.name)


def _unreadable(why: str) -> Problem:
    return Problem(
        "gsi.unreadable",
        "",
        Text(f"避難場所・避難所のGeoJSONとして読めません: {why}", f"Not GSI's GeoJSON: {why}"),
        expected='{"type": "FeatureCollection", "features": [...]}',
    )


def _broken(number: int, why: str) -> Problem:
    return Problem(
        "gsi.broken-feature",
        f"/features[{number}]",
        Text(f"地物が壊れています: {why}", f"The feature is broken: {why}"),
        found=why[:200],
        expected="Point geometry and the properties 共通ID, 施設・場所名",
    )
