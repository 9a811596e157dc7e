"""``federation.db`` beside the store: partners, how far each was read, what came already.

A cursor may be older than the log (it is written after it, without waiting for the disk): then a
batch comes twice and is known. It is never newer; a light node, whose log does not wait for the
disk either, sees to that when it starts (:meth:`Registry.forget_lost`).
"""

from __future__ import annotations

import secrets
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from hinomi.kernel.errors import InputError, MissingError, Text
from hinomi.runtime.federation.agreement import Direction, Peer
from hinomi.standards.batches import Cursor

FILE = "federation.db"
ALL_S = 1e12
"""All history [s]."""
_SCHEMA = """
create table if not exists peer (name text primary key, node text not null unique,
    data blob not null) strict;
create table if not exists reached (node text primary key, data blob not null)
    strict, without rowid;
create table if not exists state (name text, direction text, data blob not null,
    primary key (name, direction)) strict, without rowid;
create table if not exists came (batch text primary key) strict, without rowid;
create table if not exists own (log text not null) strict;
"""


class Reached(msgspec.Struct, frozen=True, kw_only=True):
    """How far a partner's log was read, and which log that was."""

    cursor: Cursor = Cursor()
    log: str = ""
    view: str = ""
    mark: int = 0
    history_s: float = 0.0
    """How much history comes with the snapshot that is being read [s]."""
    here: int = 0
    """This node's own position, with all of that in its log."""


class State(msgspec.Struct, kw_only=True):
    """How a partner is doing in one direction."""

    batches_in: int = 0
    batches_out: int = 0
    records: int = 0
    readings: int = 0
    known: int = 0
    refused: int = 0
    position: int = 0
    """How far its log was read here."""
    its_end: int = 0
    """Its newest position, as far as it told."""
    sent_to: int = 0
    """How far it has read the log here."""
    heard_at: float = 0.0
    """When it was last reached or heard [s since 1970]."""
    level_at: float = 0.0
    """When nothing of its log was missing here [s since 1970]."""
    failures: int = 0
    error: str = ""


