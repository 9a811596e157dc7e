"""Rivers at their gauges: basin, rating curve and storage function, in a JSON file of ours."""

from __future__ import annotations

import math
import re
from typing import Any, Literal

import msgspec

from hinomi.domains.hazards.collections.rivers import (
    RIVER_SHEETS,
    Line,
    RatingCurve,
    RiverSheet,
    StorageFunction,
)
from hinomi.kernel.errors import DataError, HinomiError, InputError, Problem, Text
from hinomi.kernel.geometry import check_geometry
from hinomi.kernel.marking import Marking, Status
from hinomi.kernel.ports import Gazetteer, Parsed, Payload, Source
from hinomi.kernel.records import Origin, Record

FORMAT = "hinomi-rivers/1"
SAID_BY = "rivers"
_KEY = re.compile(r"[A-Za-z0-9._-]{1,40}")
_LARGEST_KM2 = 20_000.0
"""The Tone, Japan's largest basin, has 16,840 km2."""


class _River(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A river as the file has it."""

    gauge: str
    name: Line
    area_km2: float
    basin: dict[str, Any] | None = None
    """GeoJSON; without it no rain is known."""
    basin_source: Line
    rating: RatingCurve
    storage: StorageFunction
    status: Literal["actual", "exercise", "test"] | None = None


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: str
    rivers: tuple[msgspec.Raw, ...] = ()


def detect(payload: Payload) -> bool:
    """Tell whether it is our JSON file, by its first member."""
    data = payload.data.removeprefix(b"\xef\xbb\xbf")
    return data[:1] == b"{" and f'"{FORMAT}"'.encode() in data[:200]


def parse(payload: Payload, gazetteer: Gazetteer) -> Parsed:  # noqa: ARG001 - the port's shape
    """Return the sheets that make sense; one that does not is told and left out."""
    parsed = Parsed(kind="rivers")
    try:
        file = msgspec.json.decode(payload.data.removeprefix(b"\xef\xbb\xbf"), type=_File)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DataError([_problem("rivers.file", "", error, FORMAT)]) from None
    for number, raw in enumerate(file.rivers):
        path = f"/rivers[{number}]"
        try:
            parsed.records += _records(msgspec.json.decode(raw, type=_River), payload, path)
        except (HinomiError, msgspec.DecodeError) as error:
            parsed.problems.append(
                _problem("rivers.entry", path, error, "docs/reference/rivers.md")
            )
    return parsed


def _records(told: _River, payload: Payload, path: str) -> list[Record]:
    if not _KEY.fullmatch(told.gauge):
        raise InputError(
            f"gauge {told.gauge[:60]!r}: letters, digits, . _ -", "観測所コードが不正です"
        )
    _check(told)
    place = check_geometry(told.basin) if told.basin is not None else None
    if place is not None and place["type"] not in {"Polygon", "MultiPolygon"}:
        raise InputError("basin: expected a Polygon or MultiPolygon", "流域は面が必要です")
    body = RiverSheet(
        name=told.name, area_km2=told.area_km2, basin_source=told.basin_source,
        rating=told.rating, storage=told.storage,
    )  # fmt: skip
    # A river is the same in a drill; a made-up one says its status.
    return [
        Record(
            collection=RIVER_SHEETS.id, key=told.gauge, said_at=payload.taken_at, body=body,
            source=SAID_BY, place=place, origin=Origin(payload.digest, payload.address, path),
            marking=Marking(status),
        )
        for status in ([Status(told.status)] if told.status else Status)
    ]  # fmt: skip


def _check(told: _River) -> None:
    rating, storage = told.rating, told.storage
    numbers = (
        rating.a, rating.b_m, rating.least_m, rating.greatest_m, storage.k, storage.lag_h,
        told.area_km2,
    )  # fmt: skip
    good = (
        all(map(math.isfinite, numbers))
        and 0 < told.area_km2 <= _LARGEST_KM2
        and rating.a > 0
        and rating.greatest_m > rating.least_m
        and rating.least_m + rating.b_m >= 0
        and storage.k > 0
        and 0 < storage.p <= 1
        and 0 <= storage.lag_h <= 48
        and 0 < storage.share <= 1
    )
    if not good:
        raise InputError(
            f"area 0 to {_LARGEST_KM2:.0f} km2, a and K > 0, least < greatest, least + b >= 0,"
            " P and share over 0 to 1, lag 0 to 48 h",
            "面積・a・Kは正、least<greatest、least+b≧0、P・流出率は0より大きく1以下、"
            "遅れは0〜48時間が必要です",
        )


def _problem(code: str, path: str, error: Exception, expected: str) -> Problem:
    told = error.text if isinstance(error, HinomiError) else None
    text = Text(
        f"河川の諸元として読めません: {told.ja if told else error}",
        f"Not a river's data: {told.en if told else error}",
    )
    return Problem(code, path, text, found=str(error)[:200], expected=expected)


SOURCE = Source(
    id="rivers",
    title=Text(
        "河川の諸元(流域・水位流量曲線・貯留関数)", "Rivers: basin, rating, storage function"
    ),
    gives=(RIVER_SHEETS.id,),
    licence="whoever sent them",
    reference="docs/reference/rivers.md",
    detect=detect,
    parse=parse,
)
