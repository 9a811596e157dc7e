"""Observations as they travel: one as JSON, many as a data array (OGC 18-088, 8.2.7 and 11)."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import msgspec

from hinomi.kernel.errors import DataError, Problem, Text
from hinomi.kernel.records import ESTIMATED, GOOD, MISSING, SUSPECT, UNCHECKED, from_micros, micros

MAX_ROWS = 100_000
"""Observations of one message."""
QUALITIES = ("good", "estimated", "suspect", "unchecked", "missing")
_QUALITY = dict(zip(QUALITIES, (GOOD, ESTIMATED, SUSPECT, UNCHECKED, MISSING), strict=True))


class Observation(msgspec.Struct, frozen=True, gc=False):
    """One reading to be kept: time [µs since 1970 UTC] or None (when it came), value, quality."""

    datastream: str
    time: int | None
    value: float
    quality: int = UNCHECKED


class DataArray(msgspec.Struct, frozen=True):
    """The rows of one datastream."""

    datastream: str
    observations: tuple[Observation, ...]


class _Link(msgspec.Struct):
    id: str | int = msgspec.field(name="@iot.id")


class _Message(msgspec.Struct, rename="camel"):
    result: float | bool | str | None = None
    phenomenon_time: str | None = None
    result_time: str | None = None
    result_quality: Any = None
    datastream: _Link | None = msgspec.field(name="Datastream", default=None)


class _Arrays(msgspec.Struct):
    datastream: _Link = msgspec.field(name="Datastream")
    components: list[str]
    rows: list[list[Any]] = msgspec.field(name="dataArray")


_MESSAGE = msgspec.json.Decoder(_Message)
_ARRAYS = msgspec.json.Decoder(list[_Arrays] | _Arrays)


def decode_observation(data: bytes, datastream: str = "") -> Observation:
    """Return the observation of one message; ``datastream`` is what its address names.

    Raises:
        DataError: no JSON, no number as result, no datastream, a time that is none.
    """
    try:
        message = _MESSAGE.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _refused(
            "", Text("観測値のJSONではありません", f"no Observation ({error})")
        ) from None
    name = str(message.datastream.id) if message.datastream is not None else datastream
    if not name:
        raise _refused("/Datastream", Text("Datastreamがありません", "no Datastream is named"))
    time = message.phenomenon_time or message.result_time
    return Observation(
        name,
        None if time is None else read_time(time, "/phenomenonTime"),
        read_result(message.result, "/result"),
        read_quality(message.result_quality),
    )


def decode_arrays(data: bytes, datastream: str = "") -> list[DataArray]:
    """Return the data arrays of a message: CreateObservations, or a list of observations.

    Raises:
        DataError: every fault with its place; then nothing of the message is good.
    """
    if datastream or b'"dataArray"' not in data:
        return _listed(data, datastream)
    try:
        found = _ARRAYS.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _refused("", Text("dataArrayではありません", f"no data array ({error})")) from None
    arrays = found if isinstance(found, list) else [found]
    if sum(len(a.rows) for a in arrays) > MAX_ROWS:
        raise _refused("", Text("行が多すぎます", f"more than {MAX_ROWS:,} rows"))
    problems: list[Problem] = []
    made = [_array(array, f"/{number}", problems) for number, array in enumerate(arrays)]
    if problems:
        raise DataError(problems)
    return made


def _listed(data: bytes, datastream: str) -> list[DataArray]:
    """Return the observations of a JSON array (or of one object), by their datastreams."""
    try:
        parts = msgspec.json.decode(data, type=list[msgspec.Raw] | msgspec.Raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _refused("", Text("JSONではありません", f"not JSON ({error})")) from None
    listed = parts if isinstance(parts, list) else [parts]
    if len(listed) > MAX_ROWS:
        raise _refused("", Text("行が多すぎます", f"more than {MAX_ROWS:,} rows"))
    by_name: dict[str, list[Observation]] = {}
    problems: list[Problem] = []
    for number, part in enumerate(listed):
        try:
            found = decode_observation(bytes(part), datastream)
        except DataError as error:
            problems += [p.within(f"/{number}") for p in error.problems]
        else:
            by_name.setdefault(found.datastream, []).append(found)
    if problems:
        raise DataError(problems)
    return [DataArray(name, tuple(rows)) for name, rows in by_name.items()]


def _array(array: _Arrays, path: str, problems: list[Problem]) -> DataArray:
    name = str(array.datastream.id)
    at = {component: number for number, component in enumerate(array.components)}
    if "result" not in at:
        problems.append(_problem(f"{path}/components", Text("resultがない", "no result")))
        return DataArray(name, ())
    time_at = at.get("phenomenonTime", at.get("resultTime"))
    quality_at = at.get("resultQuality")
    rows: list[Observation] = []
    for number, row in enumerate(array.rows):
        try:
            if len(row) != len(array.components):
                raise _refused("", Text("列の数が違います", "not as many values as components"))
            time = None if time_at is None else row[time_at]
            rows.append(
                Observation(
                    name,
                    None if time is None else read_time(time, ""),
                    read_result(row[at["result"]], ""),
                    read_quality(None if quality_at is None else row[quality_at]),
                )
            )
        except DataError as error:
            problems += [p.within(f"{path}/dataArray/{number}") for p in error.problems]
    return DataArray(name, tuple(rows))


def read_result(value: Any, path: str) -> float:
    """Return a result as a number: true is 1, false 0, a text of a number that number."""
    try:
        found = float(value) if isinstance(value, bool | int | float | str) else math.nan
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        text = Text("結果が数値ではありません", "the result is no finite number")
        raise _refused(path, text, found=repr(value)[:60])
    return found


def read_quality(value: Any) -> int:
    """Return the kernel's quality of a resultQuality; what is not one of ours is unchecked."""
    if isinstance(value, str):
        return _QUALITY.get(value.lower(), UNCHECKED)
    return UNCHECKED


