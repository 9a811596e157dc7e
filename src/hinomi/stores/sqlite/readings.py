"""The narrow lane: series, their readings and each series' latest, kept as they come."""

# ruff: noqa: S608 - only names from this package are written into SQL; values are bound
from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import repeat, starmap
from operator import itemgetter
from typing import Any

import msgspec

from hinomi.kernel.geometry import BBox
from hinomi.kernel.marking import OPEN, Marking
from hinomi.kernel.records import Reading, Readings, Series
from hinomi.stores.cells import cell_of
from hinomi.stores.encoding import encode_origin
from hinomi.stores.questions import Bounds
from hinomi.stores.sqlite.link import Link
from hinomi.stores.sqlite.series import chosen, define, reading_of
from hinomi.stores.sqlite.writing import Writer

Row = tuple[int, int, int, float, int]
"""Series, time [us], batch, value, quality: a row of the table ``reading``."""

_READING = "INSERT OR REPLACE INTO reading VALUES (?, ?, ?, ?, ?)"
_LATEST = (
    "INSERT INTO latest VALUES (?, ?, ?, ?, ?) ON CONFLICT (series) DO UPDATE SET"
    " time = excluded.time, batch = excluded.batch, value = excluded.value,"
    " quality = excluded.quality"
)
_BEGINNING = -(1 << 62)


_Name = tuple[str, str] | tuple[str, str, Marking]


def _name(series: Series) -> _Name:
    # Hashing a marking costs more than all else here, and nearly all are open.
    if series.marking is OPEN or series.marking == OPEN:
        return series.id, series.source
    return series.id, series.source, series.marking


class _Held:
    """A series as the writer holds it: its number, definition and latest reading."""

    __slots__ = ("circle", "latest", "number", "series", "time")

    def __init__(self, number: int, series: Series, circle: tuple[int, int]) -> None:
        self.number = number
        self.series = series
        self.circle = circle
        """Collection and marking, by number: what decides who may see its rows."""
        self.time = _BEGINNING
        self.latest: tuple[float, int] | None = None


class ReadingsWriter:
    """Appends batches; holds each series' latest so that new times need no look at the table."""

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self._held: dict[_Name, _Held] | None = None

    def forget(self) -> None:
        """Read again, at the next batch, what a rolled back transaction may have left wrong."""
        self._held = None

    def append(self, batch: Readings) -> tuple[int, int]:
        """Append a batch; return how many of its rows were new and how many known."""
        held = [self._hold(series) for series in batch.series]
        writer = self.writer
        seq = writer.seq + 1
        fresh: list[Row] = []
        past: list[Row] = []
        changed: set[int] = set()
        for index, time, value, quality in batch.rows:
            one = held[index]
            if time > one.time:
                one.time = time
                one.latest = (value, quality)
                changed.add(index)
                fresh.append((one.number, time, seq, value, quality))
            elif time < one.time:
                past.append((one.number, time, seq, value, quality))
            elif one.latest != (value, quality):
                one.latest = (value, quality)
                changed.add(index)
                past.append((one.number, time, seq, value, quality))
        fresh.sort()
        writer.link.connection.executemany(_READING, fresh)
        rows = fresh + [row for row in past if self._correct(row)]
        if rows:
            writer.seq = seq
            self._keep(batch, held, rows)
            writer.link.connection.executemany(
                _LATEST,
                sorted(
                    (h.number, h.time, seq, *h.latest)
                    for h in map(held.__getitem__, changed)
                    if h.latest
                ),
            )
        return len(rows), len(batch.rows) - len(rows)

    def _correct(self, row: Row) -> bool:
        """Insert a row for a time that may have one; tell whether it says something new."""
        number, time, seq, value, quality = row
        known = self.writer.run(
            "SELECT batch, value, quality FROM reading WHERE series = ? AND time = ?"
            " ORDER BY batch DESC LIMIT 1",
            (number, time),
        ).fetchone()
        if known is not None:
            if known[1:] == (None if value != value else value, quality):
                return False
            if known[0] != seq:
                self.writer.run("UPDATE series SET corrected = 1 WHERE id = ?", (number,))
        self.writer.run(_READING, row)
        return True

    def _keep(self, batch: Readings, held: list[_Held], rows: list[Row]) -> None:
        """Note the batch: its origin, and its rows by what decides who may see them."""
        parts: dict[tuple[int, int], int] = {}
        circles = {h.number: h.circle for h in held}
        if len(set(circles.values())) == 1:
            parts[held[0].circle] = len(rows)
        else:
            for row in rows:
                parts[circles[row[0]]] = parts.get(circles[row[0]], 0) + 1
        writer = self.writer
        origin = encode_origin(batch.origin)
        for circle, count in parts.items():
            writer.run(
                "INSERT INTO batch VALUES (?, ?, ?, ?, ?, ?)",
                (writer.seq, *circle, writer.at, count, origin),
            )

    def _hold(self, series: Series) -> _Held:
        if self._held is None:
            self._held = self._read()
        name = _name(series)
        held = self._held.get(name)
        if held is None:
            held = _Held(self._insert(series), series, self._circle(series))
            self._held[name] = held
        elif held.series is not series and held.series != series:
            self._redefine(held, series)
        return held

    def _read(self) -> dict[_Name, _Held]:
        found = {}
        for number, definition, time, value, quality in self.writer.link.rows(
            "SELECT s.id, s.definition, t.time, t.value, t.quality"
            " FROM series s LEFT JOIN latest t ON t.series = s.id"
        ):
            series = define(definition)
            held = _Held(number, series, self._circle(series))
            if time is not None:
                held.time, held.latest = time, (value, quality)
            found[_name(series)] = held
        return found

    def _insert(self, series: Series) -> int:
        writer = self.writer
        self._count(series, 1)
        writer.run(
            "INSERT INTO series (name, source, marking, collection, thing, longitude, latitude,"
            " cell, definition, touched) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (series.id, series.source, writer.marking(series.marking), *self._columns(series)),
        )
        return writer.link.connection.last_insert_rowid()

    def _redefine(self, held: _Held, series: Series) -> None:
        self.writer.run(
            "UPDATE series SET collection = ?, thing = ?, longitude = ?, latitude = ?, cell = ?,"
            " definition = ?, touched = ? WHERE id = ?",
            (*self._columns(series), held.number),
        )
        if series.collection != held.series.collection:
            self._count(held.series, -1)
            self._count(series, 1)
        held.series = series
        held.circle = self._circle(series)

    def _circle(self, series: Series) -> tuple[int, int]:
        return self.writer.name(series.collection), self.writer.marking(series.marking)

    def _count(self, series: Series, change: int) -> None:
        """Count a series in or out, unless another source's has its name and marking."""
        writer = self.writer
        names = writer.name(series.collection), writer.marking(series.marking)
        # The plus keeps SQLite from walking all of the collection: the name finds it at once.
        if not writer.link.value(
            "SELECT 1 FROM series WHERE name = ? AND marking = ? AND +collection = ?"
            " AND source <> ?",
            (series.id, names[1], names[0], series.source),
        ):
            writer.tally[names] = writer.tally.get(names, 0) + change

    def _columns(self, series: Series) -> tuple[Any, ...]:
        east, north = series.longitude, series.latitude
        cell = None if east is None or north is None else cell_of((east, north, east, north))
        definition = msgspec.json.encode(series).decode()
        collection = self.writer.name(series.collection)
        # The next position: whoever has read up to here reads this definition again.
        return collection, series.thing, east, north, cell, definition, self.writer.seq + 1


