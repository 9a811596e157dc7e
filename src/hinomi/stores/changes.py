"""What the databases' feeds do alike: name a change, and join the kinds in one order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from hinomi.kernel.records import Stored, from_micros
from hinomi.kernel.store import Change, Changes

Part = tuple[list[Change], int | None]
"""One kind's changes, and the last position read where there were more."""


def joined(parts: Sequence[Part], after: int, position: int, limit: int) -> Changes:
    """Return the kinds' changes in one order, as far as all of them were read."""
    # Where one kind was cut short, nothing behind its last step may be given yet.
    horizon = min((end for _, end in parts if end is not None), default=max(after, position))
    found = [change for part, _ in parts for change in part if change.seq <= horizon]
    found.sort(key=lambda change: change.seq)
    if len(found) <= limit:
        return Changes(found, horizon)
    # A batch of several collections is one position: it is never cut in two.
    last = found[limit - 1].seq
    return Changes([c for c in found if c.seq <= last], last)


def told(record: Stored, seq: int, at: int) -> Change:
    """Return a statement as the feed tells it; a retraction only says that the thing is gone."""
    return Change(
        seq=seq,
        kind="gone" if record.retracts else "record",
        collection=record.collection,
        key=record.key,
        recorded_at=from_micros(at),
        record=None if record.retracts else record,
    )


def bare(kind: Literal["readings", "gone"], collection: str, key: str, seq: int, at: int) -> Change:
    """Return a change that carries no statement."""
    return Change(seq=seq, kind=kind, collection=collection, key=key, recorded_at=from_micros(at))
