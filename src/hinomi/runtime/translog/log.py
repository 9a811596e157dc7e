"""The log itself: leaves and complete subtrees in SQLite, appended to in one transaction.

An append costs one node a leaf on average, whatever the log's size. What is returned is on the
disk (WAL, ``synchronous=full``): a crash leaves the log as it was before the append or after it.
Several processes may append; SQLite's lock puts them in one order.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from hinomi.kernel.errors import MissingError, Text, UnavailableError
from hinomi.standards import translog
from hinomi.stores.room import make_room

FILE = "trust.db"
_SCHEMA = """
create table if not exists leaf (
    idx integer primary key, kind text not null, at text not null, entry blob not null,
    subject blob, who text not null default '', verb text not null default '',
    what text not null default ''
) strict;
create index if not exists leaf_subject on leaf (subject) where subject is not null;
create index if not exists leaf_who on leaf (who, idx) where who != '';
create table if not exists node (
    level integer not null, idx integer not null, hash blob not null, primary key (level, idx)
) strict, without rowid;
create table if not exists witnessed (
    node text primary key, size integer not null, root blob not null, at text not null,
    note text not null
) strict;
"""
_ENOUGH = 20
_BUSY, _ROOM = 8, 4 * 1024 * 1024
"""After so many appends the WAL is given room [B] up to where SQLite begins it anew."""
_COLUMNS = "idx, kind, at, entry, subject, who, verb, what"


class Leaf(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of the log; the columns beside the entry only serve to find it."""

    kind: str
    """``package``, ``cap``, ``batch``, ``audit``, ``key``."""
    at: str
    """RFC 3339, UTC."""
    entry: bytes
    """What is hashed: JSON."""
    subject: bytes | None = None
    """SHA-256 of the published bytes."""
    who: str = ""
    verb: str = ""
    what: str = ""
    index: int = -1


