"""Flat JSON objects, as cheap gateways send them, by a mapping of names."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import msgspec

from hinomi.domains.hazards.observe.sensors import MEASURES
from hinomi.kernel.errors import DataError, Problem, Text
from hinomi.runtime.mqtt.messages import Mapping, Message
from hinomi.standards.sensorthings.messages import read_time

MOST_OBJECTS = 10_000
_AS_IS = Mapping()


def read_plain(message: Message) -> Iterator[tuple[str, str, int | None, float]]:
    """Yield (post, property, time [µs] or None, value) of an object or a list of them.

    Raises:
        DataError: no JSON, no post named, no value that is known, or none that is a number.
    """
    mapping = message.mapping or _AS_IS
    try:
        found = msgspec.json.decode(message.data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _refused("", Text("JSONではありません", f"not JSON ({error})")) from None
    listed = found if isinstance(found, list) else [found]
    if len(listed) > MOST_OBJECTS:
        raise _refused("", Text("多すぎます", f"more than {MOST_OBJECTS:,} objects"))
    for number, one in enumerate(listed):
        yield from _object(one, mapping, message.topic, f"/{number}")


def _object(
    one: Any, mapping: Mapping, topic: str, path: str
) -> Iterator[tuple[str, str, int | None, float]]:
    if not isinstance(one, dict):
        raise _refused(path, Text("オブジェクトではありません", "is no object"))
    key = str(one.get(mapping.sensor) or topic.rpartition("/")[2])
    stated = one.get(mapping.time)
    time = _time(stated, f"{path}/{mapping.time}")
    names = mapping.values or {name: name for name in MEASURES}
    given = {names[name]: value for name, value in one.items() if name in names}
    if not given:
        listed = ", ".join(names)
        raise _refused(path, Text("知っている値がありません", f"none of {listed} is in it"))
    for name, value in given.items():
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not math.isfinite(value)
        ):
            raise _refused(f"{path}/{name}", Text("数ではありません", "is no number"))
        yield key, name, time, float(value)


def _time(stated: Any, path: str) -> int | None:
    """Return an ISO 8601 time, or seconds since 1970 (milliseconds where that many), in µs."""
    if stated is None:
        return None
    if isinstance(stated, int | float) and 1e9 <= stated < 1e13:
        return int(stated * (1_000 if stated > 1e11 else 1_000_000))
    return read_time(stated, path)


def _refused(path: str, text: Text) -> DataError:
    return DataError([Problem("sensors.plain", path, text)])
