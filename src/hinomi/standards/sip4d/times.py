"""SIP4D's times: written without a zone, Japan's by convention."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

JST = timezone(timedelta(hours=9), "JST")
_WRITTEN = re.compile(
    r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?)?"
    r"(Z|[+-]\d{2}:?\d{2})?\Z",
    re.ASCII,
)


def read_time(text: str) -> tuple[datetime, bool] | None:
    """Return the instant [UTC] and whether its zone was assumed, or None where it is no time.

    Slashes and spaces are read too: senders write them (notes of the Checker's test data).

    Example:
        >>> read_time("2026/03/31 14:02:37")
        (datetime.datetime(2026, 3, 31, 5, 2, 37, tzinfo=datetime.timezone.utc), True)
        >>> read_time("2025-08-05T01:36:09Z")[1], read_time("2026-05-20T010:05:02")
        (False, None)
    """
    found = _WRITTEN.match(text.strip())
    if found is None:
        return None
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    parts = [int(p) if p else 0 for p in (year, month, day, hour, minute, second)]
    micros = int((fraction or "0").ljust(6, "0")[:6])
    try:
        naive = datetime(*parts, micros, tzinfo=UTC)  # type: ignore[misc,arg-type]
    except ValueError:
        return None
    if zone == "Z":
        return naive, False
    try:
        if zone:
            sign = -1 if zone[0] == "-" else 1
            ahead = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:])) * sign
            return naive - ahead, False
        return naive - timedelta(hours=9), True
    except OverflowError:
        return None


def write_time(at: datetime) -> str:
    """Return an instant as the standard writes it: Japan's time, without a zone.

    Example:
        >>> write_time(datetime(2026, 3, 31, 5, 2, 37, tzinfo=UTC))
        '2026-03-31T14:02:37'
    """
    return at.astimezone(JST).strftime("%Y-%m-%dT%H:%M:%S")
