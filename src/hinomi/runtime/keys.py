"""API keys: who may see and write what through the API, in ``keys.db`` beside the store.

A key is 256 random bits, so one SHA-256 is as safe as a slow hash: there is nothing to guess. Only
the hash is kept; the key itself is shown once.
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

from hinomi.kernel.errors import InputError, MissingError, Text
from hinomi.kernel.marking import ANONYMOUS, OPERATOR, Disclosure, Principal
from hinomi.runtime import clock
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
_ROLES_LATER = "alter table keys add column roles text not null default '[]'"
"""Files of before people had roles."""


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


class Keys:
    """The keyring of a data folder; safe to use from several threads and processes."""

    def __init__(self, folder: Path, *, now: clock.Clock = clock.now) -> None:
        self._path = folder / "keys.db"
        self._now = now
        self._lock = threading.Lock()
        self._db: sqlite3.Connection | None = None

    def create(self, principal: Principal) -> str:
        """Make a key for the principal and return its secret, which is kept nowhere.

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
        )
        with self._lock, self._open() as db:
            try:
                db.execute("insert into keys values (?, ?, ?, ?, ?, ?, null, null, ?)", row)
            except sqlite3.IntegrityError:
                raise InputError(
                    f"There is a key named {name!r} already (perhaps revoked).",
                    f"キー「{name}」は既にあります(失効済みを含む)。",
                ) from None
        return secret

    def every(self) -> list[Key]:
        """Return all keys, revoked ones included, by name."""
        rows = self._rows(
            "select name, organisations, clearance, writes, created_at, revoked_at, used_at, roles"
            " from keys order by name"
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
            )
            for name, organisations, clearance, writes, created, revoked, used, roles in rows
        ]

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
        """Return the key's principal, or None for a key that is unknown or revoked."""
        rows = self._rows(
            "select name, organisations, clearance, writes, roles, used_at from keys"
            " where digest = ? and revoked_at is null",
            _digest(secret),
        )
        if not rows:
            return None
        *row, used = rows[0]
        self._note_use(row[0], used)
        return _principal(*row)

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
            " where revoked_at is null"
        )
        for row in rows:
            if row[0] == name:
                return _principal(*row)
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
            with contextlib.suppress(sqlite3.OperationalError):  # It has the column.
                self._db.execute(_ROLES_LATER)
        return self._db

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


def _principal(name: str, organisations: str, clearance: int, writes: str, roles: str) -> Principal:
    held = _names(roles)
    own = _names(organisations)
    return Principal(
        name,
        # Whoever works in the headquarters takes part in its drills.
        (*own, DRILL_GROUP) if held and DRILL_GROUP not in own else own,
        Disclosure(clearance),
        _names(writes),
        held,
    )
