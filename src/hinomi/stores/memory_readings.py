"""The reference store's readings: series, their rows and each row's batch."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from hinomi.kernel.geometry import BBox
from hinomi.kernel.marking import Marking
from hinomi.kernel.records import Reading, Readings, Series, micros
from hinomi.kernel.store import Latest

SeriesName = tuple[str, str, Marking]
"""What makes a series: id, source, marking."""


class MemoryReadings:
    """The readings' part of :class:`~hinomi.stores.memory.MemoryStore`."""

    def __init__(self) -> None:
        self._series: dict[SeriesName, Series] = {}
        self._rows: dict[SeriesName, dict[int, list[Reading]]] = {}
        self._defined: dict[SeriesName, int] = {}
        """The position at which each series got the definition that it has."""

    def _all_series(self) -> list[Series]:
        return list(self._series.values())

    def _append_readings(
        self, batch: Readings, seq: int
    ) -> tuple[int, int, dict[tuple[str, Marking], int]]:
        """Append a batch; return new rows, known rows, new rows by collection and marking."""
        new = 0
        parts: dict[tuple[str, Marking], int] = {}
        for series in batch.series:
            name = (series.id, series.source, series.marking)
            if self._series.get(name) != series:
                self._defined[name] = seq
            self._series[name] = series
            self._rows.setdefault(name, {})
        for index, time, value, quality in batch.rows:
            series = batch.series[index]
            rows = self._rows[series.id, series.source, series.marking].setdefault(time, [])
            latest = rows[-1] if rows else None
            if latest is not None and (latest.value, latest.quality) == (value, quality):
                continue
            if latest is not None and latest.batch == seq:
                rows.pop()
            rows.append(Reading(time, float(value), quality, seq))
            new += 1
            # A batch that defines a series twice means the second.
            part = (
                self._series[series.id, series.source, series.marking].collection,
                series.marking,
            )
            parts[part] = parts.get(part, 0) + 1
        return new, len(batch.rows) - new, parts

    def series(
        self,
        collection: str,
        *,
        visible: frozenset[Marking],
        bbox: BBox | None = None,
        ids: Sequence[str] | None = None,
        things: Sequence[str] | None = None,
        since: int | None = None,
    ) -> list[Latest]:
        """Return the collection's series with their latest readings, by id."""
        found = [
            (name, series)
            for name, series in list(self._series.items())
            if series.collection == collection
            and series.marking in visible
            and (ids is None or series.id in ids)
            and (things is None or series.thing in things)
            and (bbox is None or _inside(series, bbox))
        ]
        found.sort(key=lambda pair: (pair[0][0], pair[0][1], str(pair[0][2])))
        latest = [(name, Latest(series, self._newest(name))) for name, series in found]
        return [
            one
            for name, one in latest
            if since is None
            or self._defined[name] > since
            or (one.reading is not None and one.reading.batch > since)
        ]

    def _newest(self, name: SeriesName) -> Reading | None:
        rows = self._rows[name]
        return rows[max(rows)][-1] if rows else None

    def readings(  # noqa: PLR0913 - the port's
        self,
        series: str,
        *,
        visible: frozenset[Marking],
        start: datetime | None = None,
        end: datetime | None = None,
        as_of: int | None = None,
        limit: int = 10_000,
        after: int | None = None,
    ) -> list[Reading]:
        """Return the readings in [start, end) in time order."""
        names = [n for n in list(self._rows) if n[0] == series and n[2] in visible]
        chosen = [
            reading
            for time, reading in self._merged(names, as_of)
            if (start is None or time >= micros(start))
            and (end is None or time < micros(end))
            and (after is None or time > after)
        ]
        return chosen[:limit]

    def _merged(self, names: Sequence[SeriesName], as_of: int | None) -> list[tuple[int, Reading]]:
        latest: dict[int, Reading] = {}
        for name in names:
            for time, versions in list(self._rows[name].items()):
                known = [r for r in versions if as_of is None or r.batch <= as_of]
                if known and (time not in latest or latest[time].batch < known[-1].batch):
                    latest[time] = known[-1]
        return sorted(latest.items())

    def readings_in(
        self,
        collection: str,
        *,
        visible: frozenset[Marking],
        bbox: BBox,
        start: datetime,
        end: datetime,
        limit: int = 100_000,
    ) -> list[tuple[str, Reading]]:
        """Return (series id, reading) of the series in the box, by series, then time."""
        inside = [f.series for f in self.series(collection, visible=visible, bbox=bbox)]
        names: dict[str, list[SeriesName]] = {}
        for name, one in list(self._series.items()):
            if one in inside:
                names.setdefault(one.id, []).append(name)
        found = [
            (series, reading)
            for series, lines in sorted(names.items())
            for time, reading in self._merged(lines, None)
            if micros(start) <= time < micros(end)
        ]
        return found[:limit]


def _inside(series: Series, bbox: BBox) -> bool:
    if series.longitude is None or series.latitude is None:
        return False
    west, south, east, north = bbox
    if not south <= series.latitude <= north:
        return False
    if west <= east:
        return west <= series.longitude <= east
    return series.longitude >= west or series.longitude <= east
