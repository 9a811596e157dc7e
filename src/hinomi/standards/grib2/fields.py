"""What a field states of itself: sections 1, 3 and 4 of FM 92 GRIB edition 2."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

JMA = 34
"""Originating centre: Tokyo, RSMC (Common Code table C-11)."""

UNIT_S = {0: 60, 1: 3600, 2: 86_400, 10: 10_800, 11: 21_600, 12: 43_200, 13: 1}
"""Code table 4.4, units of time range [s], as far as they have a fixed length."""

INTERVAL_TEMPLATES = frozenset({8, 11, 50008, 50009})
"""Product templates with the end of an interval: 4.8, 4.11 (an ensemble member's) and JMA's
4.50008 and 4.50009, which append to 4.8 how the radars worked (気象庁 配信資料に関する技術情報)."""

_ENSEMBLE_OCTETS = 3
"""Template 4.11 has these before the interval's end, 4.8 does not."""


class Grid(msgspec.Struct, frozen=True, kw_only=True):
    """A regular longitude-latitude grid (template 3.0), rows from north to south, JMA's order.

    ``west`` and ``north`` are the first point's centre [degree], not the cell's corner.
    """

    columns: int
    rows: int
    west: float
    north: float
    step_lon: float
    step_lat: float
    """[degree], both over 0."""

    @property
    def bbox(self) -> tuple[float, float, float, float]:
        """West, south, east, north of the cells' outer edges [degree]."""
        west, north = self.west - self.step_lon / 2, self.north + self.step_lat / 2
        return (
            round(west, 6),
            round(north - self.rows * self.step_lat, 6),
            round(west + self.columns * self.step_lon, 6),
            round(north, 6),
        )


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One field: what it is, of when, on which grid. ``message`` is a GRIB2 message of its own."""

    number: int
    """Place among the file's fields, 0 first."""
    discipline: int
    centre: int
    category: int
    parameter: int
    template: int
    """Product definition template (4.x)."""
    packing: int
    """Data representation template (5.x); 200 is JMA's run length."""
    status: int
    """Code table 1.3: 0 operational, 1 operational test, 2 research."""
    reference_time: datetime
    start: datetime
    """Of what the value is about; for an instant the same as ``end``."""
    end: datetime
    surface: int
    """Code table 4.5, first fixed surface; JMA's own 200 and 201: all tanks, one tank."""
    surface_value: float | None
    grid: Grid
    message: bytes

    @property
    def lead_min(self) -> int:
        """Minutes from the reference time to the end; 0 for an analysis."""
        return round((self.end - self.reference_time) / timedelta(minutes=1))


def unsigned(section: bytes, at: int, octets: int) -> int:
    """Return the big-endian number at an offset; IndexError where the section is too short."""
    found = section[at : at + octets]
    if len(found) < octets:
        raise IndexError(f"octets {at + 1} to {at + octets} of {len(section)}")
    return int.from_bytes(found, "big")


def signed(section: bytes, at: int, octets: int) -> int:
    """Return FM 92's sign and magnitude: the first bit is the sign, no two's complement."""
    raw = unsigned(section, at, octets)
    top = 1 << (8 * octets - 1)
    return -(raw - top) if raw & top else raw


def instant(section: bytes, at: int) -> datetime:
    """Return year (2 octets), month, day, hour, minute, second as an aware UTC time."""
    month, day, hour, minute, second = section[at + 2 : at + 7]
    return datetime(unsigned(section, at, 2), month, day, hour, minute, second, tzinfo=UTC)


def grid_of(section: bytes) -> Grid:
    """Return the grid of section 3.

    Raises:
        ValueError: a template, an angle or an order of points that is not read here.
    """
    template = unsigned(section, 12, 2)
    if template != 0:
        raise ValueError(f"grid template 3.{template}: only 3.0 (longitude-latitude) is read")
    if unsigned(section, 38, 4) not in (0, 0xFFFFFFFF):
        raise ValueError("a basic angle other than a degree")
    columns, rows = unsigned(section, 30, 4), unsigned(section, 34, 4)
    if columns * rows != unsigned(section, 6, 4):
        raise ValueError(f"{columns} x {rows} points, but {unsigned(section, 6, 4)} are stated")
    if section[71] != 0:
        raise ValueError(f"scanning mode {section[71]:#04x}: only west to east, north to south")
    north, west = signed(section, 46, 4) / 1e6, signed(section, 50, 4) / 1e6
    south, east = signed(section, 55, 4) / 1e6, signed(section, 59, 4) / 1e6
    step_lon = (east - west) / (columns - 1) if columns > 1 else unsigned(section, 63, 4) / 1e6
    step_lat = (north - south) / (rows - 1) if rows > 1 else unsigned(section, 67, 4) / 1e6
    if not (step_lon > 0 and step_lat > 0 and abs(north) <= 90):
        raise ValueError(f"points from {west}, {north} to {east}, {south}")
    return Grid(
        columns=columns, rows=rows, west=west, north=north, step_lon=step_lon, step_lat=step_lat
    )


def interval_of(section: bytes, reference: datetime) -> tuple[datetime, datetime]:
    """Return [start, end] of section 4: the interval's where it has one, else the instant.

    Raises:
        ValueError: a unit of time without a fixed length, or an impossible date.
    """
    template = unsigned(section, 7, 2)
    ahead = timedelta(seconds=signed(section, 18, 4) * _unit_s(section[17]))
    if template not in INTERVAL_TEMPLATES:
        return reference + ahead, reference + ahead
    at = 34 + (_ENSEMBLE_OCTETS if template == 11 else 0)
    end = instant(section, at)
    length = timedelta(seconds=unsigned(section, at + 15, 4) * _unit_s(section[at + 14]))
    return end - length, end


def surface_of(section: bytes) -> tuple[int, float | None]:
    """Return type and value of the first fixed surface."""
    scale, value = signed(section, 23, 1), unsigned(section, 24, 4)
    known = value != 0xFFFFFFFF
    return section[22], value / 10**scale if known else None


def _unit_s(code: int) -> int:
    if code not in UNIT_S:
        raise ValueError(f"unit of time range {code} has no fixed length")
    return UNIT_S[code]
