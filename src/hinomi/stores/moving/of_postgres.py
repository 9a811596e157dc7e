"""The PostgreSQL store's rows, given and taken."""

# ruff: noqa: S608 - only names from this package are written into SQL; values are bound
from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from typing import Any

import msgspec

from hinomi.kernel.records import Series
from hinomi.stores.cells import cell_of
from hinomi.stores.encoding import box_of
from hinomi.stores.moving.freight import (
    Part,
    Row,
    geometry,
    inputs,
    marking_text,
    text_marking,
    written_to,
)
from hinomi.stores.postgres.link import Link, Names, connect, transaction
from hinomi.stores.postgres.partitions import DAY, Partitions
from hinomi.stores.postgres.places import ewkb, properties
from hinomi.stores.postgres.writing import RECORD_COLUMNS, Writer, columns

_RECORD = (
    "SELECT r.seq, r.id, c.text, r.key, s.text, r.said, r.ever, r.marking, r.retracts, r.rank,"
    ' r.said_at, r.serial, r.recorded_at, r.start, r."end", r.feature, g.data, r.origin'
    " FROM record r JOIN name c ON c.id = r.collection JOIN name s ON s.id = r.source"
    " LEFT JOIN shape g ON g.id = r.shape"
)
_MARKINGS = {
    "record": (5, 7), "restated": (5, 7), "complete": (3,), "remark": (5, 6), "series": (2,),
    "reading": (2,), "latest": (2,), "batch": (2,), "marking": (0,),
}  # fmt: skip
_ROWS = {
    "marking": "SELECT id FROM marking ORDER BY id",
    "step": "SELECT position, at FROM step WHERE position > %(done)s AND position <= %(upto)s"
    " AND position > %(first)s ORDER BY position",
    "complete": "SELECT o.digest, c.text, s.text, o.marking, o.said_at, o.keys, o.origin,"
    " (SELECT coalesce(array_agg(entry), '{}') FROM cover v"
    " WHERE v.collection = o.collection AND v.source = o.source AND v.marking = o.marking"
    " AND v.complete = o.id) FROM complete o JOIN name c ON c.id = o.collection"
    " JOIN name s ON s.id = o.source ORDER BY o.id OFFSET %(first)s",
    "remark": "SELECT m.seq, m.at, c.text, m.key, s.text, m.old, m.new FROM remark m"
    " JOIN name c ON c.id = m.collection JOIN name s ON s.id = m.source"
    " WHERE m.seq > %(done)s AND m.seq <= %(upto)s AND m.seq > %(first)s ORDER BY m.seq",
    "series": "SELECT name, source, marking, touched, definition FROM series"
    " WHERE touched > %(done)s ORDER BY id",
    "record": f"{_RECORD} WHERE r.seq > %(done)s AND r.seq <= %(upto)s AND r.seq > %(first)s"
    " ORDER BY r.seq",
    "restated": f"{_RECORD} WHERE r.seq <= %(done)s AND EXISTS (SELECT 1 FROM remark m"
    " WHERE m.seq > %(done)s AND m.seq <= %(upto)s AND m.collection = r.collection"
    " AND m.key = r.key AND m.source = r.source) ORDER BY r.seq",
    "delivery": "SELECT record, at, origin FROM delivery ORDER BY number OFFSET %(first)s",
    "reading": "SELECT s.name, s.source, s.marking, r.time, r.batch, r.value, r.quality"
    " FROM reading r JOIN series s ON s.id = r.series"
    " WHERE (r.series, r.time, r.batch) > (%(first)s, %(second)s, %(third)s)"
    " AND r.batch > %(done)s AND r.batch <= %(upto)s ORDER BY r.series, r.time, r.batch",
    "latest": "SELECT s.name, s.source, s.marking, t.time, t.batch, t.value, t.quality"
    " FROM latest t JOIN series s ON s.id = t.series WHERE t.batch > %(done)s ORDER BY s.id",
    "batch": "SELECT b.seq, c.text, b.marking, b.at, b.rows, b.origin FROM batch b"
    " JOIN name c ON c.id = b.collection WHERE b.seq > %(done)s AND b.seq <= %(upto)s"
    " ORDER BY b.seq, c.text, b.marking",
}
_REACHED = {
    "step": "SELECT max(position) FROM step",
    "complete": "SELECT count(*) FROM complete",
    "remark": "SELECT max(seq) FROM remark",
    "record": "SELECT max(seq) FROM record",
    "delivery": "SELECT count(*) FROM delivery",
}
_DERIVED = """
UPDATE record r SET lane = w.lane, until = w.until, multi = w.multi,
    stands = r.ever AND w.until IS NULL AND NOT r.retracts
FROM (SELECT seq, ever, min(seq) OVER scope AS lane,
        min(said::bigint << 32 | source) OVER thing <> max(said::bigint << 32 | source) OVER thing
            AS multi,
        CASE WHEN ever THEN
            lead(seq) OVER (PARTITION BY collection, key, source, said, ever ORDER BY seq)
        END AS until
    FROM record WINDOW scope AS (PARTITION BY collection, key, source, said),
        thing AS (PARTITION BY collection, key)) w
WHERE r.seq = w.seq AND (r.lane, r.until, r.multi, r.stands) IS DISTINCT FROM
    (w.lane, w.until, w.multi, r.ever AND w.until IS NULL AND NOT r.retracts);
DELETE FROM lane;
INSERT INTO lane SELECT lane, collection, key, source, said, stands, marking, seq, rank, said_at,
    serial FROM record WHERE ever AND until IS NULL;
DELETE FROM tally;
INSERT INTO tally SELECT collection, marking, sum(things) FROM (
    SELECT collection, shown AS marking, count(DISTINCT key) AS things FROM lane WHERE stands
    GROUP BY 1, 2 UNION ALL
    SELECT collection, marking, count(DISTINCT name) FROM series GROUP BY 1, 2) x GROUP BY 1, 2;
DELETE FROM extent;
INSERT INTO extent SELECT collection, bit_or(1 << (cell >> 52)::int) FROM record
    WHERE cell IS NOT NULL GROUP BY 1;
ANALYZE;
"""
_CHUNK = 5_000


