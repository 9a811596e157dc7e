"""Upkeep of the PostgreSQL store: check, and retiring old readings into a Parquet file."""

# ruff: noqa: S608 - only names from this package are written into SQL; values are bound
from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from hinomi.stores.postgres.link import Link
from hinomi.stores.postgres.partitions import bounds
from hinomi.stores.retiring import archive_writer

_ROWS = 100_000
"""Readings in one row group of the archive."""

_DERIVED = {
    "a lane's latest statement is not its greatest (系列の最新が正しくありません)": (
        "SELECT l.key FROM lane l JOIN record n ON n.seq = l.seq WHERE EXISTS ("
        " SELECT 1 FROM record r WHERE r.lane = l.id AND r.collection = l.collection"
        " AND r.key = l.key AND (r.rank, r.said_at, r.serial, r.seq)"
        " > (n.rank, n.said_at, n.serial, n.seq))"
        " OR (l.stands, l.shown) <> (NOT n.retracts, n.marking)"
    ),
    "a statement stands and is not its lane's latest (現在の発表が正しくありません)": (
        "SELECT r.key FROM record r LEFT JOIN lane l ON l.id = r.lane"
        " WHERE r.stands IS DISTINCT FROM (l.seq = r.seq AND l.stands)"
        " OR (r.ever AND r.until IS NULL) IS DISTINCT FROM (l.seq = r.seq)"
    ),
    "a statement refers to a shape that is not there (図形がありません)": (
        "SELECT r.key FROM record r LEFT JOIN shape g ON g.id = r.shape"
        " WHERE r.shape IS NOT NULL AND g.id IS NULL"
    ),
    "a standing statement's place is not in the index (位置の索引が欠けています)": (
        "SELECT r.key FROM record r LEFT JOIN shape g ON g.id = r.shape"
        " LEFT JOIN extent e ON e.collection = r.collection"
        " WHERE r.stands AND (r.cell IS NULL) <> coalesce(ST_IsEmpty(coalesce(g.geom, r.geom)),"
        " true) OR r.cell IS NOT NULL AND coalesce(e.mask >> (r.cell >> 52)::int & 1, 0) = 0"
    ),
    "a series' latest reading is not its newest row (最新値が正しくありません)": (
        "SELECT s.name FROM latest t JOIN series s ON s.id = t.series WHERE EXISTS ("
        " SELECT 1 FROM reading r WHERE r.series = t.series AND r.time >= t.time"
        " AND (r.time, r.batch) > (t.time, t.batch))"
    ),
    "a collection's count is wrong (件数が正しくありません)": (
        "SELECT n.text FROM (SELECT collection, marking, sum(things) AS total FROM ("
        " SELECT collection, shown AS marking, count(DISTINCT key) AS things FROM lane"
        " WHERE stands GROUP BY 1, 2 UNION ALL"
        " SELECT collection, marking, count(DISTINCT name) FROM series GROUP BY 1, 2) x"
        " GROUP BY 1, 2) c JOIN name n ON n.id = c.collection"
        " LEFT JOIN tally t ON t.collection = c.collection AND t.marking = c.marking"
        " WHERE coalesce(t.things, 0) <> c.total"
    ),
    "a position is not in the order of time (位置と時刻の順序が合いません)": (
        "SELECT position FROM (SELECT position, at < lag(at) OVER (ORDER BY position) AS back"
        " FROM step) s WHERE back"
    ),
    "a blob's bytes have another digest (内容がダイジェストと一致しません)": (
        "SELECT digest FROM blob WHERE encode(sha256(data), 'hex') <> digest"
    ),
}


def check(link: Link) -> list[str]:
    """Return what is wrong with what is derived in the store, and with its blobs."""
    found = []
    with link.snapshot():
        for finding, sql in _DERIVED.items():
            rows = link.rows(f"{sql} LIMIT 5")
            if rows:
                found.append(f"{finding}: {', '.join(str(key) for (key,) in rows)}")
    return found


def retire(
    link: Link,
    alone: Callable[[], AbstractContextManager[Link]],
    before: int,
    archive: Path,
    collection: str | None,
) -> int:
    """Write readings older than a time into a Parquet file, then delete them; return how many.

    The file is complete and on the disk before the first row is deleted. Latest values stay.
    Where nothing is that old, no file is made. Whole partitions are dropped. Others write
    meanwhile; what they add of that age stays for the next time.

    Raises:
        InputError: the archive exists already, or pyarrow (extra ``archive``) is not installed.
    """
    write = archive_writer(archive)
    with link.snapshot():
        position = link.value("SELECT coalesce(max(position), 0) FROM step")
        condition, values = "r.time < %s", [before]
        if collection is not None:
            condition += " AND r.series IN (SELECT id FROM series WHERE collection = %s)"
            values.append(link.number(collection))
        if not link.value(f"SELECT 1 FROM reading r WHERE {condition} LIMIT 1", values):
            return 0
        total = write(_batches(link, condition, values))
    with alone() as writer:
        condition += " AND r.batch <= %s"
        values.append(position)
        for name, (start, end) in bounds(writer).items():
            if start >= before:
                continue
            writer.run(f"DELETE FROM {name} r WHERE {condition}", values)
            if end <= before and not writer.value(f"SELECT 1 FROM {name} LIMIT 1"):
                writer.run(f"DROP TABLE {name}")
    return total


def _batches(link: Link, condition: str, values: list[Any]) -> Iterator[list[tuple[Any, ...]]]:
    """Yield the rows to be archived, many at a time, by series and time."""
    sql = (
        "SELECT s.collection, s.name, s.source, s.marking, r.time, r.value, r.quality, r.batch"
        f" FROM reading r JOIN series s ON s.id = r.series WHERE {condition}"
        " ORDER BY r.series, r.time, r.batch"
    )
    with link.connection.cursor("archive", binary=True) as cursor:
        cursor.execute(sql, values)
        while rows := cursor.fetchmany(_ROWS):
            yield [
                (link.name(collection), name, source, str(link.marking(marking)), *reading)
                for collection, name, source, marking, *reading in rows
            ]
