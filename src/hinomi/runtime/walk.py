"""Walking provenance: from a record back to the bytes, and forward to what was made of it."""

from __future__ import annotations

from datetime import datetime

import msgspec

from hinomi.kernel.errors import MissingError
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Origin, Stored
from hinomi.runtime import operations

MAX_DEPTH = 6
MAX_BRANCHES = 20
"""Inputs and results shown of one record; the counts are always whole."""


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One origin of a record, and what is kept about its payload."""

    origin: Origin
    recorded_at: datetime
    size_bytes: int | None = None
    """[B] of the kept raw payload; None where there is none (a model's run, a person's entry)."""
    source_id: str = ""
    """Which source of the catalogue parsed it."""
    kind: str = ""
    name: str = ""
    inputs: tuple[Step, ...] = ()
    inputs_in_all: int = 0


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A record on the way, with its deliveries and what was made of it."""

    id: str
    collection: str = ""
    key: str = ""
    seq: int = 0
    said_at: datetime | None = None
    recorded_at: datetime | None = None
    source: str = ""
    marking: str = ""
    retracts: bool = False
    deliveries: tuple[Delivery, ...] = ()
    made: tuple[Step, ...] = ()
    made_in_all: int = 0


def walk(reader: Reader, record_id: str) -> Step:
    """Return the record with all that leads to it and all that follows.

    Raises:
        MissingError: the reader sees no such record.
    """
    return _step(reader, record_id, back=True, forward=True, depth=0)


def _step(
    reader: Reader,
    record_id: str,
    *,
    back: bool,
    forward: bool,
    depth: int,
    of: tuple[str, str] | None = None,
) -> Step:
    trace = reader.trace(record_id)
    record = trace.record
    # A model that read its own earlier statement: its history is not walked, it is asked for.
    back = back and of != (record.collection, record.key)
    deliveries = tuple(
        _delivery(reader, record, origin, at, depth=depth)
        if back
        else Delivery(origin=origin, recorded_at=at)
        for origin, at in trace.origins
    )
    made: tuple[Step, ...] = ()
    if forward and depth < MAX_DEPTH:
        made = tuple(
            _try(reader, one, back=False, forward=True, depth=depth + 1)
            for one in trace.made[:MAX_BRANCHES]
        )
    return Step(
        id=record.id,
        collection=record.collection,
        key=record.key,
        seq=record.seq,
        said_at=record.said_at,
        recorded_at=record.recorded_at,
        source=record.source,
        marking=str(record.marking),
        retracts=record.retracts,
        deliveries=deliveries,
        made=made,
        made_in_all=len(trace.made),
    )


def _try(
    reader: Reader,
    record_id: str,
    *,
    back: bool,
    forward: bool,
    depth: int,
    of: tuple[str, str] | None = None,
) -> Step:
    """Return the step, or a bare id where the reader may not see it or it is no record."""
    try:
        return _step(reader, record_id, back=back, forward=forward, depth=depth, of=of)
    except MissingError:
        return Step(id=record_id)


def _delivery(
    reader: Reader, record: Stored, origin: Origin, at: datetime, *, depth: int
) -> Delivery:
    size = None
    source_id = kind = name = ""
    if origin.digest:
        try:
            size = len(reader.blob(record, origin.digest))
        except MissingError:
            size = None
        found = reader.find(operations.PAYLOADS.id, keys=(origin.digest,), limit=1).items
        if found:
            state = found[0].body()
            source_id, kind, name = state["source_id"], state["kind"], state["name"]
    inputs: tuple[Step, ...] = ()
    if origin.inputs and depth < MAX_DEPTH:
        inputs = tuple(
            _try(
                reader,
                one,
                back=True,
                forward=False,
                depth=depth + 1,
                of=(record.collection, record.key),
            )
            for one in origin.inputs[:MAX_BRANCHES]
        )
    return Delivery(
        origin=origin,
        recorded_at=at,
        size_bytes=size,
        source_id=source_id,
        kind=kind,
        name=name,
        inputs=inputs,
        inputs_in_all=len(origin.inputs),
    )
