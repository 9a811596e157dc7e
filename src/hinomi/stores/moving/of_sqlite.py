"""The SQLite store's rows, given and taken."""

# ruff: noqa: S608 - only names from this package are written into SQL; values are bound
from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from itertools import groupby
from pathlib import Path
from typing import Any

import msgspec

from hinomi.kernel.geometry import BBox
from hinomi.kernel.records import Series
from hinomi.stores.cells import cell_of, span_of
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
from hinomi.stores.sqlite.link import FILE, Link, transaction

_RECORD = (
    "SELECT r.seq, r.id, c.text, l.key, s.text, l.marking, r.ever, r.marking, r.retracts, r.rank,"
    ' r.said_at, r.serial, r.recorded_at, r.start, r."end", CAST(r.feature AS BLOB), g.data,'
    " r.origin FROM record r JOIN lane l ON l.id = r.lane JOIN name c ON c.id = l.collection"
    " JOIN name s ON s.id = l.source LEFT JOIN shape g ON g.id = r.shape"
)
_MARKINGS = {"record": (5, 7), "restated": (5, 7), "complete": (3,), "remark": (5, 6),
             "series": (2,), "reading": (2,), "latest": (2,), "batch": (2,)}  # fmt: skip
"""Where a kind's rows have markings: numbers here, texts when moved."""
_FLAGS = {"record": (6, 8), "restated": (6, 8)}
_ROWS = {
    "marking": "SELECT id FROM marking ORDER BY status, disclosure, audience",
    "step": "SELECT position, at FROM step WHERE position > :done AND position <= :upto"
    " AND position > :first ORDER BY position",
    "complete": "SELECT o.digest, c.text, s.text, o.marking, o.said_at, o.keys, o.origin,"
    " (SELECT json_group_array(entry) FROM (SELECT entry FROM cover v WHERE v.complete = o.id"
    " ORDER BY entry)) FROM complete o JOIN name c ON c.id = o.collection"
    " JOIN name s ON s.id = o.source ORDER BY o.id LIMIT -1 OFFSET :first",
    "remark": "SELECT m.seq, m.at, c.text, m.key, s.text, m.old, m.new FROM remark m"
    " JOIN name c ON c.id = m.collection JOIN name s ON s.id = m.source"
    " WHERE m.seq > :done AND m.seq <= :upto AND m.seq > :first ORDER BY m.seq",
    "series": "SELECT name, source, marking, touched, definition FROM series WHERE touched > :done"
    " ORDER BY id",
    "record": f"{_RECORD} WHERE r.seq > :done AND r.seq <= :upto AND r.seq > :first ORDER BY r.seq",
    "restated": f"{_RECORD} WHERE r.seq <= :done AND EXISTS (SELECT 1 FROM remark m"
    " WHERE m.seq > :done AND m.seq <= :upto AND m.collection = l.collection AND m.key = l.key"
    " AND m.source = l.source) ORDER BY r.seq",
    "delivery": "SELECT record, at, origin FROM delivery ORDER BY rowid LIMIT -1 OFFSET :first",
    "reading": "SELECT s.name, s.source, s.marking, r.time, r.batch, r.value, r.quality"
    " FROM reading r JOIN series s ON s.id = r.series WHERE r.series >= :first"
    " AND (r.series, r.time, r.batch) > (:first, :second, :third) AND r.batch > :done"
    " AND r.batch <= :upto ORDER BY r.series, r.time, r.batch",
    "latest": "SELECT s.name, s.source, s.marking, t.time, t.batch, t.value, t.quality"
    " FROM latest t JOIN series s ON s.id = t.series WHERE t.batch > :done ORDER BY s.id",
    "batch": "SELECT b.seq, c.text, b.marking, b.at, b.rows, b.origin FROM batch b"
    " JOIN name c ON c.id = b.collection WHERE b.seq > :done AND b.seq <= :upto ORDER BY b.seq,"
    " c.text, b.marking",
}
_REACHED = {
    "step": "SELECT max(position) FROM step",
    "complete": "SELECT count(*) FROM complete",
    "remark": "SELECT max(seq) FROM remark",
    "record": "SELECT max(seq) FROM record",
    "delivery": "SELECT count(*) FROM delivery",
}


