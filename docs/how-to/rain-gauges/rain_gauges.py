"""Rain gauges of a town, from its CSV: a whole domain in one file, as an example to copy."""

from __future__ import annotations

import csv
import io
import math
from datetime import datetime

import msgspec

from hinomi.kernel.collections import Collection, Kind
from hinomi.kernel.errors import DataError, InputError, Problem, Text
from hinomi.kernel.geometry import Geometry, check_geometry, point
from hinomi.kernel.ports import Domain, Gazetteer, Parsed, Payload, Source
from hinomi.kernel.records import GOOD, Origin, Readings, Record, Series, micros
from hinomi.vocabulary.layers import Class, Field, Layer

HEADER = b"station,name,longitude,latitude,time,rain_mm"
LICENCE = "CC-BY-4.0"
SAID_BY = "example-town"
MOST_MM = 200.0
"""[mm] No gauge in Japan has seen more in an hour (187 mm, 長与町, 1982)."""


class RainGauge(msgspec.Struct, frozen=True, kw_only=True):
    """What a gauge is and what it last measured: these are the fields people can filter by."""

    name: str
    rain_mm: float
    """Rain of the hour before ``said_at``."""


class Rain(msgspec.Struct, frozen=True, kw_only=True):
    """A reading's value."""

    rain_mm: float


GAUGES = Collection(
    id="rain.gauges",
    title=Text("雨量計", "Rain gauges"),
    text=Text("雨量計の位置と最新の値。", "Where the gauges are and what they last measured."),
    schema=RainGauge,
    licence=LICENCE,
)
AMOUNTS = Collection(
    id="rain.amounts",
    title=Text("1時間雨量", "Hourly rain"),
    text=Text("雨量計の観測値 [mm]。", "Readings of the rain gauges [mm]."),
    schema=Rain,
    kind=Kind.SERIES,
    licence=LICENCE,
)


def detect(payload: Payload) -> bool:
    """Tell whether the bytes begin with our header; cheap, because every file is asked."""
    return payload.data.removeprefix(b"\xef\xbb\xbf").startswith(HEADER)


def parse(payload: Payload, gazetteer: Gazetteer) -> Parsed:  # noqa: ARG001 - the port's shape
    """Return a record and a reading for each row; a row that cannot be is refused by itself.

    Raises:
        DataError: nothing at all can be read.
    """
    try:
        text = payload.data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError([_problem("rain.encoding", "", str(error), "UTF-8")]) from None
    parsed = Parsed(kind="rain-csv")
    series: list[Series] = []
    rows: list[tuple[int, int, float, int]] = []
    for number, cells in enumerate(csv.DictReader(io.StringIO(text)), start=2):
        path = f"/line[{number}]"
        try:
            said_at, rain_mm = _time(cells["time"]), _rain(cells["rain_mm"])
            place = check_geometry(point(float(cells["longitude"]), float(cells["latitude"])))
        except (ValueError, TypeError, InputError) as error:
            parsed.problems.append(_problem("rain.row", path, str(error), HEADER.decode()))
            continue
        parsed.records.append(
            Record(
                collection=GAUGES.id,
                key=cells["station"],
                said_at=said_at,
                body=RainGauge(name=cells["name"], rain_mm=rain_mm),
                source=SAID_BY,
                place=place,
                origin=Origin(payload.digest, payload.address, path),
            )
        )
        rows.append((len(series), micros(said_at), rain_mm, GOOD))
        series.append(_series(cells["station"], cells["name"], place))
    if rows:
        origin = Origin(payload.digest, payload.address)
        parsed.readings.append(Readings(series=tuple(series), rows=rows, origin=origin))
    return parsed


def _time(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    if time.tzinfo is None:
        raise ValueError(f"{text} has no zone, such as +09:00")
    return time


def _rain(text: str) -> float:
    rain_mm = float(text)
    if not (math.isfinite(rain_mm) and 0 <= rain_mm <= MOST_MM):
        raise ValueError(f"{text} mm in an hour cannot be")
    return rain_mm


def _series(station: str, name: str, place: Geometry) -> Series:
    longitude, latitude = place["coordinates"]
    return Series(
        id=f"{AMOUNTS.id}.{station}",
        collection=AMOUNTS.id,
        thing=station,
        property="rain_mm",
        unit="mm",
        source=SAID_BY,
        title=name,
        longitude=longitude,
        latitude=latitude,
    )


def _problem(code: str, path: str, found: str, expected: str) -> Problem:
    text = Text("雨量の行を読み取れません。", "The row cannot be read.")
    return Problem(code, path, text, "error", found, expected)


DOMAIN = Domain(
    id="rain",
    title=Text("雨量", "Rain"),
    collections=(GAUGES, AMOUNTS),
    sources=(
        Source(
            id="town-rain",
            title=Text("町の雨量計", "The town's rain gauges"),
            gives=(GAUGES.id, AMOUNTS.id),
            licence=LICENCE,
            reference="docs/how-to/new-source.md",
            detect=detect,
            parse=parse,
        ),
    ),
    layers=(
        Layer(
            id="rain-gauges",
            collection=GAUGES.id,
            title=Text("雨量計", "Rain gauges"),
            shape="circle",
            classes=(Class(label=Text("雨量計", "Gauge"), colour="#2266cc"),),
            name=Text("name", "name"),
            fields=(
                Field(name="rain_mm", label=Text("1時間雨量", "Rain"), kind="number", unit="mm"),
            ),
        ),
    ),
)