class Registry:
    """Safe to use from several threads and processes."""

    def __init__(self, data: Path) -> None:
        self._path = data / FILE
        self._lock = threading.RLock()
        self._db: sqlite3.Connection | None = None
        self._log = ""
        self._version = -1
        self._peers: dict[str, Peer] | None = None
        self._reached: dict[str, Reached] = {}
        self._states: dict[tuple[str, Direction], State] = {}

    def log_id(self) -> str:
        """Return what names this node's log: made anew with the file."""
        if not self._log:
            self._log = self._named_log()
        return self._log

    def _named_log(self) -> str:
        with self._lock, self._open() as db:
            rows = db.execute("select log from own").fetchall()
            if not rows:
                db.execute("insert into own values (?)", (secrets.token_hex(8),))
                rows = db.execute("select log from own order by rowid limit 1").fetchall()
            return str(rows[0][0])

    def add(self, peer: Peer) -> None:
        """Add a partner, or change one that has the same name and key.

        Raises:
            InputError: the name has another key (remove it first), or the key another name.
        """
        for other in self.every():
            if (other.name == peer.name) is not (other.public == peer.public):
                raise InputError(
                    f"{other.name} is a partner already, with "
                    + ("another" if other.name == peer.name else "this")
                    + " key; remove it first.",
                    f"「{other.name}」は登録済みです。先に削除してください。",
                )
        row = (peer.name, peer.node, msgspec.msgpack.encode(peer))
        with self._writing() as db:
            db.execute("insert or replace into peer values (?, ?, ?)", row)
            self._peers = None

    def remove(self, name: str) -> None:
        """Forget a partner; what it said stays, and that it said something.

        Raises:
            MissingError: there is none of that name.
        """
        peer = self.named(name)
        with self._writing() as db:
            db.execute("delete from peer where name = ?", (name,))
            db.execute("delete from reached where node = ?", (peer.node,))
            self._forget()

    def named(self, name: str) -> Peer:
        """Return a partner by its name, or raise MissingError."""
        peers = self.every()
        for peer in peers:
            if peer.name == name:
                return peer
        raise MissingError(Text("連携先", "partner"), name, [p.name for p in peers])

    def of_node(self, node: str) -> Peer | None:
        """Return the partner with a node id."""
        return self._kept().get(node)

    def every(self) -> list[Peer]:
        """Return all partners, by name."""
        return sorted(self._kept().values(), key=lambda peer: peer.name)

    def reached(self, node: str) -> Reached:
        """Return how far a partner's log was read."""
        with self._lock:
            db = self._current()
            if node not in self._reached:
                rows = db.execute("select data from reached where node = ?", (node,))
                found = rows.fetchone()
                self._reached[node] = (
                    msgspec.msgpack.decode(found[0], type=Reached) if found else Reached()
                )
            return self._reached[node]

    def wanted(self, peer: Peer, stands: Reached) -> float:
        """Return how much history is wanted of a partner, should it begin with a snapshot [s].

        Of one that has told something already all of it is: what was withdrawn long ago, while
        nothing could be heard, must not stand here for ever.
        """
        if stands.cursor.snapshot:
            return stands.history_s
        if stands.cursor == Cursor() and not self.state(peer.name, "in").records:
            return peer.history_s
        return ALL_S

    def reach(
        self,
        found: dict[str, Reached],
        came: Iterable[str] = (),
        states: Iterable[tuple[str, State]] = (),
    ) -> None:
        """Note how far partners' logs were read, which batches of readings came, and from whom.

        Args:
            found: by node.
            came: names of batches of readings.
            states: (partner's name, how it is doing as one who sends).
        """
        with self._writing() as db:
            db.executemany(
                "insert or replace into reached values (?, ?)",
                [(node, msgspec.msgpack.encode(one)) for node, one in found.items()],
            )
            db.executemany("insert or ignore into came values (?)", [(c,) for c in came])
            for name, state in states:
                self._note(db, name, "in", state)
            self._reached |= found

    def forget_lost(self, position: int) -> list[str]:
        """Forget how far partners were read whose word the log has lost, and return their nodes.

        A light node's log may end before what stands here, after a power cut: it then ends at
        ``position``. All of theirs is asked for again. Durable on return: were this forgotten
        and the log longer by then, nobody would notice any more.
        """
        with self._lock:
            rows = self._open().execute("select node, data from reached").fetchall()
            found = {n: msgspec.msgpack.decode(d, type=Reached) for n, d in rows}
            lost = [node for node, stands in found.items() if stands.here > position]
            if lost:
                self._open().execute("pragma synchronous = full")
                with self._writing() as db:
                    db.executemany("delete from reached where node = ?", [(n,) for n in lost])
                    self._forget()
                self._open().execute("pragma synchronous = normal")
        return lost

    def came(self, batch: str) -> bool:
        """Tell whether a batch of readings came already, on whichever way."""
        with self._lock:
            rows = self._open().execute("select 1 from came where batch = ?", (batch,))
            return rows.fetchone() is not None

    def state(self, name: str, direction: Direction) -> State:
        """Return how a partner is doing, in one direction."""
        with self._lock:
            db = self._current()
            known = self._states.get((name, direction))
            if known is None:
                rows = db.execute(
                    "select data from state where name = ? and direction = ?", (name, direction)
                )
                found = rows.fetchone()
                known = msgspec.msgpack.decode(found[0], type=State) if found else State()
                self._states[name, direction] = known
            return msgspec.structs.replace(known)

    def note(self, name: str, direction: Direction, state: State) -> None:
        """Keep how a partner is doing."""
        with self._writing() as db:
            self._note(db, name, direction, state)

    def note_out(self, states: Iterable[tuple[str, State]]) -> None:
        """Keep how partners are doing as readers, all in one step."""
        with self._writing() as db:
            for name, state in states:
                self._note(db, name, "out", state)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._db is not None:
                self._db.close()
                self._db = None

    def _kept(self) -> dict[str, Peer]:
        """Return partners by node."""
        with self._lock:
            db = self._current()
            if self._peers is None:
                rows = db.execute("select node, data from peer").fetchall()
                self._peers = {n: msgspec.msgpack.decode(d, type=Peer) for n, d in rows}
            return self._peers

    def _current(self) -> sqlite3.Connection:
        """Return the connection; what is kept is forgotten if another one has written."""
        db = self._open()
        version = int(db.execute("pragma data_version").fetchone()[0])
        if version != self._version:
            self._forget()
            self._version = version
        return db

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """Write in one step; what is kept of it is forgotten if it fails."""
        with self._lock:
            try:
                with self._open() as db:
                    yield db
            except BaseException:
                self._forget()
                raise

    def _forget(self) -> None:
        self._peers = None
        self._reached.clear()
        self._states.clear()

    def _note(self, db: sqlite3.Connection, name: str, direction: Direction, state: State) -> None:
        row = (name, direction, msgspec.msgpack.encode(state))
        db.execute("insert or replace into state values (?, ?, ?)", row)
        self._states[name, direction] = msgspec.structs.replace(state)

    def _open(self) -> sqlite3.Connection:
        if self._db is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.touch(mode=0o600)
            self._db = sqlite3.connect(self._path, timeout=10.0, check_same_thread=False)
            self._db.execute("pragma journal_mode = wal")
            self._db.execute("pragma synchronous = normal")
            self._db.executescript(_SCHEMA)
        return self._db
