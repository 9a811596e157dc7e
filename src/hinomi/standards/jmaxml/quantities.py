"""The small parts of weather telegrams: numbers, instants, periods, positions.

Everything here reads text and answers None where the text does not say it; nothing raises.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta

from hinomi.vocabulary.times import JST

_DURATION = re.compile(
    r"P(?:(\d{1,4})Y)?(?:(\d{1,4})M)?(?:(\d{1,5})D)?"
    r"(?:T(?:(\d{1,5})H)?(?:(\d{1,5})M)?(?:(\d{1,6})S)?)?",
)
_POSITION = re.compile(r"([+-]\d+(?:\.\d+)?)([+-]\d+(?:\.\d+)?)(?:[+-]\d+(?:\.\d+)?)?")
_DEGREES = re.compile(r"(?:[+-][0-9]{1,2}(?:\.[0-9]+)?[+-][0-9]{1,3}(?:\.[0-9]+)?/)+")
"""The usual spelling: degrees with decimals, a slash after each position."""
_SIGNED = re.compile(r"[+-][0-9.]+")
_NARROW = str.maketrans("０１２３４５６７８９", "0123456789")
_HOURS = re.compile(r"([0-9]+)\s*時間後")


def number(text: str) -> float | None:
    """Return the text as a finite number, None where it is none."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def instant(text: str) -> datetime | None:
    """Return an ISO 8601 instant in UTC; a time without a zone is Japan's (JMA writes +09:00)."""
    try:
        value = datetime.fromisoformat(text)
        if not 1900 <= value.year <= 2200:
            return None
        if value.tzinfo is None:
            value = value.replace(tzinfo=JST)
        return value.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def after(start: datetime | None, duration: str) -> datetime | None:
    """Return the end of an ISO 8601 duration (``P1DT19H``, ``P1M``), months by the calendar."""
    found = _DURATION.fullmatch(duration) if duration else None
    if start is None or found is None or duration in {"P", "PT"}:
        return None
    years, months, days, hours, minutes, seconds = (int(g or 0) for g in found.groups())
    local = start.astimezone(JST)
    month = local.month - 1 + months + 12 * years
    try:
        day = min(local.day, _days_in(local.year + month // 12, month % 12 + 1))
        moved = local.replace(year=local.year + month // 12, month=month % 12 + 1, day=day)
        period = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        return (moved + period).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _days_in(year: int, month: int) -> int:
    first = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
    return (first - timedelta(days=1)).day


def hours_ahead(label: str) -> int | None:
    """Return 24 for ``予報　２４時間後``; 0 for ``実況``; None where the label says neither."""
    if label.startswith("実況"):
        return 0
    found = _HOURS.search(label.translate(_NARROW))
    return int(found[1]) if found else None


def positions(text: str, *, minutes: bool = False) -> list[tuple[float, float]]:
    """Return the (longitude, latitude) [degrees] of an ISO 6709 string, [] where one is wrong.

    Degrees with decimals (``+20.0+132.8/``) or degrees and minutes (``+2010+13250/``) are told
    apart by the number of digits; ``minutes`` is what the sender announced. The slash that ends
    each position is also met before the first one, and left out after the last.
    """
    if not minutes and _DEGREES.fullmatch(text):
        numbers = [float(n) for n in _SIGNED.findall(text)]
        latitudes, longitudes = numbers[::2], numbers[1::2]
        if max(map(abs, longitudes)) > 180 or max(map(abs, latitudes)) > 90:
            return []
        return list(zip(longitudes, latitudes, strict=True))
    points: list[tuple[float, float]] = []
    for part in filter(None, text.strip().split("/")):
        found = _POSITION.fullmatch(part)
        longitude = _angle(found[2], 3, minutes=minutes) if found else None
        latitude = _angle(found[1], 2, minutes=minutes) if found else None
        if longitude is None or latitude is None or abs(longitude) > 180 or abs(latitude) > 90:
            return []
        points.append((longitude, latitude))
    return points


def _angle(text: str, digits: int, *, minutes: bool) -> float | None:
    sign = -1.0 if text[0] == "-" else 1.0
    whole, dot, decimals = text[1:].partition(".")
    if len(whole) <= digits:
        if minutes and decimals:
            return None
        return sign * float(text[1:])
    degrees, rest = whole[:digits], whole[digits:]
    fraction = dot + decimals
    if len(rest) == 2:
        angle, last = float(degrees), float(rest + fraction)
        return sign * (angle + last / 60) if last < 60 else None
    if len(rest) == 4:
        minute, second = float(rest[:2]), float(rest[2:] + fraction)
        valid = minute < 60 and second < 60
        return sign * (float(degrees) + minute / 60 + second / 3600) if valid else None
    return None
