"""Bytes to boundaries, a feature at a time: one that is broken costs only itself."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import msgspec
import numpy as np
import shapely

from hinomi.kernel.errors import DataError, InputError, Problem, Text

CODE_NAMES = (
    "N03_007",
    "code",
    "jiscode",
    "jis_code",
    "city_code",
    "citycode",
    "市区町村コード",
    "全国地方公共団体コード",
    "団体コード",
    "JCODE",
    "CITY_CODE",
)
NAME_NAMES = ("name", "city_name", "市区町村名", "名称", "SIKUCHOSON", "CITY_NAME", "name_ja")
UNASSIGNED = "所属未定地"
"""Ground that N03 gives to no municipality; it has no code, and that is no fault."""
_JIS6_WEIGHTS = (6, 5, 4, 3, 2)


class Names(msgspec.Struct, frozen=True):
    """Which properties hold code and name; None is found by itself."""

    code: str | None = None
    name: str | None = None


class Boundary(msgspec.Struct, frozen=True):
    """One feature: the code, a municipality's full name, a polygon.

    The polygon is shapely's, made straight from the bytes: the nation's file has 20 million
    positions, which as Python's lists would fill a laptop's memory.
    """

    code: str
    """7 digits where the file has JIS (5, or 6 with its check digit); else as it is."""
    name: str
    prefecture: str
    shape: shapely.Polygon | shapely.MultiPolygon
    path: str


class _Feature(msgspec.Struct):
    properties: dict[str, Any] | None
    geometry: msgspec.Raw


class _Collection(msgspec.Struct):
    features: list[msgspec.Raw]
    type: str = ""


_COLLECTION = msgspec.json.Decoder(_Collection)
_FEATURE = msgspec.json.Decoder(_Feature)


def edition_of(name: str) -> date | None:
    """Return the date in an N03 file's name.

    Example:
        >>> edition_of("N03-21_210101_municipalities_s0001.json")
        datetime.date(2021, 1, 1)
        >>> edition_of("N03-20240101_13.geojson")
        datetime.date(2024, 1, 1)
    """
    if not name.startswith("N03"):
        return None
    for pattern in (r"(?<!\d)(20\d{2})(\d{2})(\d{2})(?!\d)", r"(?<!\d)(\d{2})(\d{2})(\d{2})(?!\d)"):
        found = re.search(pattern, name)
        if found:
            year, month, day = (int(part) for part in found.groups())
            try:
                return date(year if year > 99 else 2000 + year, month, day)
            except ValueError:
                return None
    return None


def decode(data: bytes, names: Names | None = None) -> tuple[list[Boundary], list[Problem]]:
    """Return the file's boundaries and what is wrong with the others.

    Raises:
        DataError: it is no GeoJSON FeatureCollection, or holds no code under any known name.
    """
    try:
        collection = _COLLECTION.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DataError([_no_collection(error)]) from None
    names = names or Names()
    boundaries: list[Boundary] = []
    problems: list[Problem] = []
    for number, raw in enumerate(collection.features):
        path = f"/features[{number}]"
        try:
            boundary = _boundary(raw, names, path)
        except (msgspec.DecodeError, InputError, RecursionError) as error:
            problems.append(_broken(path, error))
            continue
        if isinstance(boundary, Boundary):
            boundaries.append(boundary)
        else:
            problems.append(boundary)
    if not boundaries:
        raise DataError(problems[:20] or [_empty()])
    return boundaries, problems


def _boundary(raw: msgspec.Raw, names: Names, path: str) -> Boundary | Problem:
    feature = _FEATURE.decode(raw)
    properties = feature.properties or {}
    if properties.get("N03_004") == UNASSIGNED and not properties.get("N03_007"):
        return Problem(
            "n03.unassigned",
            path,
            Text("所属未定地のため取り込みません。", "Ground of no municipality; left out."),
            grade="note",
        )
    code = _pick(properties, names.code, CODE_NAMES)
    if not code:
        return Problem(
            "n03.no-code",
            path,
            Text("市区町村コードがありません。", "The feature has no municipality code."),
            found=", ".join(list(properties)[:12]),
            expected=names.code or ", ".join(CODE_NAMES),
        )
    return Boundary(
        full_code(code),
        _name(properties, names.name),
        str(properties.get("N03_001") or ""),
        _shape(bytes(feature.geometry)),
        path,
    )


def _shape(geojson: bytes) -> shapely.Polygon | shapely.MultiPolygon:
    try:
        shape = shapely.from_geojson(geojson)
    except (shapely.errors.ShapelyError, ValueError) as error:
        raise InputError(f"The geometry cannot be read: {error}") from None
    if not isinstance(shape, shapely.Polygon | shapely.MultiPolygon) or shape.is_empty:
        kind = getattr(shape, "geom_type", "nothing")
        raise InputError(f"A boundary is a Polygon or MultiPolygon that is not empty; {kind}.")
    positions = np.abs(shapely.get_coordinates(shape))
    if not (positions <= (180.0, 90.0)).all():
        raise InputError(
            f"Positions reach from {shape.bounds[:2]} to {shape.bounds[2:]}: expected longitude"
            " within ±180, latitude within ±90 (longitude first; swapped or displaced?)."
        )
    return shape


def full_code(code: str) -> str:
    """Return JMA's 7 digits for a JIS code of 5, or of 6 with a right check digit (JIS X 0402).

    Example:
        >>> full_code("17202"), full_code("172022"), full_code("130010"), full_code("1720200")
        ('1720200', '1720200', '130010', '1720200')
    """
    if not code.isascii() or not code.isdigit():
        return code
    if len(code) == 5:
        return f"{code}00"
    # No municipality's number is below 100: 130010 is 東京地方, a forecast area.
    if len(code) == 6 and code[2] != "0":
        total = sum(int(d) * w for d, w in zip(code, _JIS6_WEIGHTS, strict=False))
        if (11 - total % 11) % 10 == int(code[5]):
            return f"{code[:5]}00"
    return code


def _pick(properties: dict[str, Any], given: str | None, known: tuple[str, ...]) -> str:
    for name in (given,) if given else known:
        value = properties.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            # A spreadsheet took the leading zero.
            value = f"{value:05d}"
        if isinstance(value, str) and value.strip():
            return value.strip()
    return ""


def _name(properties: dict[str, Any], given: str | None) -> str:
    if given or "N03_004" not in properties:
        return _pick(properties, given, NAME_NAMES)
    city, own, ward = (str(properties.get(n) or "") for n in ("N03_003", "N03_004", "N03_005"))
    if ward and ward.endswith("区"):
        return f"{own}{ward}"
    return f"{city}{own}" if city.endswith("市") and own.endswith("区") else own


def _no_collection(error: Exception) -> Problem:
    return Problem(
        "n03.not-geojson",
        "",
        Text(
            f"GeoJSONのFeatureCollectionとして読めません: {error}",
            f"This cannot be read as a GeoJSON FeatureCollection: {error}",
        ),
        expected='{"type": "FeatureCollection", "features": [...]}',
    )


def _broken(path: str, error: Exception) -> Problem:
    ja = error.text.ja if isinstance(error, InputError) else str(error)
    return Problem(
        "n03.broken-feature",
        path,
        Text(f"地物が壊れています: {ja}", f"The feature is broken: {error}"),
        found=str(error)[:200],
        expected="a closed Polygon or MultiPolygon in degrees, longitude first",
    )


def _empty() -> Problem:
    text = Text("地物がありません。", "The file has no features.")
    return Problem("n03.empty", "", text, expected="features")