_SECONDS = re.compile(r"(\.\d{6})\d+")
_MICROSECONDS = len("2026-01-01T00:00:00.000000")
"""No text up to here has more than six decimals of a second."""


def read_time(value: Any, path: str) -> int:
    """Return an ISO 8601 instant, or an interval's start, in µs; without a zone it is refused."""
    text = value.partition("/")[0] if isinstance(value, str) else ""
    if len(text) > _MICROSECONDS:
        text = _SECONDS.sub(r"\1", text)
    try:
        found = datetime.fromisoformat(text)
        if found.tzinfo is not None and 1900 <= found.year <= 2200:
            return micros(found)
    except (ValueError, OverflowError):
        pass
    wrong = Text("時刻(ゾーンつき)ではありません", "no time with a zone")
    raise _refused(path, wrong, found=repr(value)[:60])


def time_text(time: int) -> str:
    """Return µs since 1970 as ISO 8601 in UTC, with milliseconds or what is needed."""
    second, fraction = divmod(time, 1_000_000)
    fine = f"{fraction:06d}" if fraction % 1000 else f"{fraction // 1000:03d}"
    return f"{_second_text(second)}.{fine}Z"


@lru_cache(maxsize=4_096)
def _second_text(second: int) -> str:
    """Return a whole second as ISO 8601 without its zone: many readings are of the same one."""
    return from_micros(second * 1_000_000).astimezone(UTC).isoformat()[:19]


def interval_text(start: int, end: int) -> str:
    """Return an interval as ISO 8601."""
    return f"{time_text(start)}/{time_text(end)}"


def observation_id(series: str, time: int) -> str:
    """Return an observation's id: it stays the same, whatever is corrected."""
    return f"{series}@{time}"


def split_observation_id(text: str) -> tuple[str, int] | None:
    """Return an observation's series and time [µs], or None for what is no such id."""
    series, sign, time = text.rpartition("@")
    if not sign or not series or not re.fullmatch(r"-?\d{1,17}", time):
        return None
    return series, int(time)


def encode_observation(series: str, time: int, value: float, quality: int, root: str) -> bytes:
    """Return an Observation as JSON, its links below ``root`` (without a slash at its end).

    Args:
        series: the datastream's id.
        time: [µs since 1970 UTC].
        value: in the datastream's unit.
        quality: 0 to 4.
        root: address of the service.
    """
    name = observation_id(series, time)
    stamp = time_text(time)
    link = f"{root}/Observations('{name}')"
    result = repr(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    return (
        f'{{"@iot.selfLink":"{link}","@iot.id":"{name}","phenomenonTime":"{stamp}"'
        f',"resultTime":"{stamp}","result":{result},"resultQuality":"{QUALITIES[quality]}"'
        f',"Datastream@iot.navigationLink":"{link}/Datastream"'
        f',"FeatureOfInterest@iot.navigationLink":"{link}/FeatureOfInterest"}}'
    ).encode()


def _problem(path: str, text: Text, found: str = "") -> Problem:
    return Problem("sensorthings.observation", path, text, found=found)


def _refused(path: str, text: Text, found: str = "") -> DataError:
    return DataError([_problem(path, text, found)])
