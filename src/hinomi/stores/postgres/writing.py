"""The writing side: statements into lanes, many at a time, in one transaction for each call.

What a call needs is read in two questions, decided here, and written in one go: the time in which
others wait for their turn does not grow with round trips.
"""

# ruff: noqa: S608 - only names from this package are written into SQL; values are bound
from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any

import msgspec

from hinomi.kernel.geometry import Geometry
from hinomi.kernel.marking import Marking
from hinomi.kernel.records import Origin, Record, compose_feature, from_micros, micros
from hinomi.stores.cells import CODE_BITS, cell_of
from hinomi.stores.encoding import LARGE, box_of, encode_origin, record_number
from hinomi.stores.postgres.link import Link
from hinomi.stores.postgres.places import ewkb, properties

Scope = tuple[int, int, int]
"""Collection, source, marking as said, by number."""

CHANNEL = "hinomi"
"""Where the position is told after each append."""

RECORD_COLUMNS = (
    ("seq", "int8"), ("id", "bytea"), ("lane", "int8"), ("collection", "int4"), ("key", "text"),
    ("source", "int4"), ("said", "int4"), ("marking", "int4"), ("retracts", "bool"),
    ("ever", "bool"), ("stands", "bool"), ("multi", "bool"), ("until", "int8"), ("rank", "int4"),
    ("said_at", "int8"), ("serial", "int8"), ("recorded_at", "int8"), ("start", "int8"),
    ('"end"', "int8"), ("cell", "int8"), ("west", "float8"), ("south", "float8"),
    ("east", "float8"), ("north", "float8"), ("shape", "int4"), ("geom", "bytea"),
    ("feature", "bytea"), ("properties", "bytea"), ("origin", "text"),
)  # fmt: skip
"""A record's columns and their binary form; a geometry and a jsonb go as bytes."""
_STANDS, _MULTI, _UNTIL = 10, 11, 12

_LANE = "id, collection, key, source, marking, stands, shown, seq, rank, said_at, serial"
_LANES = (
    "SELECT l.id, l.collection, l.key, l.source, l.marking, l.stands, l.shown, l.seq, l.rank,"
    " l.said_at, l.serial FROM unnest(%s::int[], %s::text[]) AS w (collection, key)"
    " JOIN lane l ON l.collection = w.collection AND l.key = w.key"
)
_LANE_TYPES = (
    "int8", "int4", "text", "int4", "int4", "bool", "int4", "int8", "int4", "int8", "int8"
)  # fmt: skip


class Lane(msgspec.Struct):
    """A lane as the writer holds it during one transaction: the columns of its row."""

    id: int
    collection: int
    key: str
    source: int
    marking: int
    stands: bool
    shown: int
    seq: int
    rank: int
    said_at: int
    serial: int
    new: bool = False


