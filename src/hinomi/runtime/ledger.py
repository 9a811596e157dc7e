"""The ledger: what the runtime appends about each payload, its alarms and its source's state."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

import msgspec

from hinomi.kernel.catalog import Catalog
from hinomi.kernel.errors import Text
from hinomi.kernel.marking import OPEN
from hinomi.kernel.records import Record, Stored
from hinomi.kernel.store import MAX_LIMIT, Query, Store
from hinomi.runtime import operations
from hinomi.runtime.operations import (
    MAX_PROBLEMS,
    QUARANTINED,
    Alarm,
    PayloadState,
    SourceState,
)
from hinomi.runtime.reading import Read

_NO_SOURCE_TITLE = Text("未知の形式", "Unknown formats")


class Entries(msgspec.Struct):
    """What to append beside a batch, and the ledger as it stands once that is durable."""

    records: list[Record]
    states: dict[str, SourceState]
    raised: dict[str, Alarm]
    over: set[str]


class Ledger:
    """Knows which payloads came before, which alarms stand and how each source is doing."""

    def __init__(self, store: Store, catalog: Catalog) -> None:
        self._store = store
        self._titles = {s.id: s.title for s in catalog.sources.values()}
        self._states = {
            item.key: msgspec.convert(item.body(), SourceState)
            for item in _every(store, operations.SOURCES.id)
        }
        self._alarms = {
            item.key: msgspec.convert(item.body(), Alarm)
            for item in _every(store, operations.ALARMS.id)
        }

    def before(self, digests: Iterable[str]) -> dict[str, PayloadState]:
        """Return by digest what became of the same bytes when they came last."""
        keys = tuple(dict.fromkeys(digests))
        found = self._store.find(_query(operations.PAYLOADS.id, keys=keys)).items if keys else ()
        return {item.key: msgspec.convert(item.body(), PayloadState) for item in found}

    def entries(self, reads: Sequence[Read], now: datetime) -> Entries:
        """Return what to append about these payloads."""
        entries = Entries([], dict(self._states), {}, set())
        touched: set[str] = set()
        known = self.before(read.payload.digest for read in reads)
        for read in reads:
            before = known.get(read.payload.digest)
            entries.records.append(
                operations.payload_record(read.payload.digest, _payload_state(read), at=now)
            )
            self._alarm(read, before, entries)
            self._state(read, before, entries, now)
            touched.add(read.source_id)
            if before is not None:
                touched.add(before.source_id)
        for key, alarm in entries.raised.items():
            entries.records.append(operations.alarm_record(key, alarm, at=now))
        for key in entries.over - entries.raised.keys():
            record = operations.alarm_record(key, self._alarms[key], at=now, over=True)
            entries.records.append(record)
        for source_id in sorted(touched & entries.states.keys()):
            state = entries.states[source_id]
            if state == self._states.get(source_id):
                continue
            entries.records.append(operations.source_record(source_id, state, at=now))
        return entries

    def commit(self, entries: Entries) -> None:
        """Remember what is durable now."""
        self._states = entries.states
        for key in entries.over - entries.raised.keys():
            self._alarms.pop(key, None)
        self._alarms.update(entries.raised)

    def _alarm(self, read: Read, before: PayloadState | None, entries: Entries) -> None:
        raised = {
            operations.alarm_key(read.source_id, p): p
            for p in read.parsed.problems
            if p.grade == "alarm"
        }
        if before is not None:
            # Read again: alarms that this very payload raised and no longer raises are over.
            digest = read.payload.digest
            stood = {k for k, a in self._alarms.items() if a.payload_digest == digest}
            entries.over |= stood - raised.keys()
        for key, problem in raised.items():
            if key in entries.raised or (key in self._alarms and key not in entries.over):
                continue
            entries.raised[key] = operations.alarm_of(
                read.source_id, problem,
                payload_name=read.payload.name, payload_digest=read.payload.digest,
            )  # fmt: skip

    def _state(
        self, read: Read, before: PayloadState | None, entries: Entries, now: datetime
    ) -> None:
        held = entries.states.get(before.source_id) if before is not None else None
        if before is not None and held is not None:
            # Read again: what it counted before, there, gives way to what it counts now.
            entries.states[before.source_id] = _without(held, before)
        title = self._titles.get(read.source_id, _NO_SOURCE_TITLE)
        old = entries.states.get(read.source_id)
        new = SourceState(
            title_ja=title.ja,
            title_en=title.en,
            state="green",
            payloads=(old.payloads if old else 0) + 1,
            quarantined=old.quarantined if old else 0,
            records=(old.records if old else 0) + len(read.parsed.records),
            readings=(old.readings if old else 0) + read.reading_count,
            last_at=now,
            last_kind=read.parsed.kind or read.payload.name,
        )
        entries.states[read.source_id] = _quarantined(new, int(read.outcome in QUARANTINED))


def payload_records(store: Store) -> Iterator[Stored]:
    """Yield all payload records."""
    return _every(store, operations.PAYLOADS.id)


def alarm_records(store: Store) -> Iterator[Stored]:
    """Yield all alarms that stand."""
    return _every(store, operations.ALARMS.id)


def _payload_state(read: Read) -> PayloadState:
    problems = read.parsed.problems
    # The parts that were refused come first: notes must not crowd them out.
    graded = sorted(problems, key=lambda p: ("error", "alarm", "note").index(p.grade))
    return PayloadState(
        name=read.payload.name,
        address=read.payload.address,
        source_id=read.source_id,
        kind=read.parsed.kind,
        outcome=read.outcome,
        size_bytes=len(read.payload.data),
        taken_at=read.payload.taken_at,
        records=len(read.parsed.records),
        readings=read.reading_count,
        refused=read.refused,
        places_missing=read.places_missing,
        problems_in_all=len(problems),
        problems=tuple(graded[:MAX_PROBLEMS]),
    )


def _without(state: SourceState, payload: PayloadState) -> SourceState:
    counted = msgspec.structs.replace(
        state,
        payloads=max(0, state.payloads - 1),
        records=max(0, state.records - payload.records),
        readings=max(0, state.readings - payload.readings),
    )
    return _quarantined(counted, -int(payload.outcome in QUARANTINED))


def _quarantined(state: SourceState, change: int) -> SourceState:
    count = max(0, state.quarantined + change)
    return msgspec.structs.replace(state, quarantined=count, state="amber" if count else "green")


def _query(collection: str, *, keys: tuple[str, ...] | None = None) -> Query:
    return Query(
        collection=collection,
        visible=frozenset({operations.INTERNAL, OPEN}),
        keys=keys,
        limit=len(keys) if keys else MAX_LIMIT,
    )


def _every(store: Store, collection: str) -> Iterator[Stored]:
    query = _query(collection)
    while True:
        page = store.find(query)
        yield from page.items
        if page.next is None:
            return
        query = msgspec.structs.replace(query, after=page.next)