def readings(
    link: Link, name: str, visible: frozenset[Marking], bounds: Bounds, limit: int
) -> list[Reading]:
    """Return the readings in [start, end) in time order, each time's latest row."""
    markings = link.listed(visible)
    lines = link.rows(
        f"SELECT id, corrected FROM series WHERE name = ? AND marking IN ({markings}) ORDER BY id",
        (name,),
    )
    return _lines(link, lines, bounds, limit)


def readings_in(
    link: Link,
    area: tuple[str, BBox],
    visible: frozenset[Marking],
    bounds: Bounds,
    limit: int,
) -> list[tuple[str, Reading]]:
    """Return (series id, reading) of the series in the box, by series, then time."""
    conditions, values = chosen(link, area[0], visible, area[1])
    named: dict[str, list[tuple[int, int]]] = {}
    for name, number, corrected in link.rows(
        f"SELECT s.name, s.id, s.corrected FROM series s WHERE {conditions} ORDER BY s.name, s.id",
        values,
    ):
        named.setdefault(name, []).append((number, corrected))
    found: list[tuple[str, Reading]] = []
    for name, lines in named.items():
        rows = _lines(link, lines, bounds, limit - len(found))
        found.extend(zip(repeat(name), rows, strict=False))
        if len(found) >= limit:
            break
    return found


def _lines(
    link: Link,
    lines: Sequence[tuple[int, int]],
    bounds: Bounds,
    limit: int,
) -> list[Reading]:
    """Return what several series of one name have in common: of one time, the newest row."""
    if len(lines) == 1:
        return _line(link, *lines[0], bounds, limit)
    newest: dict[int, Reading] = {}
    for line in lines:
        for row in _line(link, *line, bounds, limit):
            if row.time not in newest or newest[row.time].batch < row.batch:
                newest[row.time] = row
    return [newest[time] for time in sorted(newest)[:limit]]


def _line(
    link: Link,
    number: int,
    corrected: int,
    bounds: Bounds,
    limit: int,
) -> list[Reading]:
    start, end, as_of = bounds
    conditions, values = "series = ?", [number]
    for condition, bound in ((" AND time >= ?", start), (" AND time < ?", end)):
        if bound is not None:
            conditions += condition
            values.append(bound)
    if as_of is not None:
        conditions += " AND batch <= ?"
        values.append(as_of)
    # Of the rows of one time SQLite gives the columns of the one that has the greatest batch.
    newest, grouped = ("max(batch)", " GROUP BY time") if corrected else ("batch", "")
    rows = link.rows(
        f"SELECT time, value, quality, {newest} FROM reading WHERE {conditions}{grouped}"
        " ORDER BY time LIMIT ?",
        (*values, limit),
    )
    return list(map(reading_of, rows)) if _has_none(rows) else list(starmap(Reading, rows))


def _has_none(rows: Iterable[tuple[Any, ...]]) -> bool:
    return None in map(itemgetter(1), rows)
