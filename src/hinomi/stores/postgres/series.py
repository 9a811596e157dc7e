"""Appending readings: series and their latest as the database has them, rows by COPY."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from hinomi.kernel.records import Readings, Series
from hinomi.stores.cells import cell_of
from hinomi.stores.encoding import encode_origin
from hinomi.stores.postgres.arrays import Array, Float8s, Int2s, Int4s, Int8s
from hinomi.stores.postgres.link import Asked
from hinomi.stores.postgres.partitions import DAY, Partitions
from hinomi.stores.postgres.writing import Writer, columns

FEW = 2_000
"""So many readings go as arrays in one statement; more of them by COPY."""
_DEFINED = (
    "SELECT s.name, s.source, s.marking, s.id, s.collection, s.definition, s.touched"
    " FROM unnest(%s::text[], %s::text[], %s::int[]) AS w (name, source, marking)"
    " JOIN series s ON s.name = w.name AND s.source = w.source AND s.marking = w.marking"
)
_NOW = (
    "SELECT s.id, s.touched, t.time, t.value, t.quality FROM series s"
    " LEFT JOIN latest t ON t.series = s.id WHERE s.id = ANY(%s::int[])"
)
_BEGINNING = -(1 << 62)
_ROWS = (
    " SELECT series, marking, quality, time, %s, value FROM unnest(%s::int[], %s::smallint[],"
    " %s::smallint[], %s::bigint[], %s::float8[]) AS w (series, marking, quality, time, value)"
)
_READINGS = f"INSERT INTO reading (series, marking, quality, time, batch, value){_ROWS}"
_LATEST = (
    f"INSERT INTO latest (series, marking, quality, time, batch, value){_ROWS}"
    " ON CONFLICT (series) DO UPDATE SET quality = excluded.quality,"
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
_GIVEN = np.dtype([("place", "i8"), ("time", "i8"), ("value", "f8"), ("quality", "i8")])
"""A row as it is given: the series by its index in the batch."""
_HEAD = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_TAIL = b"\xff\xff"

_Name = tuple[str, str, int]


class Held(msgspec.Struct):
    """A series as the writer holds it: its number and definition, its latest in a transaction."""

    number: int
    series: Series
    circle: tuple[int, int]
    """Collection and marking, by number: what decides who may see its rows."""
    touched: int
    """The position of its definition: another process may have defined it anew."""
    turn: int = 0
    """The transaction that the latest is of."""
    time: int = _BEGINNING
    latest: tuple[float, int] | None = None


class Columns(NamedTuple):
    """Rows as columns; each series by its index in the batch and by its number."""

    place: NDArray[np.int64]
    series: NDArray[np.int64]
    time: NDArray[np.int64]
    value: NDArray[np.float64]
    quality: NDArray[np.int64]

    def of(self, order: NDArray[np.int64]) -> Columns:
        """Return these rows of them."""
        return Columns(
            self.place[order], self.series[order], self.time[order], self.value[order],
            self.quality[order],
        )  # fmt: skip


class _Coming(NamedTuple):
    """A question in the pipeline: series by number, and what will hold their latest."""

    wanted: dict[int, tuple[_Name, Held]]
    told: Asked


class ReadingsWriter:
    """Appends batches of readings, as part of a :class:`Writer`'s transaction."""

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self.partitions = Partitions(writer.link)
        self._held: dict[_Name, Held] = {}
        self._turn = 0
        self._coming: _Coming | None = None

    def held(self, batch: Readings) -> list[Held] | None:
        """Return a batch's series as they were last seen, None where one is new or changed."""
        numbers = self.writer.link.known.marking_numbers
        found = []
        for series in batch.series:
            held = self._held.get((series.id, series.source, numbers.get(series.marking, 0)))
            if held is None or (held.series is not series and held.series != series):
                return None
            found.append(held)
        return found

    def begin(self, batches: Sequence[Readings] = ()) -> None:
        """Begin a transaction: others may have written since the last.

        What is known to be needed for the batches of a pipeline is asked here, so that its answer
        comes with the next one: while we wait for one, others wait for us.
        """
        self._turn += 1
        self._coming = None
        numbers = self.writer.link.known.marking_numbers
        wanted = {
            held.number: (name, held)
            for batch in batches
            for one in batch.series
            if (held := self._held.get(name := (one.id, one.source, numbers.get(one.marking, 0))))
        }
        if wanted:
            told = self.writer.link.ask(_NOW, (_packed(wanted),))
            self._coming = _Coming(wanted, told)

    def forget(self) -> None:
        """Drop what a transaction that failed may have left wrong."""
        self._held.clear()
        self.partitions.forget()

    def append(self, batch: Readings) -> tuple[int, int]:
        """Append a batch; return how many of its rows were new and how many known."""
        held = self._hold(batch.series)
        if not batch.rows:
            return 0, 0
        given = columns_of(batch.rows, held)
        latest = np.array([one.time for one in held])
        order = np.lexsort((given.time, given.series))
        ordered = given.of(order)
        again = (ordered.series[1:] == ordered.series[:-1]) & (
            ordered.time[1:] == ordered.time[:-1]
        )
        new = len(batch.rows)
        if again.any() or (given.time <= latest[given.place]).any():
            found = self._news(batch, held)
            new = len(found)
            if not found:
                return 0, len(batch.rows)
            given = columns_of(found, held)
            order = np.lexsort((given.time, given.series))
            ordered = given.of(order)
        self.writer.seq += 1
        self._write(ordered, held)
        self._note(batch, held, given.place)
        self._keep_latest(ordered, held)
        return new, len(batch.rows) - new

    def _news(self, batch: Readings, held: list[Held]) -> list[tuple[int, int, float, int]]:
        """Return the rows that say something new, in the order given."""
        latest = [one.time for one in held]
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

    def _write(self, rows: Columns, held: list[Held]) -> None:
        """Write the rows, in the order of series and time; of one place the last."""
        last = np.append(
            (rows.series[1:] != rows.series[:-1]) | (rows.time[1:] != rows.time[:-1]), [True]
        )
        rows = rows.of(np.flatnonzero(last))
        self._make_partitions(rows.time)
        marking = np.array([one.circle[1] for one in held])[rows.place]
        link = self.writer.link
        if link.pipelined:
            link.run(_READINGS, (self.writer.seq, *arrays(rows, marking)))
            return
        wire = np.zeros(len(rows.time), _WIRE)
        wire["count"] = len(_COLUMNS)
        for name, size in _COLUMNS:
            wire[f"{name}_size"] = size
        wire["series"], wire["time"], wire["value"] = rows.series, rows.time, rows.value
        wire["quality"], wire["marking"] = rows.quality, marking
        wire["batch"] = self.writer.seq
        names = ", ".join(name for name, _ in _COLUMNS)
        statement = f"COPY reading ({names}) FROM STDIN (FORMAT BINARY)"
        with link.connection.cursor() as cursor, cursor.copy(statement) as copy:
            copy.write(_HEAD + wire.tobytes() + _TAIL)

    def _make_partitions(self, time: NDArray[np.int64]) -> None:
        first, last = int(time.min()), int(time.max())
        if last - first < DAY:
            self.partitions.ensure(first, last, self.writer.at)
        else:
            days = np.unique(time // DAY).tolist()
            self.partitions.ensure_each(days, self.writer.at)

    def _note(self, batch: Readings, held: list[Held], index: NDArray[np.int64]) -> None:
        """Note the batch: its origin, and its rows by what decides who may see them."""
        parts: dict[tuple[int, int], int] = {}
        for one, count in zip(held, np.bincount(index, minlength=len(held)).tolist(), strict=True):
            if count:
                parts[one.circle] = parts.get(one.circle, 0) + count
        writer = self.writer
        origin = encode_origin(batch.origin)
        for circle, count in parts.items():
            writer.run(
                "INSERT INTO batch VALUES (%s, %s, %s, %s, %s, %s)",
                (writer.seq, *circle, writer.at, count, origin),
            )

    def _keep_latest(self, rows: Columns, held: list[Held]) -> None:
        """Let each series' newest row be its latest, where none is newer."""
        ends = np.flatnonzero(np.append(rows.series[1:] != rows.series[:-1], [True]))
        newest = rows.of(ends)
        latest = np.array([one.time for one in held])
        newest = newest.of(np.flatnonzero(newest.time >= latest[newest.place]))
        if not len(newest.time):
            return
        for index, time, value, quality in zip(
            newest.place.tolist(), newest.time.tolist(), newest.value.tolist(),
            newest.quality.tolist(), strict=True,
        ):  # fmt: skip
            held[index].time, held[index].latest = time, (value, quality)
        marking = np.array([one.circle[1] for one in held])[newest.place]
        self.writer.run(_LATEST, (self.writer.seq, *arrays(newest, marking)))

    def _hold(self, given: Sequence[Series]) -> list[Held]:
        """Return the series as they stand, the new ones defined and the changed redefined."""
        writer = self.writer
        names = [(one.id, one.source, writer.marking(one.marking)) for one in given]
        self._look([name for name in dict.fromkeys(names) if name not in self._held], names)
        for name, series in zip(names, given, strict=True):
            held = self._held.get(name)
            if held is None:
                circle = writer.name(series.collection), name[2]
                number = self._insert(series, circle)
                self._held[name] = Held(number, series, circle, writer.seq + 1, self._turn)
            elif held.series is not series and held.series != series:
                self._redefine(held, series)
        return [self._held[name] for name in names]

    def _look(self, missing: list[_Name], names: list[_Name]) -> None:
        """Read the definitions that are missing or others have changed, and the latest of all."""
        link = self.writer.link
        if missing:
            for name, source, marking, number, collection, definition, touched in link.rows(
                _DEFINED, columns(missing)
            ):
                circle = collection, marking
                self._held[name, source, marking] = Held(
                    number, _define(definition), circle, touched
                )
        old = {
            held.number: (name, held)
            for name in names
            if (held := self._held.get(name)) is not None and held.turn != self._turn
        }
        if not old:
            return
        changed = []
        coming, self._coming = self._coming, None
        if coming is not None and old.keys() <= coming.wanted.keys():
            old, told = coming.wanted, link.told_by(coming.told)
        else:
            told = link.rows(_NOW, (_packed(old),))
        for number, touched, time, value, quality in told:
            name, held = old[number]
            held.turn = self._turn
            held.time, held.latest = (
                (_BEGINNING, None) if time is None else (time, (value, quality))
            )
            if touched != held.touched:
                changed.append(name)
        if changed:
            for name in changed:
                del self._held[name]
            self._look(changed, changed)

    def _insert(self, series: Series, circle: tuple[int, int]) -> int:
        self._count(series, circle, 1)
        found = self.writer.link.value(
            "INSERT INTO series (name, source, marking, collection, thing, longitude, latitude,"
            " cell, definition, touched) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
            " RETURNING id",
            (series.id, series.source, circle[1], *self._columns(series, circle)),
        )
        return int(found)

    def _redefine(self, held: Held, series: Series) -> None:
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
        held.touched = self.writer.seq + 1

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


def _packed(numbers: dict[int, Any]) -> Array:
    return Int4s.packed(np.fromiter(numbers, np.int64, len(numbers)))


def arrays(rows: Columns, marking: NDArray[np.int64]) -> tuple[Array, ...]:
    """Return the arrays that :data:`_ROWS` takes after the batch."""
    return (
        Int4s.packed(rows.series),
        Int2s.packed(marking),
        Int2s.packed(rows.quality),
        Int8s.packed(rows.time),
        Float8s.packed(rows.value),
    )


def columns_of(rows: Sequence[tuple[int, int, float, int]], held: list[Held]) -> Columns:
    """Return rows as they are given as columns."""
    # Filled row by row: a quarter of the time of four arrays from transposed tuples.
    given = np.fromiter(rows, _GIVEN, len(rows))
    numbers = np.array([one.number for one in held])
    places = given["place"]
    return Columns(places, numbers[places], given["time"], given["value"], given["quality"])


_define = msgspec.json.Decoder(Series).decode


def _same(said: tuple[float, int] | None, row: tuple[float, int]) -> bool:
    if said is None or said[1] != row[1]:
        return False
    return said[0] == row[0] or (said[0] != said[0] and row[0] != row[0])
