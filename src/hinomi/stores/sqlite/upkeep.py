"""Upkeep of the SQLite store: check, back-up while running, restore, retiring old readings."""

from __future__ import annotations

import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apsw

from hinomi.kernel.errors import InputError, UnavailableError
from hinomi.stores.blobs import Blobs
from hinomi.stores.retiring import archive_writer
from hinomi.stores.sqlite.link import FILE, Link, transaction
from hinomi.stores.sqlite.writing import Writer

_PAGES = 2000
"""Pages [4 KiB] copied in one step of a back-up."""
_ROWS = 100_000
"""Readings in one row group of the archive."""
_SERIES = 200
"""Series whose old readings are deleted in one transaction: the writer waits no longer."""

_DERIVED = {
    "a lane's latest statement is not its greatest (系列の最新が正しくありません)": (
        "SELECT l.key FROM lane l JOIN record n ON n.seq = l.seq WHERE EXISTS ("
        " SELECT 1 FROM record r WHERE r.lane = l.id AND (r.rank, r.said_at, r.serial, r.seq)"
        " > (n.rank, n.said_at, n.serial, n.seq))"
        " OR (l.stands, l.shown) <> (1 - n.retracts, n.marking)"
    ),
    "a standing statement's place is not in the index (位置の索引が欠けています)": (
        "SELECT l.key FROM lane l LEFT JOIN place p ON p.lane = l.id"
        # The plus keeps SQLite from walking the whole collection once for each lane.
        " AND +p.collection = l.collection WHERE l.stands = 1"
        " AND (l.west IS NULL) <> (p.west IS NULL)"
    ),
    "a place's statement is not its lane's (位置の索引が古くなっています)": (
        "SELECT l.key FROM place p JOIN lane l ON l.id = p.lane"
        " WHERE (p.seq, p.shown, p.multi) <> (l.seq, l.shown, l.multi)"
    ),
    "a square's count is wrong (区画の件数が正しくありません)": (
        "SELECT n.text FROM (SELECT collection, cell >> 28 AS cell, shown, count(*) AS things"
        " FROM place WHERE cell < 1 << 52 AND multi = 0 GROUP BY 1, 2, 3) p"
        " FULL JOIN crowd c USING (collection, cell, shown) LEFT JOIN name n ON n.id = collection"
        " WHERE p.things IS NOT c.things"
    ),
    "a series' latest reading is not its newest row (最新値が正しくありません)": (
        "SELECT s.name FROM latest t JOIN series s ON s.id = t.series WHERE EXISTS ("
        " SELECT 1 FROM reading r WHERE r.series = t.series AND (r.time, r.batch)"
        " > (t.time, t.batch))"
    ),
    "a collection's count is wrong (件数が正しくありません)": (
        "SELECT n.text FROM (SELECT collection, marking, sum(things) AS total FROM ("
        " SELECT collection, shown AS marking, count(DISTINCT key) AS things FROM lane"
        " WHERE stands = 1 GROUP BY 1, 2 UNION ALL"
        " SELECT collection, marking, count(DISTINCT name) FROM series GROUP BY 1, 2)"
        " GROUP BY 1, 2) c JOIN name n ON n.id = c.collection"
        " LEFT JOIN tally t ON t.collection = c.collection AND t.marking = c.marking"
        " WHERE coalesce(t.things, 0) <> c.total"
    ),
}


def check(link: Link) -> list[str]:
    """Return what is wrong with the file and with what is derived in it."""
    found = [f"{FILE}: {text}" for (text,) in link.rows("PRAGMA integrity_check") if text != "ok"]
    found += [
        f"{FILE}: row {row} of {table} refers to a row of {parent} that is not there"
        for table, row, parent, _ in link.rows("PRAGMA foreign_key_check")
    ]
    for finding, sql in _DERIVED.items():
        rows = link.rows(f"{sql} LIMIT 5")
        if rows:
            found.append(f"{finding}: {', '.join(str(key) for (key,) in rows)}")
    return found


