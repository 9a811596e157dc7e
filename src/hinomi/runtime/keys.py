"""API keys: who may see and write what through the API; all processes of a town know the same.

They lie in ``keys.db`` of the data folder, for a town on PostgreSQL in its database. A key is 256
random bits, so one SHA-256 is as safe as a slow hash: there is nothing to guess. Only the hash is
kept; the key itself is shown once. A key is scoped (collections, clearance, roles of the policy),
may be held to so many requests a minute, may end by itself, is rotated with overlap and can be
revoked.
"""

from __future__ import annotations

import contextlib
import secrets
import threading
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

import msgspec

from hinomi.kernel.errors import InputError, MissingError, Text, UnavailableError
from hinomi.kernel.marking import ANONYMOUS, OPERATOR, Disclosure, Principal
from hinomi.kernel.records import micros
from hinomi.runtime import clock, policy, storing, tables
from hinomi.vocabulary.acts import DRILL_GROUP

PREFIX = "hinomi_"
_USED_EVERY = timedelta(minutes=1)
FILE = "keys.db"
SCHEMA = """
create table if not exists keys (
    name text primary key, digest blob not null unique, organisations text not null,
    clearance integer not null, writes text not null, created_at text not null,
    revoked_at text, used_at text, roles text not null default '[]',
    rate integer not null default 0, expires_at text, busy_until integer not null default 0
);
create table if not exists old_digests (
    digest blob primary key, name text not null, until text not null
);
"""
_LATER = (
    "alter table keys add column roles text not null default '[]'",
    "alter table keys add column rate integer not null default 0",
    "alter table keys add column expires_at text",
    "alter table keys add column busy_until integer not null default 0",
)
"""Columns that files of earlier versions lack."""
_MOVED = {
    "keys": "name, digest, organisations, clearance, writes, created_at, revoked_at, used_at,"
    " roles, rate, expires_at",
    "old_digests": "digest, name, until",
}
_MINUTE = 60_000_000
"""[us]"""
OVERLAP = timedelta(days=1)
"""So long the old secret still opens after a rotation."""


class TooManyError(UnavailableError):
    """The key is used more often than it may be."""

    status = 429


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """A key without its secret."""

    name: str
    organisations: tuple[str, ...]
    clearance: str
    writes: tuple[str, ...]
    created_at: datetime
    revoked_at: datetime | None
    used_at: datetime | None
    roles: tuple[str, ...] = ()
    rate: int = 0
    """Requests a minute; 0: as many as it likes."""
    expires_at: datetime | None = None


