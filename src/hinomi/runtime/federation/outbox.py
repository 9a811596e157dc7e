"""The outbox: this node's log in batches, as far as an agreement and each marking allow.

Rows are read where they are moved from (rank, serial and what was said are in them), in the order
of positions, so that nothing that becomes visible late is missed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import islice
from typing import Any, Literal

import msgspec

from hinomi.kernel.catalog import Catalog
from hinomi.kernel.records import Origin, micros
from hinomi.kernel.store import MAX_LIMIT, Query, Store
from hinomi.runtime import clock, storing
from hinomi.runtime.federation.agreement import Agreement
from hinomi.runtime.federation.nodekey import NodeKey
from hinomi.runtime.federation.readings_out import ReadingsOut
from hinomi.runtime.operations import ERASURES
from hinomi.standards import batches
from hinomi.standards.batches import Batch, Cursor, Item, Narrowing, Told
from hinomi.stores.moving.freight import Part, text_marking

Publish = Callable[[Literal["batch"], bytes, str], object]
"""Logs what goes out, as published: (kind, bytes, name)."""
LIMIT = 2_000
"""Rows that are looked at for one batch."""
LARGE = 2 * 1024 * 1024
"""[B] A batch ends when it is so large, so that slow lines go on step by step."""
_MARK_WINDOW, _MARKS = 200, 1000
SCHEME = "hinomi://"
VIA = "via:"

_marking = lru_cache(maxsize=4096)(text_marking)
_origin = msgspec.json.Decoder(Origin)


class View(msgspec.Struct, frozen=True):
    """What is sent alike: those with an equal view share batches."""

    agreement: Agreement
    without: str = ""
    """A node whose own tellings are left out: they came from it."""

    def digest(self) -> str:
        """Return what changes when the agreement does."""
        return self.agreement.digest()


class Outbox:
    """Reads batches for views; one at a time."""

    def __init__(
        self, address: str, store: Store, catalog: Catalog, key: NodeKey, log: str
    ) -> None:
        self._address, self._store = address, store
        self._key, self._log = key, log
        self._freight: Any = None
        self._lock = threading.Lock()
        self._marks: dict[int, int] = {}
        self._readings = ReadingsOut(store, catalog, key.node)
        self.publish: Publish | None = None

    def batch(self, view: View, cursor: Cursor, history_s: float = 0.0) -> Batch:
        """Return what comes next after a cursor; a fresh one begins with a snapshot."""
        with self._lock:
            if self._freight is None:
                self._freight = storing.freight(self._address, write=False)
            with self._freight.reading():
                return self._batch(view, cursor, history_s)

    def sealed(self, batch: Batch) -> bytes:
        """Return the batch signed and ready to go."""
        packed = batches.pack(batch)
        signature = self._key.sign(batches.CONTEXT + packed)
        sealed = batches.seal(self._key.public, packed, signature)
        if self.publish is not None:
            name = f"{batch.log} {batch.after.position}-{batch.then.position}"
            self.publish("batch", sealed, name)
        return sealed

    def mark(self, position: int) -> int:
        """Return when the log reached a position [µs]; the same for ever, 0 where it never did."""
        known = self._marks.get(position)
        if known is not None:
            return known
        with self._lock:
            if self._freight is None:
                self._freight = storing.freight(self._address, write=False)
            with self._freight.reading():
                return self._mark(position)

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            if self._freight is not None:
                self._freight.close()
                self._freight = None

    def _mark(self, position: int) -> int:
        at = 0
        # Mostly the log's newest step: it ends at the position itself.
        for window in (1, _MARK_WINDOW):
            for step in self._freight.rows("step", Part(max(0, position - window), position)):
                at = int(step[1])
            if at:
                break
        if len(self._marks) > _MARKS:
            self._marks.clear()
        self._marks[position] = at
        return at

    def _batch(self, view: View, cursor: Cursor, history_s: float) -> Batch:
        end = int(self._freight.position())
        after = cursor
        if cursor == Cursor():
            cursor = Cursor(0, end)
        if cursor.snapshot and (cursor.series or cursor.position >= cursor.snapshot):
            found, then = self._readings.snapshot(view.agreement, cursor, history_s)
        elif cursor.snapshot:
            found, then = self._told(view, cursor, cursor.snapshot, history_s)
        else:
            found, then = self._told(view, cursor, end, history_s)
        oldest = min((at for at, _ in found if at), default=0)
        return Batch(
            node=self._key.node,
            log=self._log,
            view=view.digest(),
            after=after,
            then=then,
            mark=self._mark(then.position),
            end=end,
            behind_us=max(0, micros(clock.now()) - oldest) if oldest else 0,
            items=[raw for _, raw in found],
        )

    def _told(
        self, view: View, cursor: Cursor, end: int, history_s: float
    ) -> tuple[list[tuple[int, msgspec.Raw]], Cursor]:
        """Return (recorded at [µs], item) in the order of positions, and the cursor after them."""
        rows = list(islice(self._freight.rows("record", Part(cursor.position, end)), LIMIT + 1))
        rows, horizon = _cut(rows, end)
        part = Part(cursor.position, horizon)
        if cursor.snapshot:
            rows = self._standing(rows, cursor.snapshot, history_s)
        found: list[tuple[int, int, Item]] = [
            (row[0], row[12], told) for row in rows for told in self._record(view, row)
        ]
        if not cursor.snapshot:
            # A snapshot's records carry today's marking already; its readings follow it.
            found += [
                (row[0], row[1], told)
                for row in self._freight.rows("remark", part)
                for told in self._narrowing(view, row)
            ]
            found += self._readings.since(view.agreement, view.without, part, self._freight)
        found.sort(key=lambda one: one[0])
        then = Cursor(horizon, cursor.snapshot)
        return [(at, batches.encode_item(item)) for _, at, item in found], then

    def _record(self, view: View, row: tuple[Any, ...]) -> Iterator[Told]:
        agreement = view.agreement
        collection, key, source = row[2:5]
        order = collection == ERASURES.id
        concerns = str(_body(row[15])["erased_collection"]) if order else collection
        if not agreement.shows(concerns) or not agreement.sees(_marking(row[7])):
            return
        origin = _origin.decode(row[17])
        if view.without and origin.path == VIA + view.without:
            return
        if agreement.areas and not order and not agreement.covers(key, _body(row[15])):
            return
        node, position = origin_of(origin) or (self._key.node, row[0])
        yield Told(
            node,
            position,
            row[1].hex(),
            collection,
            key,
            source,
            row[10],
            row[9],
            row[11],
            bool(row[8]),
            row[5] != row[7],
            origin.digest,
            row[15] if row[16] is None else b"%b%b}" % (row[15][:-5], row[16]),
        )

    def _narrowing(self, view: View, row: tuple[Any, ...]) -> Iterator[Narrowing]:
        seq, _, collection, key, source, old, new = row
        agreement = view.agreement
        before, after = _marking(old), _marking(new)
        if not agreement.shows(collection) or not agreement.sees(before):
            return
        if agreement.areas and not self._was_covered(agreement, collection, key):
            return
        told = after if agreement.sees(after) else None
        yield Narrowing(self._key.node, seq, collection, key, source, before, told)

    def _was_covered(self, agreement: Agreement, collection: str, key: str) -> bool:
        page = self._store.history(collection, key, visible=self._store.markings())
        return any(agreement.covers(key, said.body()) for said in page.items)

    def _standing(
        self, rows: list[tuple[Any, ...]], snapshot: int, history_s: float
    ) -> list[tuple[Any, ...]]:
        """Return the rows that stood at the snapshot, and those of its recent history."""
        since = micros(clock.now()) - int(history_s * 1e6)
        old = [row for row in rows if row[12] < since]
        keys: dict[str, set[str]] = {}
        for row in old:
            keys.setdefault(row[2], set()).add(row[3])
        standing: set[int] = set()
        visible = self._store.markings()
        for collection, names in keys.items():
            after = None
            while True:
                page = self._store.find(
                    Query(
                        collection=collection,
                        visible=visible,
                        as_of=snapshot,
                        keys=tuple(sorted(names)),
                        beside=True,
                        limit=MAX_LIMIT,
                        after=after,
                    )
                )
                standing.update(said.seq for said in page.items)
                after = page.next
                if after is None:
                    break
        return [row for row in rows if row[12] >= since or row[0] in standing]


def origin_of(origin: Origin) -> tuple[str, int] | None:
    """Return where a statement was said first, if not here."""
    if not origin.address.startswith(SCHEME):
        return None
    node, _, position = origin.address.removeprefix(SCHEME).partition("/")
    return node, int(position)


def _cut(rows: list[tuple[Any, ...]], end: int) -> tuple[list[tuple[Any, ...]], int]:
    """Return so many rows as make a batch, and the position that they reach."""
    size = 0
    for index, row in enumerate(rows):
        size += len(row[15])
        if index >= LIMIT or size > LARGE:
            index = max(index, 1)
            return rows[:index], rows[index - 1][0]
    return rows, end


def _body(feature: bytes) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(feature)["properties"]
    return found
