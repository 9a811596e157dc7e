"""What is asked of series and readings, as both databases take it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from hinomi.kernel.records import micros


class Bounds(NamedTuple):
    """[start, end) of the times asked for [us], and the last batch that counts."""

    start: int | None
    end: int | None
    as_of: int | None


class Named(NamedTuple):
    """Which series are asked for: by id, by thing, by whether they changed after a position."""

    ids: Sequence[str] | None
    things: Sequence[str] | None
    since: int | None


def bounds_of(
    start: datetime | None, end: datetime | None, as_of: int | None, after: int | None
) -> Bounds:
    """Return the bounds of the page that follows the time ``after`` [us]."""
    first = None if start is None else micros(start)
    if after is not None:
        first = after + 1 if first is None else max(first, after + 1)
    return Bounds(first, None if end is None else micros(end), as_of)