class Keys:
    """The keyring of a data folder; safe to use from several threads and processes."""

    def __init__(self, folder: Path, *, now: clock.Clock = clock.now) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._folder = folder
        self._kept: tables.Tables | None = None
        self._reserved: dict[str, int] = {}
        """Requests of a key that were taken from the store and not used yet."""

    def create(
        self, principal: Principal, *, rate: int = 0, expires_at: datetime | None = None
    ) -> str:
        """Make a key for the principal and return its secret, which is kept nowhere.

        Args:
            principal: its name, attributes and roles; a clearance is a ceiling under the roles.
            rate: requests a minute that it is held to; 0: none.
            expires_at: when it ends by itself.

        Raises:
            InputError: the name is empty, reserved or taken.
        """
        name = principal.name
        if not name or name in {ANONYMOUS.name, OPERATOR.name}:
            raise InputError(f"A key cannot be named {name!r}.", f"キー名「{name}」は使えません。")
        secret = PREFIX + secrets.token_urlsafe(32)
        row = (
            name,
            _digest(secret),
            msgspec.json.encode(principal.organisations).decode(),
            int(principal.clearance),
            msgspec.json.encode(principal.writes).decode(),
            self._now().isoformat(),
            msgspec.json.encode(principal.roles).decode(),
            rate,
            expires_at.isoformat() if expires_at else None,
        )
        insert = f"insert into keys ({_ROW}) values (?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
        if not self._tables().run(f"{insert} on conflict do nothing", *row):
            raise InputError(
                f"There is a key named {name!r} already (perhaps revoked).",
                f"キー「{name}」は既にあります(失効済みを含む)。",
            )
        return secret

    def every(self) -> list[Key]:
        """Return all keys, revoked ones included, by name."""
        rows = self._tables().rows(
            "select name, organisations, clearance, writes, created_at, revoked_at, used_at, roles,"
            " rate, expires_at from keys order by name"
        )
        return [
            Key(
                name=name,
                organisations=_names(organisations),
                clearance=Disclosure(clearance).label,
                writes=_names(writes),
                created_at=datetime.fromisoformat(created),
                revoked_at=datetime.fromisoformat(revoked) if revoked else None,
                used_at=datetime.fromisoformat(used) if used else None,
                roles=_names(roles),
                rate=rate,
                expires_at=datetime.fromisoformat(expires) if expires else None,
            )
            for (
                name,
                organisations,
                clearance,
                writes,
                created,
                revoked,
                used,
                roles,
                rate,
                expires,
            ) in rows
        ]

    def rotate(self, name: str, overlap: timedelta = OVERLAP) -> str:
        """Give a key a new secret and return it; the old one still opens for the overlap.

        Raises:
            MissingError: there is no such key, or it is revoked.
        """
        secret = PREFIX + secrets.token_urlsafe(32)
        until = (self._now() + overlap).isoformat()
        kept = self._tables()
        with kept.together():
            # Who rotates it at the same time waits here.
            if not kept.run(
                "update keys set name = name where name = ? and revoked_at is null", name
            ):
                raise self._missing(name)
            kept.run("delete from old_digests where until <= ?", self._now().isoformat())
            kept.run(
                "insert into old_digests select digest, name, ? from keys where name = ?",
                until, name,
            )  # fmt: skip
            kept.run("update keys set digest = ? where name = ?", _digest(secret), name)
        return secret

    def revoke(self, name: str) -> None:
        """Make a key invalid from now on, in every process.

        Raises:
            MissingError: there is no such key.
        """
        done = self._tables().run(
            "update keys set revoked_at = coalesce(revoked_at, ?) where name = ?",
            self._now().isoformat(), name,
        )  # fmt: skip
        if not done:
            raise self._missing(name)

    def principal(self, secret: str) -> Principal | None:
        """Return the key's principal, or None for one that is unknown, revoked or over.

        Raises:
            TooManyError: it is used more often than it may be.
        """
        digest, now = _digest(secret), self._now().isoformat()
        rows = self._tables().rows(
            "select name, organisations, clearance, writes, roles, used_at, rate from keys"
            " where revoked_at is null and coalesce(expires_at, '9') > ? and (digest = ? or name ="
            " (select name from old_digests where digest = ? and until > ?))",
            now, digest, digest, now,
        )  # fmt: skip
        if not rows:
            return None
        *row, used, rate = rows[0]
        if rate:
            self._count_use(row[0], rate)
        self._note_use(row[0], used)
        return self._principal(*row)

    def named(self, name: str) -> Principal:
        """Return the principal of a valid key by name: for the operator's ``--as``.

        Raises:
            MissingError: there is no such key, or it is revoked.
        """
        if name == ANONYMOUS.name:
            return ANONYMOUS
        if name == OPERATOR.name:
            return OPERATOR
        rows = self._tables().rows(
            "select name, organisations, clearance, writes, roles from keys"
            " where name = ? and revoked_at is null and coalesce(expires_at, '9') > ?",
            name, self._now().isoformat(),
        )  # fmt: skip
        if rows:
            return self._principal(*rows[0])
        known = [key.name for key in self.every() if key.revoked_at is None]
        raise MissingError(Text("利用者", "user"), name, [ANONYMOUS.name, OPERATOR.name, *known])

    def close(self) -> None:
        """Let go of the file or the connection."""
        with self._lock:
            if self._kept is not None:
                self._kept.close()
                self._kept = None

    def _missing(self, name: str) -> MissingError:
        return MissingError(Text("APIキー", "API key"), name, [key.name for key in self.every()])

    def _tables(self) -> tables.Tables:
        with self._lock:
            if self._kept is None:
                kept = tables.of(self._folder, FILE, SCHEMA, _LATER)
                _take_over(self._folder, kept)
                self._kept = kept
            return self._kept

    def _count_use(self, name: str, rate: int) -> None:
        """Take one request of the key's minute, which all processes share.

        A second's worth is taken at once: a busy key costs one write a second, not one a request.
        The store keeps until when what was taken lasts (GCRA, ATM Forum TM 4.0, section 4.4.3).
        """
        with self._lock:
            left = self._reserved.get(name, 0)
            if left:
                self._reserved[name] = left - 1
                return
        wanted, now = max(1, rate // 60), micros(self._now())
        cost = wanted * (_MINUTE // rate)
        # An end far ahead is of a clock that was set back since.
        done = self._tables().run(
            "update keys set busy_until = case when busy_until > ? and busy_until <= ?"
            " then busy_until else ? end + ?"
            " where name = ? and (busy_until <= ? or busy_until > ?)",
            now, now + 10 * _MINUTE, now, cost, name, now + _MINUTE - cost, now + 10 * _MINUTE,
        )  # fmt: skip
        if not done:
            raise TooManyError(
                f"The key {name} may ask {rate} times a minute; wait a little.",
                f"キー「{name}」は毎分{rate}回までです。少し待ってください。",
            )
        with self._lock:
            self._reserved[name] = self._reserved.get(name, 0) + wanted - 1

    def _principal(
        self, name: str, organisations: str, clearance: int, writes: str, roles: str
    ) -> Principal:
        held = _names(roles)
        own = _names(organisations)
        acts = [role for role in held if not role.startswith(policy.PURPOSE)]
        found = Principal(
            name,
            # Whoever works in the headquarters takes part in its drills.
            (*own, DRILL_GROUP) if acts and DRILL_GROUP not in own else own,
            Disclosure(clearance),
            _names(writes),
            held,
        )
        return policy.of(self._folder).principal(found)

    def _note_use(self, name: str, used: str | None) -> None:
        now = self._now()
        if used and now - datetime.fromisoformat(used) < _USED_EVERY:
            return
        # A busy or read-only disk must not lock callers out.
        with contextlib.suppress(UnavailableError):
            self._tables().run("update keys set used_at = ? where name = ?", now.isoformat(), name)


def move(source: str, target: str) -> int:
    """Copy the keys of one town to another, by their addresses; return how many were copied.

    What the target has stays as it is: a key that was revoked there is not opened again.
    """
    ends = []
    for address in (source, target):
        folder = storing.folder_of(address) or Path()
        ends.append(tables.at(address, folder, FILE, SCHEMA, _LATER))
    try:
        return tables.copy(ends[0], ends[1], _MOVED)
    finally:
        for end in ends:
            end.close()


def _take_over(folder: Path, kept: tables.Tables) -> None:
    """Take the keys of a folder's file into the database, once.

    Earlier versions kept a file a server; and a town that is moved to a database has one.
    """
    path = folder / FILE
    if isinstance(kept, tables.FileTables) or not path.exists():
        return
    old = tables.FileTables(path, SCHEMA, _LATER)
    try:
        tables.copy(old, kept, _MOVED)
    finally:
        old.close()
    with contextlib.suppress(OSError):  # Another process was quicker, or the disk is read-only.
        path.rename(path.with_suffix(".db.moved"))


def _digest(secret: str) -> bytes:
    return sha256(secret.encode()).digest()


def _names(text: str) -> tuple[str, ...]:
    return msgspec.json.decode(text, type=tuple[str, ...])


_ROW = "name, digest, organisations, clearance, writes, created_at, roles, rate, expires_at"
