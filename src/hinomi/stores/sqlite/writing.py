"""The writing side of the SQLite store: statements into lanes, one transaction for each call."""

from __future__ import annotations

from datetime import datetime
from hashlib import blake2b
from typing import Any, NamedTuple

import msgspec

from hinomi.kernel.geometry import BBox
from hinomi.kernel.marking import Marking
from hinomi.kernel.records import (
    Origin,
    Record,
    compose_feature,
    from_micros,
    micros,
)
from hinomi.stores.cells import cell_of, span_of
from hinomi.stores.encoding import LARGE, box_of, encode_origin, record_number
from hinomi.stores.sqlite.link import Link
from hinomi.stores.sqlite.lists import Lists, Scope

_LANES = (
    'SELECT source, marking, id, stands, multi, shown, seq, rank, said_at, serial, start, "end",'
    " west, south, east, north, since FROM lane WHERE collection = ? AND key = ?"
)
_NEW_LANE = (
    "INSERT INTO lane (collection, key, source, marking, multi, stands, shown, seq, rank, said_at,"
    ' serial, start, "end", span, moment, west, south, east, north, since)'
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_SAME_PLACE_AND_TIME = (
    "UPDATE lane SET seq = ?, rank = ?, said_at = ?, serial = ?, shown = ? WHERE id = ?"
)
_NEW_LATEST = (
    "UPDATE lane SET stands = ?, shown = ?, seq = ?, rank = ?, said_at = ?, serial = ?, start = ?,"
    ' "end" = ?, span = ?, moment = ?, west = ?, south = ?, east = ?, north = ?, since = ?'
    " WHERE id = ?"
)
_RECORD = (
    "INSERT INTO record (seq, id, lane, ever, marking, retracts, rank, said_at, serial,"
    ' recorded_at, start, "end", shape, feature, origin)'
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_PLACE = (
    "INSERT INTO place (collection, cell, lane, west, south, east, north, since, seq, shown, multi)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_SAID_ANEW = "UPDATE place SET seq = ?, shown = ? WHERE collection = ? AND cell = ? AND lane = ?"
# Without the marking: it would wake the trigger that keeps the squares' counts.
_SAID_AGAIN = "UPDATE place SET seq = ? WHERE collection = ? AND cell = ? AND lane = ?"
_NOT_ALONE = "UPDATE place SET multi = 1 WHERE collection = ? AND cell = ? AND lane = ?"
_NO_PLACE = "DELETE FROM place WHERE collection = ? AND cell = ? AND lane = ?"
_FORMER = "INSERT INTO former_place VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"


class Lane(NamedTuple):
    """A lane's row, as :data:`_LANES` selects it."""

    id: int
    stands: int
    multi: int
    shown: int
    seq: int
    rank: int
    said_at: int
    serial: int
    start: int | None
    end: int | None
    west: float | None
    south: float | None
    east: float | None
    north: float | None
    since: int | None


class Writer:
    """What the one writer knows between calls: numbers of names, counts to be written."""

    def __init__(self, link: Link) -> None:
        self.link = link
        self.run = link.connection.execute
        self.stale = False
        self._read()

    def _read(self) -> None:
        self.seq = self.at = self._newest = 0
        for position, at in self.link.rows(
            "SELECT position, at FROM step ORDER BY position DESC LIMIT 1"
        ):
            self.seq, self._newest = position, at
        self.names = {text: number for number, text in self.link.rows("SELECT id, text FROM name")}
        self.markings = dict(self.link.learn_markings())
        self.lists = Lists(self.link)
        self.newly_standing: dict[tuple[Scope, str], int] = {}
        self.tally: dict[tuple[int, int], int] = {}
        self._shapes: dict[bytes, int] = {}

    def begin(self, at: datetime) -> None:
        """Set the time of what follows: the clock's, or the newest record's if that is later."""
        if self.stale:
            # A transaction was rolled back: what was learnt in it is not so.
            self.link.forget()
            self._read()
            self.stale = False
        self.at = max(micros(at), self._newest)
        self.recorded_at = from_micros(self.at)
        self.began_at = self.seq
        self.newly_standing.clear()

    def finish(self) -> None:
        """Write the step and the counts of the transaction."""
        if self.seq > self.began_at:
            self.run("INSERT INTO step VALUES (?, ?)", (self.seq, self.at))
            self._newest = self.at
        for (collection, marking), change in self.tally.items():
            if change:
                self.run(
                    "INSERT INTO tally VALUES (?, ?, ?) ON CONFLICT (collection, marking)"
                    " DO UPDATE SET things = things + excluded.things",
                    (collection, marking, change),
                )
        self.tally.clear()

    def name(self, text: str) -> int:
        """Return the number of a collection's or source's name, a new one if need be."""
        number = self.names.get(text)
        if number is None:
            self.run("INSERT INTO name (text) VALUES (?)", (text,))
            number = self.names[text] = self.link.connection.last_insert_rowid()
        return number

    def marking(self, marking: Marking) -> int:
        """Return the number of a marking, a new one if need be."""
        number = self.markings.get(marking)
        if number is None:
            audience = msgspec.json.encode(marking.audience).decode()
            self.run(
                "INSERT INTO marking (status, disclosure, audience) VALUES (?, ?, ?)",
                (marking.status.value, int(marking.disclosure), audience),
            )
            number = self.markings[marking] = self.link.connection.last_insert_rowid()
        return number

    def append(self, record: Record) -> tuple[str, bool]:
        """Append a statement unless it is known; return its id and whether it was new."""
        record_id = record.identity()
        identity = bytes.fromhex(record_id)
        known = self.run("SELECT seq, origin FROM record WHERE id = ?", (identity,)).fetchone()
        if known is not None:
            self._deliver(known[0], known[1], record.origin)
            return record_id, False
        self._insert(record, record_id, self.marking(record.marking))
        return record_id, True

    def retract(self, record: Record, shown: Marking) -> None:
        """Append a retraction that the store makes, visible to whom the retracted was visible."""
        record_id = record.identity()
        if self.link.value("SELECT 1 FROM record WHERE id = ?", (bytes.fromhex(record_id),)):
            return
        self._insert(record, record_id, self.marking(shown), shown)

    def _insert(
        self, record: Record, record_id: str, shown: int, narrowed: Marking | None = None
    ) -> None:
        self.seq += 1
        scope = self.name(record.collection), self.name(record.source), self.marking(record.marking)
        rows = self.link.rows(_LANES, (scope[0], record.key))
        own = next((row[2:] for row in rows if row[:2] == scope[1:]), None)
        lane = None if own is None else Lane(*own)
        order = (record.rank, micros(record.said_at), record.serial)
        ever = lane is None or order >= (lane.rank, lane.said_at, lane.serial)
        lane_id = lane.id if lane is not None else 0
        if ever:
            lane_id = self._latest(record, scope, (lane, rows), shown)
            self.newly_standing[scope, record.key] = order[1]
        told = record if narrowed is None else msgspec.structs.replace(record, marking=narrowed)
        shape, feature = self._feature(told, record_id)
        when = record.when
        self.run(
            _RECORD,
            (
                self.seq,
                bytes.fromhex(record_id),
                lane_id,
                ever,
                shown,
                record.retracts,
                *order,
                self.at,
                None if when.start is None else micros(when.start),
                None if when.end is None else micros(when.end),
                shape,
                feature.decode(),
                encode_origin(record.origin),
            ),
        )
        self._made(record.origin)

    def _feature(self, record: Record, record_id: str) -> tuple[int | None, bytes]:
        place = record.place
        if place is None or place.get("type") == "Point":
            return None, compose_feature(record, record_id, self.recorded_at)
        data = msgspec.json.encode(place)
        if len(data) <= LARGE:
            return None, compose_feature(record, record_id, self.recorded_at)
        bare = msgspec.structs.replace(record, place=None)
        return self._shape(data), compose_feature(bare, record_id, self.recorded_at)

    def _shape(self, data: bytes) -> int:
        digest = blake2b(data, digest_size=16).digest()
        number = self._shapes.get(digest)
        if number is None:
            number = self.link.value("SELECT id FROM shape WHERE digest = ?", (digest,))
            if number is None:
                self.run("INSERT INTO shape (digest, data) VALUES (?, ?)", (digest, data))
                number = self.link.connection.last_insert_rowid()
            if len(self._shapes) > 100_000:
                self._shapes.clear()
            self._shapes[digest] = number
        return int(number)

    def _latest(
        self, record: Record, scope: Scope, known: tuple[Lane | None, list[Any]], shown: int
    ) -> int:
        """Make the record its lane's latest; return the lane's number.

        ``known`` is the lane, and the rows (:data:`_LANES`) of all that the thing has.
        """
        lane, others = known
        start = None if record.when.start is None else micros(record.when.start)
        end = None if record.when.end is None else micros(record.when.end)
        box = None if record.retracts else box_of(record.place)
        order = (record.rank, micros(record.said_at), record.serial)
        stands = int(not record.retracts)
        if lane is None:
            multi = int(bool(others))
            if multi:
                self._no_longer_alone(scope[0], record.key, others)
            names = scope[0], record.key, scope[1], scope[2], multi
            since = None if box is None else self.seq
            spot = (start, end, *span_of(start, end), *(box or (None,) * 4), since)
            self.run(_NEW_LANE, (*names, stands, shown, self.seq, *order, *spot))
            lane_id = self.link.connection.last_insert_rowid()
            self._count(scope[0], record.key, lane_id, multi, shown, stands)
            self._put_place((scope[0], lane_id), box, (shown, multi))
            return lane_id
        before = standing_box(lane)
        if (lane.stands, lane.start, lane.end, before) == (stands, start, end, box) and stands:
            self.run(_SAME_PLACE_AND_TIME, (self.seq, *order, shown, lane.id))
        else:
            since = lane.since if before == box else self.seq
            spot = (start, end, *span_of(start, end), *(box or (None,) * 4), since)
            self.run(_NEW_LATEST, (stands, shown, self.seq, *order, *spot, lane.id))
            if before != box:
                self._end_place(scope[0], lane, before)
                self._put_place((scope[0], lane.id), box, (shown, lane.multi))
        if before == box is not None and lane.shown == shown:
            self.run(_SAID_AGAIN, (self.seq, scope[0], cell_of(box), lane.id))
        elif before == box:
            self.say_anew(scope[0], lane.id, box, (self.seq, shown))
        if (lane.stands, lane.shown) != (stands, shown):
            thing = scope[0], record.key, lane.id, lane.multi
            self._count(*thing, lane.shown, -lane.stands)
            self._count(*thing, shown, stands)
        return lane.id

    def _no_longer_alone(self, collection: int, key: str, others: list[Any]) -> None:
        self.run(
            "UPDATE lane SET multi = 1 WHERE collection = ? AND key = ? AND multi = 0",
            (collection, key),
        )
        for lane in (Lane(*row[2:]) for row in others):
            box = standing_box(lane)
            if box is not None:
                self.run(_NOT_ALONE, (collection, cell_of(box), lane.id))

    def say_anew(self, collection: int, lane: int, box: BBox | None, told: tuple[int, int]) -> None:
        """Set a standing place's statement and marking (``told``); the place is as it was."""
        if box is not None:
            self.run(_SAID_ANEW, (*told, collection, cell_of(box), lane))

    def _count(
        self, collection: int, key: str, lane: int, multi: int, shown: int, change: int
    ) -> None:
        """Count a thing in or out, unless another of its lanes stands under that marking."""
        if not change:
            return
        if multi and self.link.value(
            "SELECT 1 FROM lane WHERE collection = ? AND key = ? AND id <> ? AND stands = 1"
            " AND shown = ? LIMIT 1",
            (collection, key, lane, shown),
        ):
            return
        self.tally[collection, shown] = self.tally.get((collection, shown), 0) + change

    def recount(
        self, collection: int, key: str, lane: int, multi: int, shown: tuple[int, int], stands: int
    ) -> None:
        """Count a thing over from one marking to another."""
        self._count(collection, key, lane, multi, shown[0], -stands)
        self._count(collection, key, lane, multi, shown[1], stands)

    def _put_place(self, lane: tuple[int, int], box: BBox | None, shown: tuple[int, int]) -> None:
        """Note where the newest statement is: (collection, lane), box, (marking, multi)."""
        if box is not None:
            collection, number = lane
            self.run(_PLACE, (collection, cell_of(box), number, *box, self.seq, self.seq, *shown))

    def _end_place(self, collection: int, lane: Lane, box: BBox | None) -> None:
        if box is not None:
            cell = cell_of(box)
            self.run(_NO_PLACE, (collection, cell, lane.id))
            self.run(_FORMER, (collection, cell, lane.id, *box, lane.since, self.seq))

    def _deliver(self, seq: int, first: str, origin: Origin) -> None:
        told = encode_origin(origin)
        if told != first:
            self.run("INSERT OR IGNORE INTO delivery VALUES (?, ?, ?)", (seq, self.at, told))
            if self.link.connection.changes():
                self._made(origin, seq)

    def _made(self, origin: Origin, seq: int | None = None) -> None:
        for text in origin.inputs:
            identity = record_number(text)
            if identity is not None:
                self.run("INSERT OR IGNORE INTO made VALUES (?, ?)", (identity, seq or self.seq))


def standing_box(lane: Lane) -> BBox | None:
    """Return where the lane's standing statement is."""
    if lane.west is None or lane.south is None or lane.east is None or lane.north is None:
        return None
    return lane.west, lane.south, lane.east, lane.north
