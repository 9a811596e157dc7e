"""Positions as JMA writes them: ISO 6709 strings with a depth or a height.

``+36.8+135.1-10000/`` is degrees and metres below the sea; ``+3447.1+13829.9-23000/`` and
``+3624.38+13831.38+2568/`` are degrees and minutes, told apart by the digits before the point.
"""

from __future__ import annotations

import re

import msgspec

_POSITION = re.compile(
    r"([+-])(\d{2})(\d{2})?(\.\d+)?([+-])(\d{3})(\d{2})?(\.\d+)?([+-]\d+(?:\.\d+)?)?(?:CRS\w+)?/"
)


class Position(msgspec.Struct, frozen=True):
    """A place on the ground, WGS 84 [degrees], and its height [m] (None: not given)."""

    longitude: float
    latitude: float
    height_m: float | None = None
    """Above the sea; negative is depth."""

    @property
    def depth_km(self) -> float | None:
        """Return the depth [km]; 0.0 is JMA's ごく浅い, 700.0 its ７００ｋｍ以上."""
        return None if self.height_m is None else 0.0 - self.height_m / 1000


def decode_position(found: str) -> Position | None:
    """Return the one position of the string, None where it is empty or no position.

    Example:
        >>> decode_position("+34.8+138.5-20000/").depth_km
        20.0
        >>> round(decode_position("+3447.1+13829.9-23000/").latitude, 4)
        34.785
    """
    positions = decode_positions(found)
    return positions[0] if positions and len(positions) == 1 else None


def decode_positions(found: str) -> list[Position]:
    """Return all positions of the string; [] where it is empty or any part is no position."""
    positions = []
    end = 0
    for match in _POSITION.finditer(found):
        if match.start() != end:
            return []
        end = match.end()
        latitude = _angle(*match.group(1, 2, 3, 4))
        longitude = _angle(*match.group(5, 6, 7, 8))
        if latitude is None or longitude is None or abs(latitude) > 90 or abs(longitude) > 180:
            return []
        height = match.group(9)
        positions.append(Position(longitude, latitude, float(height) if height else None))
    return positions if end == len(found) else []


def _angle(sign: str, degrees: str, minutes: str | None, decimals: str | None) -> float | None:
    fraction = decimals or ""
    value = float(degrees + ("" if minutes else fraction))
    if minutes:
        part = float(minutes + fraction)
        if part >= 60:
            return None
        value = round(value + part / 60, 6)
    return -value if sign == "-" else value
