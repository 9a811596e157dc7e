"""Small tables beside the town's: what its processes share that is no statement (keys, sessions).

The role that questions are asked with has no right to them.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from hinomi.kernel.errors import UnavailableError
from hinomi.stores.postgres.link import Connection, alive, connect, unavailable
from hinomi.stores.postgres.schema import SCHEMA

_MAKE_LOCK = 0x48494E54
"""("HINT") Held while tables are made: two processes that start at once would both make them."""
_TYPES = {
    r"\btext\b": 'text COLLATE "C"',
    r"\bblob\b": "bytea",
    r"\binteger\b": "bigint",
    r"\breal\b": "float8",
}
"""Times are compared as texts: by code point, as SQLite and Python do."""
_NAMES = re.compile(r"create table if not exists (\w+)")


class PostgresTables:
    """Tables in the database's schema; a lost connection is opened anew with the next question."""

    def __init__(self, url: str, schema: str) -> None:
        self._url, self._schema = url, schema
        self._lock = threading.RLock()
        self._connection: Connection | None = None

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Return a question's rows; a connection that was lost meanwhile is opened anew."""
        with self._lock:
            inside = self._connection is not None and self._connection.info.transaction_status
            try:
                with self._asking(query, values) as cursor:
                    return cursor.fetchall()
            except UnavailableError:
                if inside:
                    raise
            with self._asking(query, values) as cursor:
                return cursor.fetchall()

    def run(self, query: str, *values: object) -> int:
        """Run a statement, durable on return; return how many rows it changed."""
        with self._asking(query, values) as cursor:
            return cursor.rowcount

    @contextmanager
    def together(self) -> Iterator[None]:
        """Do all that the block does, or nothing of it."""
        with self._lock, self._guarded(), self._open().transaction():
            yield

    def close(self) -> None:
        """Let go of the connection."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    @contextmanager
    def _asking(
        self, query: str, values: tuple[object, ...]
    ) -> Iterator[psycopg.Cursor[tuple[Any, ...]]]:
        with self._lock, self._guarded():
            # Every text of SQL is the program's own.
            yield self._open().execute(query.replace("?", "%s"), values)

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            self.close()
            raise unavailable(error) from error

    def _open(self) -> Connection:
        found = self._connection
        if found is not None and (found.info.transaction_status or alive(found)):
            return found
        self.close()
        self._connection = connect(self._url)
        self._make(self._connection)
        return self._connection

    def _make(self, connection: Connection) -> None:
        names = [f"{SCHEMA}.{name}" for name in _NAMES.findall(self._schema)]
        missing = "SELECT bool_or(to_regclass(name) IS NULL) FROM unnest(%s::text[]) AS name"
        if connection.execute(missing, (names,)).fetchone() == (False,):
            return
        made = self._schema
        for plain, ours in _TYPES.items():
            made = re.sub(plain, ours, made)
        with connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (_MAKE_LOCK,))
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
            connection.execute(made)
