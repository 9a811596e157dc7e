"""The change feed: records, batches of readings and narrowings in one order of positions."""

# ruff: noqa: S608 - only names from this package are written into SQL; values are bound
from __future__ import annotations

from collections.abc import Sequence

from hinomi.kernel.marking import Marking
from hinomi.kernel.store import Changes
from hinomi.stores.changes import Part, bare, joined, told
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
    return joined(parts, after, position, limit)


def _records(
    link: Link, after: int, markings: list[int], chosen: list[int] | None, limit: int
) -> Part:
    rows = link.rows(
        f"SELECT {STORED} FROM record r LEFT JOIN shape g ON g.id = r.shape WHERE r.seq > %s"
        " AND r.marking = ANY(%s) AND (%s::int[] IS NULL OR r.collection = ANY(%s))"
        " ORDER BY r.seq LIMIT %s",
        (after, markings, chosen, chosen, limit + 1),
    )
    end = rows[-1][0] if len(rows) > limit else None
    return [told(stored(link, row), row[0], row[3]) for row in rows], end


def _batches(
    link: Link, after: int, markings: list[int], chosen: list[int] | None, limit: int
) -> Part:
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
    return [bare("readings", link.name(c), str(count), s, at) for s, c, count, at in rows], end


def _remarks(
    link: Link, after: int, markings: list[int], chosen: list[int] | None, limit: int
) -> Part:
    rows = link.rows(
        "SELECT m.seq, m.at, m.collection, m.key, m.source, m.new, m.new = ANY(%s)"
        " FROM remark m WHERE m.seq > %s AND (m.new = ANY(%s) OR m.old = ANY(%s))"
        " AND (%s::int[] IS NULL OR m.collection = ANY(%s)) ORDER BY m.seq LIMIT %s",
        (markings, after, markings, markings, chosen, chosen, limit + 1),
    )
    found = []
    for seq, at, collection, key, source, new, seen in rows:
        if not seen:
            found.append(bare("gone", link.name(collection), key, seq, at))
            continue
        latest = link.rows(
            f"SELECT {STORED} FROM record r LEFT JOIN shape g ON g.id = r.shape"
            " WHERE r.collection = %s AND r.key = %s AND r.stands AND r.source = %s"
            " AND r.marking = %s AND r.seq < %s"
            " ORDER BY r.rank DESC, r.said_at DESC, r.serial DESC, r.seq DESC LIMIT 1",
            (collection, key, source, new, seq),
        )
        found += [told(stored(link, row), seq, at) for row in latest]
    return found, rows[-1][0] if len(rows) > limit else None