class Writer:
    """One transaction's reading, deciding and writing; what is known for good stays between."""

    def __init__(self, link: Link) -> None:
        self.link = link
        self.run = link.run
        self.seq = self.at = self.began_at = 0
        self._names: dict[str, int] = {}
        self._shapes: dict[bytes, int] = {}
        self._clear()

    def _clear(self) -> None:
        self.newly_standing: dict[tuple[Scope, str], int] = {}
        self.tally: dict[tuple[int, int], int] = {}
        self._lanes: dict[tuple[int, str], list[Lane]] = {}
        self._known: dict[bytes, tuple[int, str]] = {}
        self._fresh: dict[int, list[Any]] = {}
        self._ended: dict[int, int] = {}
        self._changed: dict[int, Lane] = {}
        self._paired: list[tuple[int, str]] = []
        self._made: list[tuple[bytes, int]] = []
        self._extents: dict[int, int] = {}

    def forget(self) -> None:
        """Drop what a transaction that failed may have left wrong."""
        self._names.clear()
        self._shapes.clear()
        known = self.link.known
        for cache in (known.names, known.numbers, known.markings, known.marking_numbers):
            cache.clear()

    def begin(self, at: datetime) -> None:
        """Set position and time of what follows: the clock's, or the last append's if later."""
        self._clear()
        self.seq, self.at = self.link.rows("SELECT * FROM last_step(%s)", (micros(at),))[0]
        self.recorded_at = from_micros(self.at)
        self.began_at = self.seq

    def finish(self) -> None:
        """Write what was decided, the step, the counts, and tell who listens."""
        self.flush()
        changes = [(*names, change) for names, change in sorted(self.tally.items()) if change]
        if changes:
            self.run(
                "INSERT INTO tally SELECT * FROM unnest(%s::int[], %s::int[], %s::bigint[])"
                " ON CONFLICT (collection, marking) DO UPDATE"
                " SET things = tally.things + excluded.things",
                columns(changes),
            )
        if self._extents:
            self.run(
                "INSERT INTO extent SELECT * FROM unnest(%s::int[], %s::int[])"
                " ON CONFLICT (collection) DO UPDATE SET mask = extent.mask | excluded.mask"
                " WHERE extent.mask <> extent.mask | excluded.mask",
                columns(list(self._extents.items())),
            )
        if self.seq > self.began_at:
            self.run(
                "WITH step AS (INSERT INTO step VALUES (%s, %s))"
                f" SELECT pg_notify('{CHANNEL}', %s)",
                (self.seq, self.at, str(self.seq)),
            )

    def copy(self, into: str, types: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Copy rows into a table (and its columns, in brackets)."""
        with (
            self.link.connection.cursor() as cursor,
            cursor.copy(f"COPY {into} FROM STDIN (FORMAT BINARY)") as copy,
        ):
            copy.set_types(list(types))
            for row in rows:
                copy.write_row(row)

    def name(self, text: str) -> int:
        """Return the number of a collection's or source's name, a new one if need be."""
        number = self._names.get(text)
        if number is None:
            number = self.link.value("SELECT id FROM name WHERE text = %s", (text,))
            if number is None:
                number = self.link.value(
                    "INSERT INTO name (text) VALUES (%s) RETURNING id", (text,)
                )
            self._names[text] = number
        return int(number)

    def marking(self, marking: Marking) -> int:
        """Return the number of a marking, a new one if need be."""
        number = self.link.known.marking_numbers.get(marking)
        if number is None:
            number = self.link.learn_markings().get(marking)
        if number is None:
            number = self.link.value(
                "INSERT INTO marking (status, disclosure, audience) VALUES (%s, %s, %s)"
                " RETURNING id",
                (
                    marking.status.value,
                    int(marking.disclosure),
                    msgspec.json.encode(marking.audience).decode(),
                ),
            )
            self.link.known.marking_numbers[marking] = int(number)
            self.link.known.markings[int(number)] = marking
        return int(number)

    def prepare(self, records: Sequence[Record], ids: Sequence[str]) -> None:
        """Read what is known of the statements and their things."""
        if not records:
            return
        wanted = [bytes.fromhex(record_id) for record_id in ids]
        for identity, seq, origin in self.link.rows(
            "SELECT id, seq, origin FROM record WHERE id = ANY(%s)", (wanted,)
        ):
            self._known[identity] = (seq, origin)
        self.load(
            (self.name(record.collection), record.key)
            for record, identity in zip(records, wanted, strict=True)
            if identity not in self._known
        )

    def load(self, things: Iterable[tuple[int, str]]) -> None:
        """Read the lanes of things (collection, key)."""
        missing = [thing for thing in dict.fromkeys(things) if thing not in self._lanes]
        if not missing:
            return
        for thing in missing:
            self._lanes[thing] = []
        for row in self.link.rows(_LANES, columns(missing)):
            self._lanes[row[1], row[2]].append(Lane(*row))

    def append(self, record: Record, record_id: str) -> bool:
        """Append a prepared statement unless it is known; tell whether it was new."""
        known = self._known.get(bytes.fromhex(record_id))
        if known is not None:
            self._deliver(*known, record.origin)
            return False
        self._insert(record, record_id, self.marking(record.marking), record.marking)
        return True

    def retract(self, record: Record, record_id: str, shown: Marking) -> None:
        """Append a prepared retraction of the store's, visible to whom the retracted was."""
        if bytes.fromhex(record_id) not in self._known:
            self._insert(record, record_id, self.marking(shown), shown)

    def _insert(self, record: Record, record_id: str, shown: int, marked: Marking) -> None:
        self.seq += 1
        scope = self.name(record.collection), self.name(record.source), self.marking(record.marking)
        order = (record.rank, micros(record.said_at), record.serial)
        lanes = self._lanes[scope[0], record.key]
        lane = next((a for a in lanes if (a.source, a.marking) == scope[1:]), None)
        ever = lane is None or order >= (lane.rank, lane.said_at, lane.serial)
        if lane is None:
            lane = self._new_lane(scope, record.key, lanes)
        stands = ever and not record.retracts
        if ever:
            self._supersede(lane, stands, shown, order)
            self.newly_standing[scope, record.key] = order[1]
        told = msgspec.structs.replace(record, marking=marked)
        when = (
            None if record.when.start is None else micros(record.when.start),
            None if record.when.end is None else micros(record.when.end),
        )
        origin = encode_origin(record.origin)
        identity = bytes.fromhex(record_id)
        self._fresh[self.seq] = [
            self.seq, identity, lane.id, scope[0], record.key, *scope[1:], shown,
            record.retracts, ever, stands, len(lanes) > 1, None, *order, self.at, *when,
            *self._placed(record, scope[0]), *self._feature(told, record_id), origin,
        ]  # fmt: skip
        self._known[identity] = (self.seq, origin)
        self._note_inputs(record.origin, self.seq)

    def _new_lane(self, scope: Scope, key: str, lanes: list[Lane]) -> Lane:
        """Begin a lane; its number is its first statement's position."""
        lane = Lane(
            self.seq, scope[0], key, *scope[1:], stands=False, shown=0, seq=0, rank=0, said_at=0,
            serial=0, new=True,
        )  # fmt: skip
        lanes.append(lane)
        if len(lanes) == 2:
            self._paired.append((scope[0], key))
            for row in self._fresh.values():
                if (row[3], row[4]) == (scope[0], key):
                    row[_MULTI] = True
        return lane

    def _supersede(self, lane: Lane, stands: bool, shown: int, order: tuple[int, int, int]) -> None:  # noqa: FBT001
        """Let a lane's latest be the statement at hand."""
        before = self._fresh.get(lane.seq)
        if before is not None:
            before[_STANDS], before[_UNTIL] = False, self.seq
        elif lane.seq:
            self._ended[lane.seq] = self.seq
        if (lane.stands, lane.shown) != (stands, shown):
            self._count(lane, lane.shown, -int(lane.stands))
            self._count(lane, shown, int(stands))
        lane.stands, lane.shown, lane.seq = stands, shown, self.seq
        lane.rank, lane.said_at, lane.serial = order
        self._changed[lane.id] = lane

    def _placed(self, record: Record, collection: int) -> tuple[float | None, ...]:
        """Return the cell and the box, and note that the extent's class occurs."""
        box = None if record.retracts else box_of(record.place)
        if box is None:
            return (None,) * 5
        cell = cell_of(box)
        mask = 1 << (cell >> CODE_BITS)
        self._extents[collection] = self._extents.get(collection, 0) | mask
        return (cell, *box)

    def _feature(self, record: Record, record_id: str) -> tuple[int | None, Any, bytes, bytes]:
        """Return the shape's number, the geometry, the feature and its properties."""
        place = record.place
        data = msgspec.json.encode(place)
        shape = None
        if place is not None and len(data) > LARGE and place["type"] != "Point":
            shape = self._shape(place, data)
            record = msgspec.structs.replace(record, place=None)
            data = b"null"
        feature = compose_feature(record, record_id, self.recorded_at)
        geometry = None if place is None or shape is not None else ewkb(place)
        return shape, geometry, feature, properties(feature, record.key, data)

    def _shape(self, place: Geometry, data: bytes) -> int:
        digest = blake2b(data, digest_size=16).digest()
        number = self._shapes.get(digest)
        if number is None:
            number = self.link.value("SELECT id FROM shape WHERE digest = %s", (digest,))
            if number is None:
                number = self.link.value(
                    "INSERT INTO shape (digest, data, geom)"
                    " VALUES (%s, %s, ST_GeomFromEWKB(%s)) RETURNING id",
                    (digest, data, ewkb(place)),
                )
            if len(self._shapes) > 100_000:
                self._shapes.clear()
            self._shapes[digest] = int(number)
        return int(number)

    def _count(self, lane: Lane, shown: int, change: int) -> None:
        """Count a thing in or out, unless another of its lanes stands under that marking."""
        others = self._lanes[lane.collection, lane.key]
        if change and not any(o is not lane and o.stands and o.shown == shown for o in others):
            names = lane.collection, shown
            self.tally[names] = self.tally.get(names, 0) + change

    def lanes(self, collection: int, key: str) -> list[Lane]:
        """Return a thing's lanes as they are now in this transaction."""
        self.load([(collection, key)])
        return self._lanes[collection, key]

    def show(self, lane: Lane, shown: int) -> None:
        """Give a lane's latest another marking."""
        if lane.stands:
            self._count(lane, lane.shown, -1)
            self._count(lane, shown, 1)
        lane.shown = shown
        self._changed[lane.id] = lane

    def _deliver(self, seq: int, first: str, origin: Origin) -> None:
        told = encode_origin(origin)
        if told == first:
            return
        self.flush()
        new = self.link.value(
            "INSERT INTO delivery (record, at, origin) VALUES (%s, %s, %s)"
            " ON CONFLICT DO NOTHING RETURNING 1",
            (seq, self.at, told),
        )
        if new:
            self._note_inputs(origin, seq)

    def _note_inputs(self, origin: Origin, seq: int) -> None:
        numbers = map(record_number, origin.inputs)
        self._made += [(number, seq) for number in numbers if number is not None]

    def flush(self) -> None:
        """Write what was decided so far."""
        if self._paired:
            self.run(
                "UPDATE record r SET multi = true FROM unnest(%s::int[], %s::text[])"
                " AS w (collection, key) WHERE r.collection = w.collection AND r.key = w.key"
                " AND NOT r.multi",
                columns(self._paired),
            )
        if self._ended:
            self.run(
                "UPDATE record r SET until = w.until, stands = false"
                " FROM unnest(%s::bigint[], %s::bigint[]) AS w (seq, until) WHERE r.seq = w.seq",
                columns(list(self._ended.items())),
            )
        if self._fresh:
            names = ", ".join(name for name, _ in RECORD_COLUMNS)
            types = [kind for _, kind in RECORD_COLUMNS]
            self.copy(f"record ({names})", types, self._fresh.values())
        self._write_lanes()
        if self._made:
            self.run(
                "INSERT INTO made SELECT * FROM unnest(%s::bytea[], %s::bigint[])"
                " ON CONFLICT DO NOTHING",
                columns(self._made),
            )
        for buffer in (self._paired, self._ended, self._fresh, self._changed, self._made):
            buffer.clear()

    def _write_lanes(self) -> None:
        new = [a for a in self._changed.values() if a.new]
        old = [a for a in self._changed.values() if not a.new]
        if new:
            rows = [msgspec.structs.astuple(lane)[:-1] for lane in new]
            self.copy(f"lane ({_LANE})", _LANE_TYPES, rows)
            for lane in new:
                lane.new = False
        if old:
            self.run(
                "UPDATE lane l SET stands = w.stands, shown = w.shown, seq = w.seq, rank = w.rank,"
                " said_at = w.said_at, serial = w.serial FROM unnest(%s::bigint[], %s::bool[],"
                " %s::int[], %s::bigint[], %s::int[], %s::bigint[], %s::bigint[])"
                " AS w (id, stands, shown, seq, rank, said_at, serial) WHERE l.id = w.id",
                columns([
                    (a.id, a.stands, a.shown, a.seq, a.rank, a.said_at, a.serial) for a in old
                ]),
            )  # fmt: skip


def columns(rows: Sequence[Sequence[Any]]) -> tuple[list[Any], ...]:
    """Return rows as the columns that unnest takes."""
    return tuple(list(column) for column in zip(*rows, strict=True))
