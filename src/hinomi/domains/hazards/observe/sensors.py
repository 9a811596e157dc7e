"""Sensor posts: lists of them as CSV, what they measure, and their frames as readings."""

from __future__ import annotations

import csv
import io
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from hinomi.domains.hazards.collections.sensors import (
    DATASTREAMS,
    LICENCE,
    READINGS,
    STATIONS,
    SensorDatastream,
    SensorKind,
    SensorStation,
)
from hinomi.kernel.errors import DataError, HinomiError, InputError, Problem, Text
from hinomi.kernel.geometry import check_geometry, point
from hinomi.kernel.marking import Marking, Status
from hinomi.kernel.ports import Gazetteer, Parsed, Payload, Source
from hinomi.kernel.records import Origin, Record, Series
from hinomi.standards.lorawan import PayloadDecoder

SAID_BY = "sensors"
MAX_STATIONS = 1_000_000
_HEAD = b"sensor_id,"
_KEY = re.compile(r"[A-Za-z0-9._-]{1,80}")


class Measure(msgspec.Struct, frozen=True):
    """One thing that is measured: unit (UCUM) and what people and the standards call it."""

    unit: str
    unit_name: str
    title: Text
    definition: str


_QUDT = "http://qudt.org/vocab/quantitykind/"
_CF = "http://vocab.nerc.ac.uk/standard_name/"

MEASURES: dict[str, Measure] = {
    "depth_cm": Measure(
        "cm", "centimetre", Text("浸水深(スイッチ)", "Depth of inundation (switch)"),
        f"{_QUDT}Depth",
    ),
    "battery_v": Measure("V", "volt", Text("電池電圧", "Battery voltage"), f"{_QUDT}Voltage"),
    "level_m": Measure("m", "metre", Text("水位", "Water level"), f"{_QUDT}Height"),
    "rain_mm": Measure(
        "mm", "millimetre", Text("雨量", "Rainfall"), f"{_CF}thickness_of_rainfall_amount/"
    ),
    "rain_mm_h": Measure("mm/h", "millimetre per hour", Text("降雨強度", "Rain rate"),
                         f"{_CF}rainfall_rate/"),
    "intensity": Measure(
        "1", "JMA seismic intensity", Text("計測震度", "JMA seismic intensity"),
        "https://www.data.jma.go.jp/eqev/data/kyoshin/kaisetsu/calc_sindo.html",
    ),
    "pga_gal": Measure(
        "Gal", "gal", Text("最大加速度", "Peak ground acceleration"), f"{_QUDT}Acceleration"
    ),
    "temperature_c": Measure(
        "Cel", "degree Celsius", Text("気温", "Air temperature"), f"{_CF}air_temperature/"
    ),
    "image_age_s": Measure("s", "second", Text("画像の古さ", "Age of the newest image"),
                           f"{_QUDT}Time"),
}  # fmt: skip
"""Units are UCUM's (https://ucum.org/ucum): Gal, Cel and the unity 1 are its own codes."""

KINDS: dict[SensorKind, tuple[Text, tuple[str, ...]]] = {
    "flood-switch": (
        Text("ワンコイン浸水センサ", "One-coin flood sensor"), ("depth_cm", "battery_v")
    ),
    "water-gauge": (Text("水位計", "Water gauge"), ("level_m",)),
    "rain-gauge": (Text("雨量計", "Rain gauge"), ("rain_mm",)),
    "seismometer": (Text("地震計", "Seismometer"), ("intensity", "pga_gal")),
    "camera": (Text("カメラ", "Camera"), ("image_age_s",)),
    "weather": (Text("気象計", "Weather station"), ("temperature_c", "rain_mm")),
    "other": (Text("その他", "Other"), ()),
}  # fmt: skip
"""What each kind of post is called and what it measures unless its owner says otherwise."""


class _Table(msgspec.Struct, forbid_unknown_fields=True):
    decoder: list[PayloadDecoder]


@cache
def decoders() -> dict[str, PayloadDecoder]:
    """Return the payload decoders of ``sensor_decoders.toml``, by id."""
    text = Path(__file__).with_name("sensor_decoders.toml").read_text(encoding="utf-8")
    return {d.id: d for d in msgspec.convert(tomllib.loads(text), _Table).decoder}


def thing_id(collection: str, key: str) -> str:
    """Return the id by which SensorThings knows a post or a gauge."""
    return f"{collection}.{key}"


def series_id(key: str, measured: str) -> str:
    """Return the id of a post's series of one property."""
    return f"{READINGS.id}.{key}.{measured}"


