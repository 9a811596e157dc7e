"""API keys: who may see and write what through the API, in ``keys.db`` beside the store.

A key is 256 random bits, so one SHA-256 is as safe as a slow hash: there is nothing to guess. Only
the hash is kept; the key itself is shown once. A key is scoped (collections, clearance, roles of
the policy), may be held to so many requests a minute, may end by itself, is rotated with overlap
and can be revoked.
"""

from __future__ import annotations

import contextlib
import secrets
import sqlite3
import threading
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from hinomi.kernel.errors import InputError, MissingError, Text, UnavailableError
from hinomi.kernel.marking import ANONYMOUS, OPERATOR, Disclosure, Principal
from hinomi.runtime import clock, policy
from hinomi.vocabulary.acts import DRILL_GROUP

PREFIX = "hinomi_"
_USED_EVERY = timedelta(minutes=1)
_SCHEMA = """
create table if not exists keys (
    name text primary key, digest blob not null unique, organisations text not null,
    clearance integer not null, writes text not null, created_at text not null,
    revoked_at text, used_at text, roles text not null default '[]'
) strict
"""
_LATER = (
    "alter table keys add column roles text not null default '[]'",
    "alter table keys add column rate integer not null default 0",
    "alter table keys add column expires_at text",
)
"""Columns that files of earlier versions lack."""
_OLD = """
create table if not exists old_digests (
    digest blob primary key, name text not null, until text not null
) strict
"""
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
        self._path = folder / "keys.db"
        self._now = now
        self._lock = threading.Lock()
        self._db: sqlite3.Connection | None = None
        self._folder = folder
        self._used: dict[str, tuple[float, float]] = {}

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
        with self._lock, self._open() as db:
            try:
                db.execute(f"insert into keys ({_ROW}) values (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)  # noqa: S608
            except sqlite3.IntegrityError:
                raise InputError(
                    f"There is a key named {name!r} already (perhaps revoked).",
                    f"キー「{name}」は既にあります(失効済みを含む)。",
                ) from None
        return secret

    def every(self) -> list[Key]:
        """Return all keys, revoked ones included, by name."""
        rows = self._rows(
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
        with self._lock, self._open() as db:
            found = db.execute(
                "select digest from keys where name = ? and revoked_at is null", (name,)
            ).fetchone()
            if found is None:
                known = [row[0] for row in db.execute("select name from keys")]
                raise MissingError(Text("APIキー", "API key"), name, known)
            db.execute("delete from old_digests where until <= ?", (self._now().isoformat(),))
            db.execute("insert into old_digests values (?, ?, ?)", (found[0], name, until))
            db.execute("update keys set digest = ? where name = ?", (_digest(secret), name))
        return secret

    def revoke(self, name: str) -> None:
        """Make a key invalid from now on, in every process.

        Raises:
            MissingError: there is no such key.
        """
        with self._lock, self._open() as db:
            done = db.execute(
                "update keys set revoked_at = coalesce(revoked_at, ?) where name = ?",
                (self._now().isoformat(), name),
            )
            known = [row[0] for row in db.execute("select name from keys")]
        if not done.rowcount:
            raise MissingError(Text("APIキー", "API key"), name, known)

    def principal(self, secret: str) -> Principal | None:
        """Return the key's principal, or None for one that is unknown, revoked or over.

        Raises:
            TooManyError: it is used more often than it may be.
        """
        digest, now = _digest(secret), self._now().isoformat()
        rows = self._rows(
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
        rows = self._rows(
            "select name, organisations, clearance, writes, roles from keys"
            " where revoked_at is null and coalesce(expires_at, '9') > ?",
            self._now().isoformat(),
        )
        for row in rows:
            if row[0] == name:
                return self._principal(*row)
        raise MissingError(
            Text("利用者", "user"), name, [ANONYMOUS.name, OPERATOR.name, *(r[0] for r in rows)]
        )

    def close(self) -> None:
        """Close the file."""
        if self._db is not None:
            self._db.close()
            self._db = None

    def _rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Return a query's rows; a file that no key was made in yet has none."""
        with self._lock:
            if self._db is None and not self._path.exists():
                return []
            return self._open().execute(query, values).fetchall()

    def _open(self) -> sqlite3.Connection:
        if self._db is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.touch(mode=0o600)
            self._db = sqlite3.connect(self._path, timeout=5.0, check_same_thread=False)
            self._db.execute(_SCHEMA)
            self._db.execute(_OLD)
            for column in _LATER:
                with contextlib.suppress(sqlite3.OperationalError):  # It has the column.
                    self._db.execute(column)
        return self._db

    def _count_use(self, name: str, rate: int) -> None:
        """Take one request from the key's bucket, which fills again by ``rate`` a minute."""
        now = self._now().timestamp()
        left, since = self._used.get(name, (float(rate), now))
        left = min(float(rate), left + (now - since) * rate / 60.0)
        self._used[name] = (max(left - 1.0, 0.0), now)
        if left < 1.0:
            raise TooManyError(
                f"The key {name} may ask {rate} times a minute; wait a little.",
                f"キー「{name}」は毎分{rate}回までです。少し待ってください。",
            )

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
        with self._lock, contextlib.suppress(sqlite3.OperationalError), self._open() as db:
            db.execute("update keys set used_at = ? where name = ?", (now.isoformat(), name))


def _digest(secret: str) -> bytes:
    return sha256(secret.encode()).digest()


def _names(text: str) -> tuple[str, ...]:
    return msgspec.json.decode(text, type=tuple[str, ...])


_ROW = "name, digest, organisations, clearance, writes, created_at, roles, rate, expires_at"