def backup(folder: Path, link: Link, target: Path) -> None:
    """Write the file and its blobs into one tar; readers and the writer go on meanwhile.

    The file is copied first: a blob is always there before the records that name it.

    Raises:
        UnavailableError: the target cannot be written.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as room:
            copy = Path(room) / FILE
            _copy(link, copy)
            packed = Path(room) / "packed.tar"
            with tarfile.open(packed, "w") as tar:
                tar.add(copy, FILE)
                for digest in Blobs(folder / "blobs"):
                    name = f"blobs/{digest[:2]}/{digest[2:]}"
                    tar.add(folder / name, name)
            packed.replace(target)
    except OSError as error:
        raise UnavailableError(f"The back-up {target} cannot be written: {error}") from error


def _copy(link: Link, target: Path) -> None:
    connection = apsw.Connection(str(target))
    try:
        # One snapshot for all steps: else each commit of the writer would begin the copy anew.
        with link.snapshot():
            link.value("SELECT max(position) FROM step")
            with connection.backup("main", link.connection, "main") as copying:
                while not copying.done:
                    copying.step(_PAGES)
        connection.execute("PRAGMA journal_mode=DELETE").fetchall()
    finally:
        connection.close()


def restore(source: Path, folder: Path) -> None:
    """Unpack a back-up into a folder that is empty or not there yet.

    Raises:
        InputError: the folder holds something, or the source is no back-up.
    """
    if folder.is_dir() and any(folder.iterdir()):
        raise InputError(
            f"{folder} is not empty; a back-up is restored into an empty folder.",
            f"{folder}は空ではありません。空のフォルダに復元します。",
        )
    try:
        with tarfile.open(source) as tar:
            names = tar.getnames()
            if FILE not in names:
                raise InputError(f"{source} is no back-up: it has no {FILE}.")
            folder.mkdir(parents=True, exist_ok=True)
            tar.extractall(folder, filter="data")
    except (tarfile.TarError, OSError) as error:
        raise InputError(
            f"{source} cannot be restored: {error}", f"{source}を復元できません: {error}"
        ) from error


def retire(writer: Writer, before: int, archive: Path, collection: str | None) -> int:
    """Write readings older than a time into a Parquet file, then delete them; return how many.

    The file is complete and on the disk before the first row is deleted. Latest values stay.
    Where nothing is that old, no file is made.

    Raises:
        InputError: the archive exists already, or pyarrow (extra ``archive``) is not installed.
    """
    write = archive_writer(archive)
    link = writer.link
    series = [
        number
        for (number,) in link.rows(
            "SELECT id FROM series WHERE ?1 IS NULL OR collection = ?1 ORDER BY id",
            (None if collection is None else link.number(collection),),
        )
    ]
    if not _any_older(link, series, before):
        return 0
    total = write(_batches(link, series, before))
    for first in range(0, len(series), _SERIES):
        with transaction(link):
            link.connection.executemany(
                "DELETE FROM reading WHERE series = ? AND time < ?",
                [(number, before) for number in series[first : first + _SERIES]],
            )
    return total


def _any_older(link: Link, series: list[int], before: int) -> bool:
    return any(
        link.value("SELECT 1 FROM reading WHERE series = ? AND time < ? LIMIT 1", (number, before))
        for number in series
    )


def _batches(link: Link, series: list[int], before: int) -> Iterator[list[tuple[Any, ...]]]:
    """Yield the rows to be archived, many at a time, by series and time."""
    rows: list[tuple[Any, ...]] = []
    for number in series:
        cursor = link.connection.execute(
            "SELECT s.collection, s.name, s.source, s.marking, r.time, r.value, r.quality, r.batch"
            " FROM reading r JOIN series s ON s.id = r.series WHERE r.series = ? AND r.time < ?"
            " ORDER BY r.time, r.batch",
            (number, before),
        )
        for collection, name, source, marking, *reading in cursor:
            rows.append((link.name(collection), name, source, str(link.marking(marking)), *reading))
            if len(rows) >= _ROWS:
                yield rows
                rows = []
    if rows:
        yield rows
