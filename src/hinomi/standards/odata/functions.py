"""The functions of a $filter, as a table: OGC 18-088 table 22 (built-in query functions)."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec


class Function(msgspec.Struct, frozen=True):
    """How many arguments it takes, and what it gives; an argument that is null gives null."""

    arguments: tuple[int, ...]
    call: Callable[..., Any]


def start_of(value: Any) -> datetime:
    """Return an instant, or an interval's start."""
    found = value[0] if isinstance(value, tuple) else value
    if not isinstance(found, datetime):
        raise TypeError("no time")
    return found


def _substring(text: str, start: float, length: float | None = None) -> str:
    first = max(0, int(start))
    return text[first:] if length is None else text[first : first + max(0, int(length))]


def _shape(value: Any) -> Any:
    import shapely  # noqa: PLC0415 - heavy: loaded where a geometry is asked about

    if not isinstance(value, dict) or "type" not in value:
        raise TypeError("no geometry")
    if value["type"] == "Feature":
        return _shape(value.get("geometry"))
    return shapely.geometry.shape(value)


def _spatial(name: str) -> Function:
    def call(left: Any, right: Any) -> bool:
        return bool(getattr(_shape(left), name)(_shape(right)))

    return Function((2,), call)


def _distance(left: Any, right: Any) -> float:
    """Return the distance in degrees, as FROST and the examples of 18-088 have it."""
    return float(_shape(left).distance(_shape(right)))


def _relate(left: Any, right: Any, pattern: str) -> bool:
    return bool(_shape(left).relate_pattern(_shape(right), str(pattern)))


def _round(value: float) -> int:
    """Return the nearest integer, halves away from zero (XPath's rounding of OData 4)."""
    return int(math.floor(abs(value) + 0.5) * (1 if value >= 0 else -1))


def _part(name: str) -> Function:
    return Function((1,), lambda value: getattr(start_of(value), name))


def _text(function: Callable[..., Any], *arguments: int) -> Function:
    def call(*given: Any) -> Any:
        if not isinstance(given[0], str):
            raise TypeError("no text")
        return function(*given)

    return Function(arguments, call)


_MOST = 10_000

FUNCTIONS: dict[str, Function] = {
    "substringof": _text(lambda part, text: part in text, 2),
    "contains": _text(lambda text, part: part in text, 2),
    "endswith": _text(lambda text, end: text.endswith(end), 2),
    "startswith": _text(lambda text, start: text.startswith(start), 2),
    "length": _text(len, 1),
    "indexof": _text(lambda text, part: text.find(part), 2),
    "substring": _text(_substring, 2, 3),
    "tolower": _text(str.lower, 1),
    "toupper": _text(str.upper, 1),
    "trim": _text(str.strip, 1),
    "concat": _text(lambda left, right: (left + right)[:_MOST], 2),
    "year": _part("year"),
    "month": _part("month"),
    "day": _part("day"),
    "hour": _part("hour"),
    "minute": _part("minute"),
    "second": _part("second"),
    "fractionalseconds": Function((1,), lambda value: start_of(value).microsecond / 1e6),
    "date": Function(
        (1,), lambda value: start_of(value).replace(hour=0, minute=0, second=0, microsecond=0)
    ),
    "time": Function((1,), lambda value: start_of(value).time().isoformat()),
    "totaloffsetminutes": Function((1,), lambda value: 0 * start_of(value).year),
    "mindatetime": Function((0,), lambda: datetime.min.replace(tzinfo=UTC)),
    "maxdatetime": Function((0,), lambda: datetime.max.replace(tzinfo=UTC)),
    "now": Function((0,), lambda: None),  # Given by whoever compiles: nothing here reads a clock.
    "round": Function((1,), _round),
    "floor": Function((1,), math.floor),
    "ceiling": Function((1,), math.ceil),
    "geo.distance": Function((2,), _distance),
    "geo.length": Function((1,), lambda line: float(_shape(line).length)),
    "geo.intersects": _spatial("intersects"),
    "st_equals": _spatial("equals"),
    "st_disjoint": _spatial("disjoint"),
    "st_touches": _spatial("touches"),
    "st_within": _spatial("within"),
    "st_overlaps": _spatial("overlaps"),
    "st_crosses": _spatial("crosses"),
    "st_intersects": _spatial("intersects"),
    "st_contains": _spatial("contains"),
    "st_relate": Function((3,), _relate),
}


def shift(value: Any, by: timedelta) -> Any:
    """Return a time, or both ends of an interval, moved."""
    return (value[0] + by, value[1] + by) if isinstance(value, tuple) else value + by
