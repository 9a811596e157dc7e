"""Appending readings: series and their latest as the database has them, rows by COPY."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from hinomi.kernel.records import Readings, Series
from hinomi.stores.postgres.partitions import DAY, Partitions
from hinomi.stores.postgres.writing import Writer, columns
from hinomi.stores.sqlite.cells import cell_of
from hinomi.stores.sqlite.writing import encode_origin

_HELD = (
    "SELECT s.name, s.source, s.marking, s.id, s.collection, s.definition, t.time, t.value,"
    " t.quality FROM unnest(%s::text[], %s::text[], %s::int[]) AS w (name, source, marking)"
    " JOIN series s ON s.name = w.name AND s.source = w.source AND s.marking = w.marking"
    " LEFT JOIN latest t ON t.series = s.id"
)
_BEGINNING = -(1 << 62)
_LATEST = (
    "INSERT INTO latest (series, marking, quality, time, batch, value)"
    " SELECT * FROM unnest(%s::int[], %s::smallint[], %s::smallint[], %s::bigint[], %s::bigint[],"
    " %s::float8[]) ON CONFLICT (series) DO UPDATE SET quality = excluded.quality,"
    " time = excluded.time, batch = excluded.batch, value = excluded.value"
)
_COLUMNS = (("series", 4), ("marking", 2), ("quality", 2), ("time", 8), ("batch", 8), ("value", 8))
_WIRE = np.dtype(
    [("count", ">i2")]
    + [
        part
        for name, size in _COLUMNS
        for part in ((f"{name}_size", ">i4"), (name, ">f8" if name == "value" else f">i{size}"))
    ]
)
"""A row of COPY's binary form: the number of columns, then each one's length and value."""
_HEAD = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_TAIL = b"\xff\xff"

_Name = tuple[str, str, int]


class _Held(msgspec.Struct):
    """A series as it is in this transaction: its number, definition and latest reading."""

    number: int
    series: Series
    circle: tuple[int, int]
    """Collection and marking, by number: what decides who may see its rows."""
    time: int = _BEGINNING
    latest: tuple[float, int] | None = None


class ReadingsWriter:
    """Appends batches of readings, as part of a :class:`Writer`'s transaction."""

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self.partitions = Partitions(writer.link)
        self._held: dict[_Name, _Held] = {}

    def begin(self) -> None:
        """Begin a transaction: others may have written since the last."""
        self._held = {}

    def append(self, batch: Readings) -> tuple[int, int]:
        """Append a batch; return how many of its rows were new and how many known."""
        held = self._hold(batch.series)
        if not batch.rows:
            return 0, 0
        rows = self._news(batch, held)
        if rows:
            writer = self.writer
            writer.seq += 1
            self._copy(rows, held)
            self._note(batch, held, rows)
            self._keep_latest(rows, held)
        return len(rows), len(batch.rows) - len(rows)

    def _news(self, batch: Readings, held: list[_Held]) -> list[tuple[int, int, float, int]]:
        """Return the rows that say something new, in the order given."""
        latest = [one.time for one in held]
        if all(row[1] > latest[row[0]] for row in batch.rows):
            places = {(held[row[0]].number, row[1]) for row in batch.rows}
            if len(places) == len(batch.rows):
                return batch.rows
        said = self._said(
            [(held[i].number, time) for i, time, _, _ in batch.rows if time <= latest[i]]
        )
        for one in held:
            if one.latest is not None:
                said[one.number, one.time] = one.latest
        found = []
        for row in batch.rows:
            place = held[row[0]].number, row[1]
            if not _same(said.get(place), row[2:]):
                said[place] = row[2], row[3]
                found.append(row)
        return found

    def _said(self, places: list[tuple[int, int]]) -> dict[tuple[int, int], tuple[float, int]]:
        """Return what stands for series and times that may have been told before."""
        if not places:
            return {}
        return {
            (number, time): (value, quality)
            for number, time, value, quality in self.writer.link.rows(
                "SELECT DISTINCT ON (r.series, r.time) r.series, r.time, r.value, r.quality"
                " FROM unnest(%s::int[], %s::bigint[]) AS w (series, time)"
                " JOIN reading r ON r.series = w.series AND r.time = w.time"
                " ORDER BY r.series, r.time, r.batch DESC",
                columns(places),
            )
        }

    def _copy(self, rows: list[tuple[int, int, float, int]], held: list[_Held]) -> None:
        """Write the rows, of one series and time the last."""
        index, time, value, quality = (np.array(column) for column in zip(*rows, strict=True))
        self._make_partitions(time)
        numbers = np.array([one.number for one in held])[index]
        order = np.lexsort((np.arange(len(rows)), time, numbers))
        series, times = numbers[order], time[order]
        last = np.append((series[1:] != series[:-1]) | (times[1:] != times[:-1]), [True])
        order = order[last]
        wire = np.zeros(len(order), _WIRE)
        wire["count"] = len(_COLUMNS)
        for name, size in _COLUMNS:
            wire[f"{name}_size"] = size
        wire["series"], wire["time"], wire["value"] = numbers[order], time[order], value[order]
        wire["marking"] = np.array([one.circle[1] for one in held])[index][order]
        wire["quality"], wire["batch"] = quality[order], self.writer.seq
        names = ", ".join(name for name, _ in _COLUMNS)
        statement = f"COPY reading ({names}) FROM STDIN (FORMAT BINARY)"
        with self.writer.link.connection.cursor() as cursor, cursor.copy(statement) as copy:
            copy.write(_HEAD + wire.tobytes() + _TAIL)

    def _make_partitions(self, time: NDArray[np.int64]) -> None:
        first, last = int(time.min()), int(time.max())
        if last - first < DAY:
            self.partitions.ensure(first, last, self.writer.at)
        else:
            days = np.unique(time // DAY).tolist()
            self.partitions.ensure_each(days, self.writer.at)

    def _note(
        self, batch: Readings, held: list[_Held], rows: list[tuple[int, int, float, int]]
    ) -> None:
        """Note the batch: its origin, and its rows by what decides who may see them."""
        parts: dict[tuple[int, int], int] = {}
        for row in rows:
            circle = held[row[0]].circle
            parts[circle] = parts.get(circle, 0) + 1
        writer = self.writer
        origin = encode_origin(batch.origin)
        for circle, count in parts.items():
            writer.run(
                "INSERT INTO batch VALUES (%s, %s, %s, %s, %s, %s)",
                (writer.seq, *circle, writer.at, count, origin),
            )

    def _keep_latest(self, rows: list[tuple[int, int, float, int]], held: list[_Held]) -> None:
        changed: dict[int, _Held] = {}
        for index, time, value, quality in rows:
            one = held[index]
            if time >= one.time:
                one.time, one.latest = time, (value, quality)
                changed[one.number] = one
        if not changed:
            return
        seq = self.writer.seq
        self.writer.run(
            _LATEST,
            columns([
                (number, one.circle[1], one.latest[1], one.time, seq, one.latest[0])
                for number, one in sorted(changed.items())
                if one.latest
            ]),
        )  # fmt: skip

    def _hold(self, given: Sequence[Series]) -> list[_Held]:
        """Return the series as they stand, the new ones defined and the changed redefined."""
        writer = self.writer
        names = [(one.id, one.source, writer.marking(one.marking)) for one in given]
        missing = [name for name in dict.fromkeys(names) if name not in self._held]
        if missing:
            for name, source, marking, number, collection, definition, *last in writer.link.rows(
                _HELD, columns(missing)
            ):
                one = _Held(number, _define(definition), (collection, marking))
                if last[0] is not None:
                    one.time, one.latest = last[0], (last[1], last[2])
                self._held[name, source, marking] = one
        for name, series in zip(names, given, strict=True):
            held = self._held.get(name)
            if held is None:
                circle = writer.name(series.collection), name[2]
                self._held[name] = _Held(self._insert(series, circle), series, circle)
            elif held.series != series:
                self._redefine(held, series)
        return [self._held[name] for name in names]

    def _insert(self, series: Series, circle: tuple[int, int]) -> int:
        self._count(series, circle, 1)
        found = self.writer.link.value(
            "INSERT INTO series (name, source, marking, collection, thing, longitude, latitude,"
            " cell, definition, touched) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
            " RETURNING id",
            (series.id, series.source, circle[1], *self._columns(series, circle)),
        )
        return int(found)

    def _redefine(self, held: _Held, series: Series) -> None:
        circle = self.writer.name(series.collection), held.circle[1]
        self.writer.run(
            "UPDATE series SET collection = %s, thing = %s, longitude = %s, latitude = %s,"
            " cell = %s, definition = %s, touched = %s WHERE id = %s",
            (*self._columns(series, circle), held.number),
        )
        if circle != held.circle:
            self._count(held.series, held.circle, -1)
            self._count(series, circle, 1)
        held.series, held.circle = series, circle

    def _count(self, series: Series, circle: tuple[int, int], change: int) -> None:
        """Count a series in or out, unless another source's has its name and marking."""
        writer = self.writer
        if not writer.link.value(
            "SELECT 1 FROM series WHERE name = %s AND marking = %s AND collection = %s"
            " AND source <> %s",
            (series.id, circle[1], circle[0], series.source),
        ):
            writer.tally[circle] = writer.tally.get(circle, 0) + change

    def _columns(self, series: Series, circle: tuple[int, int]) -> tuple[Any, ...]:
        east, north = series.longitude, series.latitude
        cell = None if east is None or north is None else cell_of((east, north, east, north))
        definition = msgspec.json.encode(series).decode()
        # The next position: whoever has read up to here reads this definition again.
        return circle[0], series.thing, east, north, cell, definition, self.writer.seq + 1


_define = msgspec.json.Decoder(Series).decode


def _same(said: tuple[float, int] | None, row: tuple[float, int]) -> bool:
    if said is None or said[1] != row[1]:
        return False
    return said[0] == row[0] or (said[0] != said[0] and row[0] != row[0])
