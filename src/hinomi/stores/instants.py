"""Times as every store compares them: exact instants in microseconds, from RFC 3339 texts."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from functools import lru_cache

from hinomi.kernel.records import Interval, from_micros, micros

_RFC3339 = re.compile(
    r"\d{4}-\d\d-\d\d(?:[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d))?", re.ASCII
)


@lru_cache(maxsize=65_536)
def instant_of(text: str) -> int | None:
    """Return the instant [µs since 1970 UTC] of an RFC 3339 text; a bare date is its UTC midnight.

    Anything else, a time without a zone included, is None: unknown. What is finer than a
    microsecond is cut off.
    """
    if _RFC3339.fullmatch(text) is None:
        return None
    try:
        parsed = datetime.fromisoformat(text.upper())
        return micros(parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        return None


def instant_from(value: datetime | date) -> int:
    """Return a literal's instant [µs since 1970 UTC]; a date is its UTC midnight."""
    if isinstance(value, datetime):
        return micros(value if value.tzinfo else value.replace(tzinfo=UTC))
    return micros(datetime(value.year, value.month, value.day, tzinfo=UTC))


moment = lru_cache(maxsize=65_536)(from_micros)
"""A stored instant: many records of one delivery share theirs."""


@lru_cache(maxsize=16_384)
def interval(start: int | None, end: int | None) -> Interval:
    """Return a stored interval; equal ones are one."""
    return Interval(
        None if start is None else from_micros(start), None if end is None else from_micros(end)
    )
