"""Observations: a series' readings, newest first, read in windows so that a page costs a page."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator
from datetime import datetime

from hinomi.apps.web.sta.rows import Row
from hinomi.apps.web.sta.town import Town
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import MISSING, Reading, from_micros, micros
from hinomi.standards.odata import Binary, Literal, Node, Path, conjuncts
from hinomi.standards.sensorthings import observation_id, split_observation_id
from hinomi.standards.sensorthings.messages import QUALITIES

_HOUR = 3_600_000_000
_READ = 2_000
"""Readings of one look at the store."""
_FIRST = micros(datetime.fromisoformat("1900-01-01T00:00:00Z"))
_TIMES = {"phenomenonTime", "resultTime"}
MOST = 200_000
"""Observations that are looked at for one answer that needs them all: a count, another order."""


class Span:
    """[start, end) of the times that a filter leaves [µs]; None is open."""

    __slots__ = ("end", "start", "streams")

    def __init__(self, node: Node | None) -> None:
        self.start: int | None = None
        self.end: int | None = None
        self.streams: set[str] | None = None
        for part in conjuncts(node):
            self._narrow(part)

    def _narrow(self, part: Node) -> None:
        match part:
            case Binary(op, Path((name,)), Literal(datetime() as value)) if name in _TIMES:
                self._bound(op, micros(value))
            case Binary("eq", Path(("Datastream", name)), Literal(value)) if name in _IDS:
                self._only(str(value))
            case Binary("eq", Path((name,)), Literal(str() as value)) if name in _IDS:
                found = split_observation_id(value)
                self._only(found[0] if found else "")
                if found:
                    self._bound("eq", found[1])

    def _only(self, stream: str) -> None:
        self.streams = {stream} if self.streams is None else self.streams & {stream}

    def _bound(self, op: str, at: int) -> None:
        if op in {"gt", "ge", "eq"}:
            self.start = max(at + (op == "gt"), self.start if self.start is not None else _FIRST)
        if op in {"lt", "le", "eq"}:
            self.end = min(at + (op != "lt"), self.end if self.end is not None else 1 << 62)


_IDS = {"id", "@iot.id"}


def row_of(town: Town, series: str, reading: Reading) -> Row:
    """Return a reading as an Observation."""
    properties = {
        "phenomenonTime": reading.time,
        "resultTime": reading.time,
        "result": int(reading.value) if reading.value.is_integer() else reading.value,
        "resultQuality": QUALITIES[reading.quality],
    }
    links = {"Datastream": series, "FeatureOfInterest": town.feature_of(series)}
    return Row("Observation", observation_id(series, reading.time), properties, links)


def one(town: Town, reader: Reader, row_id: str) -> Row | None:
    """Return an observation by its id."""
    found = split_observation_id(row_id)
    if found is None or found[0] not in town.set("Datastream"):
        return None
    series, time = found
    if not _FIRST <= time < 1 << 53:
        return None
    rows = reader.readings(series, start=from_micros(time), end=from_micros(time + 1), limit=1)
    return row_of(town, series, rows[0]) if rows and _stands(rows[0]) else None


def latest(town: Town, reader: Reader, series: str) -> Reading | None:
    """Return a series' newest reading without a look at the store, where that is known."""
    found = town.latest.get(series)
    if reader.as_of is None and found is not None:
        if found.reading is None:
            return None
        if _stands(found.reading):
            return found.reading
    return next(newest_first(town, reader, series), None)


def newest_first(
    town: Town, reader: Reader, series: str, start: int | None = None, end: int | None = None
) -> Iterator[Reading]:
    """Yield a series' readings in [start, end), newest first."""
    known = town.latest.get(series)
    if known is None or known.reading is None:
        return
    high = min(known.reading.time + 1, end if end is not None else 1 << 62)
    low_end = _FIRST if start is None else max(start, _FIRST)
    width = _HOUR
    while high > low_end:
        low = max(low_end, high - width)
        rows = reader.readings(series, start=from_micros(low), end=from_micros(high), limit=_READ)
        if len(rows) == _READ and high - low > 1:
            width = max(1, (high - low) // 4)
            continue
        yield from (r for r in reversed(rows) if _stands(r))
        high = low
        width *= 4


def oldest_first(
    reader: Reader, series: str, start: int | None = None, end: int | None = None
) -> Iterator[Reading]:
    """Yield a series' readings in [start, end), oldest first."""
    after: int | None = None
    while True:
        rows = reader.readings(
            series,
            start=None if start is None else from_micros(start),
            end=None if end is None else from_micros(min(end, 1 << 52)),
            limit=_READ,
            after=after,
        )
        yield from (r for r in rows if _stands(r))
        if len(rows) < _READ:
            return
        after = rows[-1].time


def across(
    town: Town, reader: Reader, streams: list[str], span: Span, *, descending: bool
) -> Iterator[tuple[str, Reading]]:
    """Yield the readings of several series by time; of one time by series."""
    if descending:
        yield from _across_newest(town, reader, streams, span)
        return
    lines = (_line(reader, series, span) for series in streams)
    yield from ((s, r) for _, s, r in heapq.merge(*lines, key=lambda entry: entry[:2]))


def _line(reader: Reader, series: str, span: Span) -> Iterator[tuple[int, str, Reading]]:
    for reading in oldest_first(reader, series, span.start, span.end):
        yield reading.time, series, reading


def _across_newest(
    town: Town, reader: Reader, streams: list[str], span: Span
) -> Iterator[tuple[str, Reading]]:
    """Open a series only once its latest reading is due."""
    heap: list[tuple[int, str, Reading | None, Iterator[Reading] | None]] = []
    for series in streams:
        known = town.latest.get(series)
        if known is not None and known.reading is not None:
            heap.append((-known.reading.time, series, None, None))
    heapq.heapify(heap)
    while heap:
        _, series, reading, line = heapq.heappop(heap)
        if reading is not None:
            yield series, reading
        if line is None:
            line = newest_first(town, reader, series, span.start, span.end)
        following = next(line, None)
        if following is not None:
            heapq.heappush(heap, (-following.time, series, following, line))


def _stands(reading: Reading) -> bool:
    return reading.quality != MISSING and not math.isnan(reading.value)