class Log:
    """An append-only log; safe to use from several threads and processes."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._lock = threading.RLock()
        self._db: sqlite3.Connection | None = None
        self._appends = 0

    def append(self, leaves: Sequence[Leaf]) -> int:
        """Append leaves in one transaction, durable on return; return the first one's index.

        Raises:
            UnavailableError: the disk is full, or another process holds the file too long.
        """
        with self._lock:
            db = self._open()
            try:
                db.execute("begin immediate")
                first = self._size(db)
                for index, leaf in enumerate(leaves, first):
                    self._insert(db, index, leaf)
                self._appends += 1
                if self._appends == _BUSY:
                    # Here nobody else appends.
                    make_room(self._path.with_name(f"{FILE}-wal"), _ROOM)
                db.execute("commit")
            except sqlite3.Error as error:
                if db.in_transaction:
                    db.execute("rollback")
                raise UnavailableError(
                    f"The log in {self._path} cannot be written ({error}).",
                    f"透明性ログ{self._path}に書けません({error})。",
                ) from error
        return first

    def size(self) -> int:
        """Return how many leaves there are."""
        with self._lock:
            return self._size(self._open()) if self._there() else 0

    def node(self, level: int, index: int) -> bytes:
        """Return the hash of a complete subtree."""
        with self._lock:
            return self._node(self._open(), level, index)

    def root(self, size: int) -> bytes:
        """Return the tree's root at a size."""
        return translog.root(size, self.node)

    def leaf(self, index: int) -> Leaf:
        """Return a leaf, or raise MissingError."""
        found = list(self._select("where idx = ?", index))
        if not found:
            raise MissingError(Text("透明性ログの項目", "entry of the log"), str(index))
        return found[0]

    def of(self, subject: bytes) -> Leaf | None:
        """Return the first leaf about published bytes, by their SHA-256."""
        rows = self._select("where subject = ? order by idx limit 1", subject)
        return next(iter(rows), None)

    def about(self, text: str) -> list[bytes]:
        """Return the SHA-256 of what was published under a name that holds the text."""
        with self._lock:
            if not self._there():
                return []
            query = "select subject from leaf where subject is not null and instr(what, ?)"
            return [row[0] for row in self._open().execute(query, (text,))]

    def leaves(self, start: int = 0, end: int | None = None) -> Iterator[Leaf]:
        """Yield leaves [start, end) in order, a thousand at a time."""
        last = self.size() if end is None else end
        for begin in range(start, last, 1000):
            until = min(begin + 1000, last)
            yield from self._select("where idx >= ? and idx < ? order by idx", begin, until)

    def find(self, words: dict[str, str], *, limit: int, before: int | None = None) -> list[Leaf]:
        """Return audit leaves, newest first.

        Args:
            words: any of ``who``, ``verb`` (equal), ``what`` (contained), ``since``, ``until``.
            limit: at most so many.
            before: only leaves with a smaller index.
        """
        tests, values = ["kind = 'audit'"], []
        for name, test in _TESTS.items():
            if words.get(name):
                tests.append(test)
                values.append(words[name])
        if before is not None:
            tests.append("idx < ?")
            values.append(str(before))
        where = f"where {' and '.join(tests)} order by idx desc limit {int(limit)}"
        return list(self._select(where, *values))

    def check(self) -> list[str]:
        """Return what is wrong: every hash is made again from the entries."""
        problems: list[str] = []
        edge, size = translog.Edge(), self.size()
        for leaf in self.leaves():
            if leaf.index != edge.size:
                break
            made = edge.append(translog.leaf_hash(leaf.entry))
            problems += [
                f"leaf {leaf.index}: level {level} has another hash than its entries"
                for level, index, top in made
                if self._kept(level, index) != top
            ]
            if len(problems) > _ENOUGH:
                return problems
        return problems if edge.size == size else [*problems, f"leaf {edge.size}: missing"]

    def witnessed(self, node: str) -> tuple[int, bytes] | None:
        """Return size and root of a partner's log as they were seen last."""
        with self._lock:
            rows = self._open().execute("select size, root from witnessed where node = ?", (node,))
            found: tuple[int, bytes] | None = rows.fetchone()
        return found

    def witness(self, node: str, size: int, root: bytes, *, at: str, note: str) -> None:
        """Remember a partner's tree head."""
        with self._lock, self._open() as db:
            row = (node, size, root, at, note)
            db.execute("insert or replace into witnessed values (?, ?, ?, ?, ?)", row)

    def witnesses(self) -> list[tuple[str, int, str]]:
        """Return (node, size, time) of the heads that are remembered."""
        with self._lock:
            if not self._there():
                return []
            query = "select node, size, at from witnessed order by node"
            return self._open().execute(query).fetchall()

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._db is not None:
                self._db.close()
                self._db = None

    def _insert(self, db: sqlite3.Connection, index: int, leaf: Leaf) -> None:
        row = (index, leaf.kind, leaf.at, leaf.entry, leaf.subject, leaf.who, leaf.verb, leaf.what)
        db.execute("insert into leaf values (?, ?, ?, ?, ?, ?, ?, ?)", row)

        def node(level: int, place: int) -> bytes:
            return self._node(db, level, place)

        made = translog.completed(index, translog.leaf_hash(leaf.entry), node)
        db.executemany("insert into node values (?, ?, ?)", made)

    def _select(self, where: str, *values: object) -> Iterator[Leaf]:
        with self._lock:
            if not self._there():
                return
            query = f"select {_COLUMNS} from leaf {where}"  # noqa: S608 - our own words
            rows = self._open().execute(query, values).fetchall()
        for index, kind, at, entry, subject, who, verb, what in rows:
            yield Leaf(
                kind=kind, at=at, entry=entry, subject=subject, who=who, verb=verb, what=what,
                index=index,
            )  # fmt: skip

    def _kept(self, level: int, index: int) -> bytes | None:
        with self._lock:
            query = "select hash from node where level = ? and idx = ?"
            found = self._open().execute(query, (level, index)).fetchone()
        return found[0] if found else None

    def _there(self) -> bool:
        return self._db is not None or self._path.exists()

    def _open(self) -> sqlite3.Connection:
        if self._db is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.touch(mode=0o600)
            self._db = sqlite3.connect(
                self._path, timeout=10.0, check_same_thread=False, isolation_level=None
            )
            self._db.execute("pragma journal_mode = wal")
            self._db.execute("pragma synchronous = full")
            self._db.executescript(_SCHEMA)
        return self._db

    @staticmethod
    def _size(db: sqlite3.Connection) -> int:
        return int(db.execute("select coalesce(max(idx) + 1, 0) from leaf").fetchone()[0])

    @staticmethod
    def _node(db: sqlite3.Connection, level: int, index: int) -> bytes:
        query = "select hash from node where level = ? and idx = ?"
        found = db.execute(query, (level, index)).fetchone()
        if found is None:
            raise MissingError(Text("透明性ログの節", "node of the log"), f"{level}/{index}")
        return bytes(found[0])


_TESTS = {
    "who": "who = ?",
    "verb": "verb = ?",
    "what": "what like '%' || ? || '%'",
    "since": "at >= ?",
    "until": "at < ?",
}
