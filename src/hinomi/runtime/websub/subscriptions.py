"""Subscriptions in a small SQLite file: web workers write what is asked, the hub does it."""

from __future__ import annotations

import sqlite3
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import msgspec

State = Literal["asked", "active"]
MAX_WAITING = 1_000
_SCHEMA = """
create table if not exists asked (
    id integer primary key, mode text not null, topic text not null, callback text not null,
    lease_s integer not null, secret text not null, user text not null, tries integer not null,
    due real not null
) strict;
create table if not exists subscription (
    topic text not null, callback text not null, secret text not null, user text not null,
    until real not null, digest text not null, position integer not null, tries integer not null,
    due real not null, primary key (topic, callback)
) strict;
"""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody asked of the hub and nobody has verified yet."""

    id: int = 0
    mode: Literal["subscribe", "unsubscribe"]
    topic: str
    callback: str
    lease_s: int
    secret: str = ""
    user: str = ""
    """Name of the API key: its rights decide what is sent."""
    tries: int = 0


class Subscription(msgspec.Struct, frozen=True, kw_only=True):
    """A verified subscription."""

    topic: str
    callback: str
    secret: str
    user: str
    until: datetime
    digest: str
    """Of the content that was sent last."""
    position: int
    tries: int
    due: datetime


class Subscriptions:
    """The file; safe to use from several threads and processes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._opened: sqlite3.Connection | None = None

    @property
    def _db(self) -> sqlite3.Connection:
        """Open the file at the first question: most commands that read a folder ask none."""
        if self._opened is None:
            self._opened = sqlite3.connect(self._path, check_same_thread=False, timeout=10.0)
            self._opened.execute("pragma journal_mode = wal")
            self._opened.executescript(_SCHEMA)
        return self._opened

    def ask(self, asked: Asked) -> bool:
        """Keep what is asked for until the hub verifies it; False where too much waits."""
        with self._lock, self._db:
            (waiting,) = self._db.execute("select count(*) from asked").fetchone()
            if waiting >= MAX_WAITING:
                return False
            self._db.execute(
                "insert into asked (mode, topic, callback, lease_s, secret, user, tries, due)"
                " values (?, ?, ?, ?, ?, ?, 0, 0)",
                (asked.mode, asked.topic, asked.callback, asked.lease_s, asked.secret, asked.user),
            )
        return True

    def waiting(self, now: datetime) -> list[Asked]:
        """Return what is to be verified now."""
        with self._lock:
            rows = self._db.execute(
                "select id, mode, topic, callback, lease_s, secret, user, tries from asked"
                " where due <= ? order by id limit 100",
                (now.timestamp(),),
            ).fetchall()
        names = ("id", "mode", "topic", "callback", "lease_s", "secret", "user", "tries")
        return [Asked(**dict(zip(names, row, strict=True))) for row in rows]

    def again(self, asked: Asked, due: datetime) -> None:
        """Try a verification again later."""
        with self._lock, self._db:
            self._db.execute(
                "update asked set tries = tries + 1, due = ? where id = ?",
                (due.timestamp(), asked.id),
            )

    def forget(self, asked: Asked) -> None:
        """Let go of what was asked."""
        with self._lock, self._db:
            self._db.execute("delete from asked where id = ?", (asked.id,))

    def begin(self, asked: Asked, now: datetime) -> None:
        """Begin or renew a subscription; what stands is sent at once."""
        until = now + timedelta(seconds=asked.lease_s)
        with self._lock, self._db:
            self._db.execute(
                "insert into subscription values (?, ?, ?, ?, ?, '', 0, 0, 0)"
                " on conflict (topic, callback) do update set secret = excluded.secret,"
                " user = excluded.user, until = excluded.until, tries = 0, due = 0",
                (asked.topic, asked.callback, asked.secret, asked.user, until.timestamp()),
            )

    def end(self, topic: str, callback: str) -> None:
        """End a subscription."""
        with self._lock, self._db:
            self._db.execute(
                "delete from subscription where topic = ? and callback = ?", (topic, callback)
            )

    def end_expired(self, now: datetime) -> None:
        """End those whose lease is over."""
        with self._lock, self._db:
            self._db.execute("delete from subscription where until <= ?", (now.timestamp(),))

    def active(self) -> list[Subscription]:
        """Return the subscriptions."""
        with self._lock:
            rows = self._db.execute(
                "select topic, callback, secret, user, until, digest, position, tries, due"
                " from subscription order by topic, callback"
            ).fetchall()
        return [
            Subscription(
                topic=topic,
                callback=callback,
                secret=secret,
                user=user,
                until=datetime.fromtimestamp(until, UTC),
                digest=digest,
                position=position,
                tries=tries,
                due=datetime.fromtimestamp(due, UTC),
            )
            for topic, callback, secret, user, until, digest, position, tries, due in rows
        ]

    def sent(self, one: Subscription, position: int, digest: str) -> None:
        """Note that a subscriber has what stands at the position."""
        with self._lock, self._db:
            self._db.execute(
                "update subscription set position = ?, digest = ?, tries = 0, due = 0"
                " where topic = ? and callback = ?",
                (position, digest, one.topic, one.callback),
            )

    def failed(self, one: Subscription, due: datetime) -> None:
        """Note that a subscriber did not take it."""
        with self._lock, self._db:
            self._db.execute(
                "update subscription set tries = tries + 1, due = ?"
                " where topic = ? and callback = ?",
                (due.timestamp(), one.topic, one.callback),
            )

    def close(self) -> None:
        """Close the file."""
        if self._opened is not None:
            self._opened.close()
