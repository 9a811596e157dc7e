"""The reference store: plain Python, obviously right, in no hurry, gone when the process ends."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from datetime import datetime
from hashlib import sha256

import msgspec

from hinomi.kernel.marking import Marking
from hinomi.kernel.records import (
    Complete,
    Origin,
    Readings,
    Record,
    Stored,
    micros,
)
from hinomi.kernel.store import Change, Changes, Features, Page, Put, Query, Trace
from hinomi.stores.erasing import Erased, Erasure, Sweep
from hinomi.stores.evaluate import check_filter, compile_filter
from hinomi.stores.memory_entries import (
    Entry,
    Lane,
    Step,
    address,
    bare,
    in_box,
    in_time,
    lane_of,
    latest_of,
    stands,
    told,
)
from hinomi.stores.memory_readings import MemoryReadings
from hinomi.stores.statements import (
    check_narrowing,
    check_records,
    covers,
    nothing_said,
    page_token,
    token_place,
)


class MemoryStore(MemoryReadings):
    """A :class:`~hinomi.kernel.store.Store` in memory: what the other stores are compared with."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.RLock()
        self._entries: dict[str, Entry] = {}
        self._lanes: dict[Lane, list[Entry]] = {}
        self._origins: dict[str, list[tuple[Origin, datetime]]] = {}
        self._lists: dict[Complete, None] = {}
        self._changes: list[Step] = []
        self._times: list[datetime] = []
        self._blobs: dict[str, bytes] = {}

    def put(
        self,
        records: Sequence[Record],
        readings: Sequence[Readings] = (),
        complete: Sequence[Complete] = (),
        *,
        at: datetime,
    ) -> Put:
        """Append what is new; see :meth:`hinomi.kernel.store.Store.put`."""
        check_records(records)
        with self._lock:
            at = max(at, self._times[-1]) if self._times else at
            ids = [self._append(record, at) for record in records]
            self._lists.update(dict.fromkeys(complete))
            for lane in sorted(
                set(self._lanes) if complete else set(map(lane_of, records)), key=str
            ):
                self._close(lane, at)
            rows_new = rows_known = 0
            for batch in readings:
                new, known, parts = self._append_readings(batch, len(self._times) + 1)
                rows_new, rows_known = rows_new + new, rows_known + known
                if new:
                    self._times.append(at)
                    self._changes += [
                        Step(seq=len(self._times), at=at, rows=rows, collection=c, marking=m)
                        for (c, m), rows in parts.items()
                    ]
            new_records = sum(new for _, new in ids)
            return Put(
                position=len(self._times),
                new=new_records,
                known=len(ids) - new_records,
                readings_new=rows_new,
                readings_known=rows_known,
                ids=tuple(record_id for record_id, _ in ids),
            )

    def _append(self, record: Record, at: datetime) -> tuple[str, bool]:
        record_id = record.identity()
        origins = self._origins.setdefault(record_id, [])
        if all(record.origin != known for known, _ in origins):
            origins.append((record.origin, at))
        if record_id in self._entries:
            return record_id, False
        self._times.append(at)
        entry = Entry(record, record_id, len(self._times), at)
        self._entries[record_id] = entry
        self._lanes.setdefault(lane_of(record), []).append(entry)
        self._changes.append(Step(seq=entry.seq, at=at, entry=entry))
        return record_id, True

    def _close(self, lane: Lane, at: datetime) -> None:
        """Retract the lane's latest if a complete list, old or new, leaves it out."""
        latest = latest_of(self._lanes[lane])
        if latest is None or latest.record.retracts:
            return
        collection, key, source, marking = lane
        silent = [
            c
            for c in self._lists
            if (c.collection, c.source, c.marking) == (collection, source, marking)
            and c.said_at > latest.record.said_at
            and covers(c.covers, key)
            and key not in c.keys
        ]
        if silent:
            first = min(silent, key=lambda c: c.said_at)
            record_id, new = self._append(
                msgspec.structs.replace(
                    latest.record,
                    body=latest.stored().body(),
                    said_at=first.said_at,
                    retracts=True,
                    origin=first.origin,
                ),
                at,
            )
            if new:
                # What it repeats was narrowed since: the retraction tells no more than that.
                self._entries[record_id].narrow(latest.marking)

    def remark(
        self, collection: str, key: str, source: str, *, old: Marking, new: Marking, at: datetime
    ) -> int:
        """Narrow what has been said; see :meth:`hinomi.kernel.store.Store.remark`."""
        check_narrowing(old, new)
        with self._lock:
            said = [
                e
                for lane, entries in self._lanes.items()
                if lane[:3] == (collection, key, source)
                for e in entries
                if e.marking == old
            ]
            if not said:
                raise nothing_said(collection, key)
            if new == old:
                return len(self._times)
            for entry in said:
                entry.narrow(new)
            self._times.append(max(at, self._times[-1]))
            self._changes.append(
                Step(
                    seq=len(self._times),
                    at=self._times[-1],
                    collection=collection,
                    key=key,
                    source=source,
                    marking=new,
                    gone_for=old,
                )
            )
            return len(self._times)

    def find(self, query: Query) -> Page:
        """Return one page; see :meth:`hinomi.kernel.store.Store.find`."""
        found = sorted(self._select(query), key=address)
        if query.after is not None:
            place = tuple(token_place(query.after, (str, str, str)))
            found = [e for e in found if address(e) > place]
        items = found[: query.limit]
        more = len(found) > query.limit
        return Page([e.stored() for e in items], page_token(address(items[-1])) if more else None)

    def features(self, query: Query) -> Features:
        """Return one page's features; see :meth:`hinomi.kernel.store.Store.features`."""
        page = self.find(query)
        return Features([item.feature for item in page.items], page.next)

    def count(self, query: Query) -> int:
        """Return how many the query selects in all."""
        return len(self._select(query))

    def _select(self, query: Query) -> list[Entry]:
        standing: dict[tuple[str, ...], Entry] = {}
        for lane, entries in list(self._lanes.items()):
            if lane[0] != query.collection:
                continue
            latest = latest_of(entries, query.as_of)
            if latest is not None and stands(latest, query):
                name = address(latest) if query.beside else (lane[1],)
                best = standing.get(name)
                if best is None or best.order < latest.order:
                    standing[name] = latest
        passes = None
        if query.filter is not None:
            check_filter(query.filter)
            passes = compile_filter(query.filter)
        return [
            e
            for e in standing.values()
            if in_box(e, query) and in_time(e, query) and (passes is None or passes(e) is True)
        ]

    def history(
        self,
        collection: str,
        key: str,
        *,
        visible: frozenset[Marking],
        as_of: int | None = None,
        limit: int = 100,
        after: str | None = None,
    ) -> Page:
        """Return every statement about a thing, oldest first."""
        start = 0 if after is None else token_place(after, (int,))[0]
        said = [
            e
            for e in list(self._entries.values())
            if (e.record.collection, e.key) == (collection, key)
            and e.marking in visible
            and e.seq > start
            and (as_of is None or e.seq <= as_of)
        ]
        items = said[:limit]
        more = len(said) > limit
        return Page([e.stored() for e in items], page_token([items[-1].seq]) if more else None)

    def record(self, record_id: str, *, visible: frozenset[Marking]) -> Stored | None:
        """Return one statement by its id."""
        entry = self._entries.get(record_id)
        return entry.stored() if entry is not None and entry.marking in visible else None

    def trace(self, record_id: str, *, visible: frozenset[Marking]) -> Trace | None:
        """Return one statement with its origins and what was made from it."""
        record = self.record(record_id, visible=visible)
        if record is None:
            return None
        made = [
            e.id
            for e in list(self._entries.values())
            if e.marking in visible and any(record_id in o.inputs for o, _ in self._origins[e.id])
        ]
        return Trace(record=record, origins=list(self._origins[record_id]), made=made)

    def changes(
        self,
        after: int,
        *,
        visible: frozenset[Marking],
        collections: Sequence[str] | None = None,
        limit: int = 1000,
    ) -> Changes:
        """Return what became visible after the position."""
        with self._lock:
            position = max(after, len(self._times))
            found: list[Change] = []
            for step in self._changes:
                if step.seq <= after:
                    continue
                if len(found) >= limit and step.seq > found[-1].seq:
                    return Changes(found, found[-1].seq)
                change = self._change(step, visible)
                if change and (collections is None or change.collection in collections):
                    found.append(change)
            return Changes(found, position)

    def _change(self, step: Step, visible: frozenset[Marking]) -> Change | None:
        if step.entry is not None:
            entry = step.entry
            return told(step, entry) if entry.marking in visible else None
        assert step.marking is not None  # noqa: S101 - only steps of an entry have none
        if step.gone_for is None:
            return bare(step, "readings", str(step.rows)) if step.marking in visible else None
        if step.marking in visible:
            latest = self._narrowed_latest(step)
            return told(step, latest) if latest is not None else None
        return bare(step, "gone", step.key) if step.gone_for in visible else None

    def _narrowed_latest(self, step: Step) -> Entry | None:
        """Return the newest of the lanes' latest that a remark touched and that still carry it."""
        candidates = [
            latest
            for lane, entries in self._lanes.items()
            if lane[:3] == (step.collection, step.key, step.source)
            and (latest := latest_of(entries)) is not None
            and latest.marking == step.marking
            and latest.seq < step.seq
            and not latest.record.retracts
        ]
        return max(candidates, key=lambda e: e.order, default=None)

    def position(self) -> int:
        """Return the position of the newest append."""
        return len(self._times)

    def position_at(self, time: datetime) -> int:
        """Return the position as it stood at that time."""
        return sum(1 for recorded_at in self._times if recorded_at <= time)

    def markings(self) -> frozenset[Marking]:
        """Return the markings that occur or have occurred."""
        said = {lane[3] for lane in list(self._lanes)}
        now = {e.marking for e in list(self._entries.values())}
        narrowed = {s.gone_for for s in list(self._changes) if s.gone_for is not None}
        listed = {c.marking for c in list(self._lists)}
        return frozenset(said | listed | now | narrowed | {s.marking for s in self._all_series()})

    def counts(self) -> dict[tuple[str, Marking], int]:
        """Return how many things stand in each collection, by marking."""
        things = {
            (lane[0], latest.marking, lane[1])
            for lane, entries in list(self._lanes.items())
            if (latest := latest_of(entries)) is not None and not latest.record.retracts
        }
        things |= {(s.collection, s.marking, s.id) for s in self._all_series()}
        found: dict[tuple[str, Marking], int] = {}
        for collection, marking, _ in things:
            found[collection, marking] = found.get((collection, marking), 0) + 1
        return found

    def next_expiry(
        self, collection: str, after: datetime, *, visible: frozenset[Marking]
    ) -> datetime | None:
        """Return the next moment at which a current statement begins or ends."""
        moments = [
            moment
            for lane, entries in list(self._lanes.items())
            if lane[0] == collection and (latest := latest_of(entries)) is not None
            if latest.marking in visible and not latest.record.retracts
            for moment in (latest.record.when.start, latest.record.when.end)
            if moment is not None and moment > after
        ]
        return min(moments, default=None)

    def put_blob(self, data: bytes) -> str:
        """Keep the bytes under their SHA-256."""
        digest = sha256(data).hexdigest()
        self._blobs[digest] = data
        return digest

    def blob(self, digest: str) -> bytes | None:
        """Return the bytes of a blob."""
        return self._blobs.get(digest)

    def forget_blob(self, digest: str) -> None:
        """Erase a blob's bytes for good: personal data that may no longer be kept."""
        self._blobs.pop(digest, None)

    def erase(self, erasure: Erasure) -> Erased:
        """Overwrite personal data in what was said; ids and places stay."""
        sweep = Sweep(erasure)
        with self._lock:
            for entry in self._entries.values():
                if entry.record.collection == erasure.collection:
                    origins = [origin for origin, _ in self._origins[entry.id]]
                    said_at = micros(entry.record.said_at)
                    new = sweep.erased(entry.id, entry.key, said_at, entry.feature, origins)
                    if new is not None:
                        entry.overwrite(new)
        return sweep.done()

    def blobs(self) -> Iterator[str]:
        """Yield the digests of all blobs."""
        yield from sorted(self._blobs)

    def check(self) -> list[str]:
        """Return the blobs whose bytes are not what their digest says."""
        return [
            f"blob {digest}: its bytes have another digest"
            for digest, data in self._blobs.items()
            if sha256(data).hexdigest() != digest
        ]

    def close(self) -> None:
        """Do nothing: there is nothing to let go of."""