class PostgresFreight:
    """A database, open for its rows."""

    def __init__(self, url: str) -> None:
        self.link = Link(connect(url), Names())
        self.writer = Writer(self.link)
        self._partitions = Partitions(self.link)
        self._lines: dict[tuple[str, str, str], tuple[int, int]] = {}

    def close(self) -> None:
        """Let go of the connection."""
        self.link.connection.close()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Hold one moment of the database."""
        with self.link.snapshot():
            yield

    def position(self) -> int:
        """Return the position of that moment."""
        return int(self.link.value("SELECT max(position) FROM step") or 0)

    def rows(self, kind: str, part: Part, after: Row | None = None) -> Iterator[Row]:
        """Yield the rows of a kind in a part, after those that are there."""
        first, second, third = (*(after or (0, -(1 << 62), 0)), 0, 0)[:3]
        given = {"done": part.done, "upto": part.upto, "first": first, "second": second,
                 "third": third}  # fmt: skip
        places = _MARKINGS.get(kind, ())
        with self.link.connection.cursor("freight", binary=True) as cursor:
            cursor.execute(_ROWS[kind], given)
            while found := cursor.fetchmany(_CHUNK):
                for row in found:
                    told = list(row)
                    for place in places:
                        told[place] = marking_text(self.link.marking(told[place]))
                    if kind == "complete":
                        told[7] = sorted(told[7])
                    yield tuple(told)

    def place_of(self, name: Sequence[Any]) -> int:
        """Return a series' number by (name, source, marking as moved)."""
        return self._line(name)[0]

    def begun(self) -> Part | None:
        """Return which part was being moved when it was last left off, None where none ever was."""
        self.link.rows("CREATE TABLE IF NOT EXISTS copying (done bigint, upto bigint)")
        rows = self.link.rows("SELECT done, upto FROM copying")
        part = Part(*rows[0]) if rows else None
        if self.position() > (part.upto if part else 0):
            raise written_to()
        return part

    def begin(self, part: Part) -> None:
        """Note which part is being moved."""
        with transaction(self.link):
            self.link.rows("DELETE FROM copying")
            self.link.rows("INSERT INTO copying VALUES (%s, %s)", part)

    def reached(self, kind: str, part: Part) -> Row | None:
        """Return the last row's place of what is there already."""
        if kind == "reading":
            rows = self.link.rows(
                "SELECT s.name, s.source, s.marking, r.time, r.batch FROM reading r"
                " JOIN series s ON s.id = r.series WHERE r.batch > %s"
                " ORDER BY r.series DESC, r.time DESC, r.batch DESC LIMIT 1",
                (part.done,),
            )
            if not rows:
                return None
            return (*rows[0][:2], marking_text(self.link.marking(rows[0][2])), *rows[0][3:])
        if kind not in _REACHED:
            return None
        return (self.link.value(_REACHED[kind]) or 0,)

    def load(self, kind: str, rows: Sequence[Row]) -> None:
        """Write rows, all or none."""
        try:
            with transaction(self.link):
                _LOADERS[kind](self, rows)
        except BaseException:
            self.writer.forget()
            self._partitions.forget()
            raise

    def _marked(self, text: str) -> int:
        return self.writer.marking(text_marking(text))

    def _load_marking(self, rows: Sequence[Row]) -> None:
        for (text,) in rows:
            self._marked(text)

    def _load_step(self, rows: Sequence[Row]) -> None:
        self.writer.copy("step", ["int8", "int8"], rows)

    def _load_complete(self, rows: Sequence[Row]) -> None:
        for digest, collection, source, marking, said_at, keys, origin, covers in rows:
            scope = self.writer.name(collection), self.writer.name(source), self._marked(marking)
            number = self.link.value(
                "INSERT INTO complete (digest, collection, source, marking, said_at, keys, origin)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING id",
                (digest, *scope, said_at, keys, origin),
            )
            self.writer.run(
                "INSERT INTO cover SELECT %s, %s, %s, entry, %s, %s"
                " FROM unnest(%s::text[]) AS entry",
                (*scope, said_at, number, covers),
            )

    def _load_remark(self, rows: Sequence[Row]) -> None:
        name = self.writer.name
        self.writer.copy(
            "remark",
            ["int8", "int8", "int4", "text", "int4", "int4", "int4"],
            [
                (seq, at, name(c), key, name(s), self._marked(old), self._marked(new))
                for seq, at, c, key, s, old, new in rows
            ],
        )

    def _load_series(self, rows: Sequence[Row]) -> None:
        for name, source, marking, touched, definition in rows:
            series = msgspec.json.decode(definition, type=Series)
            east, north = series.longitude, series.latitude
            cell = None if east is None or north is None else cell_of((east, north, east, north))
            self.writer.run(
                "INSERT INTO series (name, source, marking, collection, thing, longitude, latitude,"
                " cell, touched, definition) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
                " ON CONFLICT (name, source, marking) DO UPDATE"
                " SET collection = excluded.collection, thing = excluded.thing,"
                " longitude = excluded.longitude, latitude = excluded.latitude,"
                " cell = excluded.cell, touched = excluded.touched,"
                " definition = excluded.definition",
                (name, source, self._marked(marking), self.writer.name(series.collection),
                 series.thing, east, north, cell, touched, definition),
            )  # fmt: skip

    def _load_record(self, rows: Sequence[Row]) -> None:
        names = ", ".join(name for name, _ in RECORD_COLUMNS)
        made = [self._record(row) for row in rows]
        self.writer.copy(f"record ({names})", [kind for _, kind in RECORD_COLUMNS], made)
        self._load_made([(number, row[0]) for row in rows for number in inputs(row[17])])

    def _record(self, row: Row) -> list[Any]:
        (seq, identity, collection, key, source, said, ever, marking, retracts, *times, feature,
         shape, origin) = row  # fmt: skip
        place = geometry(feature, shape)
        box = None if retracts else box_of(place)
        number = None if shape is None else self._shape(place, shape)
        written = b"null" if shape is not None or place is None else msgspec.json.encode(place)
        geom = None if shape is not None or place is None else ewkb(place)
        return [
            seq, identity, 0, self.writer.name(collection), key, self.writer.name(source),
            self._marked(said), self._marked(marking), retracts, ever, False, False, None, *times,
            *((None,) * 5 if box is None else (cell_of(box), *box)), number, geom, feature,
            properties(feature, key, written), origin,
        ]  # fmt: skip

    def _shape(self, place: Any, data: bytes) -> int:
        digest = blake2b(data, digest_size=16).digest()
        number = self.link.value("SELECT id FROM shape WHERE digest = %s", (digest,))
        if number is None:
            number = self.link.value(
                "INSERT INTO shape (digest, data, geom) VALUES (%s, %s, ST_GeomFromEWKB(%s))"
                " RETURNING id",
                (digest, data, ewkb(place)),
            )
        return int(number)

    def _load_made(self, rows: list[tuple[bytes, int]]) -> None:
        if rows:
            self.writer.run(
                "INSERT INTO made SELECT * FROM unnest(%s::bytea[], %s::bigint[])"
                " ON CONFLICT DO NOTHING",
                columns(rows),
            )

    def _load_restated(self, rows: Sequence[Row]) -> None:
        for row in rows:
            made = dict(zip([name for name, _ in RECORD_COLUMNS], self._record(row), strict=True))
            self.writer.run(
                "UPDATE record SET marking = %s, feature = %s, properties = %s::jsonb"
                " WHERE seq = %s",
                (made["marking"], made["feature"], made["properties"][1:].decode(), row[0]),
            )

    def _load_delivery(self, rows: Sequence[Row]) -> None:
        self.writer.copy("delivery (record, at, origin)", ["int8", "int8", "text"], rows)
        self._load_made([(number, row[0]) for row in rows for number in inputs(row[2])])

    def _line(self, row: Sequence[Any]) -> tuple[int, int]:
        """Return a series' number and its marking's."""
        name = row[0], row[1], row[2]
        if name not in self._lines:
            marking = self._marked(row[2])
            number = self.link.value(
                "SELECT id FROM series WHERE name = %s AND source = %s AND marking = %s",
                (row[0], row[1], marking),
            )
            self._lines[name] = int(number), marking
        return self._lines[name]

    def _load_reading(self, rows: Sequence[Row]) -> None:
        now = max(row[3] for row in rows)
        self._partitions.ensure_each(sorted({row[3] // DAY for row in rows}), now)
        self.writer.copy(
            "reading (series, marking, time, batch, value, quality)",
            ["int4", "int2", "int8", "int8", "float8", "int2"],
            [(*self._line(row), *row[3:]) for row in rows],
        )

    def _load_latest(self, rows: Sequence[Row]) -> None:
        lines = [(*self._line(row), *row[3:]) for row in rows]
        self.writer.run(
            "INSERT INTO latest (series, marking, time, batch, value, quality)"
            " SELECT * FROM unnest(%s::int[], %s::smallint[], %s::bigint[], %s::bigint[],"
            " %s::float8[], %s::smallint[]) ON CONFLICT (series) DO UPDATE SET"
            " time = excluded.time, batch = excluded.batch, value = excluded.value,"
            " quality = excluded.quality",
            columns(lines),
        )

    def _load_batch(self, rows: Sequence[Row]) -> None:
        made = [(seq, self.writer.name(c), self._marked(m), *rest) for seq, c, m, *rest in rows]
        self.writer.run(
            "INSERT INTO batch SELECT * FROM unnest(%s::bigint[], %s::int[], %s::int[],"
            " %s::bigint[], %s::int[], %s::text[]) ON CONFLICT DO NOTHING",
            columns(made),
        )

    def derive(self) -> None:
        """Derive lanes, what stands, counts and classes of extents."""
        with transaction(self.link):
            self.link.connection.execute(_DERIVED)


_LOADERS: dict[str, Callable[[PostgresFreight, Sequence[Row]], None]] = {
    "marking": PostgresFreight._load_marking,
    "step": PostgresFreight._load_step,
    "complete": PostgresFreight._load_complete,
    "remark": PostgresFreight._load_remark,
    "series": PostgresFreight._load_series,
    "record": PostgresFreight._load_record,
    "restated": PostgresFreight._load_restated,
    "delivery": PostgresFreight._load_delivery,
    "reading": PostgresFreight._load_reading,
    "latest": PostgresFreight._load_latest,
    "batch": PostgresFreight._load_batch,
}
