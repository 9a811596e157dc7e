"""The change feed: records, batches of readings and narrowings in one order of positions."""

# ruff: noqa: S608 - only names from this package are written into SQL; values are bound
from __future__ import annotations

from collections.abc import Sequence

from hinomi.kernel.marking import Marking
from hinomi.kernel.store import Changes
from hinomi.stores.changes import Part, bare, joined, told
from hinomi.stores.sqlite.finding import STORED, stored
from hinomi.stores.sqlite.link import Link


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
        chosen = ""
        if collections is not None:
            listed = link.numbers(collections)
            chosen = f" AND {{table}}.collection IN ({listed})"
        parts = [
            read(link, after, markings, chosen.format(table=table), limit)
            for read, table in ((_records, "l"), (_batches, "b"), (_remarks, "m"))
        ]
    return joined(parts, after, position, limit)


def _records(link: Link, after: int, markings: str, chosen: str, limit: int) -> Part:
    rows = link.rows(
        f"SELECT {STORED} FROM record r CROSS JOIN lane l ON l.id = r.lane"
        f" LEFT JOIN shape g ON g.id = r.shape WHERE r.seq > ? AND r.marking IN ({markings})"
        f"{chosen} ORDER BY r.seq LIMIT ?",
        (after, limit + 1),
    )
    end = rows[-1][0] if len(rows) > limit else None
    return [told(stored(link, row), row[0], row[3]) for row in rows], end


def _batches(link: Link, after: int, markings: str, chosen: str, limit: int) -> Part:
    rows = link.rows(
        "SELECT b.seq, b.collection, b.rows, b.at FROM batch b"
        f" WHERE b.seq > ? AND b.marking IN ({markings}){chosen} ORDER BY b.seq LIMIT ?",
        (after, limit + 1),
    )
    end = rows[-1][0] if len(rows) > limit else None
    if end is not None:
        # The rest of the last batch, so that none is cut in two.
        rows = [r for r in rows if r[0] < end] + link.rows(
            "SELECT b.seq, b.collection, b.rows, b.at FROM batch b"
            f" WHERE b.seq = ? AND b.marking IN ({markings}){chosen}",
            (end,),
        )
    return [bare("readings", link.name(c), str(count), s, at) for s, c, count, at in rows], end


def _remarks(link: Link, after: int, markings: str, chosen: str, limit: int) -> Part:
    rows = link.rows(
        f"SELECT m.seq, m.at, m.collection, m.key, m.source, m.new, m.new IN ({markings})"
        f" FROM remark m WHERE m.seq > ? AND (m.new IN ({markings}) OR m.old IN ({markings}))"
        f"{chosen} ORDER BY m.seq LIMIT ?",
        (after, limit + 1),
    )
    found = []
    for seq, at, collection, key, source, new, seen in rows:
        if not seen:
            found.append(bare("gone", link.name(collection), key, seq, at))
            continue
        latest = link.rows(
            f"SELECT {STORED} FROM lane l CROSS JOIN record r ON r.seq = l.seq"
            " LEFT JOIN shape g ON g.id = r.shape WHERE l.collection = ? AND l.key = ?"
            " AND l.source = ? AND l.shown = ? AND l.stands = 1 AND l.seq < ?"
            " ORDER BY l.rank DESC, l.said_at DESC, l.serial DESC, l.seq DESC LIMIT 1",
            (collection, key, source, new, seq),
        )
        found += [told(stored(link, row), seq, at) for row in latest]
    return found, rows[-1][0] if len(rows) > limit else None