class SqliteFreight:
    """A folder's SQLite file, open for its rows."""

    def __init__(self, folder: Path, *, write: bool) -> None:
        self.link = Link(folder / FILE, write=write)
        self._names: dict[str, int] = {}
        self._shapes: dict[bytes, int] = {}
        self._lines: dict[tuple[str, str, int], int] = {}

    def close(self) -> None:
        """Let go of the file."""
        self.link.close()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Hold one moment of the file."""
        with self.link.snapshot():
            self.position()
            yield

    def position(self) -> int:
        """Return the position of that moment."""
        return int(self.link.value("SELECT max(position) FROM step") or 0)

    def rows(self, kind: str, part: Part, after: Row | None = None) -> Iterator[Row]:
        """Yield the rows of a kind in a part, after those that are there."""
        sql = _ROWS[kind]
        first, second, third = (*(after or (0, -(1 << 62), 0)), 0, 0)[:3]
        given = {"done": part.done, "upto": part.upto, "first": first, "second": second,
                 "third": third}  # fmt: skip
        values = {name: value for name, value in given.items() if f":{name}" in sql}
        markings = _MARKINGS.get(kind, ())
        for found in self.link.connection.execute(sql, values):
            row = list(found)
            for place in markings:
                row[place] = marking_text(self.link.marking(row[place]))
            for place in _FLAGS.get(kind, ()):
                row[place] = bool(row[place])
            if kind == "marking":
                row = [marking_text(self.link.marking(row[0]))]
            elif kind == "complete":
                row[7] = sorted(msgspec.json.decode(row[7]))
            elif kind in {"reading", "latest"} and row[5] is None:
                row[5] = float("nan")
            yield tuple(row)

    def place_of(self, name: Sequence[Any]) -> int:
        """Return a series' number by (name, source, marking as moved)."""
        marking = self.link.learn_markings()[text_marking(name[2])]
        return int(
            self.link.value(
                "SELECT id FROM series WHERE name = ? AND source = ? AND marking = ?",
                (name[0], name[1], marking),
            )
        )

    def begun(self) -> Part | None:
        """Return which part was being moved when it was last left off, None where none ever was."""
        self.link.rows("CREATE TABLE IF NOT EXISTS copying (done INTEGER, upto INTEGER)")
        rows = self.link.rows("SELECT done, upto FROM copying")
        part = Part(*rows[0]) if rows else None
        if self.position() > (part.upto if part else 0):
            raise written_to()
        return part

    def begin(self, part: Part) -> None:
        """Note which part is being moved."""
        with transaction(self.link):
            self.link.rows("DELETE FROM copying")
            self.link.rows("INSERT INTO copying VALUES (?, ?)", part)

    def reached(self, kind: str, part: Part) -> Row | None:
        """Return the last row's place of what is there already."""
        if kind == "reading":
            rows = self.link.rows(
                "SELECT s.name, s.source, s.marking, r.time, r.batch FROM reading r"
                " JOIN series s ON s.id = r.series WHERE r.batch > ?"
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
        with transaction(self.link):
            _LOADERS[kind](self, rows)

    def run(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run a statement for each row."""
        self.link.connection.executemany(sql, rows)

    def name(self, text: str) -> int:
        """Return the number of a name, a new one if need be."""
        if text not in self._names:
            self.link.rows("INSERT OR IGNORE INTO name (text) VALUES (?)", (text,))
            self._names[text] = self.link.value("SELECT id FROM name WHERE text = ?", (text,))
        return self._names[text]

    def marked(self, text: str) -> int:
        """Return the number of a marking as moved."""
        return self.link.learn_markings()[text_marking(text)]

    def _load_marking(self, rows: Sequence[Row]) -> None:
        markings = [text_marking(text) for (text,) in rows]
        self.run(
            "INSERT OR IGNORE INTO marking (status, disclosure, audience) VALUES (?, ?, ?)",
            [
                (m.status.value, int(m.disclosure), msgspec.json.encode(m.audience).decode())
                for m in markings
            ],
        )

    def _load_step(self, rows: Sequence[Row]) -> None:
        self.run("INSERT INTO step VALUES (?, ?)", rows)

    def _load_complete(self, rows: Sequence[Row]) -> None:
        for digest, collection, source, marking, said_at, keys, origin, covers in rows:
            scope = self.name(collection), self.name(source), self.marked(marking)
            number = self.link.value(
                "INSERT INTO complete (digest, collection, source, marking, said_at, keys, origin)"
                " VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id",
                (digest, *scope, said_at, keys, origin),
            )
            self.run(
                "INSERT OR IGNORE INTO cover VALUES (?, ?, ?, ?, ?, ?)",
                [(*scope, entry, said_at, number) for entry in covers],
            )

    def _load_remark(self, rows: Sequence[Row]) -> None:
        self.run(
            "INSERT INTO remark VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (seq, at, self.name(c), key, self.name(s), self.marked(old), self.marked(new))
                for seq, at, c, key, s, old, new in rows
            ],
        )

    def _load_series(self, rows: Sequence[Row]) -> None:
        made = []
        for name, source, marking, touched, definition in rows:
            series = msgspec.json.decode(definition, type=Series)
            east, north = series.longitude, series.latitude
            cell = None if east is None or north is None else cell_of((east, north, east, north))
            made.append(
                (name, source, self.marked(marking), self.name(series.collection), series.thing,
                 east, north, cell, touched, definition)
            )  # fmt: skip
        self.run(
            "INSERT INTO series (name, source, marking, collection, thing, longitude, latitude,"
            " cell, touched, definition) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (name, source, marking) DO UPDATE SET collection = excluded.collection,"
            " thing = excluded.thing, longitude = excluded.longitude, latitude = excluded.latitude,"
            " cell = excluded.cell, touched = excluded.touched, definition = excluded.definition",
            made,
        )

    def _load_record(self, rows: Sequence[Row]) -> None:
        self.run(
            "INSERT INTO record (seq, id, lane, ever, marking, retracts, rank, said_at, serial,"
            ' recorded_at, start, "end", shape, feature, origin)'
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (row[0], row[1], self._lane(row), row[6], self.marked(row[7]), *row[8:15],
                 self._shape(row[16]), row[15].decode(), row[17])
                for row in rows
            ],
        )  # fmt: skip
        self.run(
            "INSERT OR IGNORE INTO made VALUES (?, ?)",
            [(number, row[0]) for row in rows for number in inputs(row[17])],
        )

    def _lane(self, row: Row) -> int:
        """Return the lane's number; what its row says is derived at the end."""
        names = self.name(row[2]), row[3], self.name(row[4]), self.marked(row[5])
        self.link.rows(
            "INSERT OR IGNORE INTO lane (collection, key, source, marking, stands, multi, shown,"
            " seq, rank, said_at, serial, span, moment)"
            " VALUES (?, ?, ?, ?, 0, 0, 0, 0, 0, 0, 0, 0, 0)",
            names,
        )
        return int(
            self.link.value(
                "SELECT id FROM lane WHERE collection = ? AND key = ? AND source = ?"
                " AND marking = ?",
                names,
            )
        )

    def _shape(self, data: bytes | None) -> int | None:
        if data is None:
            return None
        digest = blake2b(data, digest_size=16).digest()
        if digest not in self._shapes:
            self.link.rows(
                "INSERT OR IGNORE INTO shape (digest, data) VALUES (?, ?)", (digest, data)
            )
            self._shapes[digest] = self.link.value(
                "SELECT id FROM shape WHERE digest = ?", (digest,)
            )
        return self._shapes[digest]

    def _load_restated(self, rows: Sequence[Row]) -> None:
        self.run(
            "UPDATE record SET marking = ?, feature = ? WHERE seq = ?",
            [(self.marked(row[7]), row[15].decode(), row[0]) for row in rows],
        )

    def _load_delivery(self, rows: Sequence[Row]) -> None:
        self.run("INSERT OR IGNORE INTO delivery VALUES (?, ?, ?)", rows)
        self.run(
            "INSERT OR IGNORE INTO made VALUES (?, ?)",
            [(number, record) for record, _, origin in rows for number in inputs(origin)],
        )

    def _line(self, row: Row) -> int:
        name = row[0], row[1], self.marked(row[2])
        if name not in self._lines:
            self._lines[name] = self.place_of(row)
        return self._lines[name]

    def _load_reading(self, rows: Sequence[Row]) -> None:
        self.run(
            "INSERT OR REPLACE INTO reading VALUES (?, ?, ?, ?, ?)",
            [(self._line(row), *row[3:]) for row in rows],
        )

    def _load_latest(self, rows: Sequence[Row]) -> None:
        self.run(
            "INSERT OR REPLACE INTO latest VALUES (?, ?, ?, ?, ?)",
            [(self._line(row), *row[3:]) for row in rows],
        )

    def _load_batch(self, rows: Sequence[Row]) -> None:
        self.run(
            "INSERT OR REPLACE INTO batch VALUES (?, ?, ?, ?, ?, ?)",
            [(seq, self.name(c), self.marked(m), *rest) for seq, c, m, *rest in rows],
        )

    def derive(self) -> None:
        """Derive lanes, places, counts and which series were corrected."""
        with transaction(self.link):
            for table in ("place", "former_place", "tally"):
                self.link.rows(f"DELETE FROM {table}")
            rows = self.link.connection.execute(
                'SELECT r.lane, l.collection, r.seq, r.marking, r.retracts, r.rank, r.said_at,'
                ' r.serial, r.start, r."end", CAST(r.feature AS BLOB), g.data FROM record r'
                " JOIN lane l ON l.id = r.lane LEFT JOIN shape g ON g.id = r.shape"
                " WHERE r.ever = 1 ORDER BY r.lane, r.seq"
            )  # fmt: skip
            for (lane, collection), said in groupby(rows, key=lambda row: (row[0], row[1])):
                self._derive_lane(lane, collection, said)
            self.link.rows(
                "UPDATE lane SET multi = EXISTS (SELECT 1 FROM lane m WHERE m.collection ="
                " lane.collection AND m.key = lane.key AND m.id <> lane.id)"
            )
            self.link.rows(
                "UPDATE place SET multi = 1 WHERE lane IN (SELECT id FROM lane WHERE multi = 1)"
            )
            self.link.rows(
                "INSERT INTO tally SELECT collection, marking, sum(things) FROM ("
                " SELECT collection, shown AS marking, count(DISTINCT key) AS things FROM lane"
                " WHERE stands = 1 GROUP BY 1, 2 UNION ALL SELECT collection, marking,"
                " count(DISTINCT name) FROM series GROUP BY 1, 2) GROUP BY 1, 2"
            )
            self.link.rows(
                "UPDATE series SET corrected = EXISTS (SELECT 1 FROM (SELECT time FROM reading r"
                " WHERE r.series = series.id GROUP BY time HAVING count(*) > 1))"
            )

    def _derive_lane(self, lane: int, collection: int, said: Iterator[Row]) -> None:
        """Follow a lane's statements: where it was from when to when, and what it says now."""
        box: BBox | None = None
        since: int | None = None
        last: Row = ()
        for row in said:
            last = row
            seq, retracts = row[2], row[4]
            now = None if retracts else box_of(geometry(row[10], row[11]))
            if now != box:
                if box is not None:
                    self.link.rows(
                        "INSERT INTO former_place VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                        (collection, cell_of(box), lane, *box, since, seq),
                    )
                since = None if now is None else seq
                box = now
        _, _, seq, marking, retracts, rank, said_at, serial, start, end, *_ = last
        if box is not None:
            self.link.rows(
                "INSERT INTO place (collection, cell, lane, west, south, east, north, since, seq,"
                " shown, multi) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
                (collection, cell_of(box), lane, *box, since, seq, marking),
            )
        self.link.rows(
            "UPDATE lane SET stands = ?, shown = ?, seq = ?, rank = ?, said_at = ?, serial = ?,"
            ' start = ?, "end" = ?, span = ?, moment = ?, west = ?, south = ?, east = ?, north = ?,'
            " since = ? WHERE id = ?",
            (1 - retracts, marking, seq, rank, said_at, serial, start, end, *span_of(start, end),
             *(box or (None,) * 4), since, lane),
        )  # fmt: skip


_LOADERS: dict[str, Callable[[SqliteFreight, Sequence[Row]], None]] = {
    "marking": SqliteFreight._load_marking,
    "step": SqliteFreight._load_step,
    "complete": SqliteFreight._load_complete,
    "remark": SqliteFreight._load_remark,
    "series": SqliteFreight._load_series,
    "record": SqliteFreight._load_record,
    "restated": SqliteFreight._load_restated,
    "delivery": SqliteFreight._load_delivery,
    "reading": SqliteFreight._load_reading,
    "latest": SqliteFreight._load_latest,
    "batch": SqliteFreight._load_batch,
}