def series_of(
    stream: SensorDatastream,
    name: str,
    key: str,
    place: dict[str, Any] | None,
    marking: Marking,
) -> Series:
    """Return a datastream's series, at its post's point."""
    longitude = latitude = None
    if place is not None and place["type"] == "Point":
        longitude, latitude = place["coordinates"][:2]
    return Series(
        id=name,
        collection=READINGS.id,
        thing=key,
        property=stream.property,
        unit=stream.unit,
        source=SAID_BY,
        title=stream.name,
        longitude=longitude,
        latitude=latitude,
        marking=marking,
    )


def streams_of(key: str, station: SensorStation) -> Iterator[tuple[str, SensorDatastream]]:
    """Yield what a post of this kind measures: (series id, datastream)."""
    for name in KINDS[station.kind][1]:
        measure = MEASURES[name]
        yield (
            series_id(key, name),
            SensorDatastream(
                name=f"{station.name} {measure.title.ja}",
                thing=thing_id(STATIONS.id, key),
                property=name,
                unit=measure.unit,
                unit_name=measure.unit_name,
                unit_symbol=measure.unit,
                description=measure.title.en,
                sensor=station.kind,
                observed_property=name,
            ),
        )


def is_list(payload: Payload) -> bool:
    """Tell whether this is a list of sensor posts: CSV whose first column is ``sensor_id``."""
    return payload.data.removeprefix(b"\xef\xbb\xbf").startswith(_HEAD)


def parse(payload: Payload, gazetteer: Gazetteer) -> Parsed:  # noqa: ARG001 - the port's shape
    """Return the posts and their datastreams; a row that is wrong is told and left out."""
    try:
        text = payload.data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        wrong = Text("UTF-8ではありません", "not UTF-8")
        raise DataError([Problem("sensors.list", "", wrong, found=str(error)[:60])]) from None
    parsed = Parsed(kind="sensor-list")
    seen: set[tuple[str, str]] = set()
    for number, row in enumerate(_rows(text), 2):
        path = f"/{number}"
        try:
            if isinstance(row, csv.Error):
                raise InputError(f"no row of a table: {row}", f"行として読めません: {row}")
            if number > MAX_STATIONS or None in row:
                raise InputError("too many rows or cells", "行かセルが多すぎます")
            one = (row.get("status") or "actual", row["sensor_id"])
            if one in seen:
                raise InputError("the sensor is listed twice", "同じセンサーが2回あります")
            seen.add(one)
            parsed.records += _records(row, payload, path)
        except (HinomiError, msgspec.ValidationError, ValueError, KeyError, TypeError) as error:
            told = error.text if isinstance(error, HinomiError) else Text(str(error), str(error))
            parsed.problems.append(Problem("sensors.row", path, told, found=repr(row)[:100]))
    return parsed


def _rows(text: str) -> Iterator[dict[str, str] | csv.Error]:
    """Give each row; one whose cell is longer than csv's 128 KiB costs only itself."""
    rows = csv.DictReader(io.StringIO(text))
    while True:
        try:
            yield next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield error


def _records(row: dict[str, str], payload: Payload, path: str) -> list[Record]:
    key = row["sensor_id"]
    if not _KEY.fullmatch(key):
        raise InputError(f"sensor_id {key[:40]!r}: letters, digits, . _ -", "sensor_idが不正です")
    given = {k: v for k, v in row.items() if v and k in _COLUMNS}
    station = msgspec.convert({"name": key, **given}, SensorStation, strict=False)
    if station.decoder and station.decoder not in decoders():
        raise InputError(f"there is no decoder {station.decoder!r}", "デコーダがありません")
    place = check_geometry(point(float(row["longitude"]), float(row["latitude"])))
    marking = Marking(Status(row.get("status") or "actual"))
    origin = Origin(payload.digest, payload.address, path)

    def record(collection: str, name: str, body: Any) -> Record:
        return Record(
            collection=collection,
            key=name,
            said_at=payload.taken_at,
            body=body,
            source=SAID_BY,
            place=place,
            origin=origin,
            marking=marking,
        )

    found = [record(STATIONS.id, key, station)]
    found += [record(DATASTREAMS.id, name, body) for name, body in streams_of(key, station)]
    return found


_COLUMNS = frozenset(
    {"name", "kind", "description", "device", "decoder", "heartbeat_s", "municipality_code",
     "municipality"}
)  # fmt: skip

SOURCE = Source(
    id="sensor-list",
    title=Text("センサーの一覧(CSV)", "List of sensors (CSV)"),
    gives=(STATIONS.id, DATASTREAMS.id),
    licence=LICENCE,
    reference="docs/how-to/sensors.md",
    detect=is_list,
    parse=parse,
)
