"""What the memory store keeps: statements as entries, and the steps of its feed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import msgspec

from hinomi.kernel.geometry import bounds
from hinomi.kernel.marking import Marking
from hinomi.kernel.records import Record, Stored, compose_feature, micros
from hinomi.kernel.store import Change, Query
from hinomi.stores.statements import narrowed_feature

Lane = tuple[str, str, str, Marking]
"""Collection, key, source, marking as said: within it, each statement replaces the one before."""


class Entry:
    """A stored statement; ``marking`` is today's, ``record.marking`` as it was said."""

    def __init__(self, record: Record, record_id: str, seq: int, recorded_at: datetime) -> None:
        self.record = record
        self.id = record_id
        self.seq = seq
        self.recorded_at = recorded_at
        self.marking = record.marking
        self.feature = compose_feature(record, record_id, recorded_at)
        self.key = record.key
        decoded = msgspec.json.decode(self.feature)
        self.properties: dict[str, Any] = decoded["properties"]
        self.place: bytes = msgspec.json.encode(record.place)
        self.order = (record.rank, micros(record.said_at), record.serial, seq)

    def narrow(self, marking: Marking) -> None:
        """Give the statement a stricter marking."""
        self.feature = narrowed_feature(self.feature, self.marking, marking)
        self.properties = msgspec.json.decode(self.feature)["properties"]
        self.marking = marking

    def overwrite(self, feature: bytes) -> None:
        """Give the statement another feature; its id and its place in the log stay."""
        self.feature = feature
        self.properties = msgspec.json.decode(feature)["properties"]
        self.record = msgspec.structs.replace(self.record, body=None)

    def stored(self) -> Stored:
        """Return the statement as the port gives it."""
        record = self.record
        return Stored(
            seq=self.seq,
            id=self.id,
            collection=record.collection,
            key=record.key,
            said_at=record.said_at.astimezone(UTC),
            recorded_at=self.recorded_at,
            when=record.when,
            source=record.source,
            marking=self.marking,
            retracts=record.retracts,
            feature=self.feature,
        )


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One append: an entry, a part of a batch of readings, or a narrowing."""

    seq: int
    at: datetime
    entry: Entry | None = None
    collection: str = ""
    marking: Marking | None = None
    rows: int = 0
    key: str = ""
    source: str = ""
    gone_for: Marking | None = None


def lane_of(record: Record) -> Lane:
    """Return the lane that a statement goes into."""
    return record.collection, record.key, record.source, record.marking


def told(step: Step, entry: Entry) -> Change:
    """Return the change that tells of a statement."""
    retracts = entry.record.retracts
    return Change(
        seq=step.seq,
        kind="gone" if retracts else "record",
        collection=entry.record.collection,
        key=entry.key,
        recorded_at=step.at,
        record=None if retracts else entry.stored(),
    )


def bare(step: Step, kind: Any, key: str) -> Change:
    """Return a change without a statement."""
    return Change(seq=step.seq, kind=kind, collection=step.collection, key=key, recorded_at=step.at)


def latest_of(entries: Iterable[Entry], as_of: int | None = None) -> Entry | None:
    """Return the latest of a lane's statements, as of a position."""
    known = [e for e in list(entries) if as_of is None or e.seq <= as_of]
    return max(known, key=lambda e: e.order, default=None)


def stands(entry: Entry, query: Query) -> bool:
    """Tell whether a lane's latest may answer the query at all."""
    return (
        not entry.record.retracts
        and entry.marking in query.visible
        and (query.keys is None or entry.key in query.keys)
        and (query.sources is None or entry.record.source in query.sources)
    )


def address(entry: Entry) -> tuple[str, str, str]:
    """Return what pages are ordered by."""
    return entry.key, entry.record.source, str(entry.record.marking)


def in_time(entry: Entry, query: Query) -> bool:
    """Tell whether the statement is valid when the query asks."""
    return query.when is None or entry.record.when.overlaps(*query.when)


def in_box(entry: Entry, query: Query) -> bool:
    """Tell whether the statement is where the query asks."""
    if query.bbox is None:
        return True
    if entry.record.place is None:
        return False
    from hinomi.stores import spatial  # noqa: PLC0415 - GEOS is loaded only when asked for

    west, south, east, north = bounds(entry.record.place)
    if not (west <= east and south <= north):
        return False
    return spatial.holds("intersects", entry.place, spatial.box(query.bbox))
