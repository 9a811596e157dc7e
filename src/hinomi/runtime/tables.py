"""Small tables that all processes of a town share: API keys and sessions.

They lie where the town does: on PostgreSQL in its database, so that every process of every server
knows a new key, a revoked one, a session and a failed try at once; else in a file of the folder.
The words of SQL are those that both understand.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Protocol

from hinomi.kernel.errors import UnavailableError
from hinomi.runtime import storing


class Tables(Protocol):
    """Tables of our own; safe to use from several threads and processes."""

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Return a question's rows."""

    def run(self, query: str, *values: object) -> int:
        """Run a statement, durable on return; return how many rows it changed."""

    def together(self) -> AbstractContextManager[None]:
        """Do all that the block does, or nothing of it."""

    def close(self) -> None:
        """Let go of the file or the connection."""


def of(folder: Path, name: str, schema: str, later: Sequence[str] = ()) -> Tables:
    """Return a data folder's tables.

    Args:
        folder: the data folder.
        name: the file's, where they lie in one.
        schema: ``create table if not exists`` statements, each ended by a semicolon.
        later: ``alter table`` statements for files of earlier versions.
    """
    return at(storing.address(folder), folder, name, schema, later)


def at(address: str, folder: Path, name: str, schema: str, later: Sequence[str] = ()) -> Tables:
    """Return the tables of the town at an address; in the folder, where it lies in a file."""
    if storing.folder_of(address) is not None:
        return FileTables(folder / name, schema, later)
    # Imported here: only a town on a server needs its driver.
    from hinomi.stores.postgres.tables import PostgresTables  # noqa: PLC0415

    return PostgresTables(address, schema)


class FileTables:
    """Tables in an SQLite file, made when something is first written."""

    def __init__(self, path: Path, schema: str, later: Sequence[str] = ()) -> None:
        self._path, self._schema, self._later = path, schema, later
        self._lock = threading.RLock()
        self._db: sqlite3.Connection | None = None

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Return a question's rows; a file that nothing was written to yet has none."""
        with self._lock:
            if self._db is None and not self._path.exists():
                return []
            with _told(self._path):
                return self._open().execute(query, values).fetchall()

    def run(self, query: str, *values: object) -> int:
        """Run a statement; return how many rows it changed."""
        with self._lock, _told(self._path):
            return self._open().execute(query, values).rowcount

    @contextmanager
    def together(self) -> Iterator[None]:
        """Do all that the block does, or nothing of it."""
        with self._lock:
            with _told(self._path):
                db = self._open()
                db.execute("begin immediate")
            try:
                yield
            except BaseException:
                db.rollback()
                raise
            with _told(self._path):
                db.commit()

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._db is not None:
                self._db.close()
                self._db = None

    def _open(self) -> sqlite3.Connection:
        if self._db is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.touch(mode=0o600)
            db = sqlite3.connect(
                self._path, timeout=5.0, check_same_thread=False, isolation_level=None
            )
            db.executescript(self._schema.replace(");", ") strict;"))
            for column in self._later:
                with contextlib.suppress(sqlite3.OperationalError):  # It has the column.
                    db.execute(column)
            self._db = db
        return self._db


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise UnavailableError(
            f"{path} cannot be used now: {error}", f"{path}を利用できません: {error}"
        ) from error


def copy(source: Tables, target: Tables, tables: dict[str, str]) -> int:
    """Copy rows that the target lacks; what it has stays. Return how many were copied.

    Args:
        source: where the rows are.
        target: where they go.
        tables: the columns of each table, by its name.
    """
    copied = 0
    for table, columns in tables.items():
        marks = ", ".join("?" for _ in columns.split(","))
        insert = f"insert into {table} ({columns}) values ({marks}) on conflict do nothing"  # noqa: S608 - our own names
        for row in source.rows(f"select {columns} from {table}"):  # noqa: S608
            copied += target.run(insert, *row)
    return copied
