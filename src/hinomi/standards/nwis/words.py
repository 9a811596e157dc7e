"""What both formats of NWIS state: gauges, series, values."""

from __future__ import annotations

from datetime import datetime

import msgspec

from hinomi.kernel.errors import Problem, Text

YEARS = (1900, 2200)


class Gauge(msgspec.Struct, frozen=True, kw_only=True):
    """A monitoring location."""

    number: str
    """The site's number, 8 to 15 digits."""
    agency: str
    name: str
    kind: str = ""
    """ST stream, LK lake, ES estuary …"""
    longitude: float | None = None
    latitude: float | None = None
    county: str = ""
    basin: str = ""
    """Hydrologic unit code."""


class Value(msgspec.Struct, frozen=True, gc=False):
    """One reading in the sender's unit; None is the sender's no-data value."""

    at: datetime
    value: float | None
    qualifiers: tuple[str, ...]


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """One parameter of a gauge by one method."""

    number: str
    parameter: str
    """00065 gauge height, 00060 discharge."""
    unit: str
    method: str
    values: tuple[Value, ...]


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """What one answer holds."""

    gauges: tuple[tuple[str, Gauge], ...]
    """By the place in the file."""
    series: tuple[tuple[str, Series], ...]
    problems: tuple[Problem, ...]


def problem(code: str, path: str, why: str, expected: str) -> Problem:
    """Return a finding about one part."""
    why = why[:200]
    text = Text(f"NWISの値として読めません: {why}", f"Not a value of NWIS: {why}")
    return Problem(code, path, text, found=why, expected=expected)


def number(text: str, no_data: float | None) -> float | None:
    """Return a value, None for the sender's no-data value.

    Raises:
        ValueError: it is no finite number.
    """
    value = float(text)
    if value != value or abs(value) == float("inf"):
        raise ValueError(f"{text!r} is no finite number")
    return None if no_data is not None and value == no_data else value


def check_position(longitude: float, latitude: float) -> None:
    """Raise ValueError for a position outside the world."""
    if not (abs(longitude) <= 180 and abs(latitude) <= 90):
        raise ValueError(f"position {longitude}, {latitude} is not on the Earth")


def check_year(at: datetime) -> datetime:
    """Return an aware time of our centuries, or raise ValueError."""
    if at.tzinfo is None:
        raise ValueError(f"{at.isoformat()} has no zone")
    if not YEARS[0] <= at.year < YEARS[1]:
        raise ValueError(f"{at.isoformat()} is no time of a reading")
    return at
