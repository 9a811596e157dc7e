"""The change feed: records, batches of readings and narrowings in one order of positions."""

# ruff: noqa: S608 - only names from this package are written into SQL; values are bound
from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from hinomi.kernel.marking import Marking
from hinomi.kernel.records import from_micros
from hinomi.kernel.store import Change, Changes
from hinomi.stores.postgres.finding import STORED, stored
from hinomi.stores.postgres.link import Link


def changes(
    link: Link,
    after: int,
    visible: frozenset[Marking],
    collections: Sequence[str] | None,
    limit: int,
) -> Changes:
    """Return what became visible after the position."""
    with link.snapshot():
        position = link.value("SELECT max(position) FROM step") or 0
        markings = link.listed(visible)
        link.tell(markings)
        chosen = None if collections is None else link.numbers(collections)
        parts = [
            read(link, after, markings, chosen, limit) for read in (_records, _batches, _remarks)
        ]
    # Where one kind was cut short, nothing behind its last step may be given yet.
    horizon = min((end for _, end in parts if end is not None), default=max(after, position))
    found = [change for part, _ in parts for change in part if change.seq <= horizon]
    found.sort(key=lambda change: change.seq)
    if len(found) <= limit:
        return Changes(found, horizon)
    # A batch of several collections is one position: it is never cut in two.
    last = found[limit - 1].seq
    return Changes([c for c in found if c.seq <= last], last)


_Part = tuple[list[Change], int | None]
"""Steps of one kind, and the last position looked at if there may be more."""


def _records(
    link: Link, after: int, markings: list[int], chosen: list[int] | None, limit: int
) -> _Part:
    rows = link.rows(
        f"SELECT {STORED} FROM record r LEFT JOIN shape g ON g.id = r.shape WHERE r.seq > %s"
        " AND r.marking = ANY(%s) AND (%s::int[] IS NULL OR r.collection = ANY(%s))"
        " ORDER BY r.seq LIMIT %s",
        (after, markings, chosen, chosen, limit + 1),
    )
    end = rows[-1][0] if len(rows) > limit else None
    return [_told(link, row, row[0], row[3]) for row in rows], end


def _batches(
    link: Link, after: int, markings: list[int], chosen: list[int] | None, limit: int
) -> _Part:
    columns = "SELECT b.seq, b.collection, b.rows, b.at FROM batch b WHERE b.marking = ANY(%s)"
    columns += " AND (%s::int[] IS NULL OR b.collection = ANY(%s))"
    values = (markings, chosen, chosen)
    rows = link.rows(
        f"{columns} AND b.seq > %s ORDER BY b.seq LIMIT %s", (*values, after, limit + 1)
    )
    end = rows[-1][0] if len(rows) > limit else None
    if end is not None:
        # The rest of the last batch, so that none is cut in two.
        rows = [r for r in rows if r[0] < end]
        rows += link.rows(f"{columns} AND b.seq = %s", (*values, end))
    return [_bare(link, s, "readings", (c, str(count)), at) for s, c, count, at in rows], end


def _remarks(
    link: Link, after: int, markings: list[int], chosen: list[int] | None, limit: int
) -> _Part:
    rows = link.rows(
        "SELECT m.seq, m.at, m.collection, m.key, m.source, m.new, m.new = ANY(%s)"
        " FROM remark m WHERE m.seq > %s AND (m.new = ANY(%s) OR m.old = ANY(%s))"
        " AND (%s::int[] IS NULL OR m.collection = ANY(%s)) ORDER BY m.seq LIMIT %s",
        (markings, after, markings, markings, chosen, chosen, limit + 1),
    )
    found = []
    for seq, at, collection, key, source, new, seen in rows:
        if not seen:
            found.append(_bare(link, seq, "gone", (collection, key), at))
            continue
        latest = link.rows(
            f"SELECT {STORED} FROM record r LEFT JOIN shape g ON g.id = r.shape"
            " WHERE r.collection = %s AND r.key = %s AND r.stands AND r.source = %s"
            " AND r.marking = %s AND r.seq < %s"
            " ORDER BY r.rank DESC, r.said_at DESC, r.serial DESC, r.seq DESC LIMIT 1",
            (collection, key, source, new, seq),
        )
        found += [_told(link, row, seq, at) for row in latest]
    return found, rows[-1][0] if len(rows) > limit else None


def _told(link: Link, row: tuple[Any, ...], seq: int, at: int) -> Change:
    record = stored(link, row)
    return Change(
        seq=seq,
        kind="gone" if record.retracts else "record",
        collection=record.collection,
        key=record.key,
        recorded_at=from_micros(at),
        record=None if record.retracts else record,
    )


def _bare(
    link: Link, seq: int, kind: Literal["readings", "gone"], thing: tuple[int, str], at: int
) -> Change:
    return Change(
        seq=seq,
        kind=kind,
        collection=link.name(thing[0]),
        key=thing[1],
        recorded_at=from_micros(at),
    )
